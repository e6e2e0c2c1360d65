import { COPIED_FROM } from '../../encode/copy-headers.js';
import type { ResolvedSharedOptions } from '../../options/resolved.js';
import {
  type CopyComparison,
  type CopyFacts,
  compareCopies,
  type HeadFacts,
  type KmsUse,
  type RemoteContent,
} from '../../plan/compare.js';
import { decide, type RemoteState } from '../../plan/decide.js';
import type { Planned } from '../../plan/listing/lookup.js';
import { REASONS } from '../../report/reasons.js';
import type { Outcome } from '../../report/types.js';
import type { Run } from '../../run/run.js';
import type { Bucket } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import { type HeadObject, type HeadResult, headObjects, headRemote } from '../head.js';
import { type PutDecision, replacing, settleObject, skipped } from '../result.js';
import type { Copier } from './context.js';

/** What a copy needs beside the run. */
export interface CopyWorkContext {
  readonly options: Pick<ResolvedSharedOptions, 'mode' | 'compare'>;
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly perform: Copier;
  /** Headers are given that an unchanged object may lack. */
  readonly headersGiven: boolean;
}

/** A copy that was decided on and is carried out later. */
export interface PlannedCopy {
  readonly kind: 'entry';
  readonly key: string;
  readonly origin: string;
  readonly size: number;
  readonly entry: CopyEntry;
  readonly decision: PutDecision;
  readonly remote: RemoteState;
}

type SettleUnit = (unit: Planned<CopyEntry>) => Promise<Outcome | undefined>;

/** The work on the objects of one copy. None of it throws, as for `settleObject`. */
export interface CopyWork {
  /** Decides about one object, and copies it at once where that is the decision. */
  readonly settle: SettleUnit;
  /** Returns a function that only decides: it gives a copy to `later`, which has no outcome yet. */
  readonly plan: (later: (copy: PlannedCopy) => void) => SettleUnit;
  /** Carries a planned copy out. */
  readonly write: (copy: PlannedCopy) => Promise<Outcome | undefined>;
}

export function copyWork(run: Run, own: CopyWorkContext): CopyWork {
  const { options, source, dest, perform, headersGiven } = own;
  const compare = compareCopy({ headSource: headObjects(run, source), headDest: headObjects(run, dest) });

  const settling = (later?: (copy: PlannedCopy) => void): SettleUnit =>
    settleObject<CopyEntry>(run, {
      async settle(entry, listed) {
        const remote = listed.state === 'unlisted' ? await headRemote(run, dest, entry.key) : listed;
        let decision = decide(options, entry.size, remote);
        if (decision.action === 'compare') {
          if (remote.state !== 'present') throw new TypeError('nothing remote to compare with');
          decision = await compare(entry, remote);
        }
        if (decision.action === 'put') {
          if (later === undefined) return replacing(await perform(entry, decision), remote);
          const { key, origin, size } = entry;
          later({ kind: 'entry', key, origin, size, entry, decision, remote });
          return undefined;
        }
        const unseen = decision.reason === REASONS.sameContent && headersGiven;
        return skipped(unseen ? REASONS.sameContentOnly : decision.reason, entry.size);
      },
    });

  const writing = settleObject<PlannedCopy>(run, {
    settle: async ({ entry, decision, remote }) => replacing(await perform(entry, decision), remote),
  });

  return {
    settle: settling(),
    plan: settling,
    write: (copy) => writing({ kind: 'planned', entry: copy, remote: { state: 'unread' } }),
  };
}

/** Compares an object with the destination's object under its key, by the fewest requests. */
type CompareCopy = (
  entry: CopyEntry,
  remote: RemoteContent,
) => Promise<Exclude<CopyComparison, { readonly action: 'find' }>>;

/** Returns a function that finds the facts that the comparison of one object needs. What HEADs show about KMS is assumed for the whole run. */
function compareCopy({ headSource, headDest }: Readonly<Record<'headSource' | 'headDest', HeadObject>>): CompareCopy {
  let kms: KmsUse = 'unknown';

  function learn({ source, dest }: CopyFacts): void {
    if (typeof source !== 'object' || typeof dest !== 'object') return;
    if (source.kms || dest.kms) kms = 'yes';
    else if (kms === 'unknown') kms = 'no';
  }

  return async (entry, remote) => {
    let facts: CopyFacts = {};
    for (;;) {
      const compared = compareCopies(entry, remote, facts, kms);
      if (compared.action !== 'find') return compared;
      const why = 'ETags differ';
      if (compared.fact === 'dest')
        facts = { ...facts, dest: factsOf(await headDest(entry.key, why, { checksum: true })) };
      else facts = { ...facts, source: factsOf(await headSource(entry.sourceKey, why, { checksum: true })) };
      learn(facts);
    }
  };
}

function factsOf(head: HeadResult): HeadFacts | 'absent' | 'denied' {
  if (typeof head === 'string') return head;
  return { kms: head.kms === true, checksum: head.checksum, copiedFrom: head.metadata?.[COPIED_FROM] };
}
