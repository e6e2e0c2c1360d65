import { type Shard, shardOf } from '../model/shard.js';
import type { FilePhase } from '../model/site-phases.js';

/** Which of several jobs puts a file. */
export interface ExplainedShard {
  /** The shard of its key, from 1. */
  readonly index: number;
  readonly count: number;
  /** `this`: the job with these options; `other`: that of the key's shard; `finish`: a page, which waits for all of them. */
  readonly putBy: 'this' | 'other' | 'finish';
}

/** Nothing for a put that is not one of several. */
export function explainShard(
  shard: Shard | undefined,
  key: string,
  { phase, ordered }: { readonly phase: FilePhase; readonly ordered: boolean },
): { readonly shard?: ExplainedShard } {
  if (shard === undefined) return {};
  const { count } = shard;
  const index = shardOf(key, count);
  const own = index === shard.index ? 'this' : 'other';
  return { shard: { index, count, putBy: ordered && phase === 'pages' ? 'finish' : own } };
}
