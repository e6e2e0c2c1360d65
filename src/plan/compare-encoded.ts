import { type NoAnswer, type RemoteContent, UNTOLD } from './compare.js';
import type { Decision } from './decision.js';

/** Above this many bytes a HEAD is cheaper than compressing. */
export const HEAD_FIRST_BYTES: number = 1024 * 1024;

/** What has been found out so far, one fact at a time. */
export interface EncodedFacts {
  /** The local bytes, compressed: what they would be stored as. `no gain`: not smaller, so they are sent as they are. */
  readonly encoded?: { readonly size: number; readonly md5: string } | 'no gain';
  /** MD5 of the source that a HEAD shows as metadata; undefined inside where the object has none. */
  readonly head?: { readonly sourceMd5: string | undefined } | NoAnswer;
  /** MD5 of the local source, lower-case hex. */
  readonly sourceMd5?: string;
}

/** A decision, the one fact that it needs, or `plain`: the bytes are sent as they are, and are compared so. */
export type EncodedComparison =
  | Extract<Decision, { readonly action: 'put' | 'skip' }>
  | { readonly action: 'plain' }
  | { readonly action: 'find'; readonly fact: keyof EncodedFacts };

/**
 * Same content, for a body that is sent compressed? Neither size nor ETag proves a difference there, because each compressor writes other
 * bytes: equal bytes prove the same content, and otherwise the MD5 of the source decides, which the object shows as metadata. An object without
 * it was not compressed by us, so unequal bytes are a difference.
 * @param size source bytes; undefined where only reading can tell
 */
export function compareEncoded(
  compare: 'content' | 'size',
  size: number | undefined,
  remote: RemoteContent,
  { encoded, head, sourceMd5 }: EncodedFacts,
): EncodedComparison {
  const headFirst = size !== undefined && size > HEAD_FIRST_BYTES;
  if (encoded === undefined && (!headFirst || (head !== undefined && recordedBy(head) === undefined)))
    return find('encoded');
  if (encoded === 'no gain') {
    // A compressed form is smaller than its source, so an object of equal size is none.
    if (size === remote.size) return { action: 'plain' };
  } else if (encoded !== undefined) {
    if (compare === 'size' && encoded.size === remote.size) return { action: 'skip', reason: 'same size' };
    if (encoded.md5 === remote.etag?.toLowerCase()) return { action: 'skip', reason: 'same content' };
  }
  if (head === undefined) return find('head');
  const recorded = recordedBy(head);
  if (recorded !== undefined) {
    if (sourceMd5 === undefined) return find('sourceMd5');
    const same = recorded.toLowerCase() === sourceMd5;
    return same ? { action: 'skip', reason: 'same content' } : { action: 'put', reason: 'content differs' };
  }
  if (typeof head === 'string') return UNTOLD[head];
  return encoded === 'no gain' ? { action: 'plain' } : { action: 'put', reason: 'content differs' };
}

function find(fact: keyof EncodedFacts): EncodedComparison {
  return { action: 'find', fact };
}

function recordedBy(head: NonNullable<EncodedFacts['head']>): string | undefined {
  return typeof head === 'object' ? head.sourceMd5 : undefined;
}
