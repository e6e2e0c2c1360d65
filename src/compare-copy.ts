import type { AskHead, Headed } from './ask-head.js';
import { COPIED_FROM } from './encode/copy-headers.js';
import type { KmsBelief, RemoteContent } from './plan/compare.js';
import { type CopyComparison, type CopyFacts, compareCopies, type SideFacts } from './plan/compare-copies.js';
import type { CopyEntry } from './source/bucket-source.js';

export interface CompareCopyDeps {
  readonly askSource: AskHead;
  readonly askDest: AskHead;
}

/** Compares an object with what the destination has under its key, by the fewest requests. */
export type CompareCopy = (
  entry: CopyEntry,
  remote: RemoteContent,
) => Promise<Exclude<CopyComparison, { readonly action: 'find' }>>;

/** Finds out, for one object after the other, what the comparison asks for. What HEADs tell about KMS holds for the run. */
export function compareCopy({ askSource, askDest }: CompareCopyDeps): CompareCopy {
  let kms: KmsBelief = 'unknown';

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
        facts = { ...facts, dest: factsOf(await askDest(entry.key, why, { checksum: true })) };
      else facts = { ...facts, source: factsOf(await askSource(entry.sourceKey, why, { checksum: true })) };
      learn(facts);
    }
  };
}

function factsOf(headed: Headed): SideFacts | 'absent' | 'denied' {
  if (typeof headed === 'string') return headed;
  return { kms: headed.kms === true, checksum: headed.checksum, copiedFrom: headed.metadata?.[COPIED_FROM] };
}
