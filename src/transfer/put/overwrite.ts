import { S3RequestError } from '../../errors.js';
import { isHeaderEtag } from '../../model/etag.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import type { RemoteState } from '../../plan/decide.js';
import { msg, type Text } from '../../report/message.js';
import { isNew, REASONS } from '../../report/reasons.js';
import type { RunRecord } from '../../run/record.js';
import type { Entry } from '../../source/types.js';
import { type ObjectNow, stateOf } from '../head.js';
import type { Overwrite, PutDecision, Result } from '../result.js';

/** A put that was decided on. */
interface Decided {
  readonly entry: Entry;
  readonly decision: PutDecision;
  readonly remote: RemoteState;
  /** Decides again, about what is under the key now; undefined where that is written too. */
  readonly decideAgain: (now: RemoteState) => Promise<Result | undefined>;
}

/** The writes of one run over objects that were listed. */
export interface Overwrites {
  /** Undefined where a put is not bound to what was listed. */
  of(decided: Decided): Overwrite | undefined;
}

/**
 * Binds puts of mode `update` to the ETag that the listing or a HEAD has shown, so that what another writer has stored since then is not overwritten
 * unseen: such an object is decided about once more, and counted. The bucket drops the condition where the server does not honour it.
 */
export function overwritesOf(
  record: Pick<RunRecord, 'warn' | 'conflict'>,
  { mode, conditionalWrites }: Pick<ResolvedPutOptions, 'mode' | 'conditionalWrites'>,
): Overwrites {
  let binds = mode === 'update' && conditionalWrites;

  function bound({ entry, decision, remote: listed, decideAgain }: Decided, etag: string): Overwrite {
    let ifMatch: string | undefined = etag;
    let { reason } = decision;
    let remote = listed;
    let changed = false;

    async function refused(error: S3RequestError, met: ObjectNow): Promise<Result | undefined> {
      if (met === 'unseen') throw unseen(error);
      if (met === 'absent') {
        ifMatch = undefined;
        reason = REASONS.new;
        remote = { state: 'absent', proof: 'proven' };
        return undefined;
      }
      if (met.etag === ifMatch) {
        ifMatch = undefined;
        binds = false;
        const message = `This server refuses to overwrite s3://${error.bucket}/${entry.key} although it is unchanged, so its conditional writes do not work: objects are overwritten without a check that nobody else has changed them during the run.`;
        record.warn('conditions-broken', message);
        return undefined;
      }
      if (changed) throw changedAgain(error);
      changed = true;
      remote = stateOf(met);
      const settled = await decideAgain(remote);
      if (settled !== undefined) return settled;
      countConflict(record, error, entry);
      reason = REASONS.changed;
      ifMatch = isHeaderEtag(met.etag) ? met.etag : undefined;
      return undefined;
    }

    return {
      get ifMatch() {
        return ifMatch;
      },
      get reason() {
        return reason;
      },
      get remote() {
        return remote;
      },
      refused,
    };
  }

  return {
    of(decided) {
      const { decision, remote } = decided;
      // Where a HEAD has shown that the listed object was deleted since, nothing is replaced.
      if (!binds || remote.state !== 'present' || isNew(decision.reason)) return undefined;
      return isHeaderEtag(remote.etag) ? bound(decided, remote.etag) : undefined;
    },
  };
}

/** Counts an object that another writer has changed before this run writes over it, and warns of the first one. */
export function countConflict(
  record: Pick<RunRecord, 'warn' | 'conflict'>,
  { bucket }: Pick<S3RequestError, 'bucket'>,
  { key }: Pick<Entry, 'key'>,
): void {
  record.conflict();
  const message = `Another writer is at work in the bucket: s3://${bucket}/${key} was changed during the run, and is overwritten. The report counts such objects as conflicts.`;
  record.warn('conflicts', message);
}

export function changedAgain(error: S3RequestError): S3RequestError {
  const hint =
    'Run deploys to one destination one at a time: in GitHub Actions, with one `concurrency:` group for all of them.';
  return withHint(error, 'another writer has changed the object twice during the run, so it was not overwritten', hint);
}

export function unseen(error: S3RequestError): S3RequestError {
  const why = 'another writer may have changed the object during the run, and the credentials may not look at it';
  return withHint(
    error,
    why,
    msg`Allow s3:GetObject on "${error.bucket}", or set {conditionalWrites: false} to overwrite unseen.`,
  );
}

function withHint(error: S3RequestError, why: string, hint: Text): S3RequestError {
  return new S3RequestError(`${error.message}: ${why}`, { ...error, hint, cause: error });
}
