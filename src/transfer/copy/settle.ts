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
import { decide } from '../../plan/decide.js';
import type { Planned } from '../../plan/listing/lookup.js';
import { REASONS } from '../../report/reasons.js';
import type { Outcome } from '../../report/types.js';
import type { Run } from '../../run/run.js';
import type { Bucket } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import { type HeadObject, type HeadResult, headObjects, headRemote } from '../head.js';
import { remoteState, replacing, settleObject, skipped } from '../result.js';
import type { Copier } from './context.js';

/** What a copy needs beside the run. */
export interface SettleCopyContext {
  readonly options: Pick<ResolvedSharedOptions, 'mode' | 'compare'>;
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly perform: Copier;
  /** Headers are given that an unchanged object may lack. */
  readonly headersGiven: boolean;
}

/** Returns a function that settles one object, as `settleObject` does. */
export function settleCopy(
  run: Run,
  own: SettleCopyContext,
): (unit: Planned<CopyEntry>) => Promise<Outcome | undefined> {
  const { options, source, dest, perform, headersGiven } = own;
  const compare = compareCopy({ headSource: headObjects(run, source), headDest: headObjects(run, dest) });

  return settleObject<CopyEntry>(run, {
    async settle(entry, listed) {
      const remote = await remoteState(entry.key, listed, (key) => headRemote(run, dest, key));
      let decision = decide(options, entry.size, remote);
      if (decision.action === 'compare') {
        if (remote.state !== 'present') throw new TypeError('nothing remote to compare with');
        decision = await compare(entry, remote);
      }
      if (decision.action === 'put') return replacing(await perform(entry, decision), remote);
      const unseen = decision.reason === REASONS.sameContent && headersGiven;
      return skipped(unseen ? REASONS.sameContentOnly : decision.reason, entry.size);
    },
  });
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
