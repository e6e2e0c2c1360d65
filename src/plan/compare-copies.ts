import { isMd5 } from '../etag-parts.js';
import type { Checksum, KmsBelief, NoAnswer } from './compare.js';
import { UNTOLD } from './compare.js';
import type { Decision } from './decision.js';

/** What a listing tells of one side. */
export interface CopySide {
  /** Bytes, equal on both sides. */
  readonly size: number;
  readonly etag: string | undefined;
}

/** What a HEAD with checksum mode tells of one side. */
export interface SideFacts {
  readonly kms: boolean;
  /** Of the whole object. */
  readonly checksum: Checksum | undefined;
  /** The ETag of what it was copied from, where the copy says so. */
  readonly copiedFrom: string | undefined;
}

/** What has been found out so far, one fact at a time. */
export interface CopyFacts {
  readonly dest?: SideFacts | NoAnswer;
  readonly source?: SideFacts | NoAnswer;
}

/** A decision, or the side that has to be asked by HEAD. */
export type CopyComparison =
  | Extract<Decision, { readonly action: 'put' | 'skip' }>
  | { readonly action: 'find'; readonly fact: keyof CopyFacts };

const SAME: CopyComparison = { action: 'skip', reason: 'same content' };
const DIFFERS: CopyComparison = { action: 'put', reason: 'content differs' };

/**
 * Is the destination a copy of the source? Sizes are known to be equal. Equal ETags prove it, as copies keep them; other ETags disprove it where
 * both are MD5s. What is left is copies that had to be made in other parts, which tell their source's ETag, and objects of KMS keys, whose ETags
 * never match: there a checksum of the whole decides, from one HEAD a side.
 * @param kms whether KMS keys encrypt on either side, as far as the run has learned
 */
export function compareCopies(source: CopySide, dest: CopySide, facts: CopyFacts, kms: KmsBelief): CopyComparison {
  const [own, there] = [source.etag?.toLowerCase(), dest.etag?.toLowerCase()];
  if (source.size === 0 || (own !== undefined && own === there)) return SAME;
  const plain = isMd5(own) && isMd5(there);
  if (plain && kms === 'no') return DIFFERS;
  if (facts.dest === undefined) return { action: 'find', fact: 'dest' };
  if (typeof facts.dest === 'string') return UNTOLD[facts.dest];
  if (own !== undefined && facts.dest.copiedFrom?.toLowerCase() === own) return SAME;
  if (facts.source === undefined) return { action: 'find', fact: 'source' };
  if (typeof facts.source === 'string') return unproven('HEAD of the source is denied');
  if (plain && !facts.dest.kms && !facts.source.kms) return DIFFERS;
  const [a, b] = [facts.source.checksum, facts.dest.checksum];
  if (a !== undefined && a.algorithm === b?.algorithm) return a.value === b.value ? SAME : DIFFERS;
  return unproven('ETags cannot be compared and no checksum of the whole is told');
}

function unproven(why: string): CopyComparison {
  return { action: 'put', reason: `content unproven, ${why}` };
}
