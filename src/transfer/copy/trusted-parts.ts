import { MARK_NUMBER } from '../../part-size.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import type { ListedParts, ProvenParts } from '../parts/part-bytes.js';
import type { PartRecord } from '../parts/part-record.js';

/** Clocks and dates of whole seconds may be off by so much. */
const SURELY_AFTER_MS = 5_000;

/**
 * The listed parts of an upload that an earlier run has begun for this copy. Their bytes are not here to compare; but its mark tells the very
 * object by its ETag, and where the upload began only after that was last changed, its parts cannot be of another. Undefined where that is not so.
 */
export function trustedParts(
  { modified }: Pick<CopyEntry, 'modified'>,
  { parts, mark, marked, begunAt }: ListedParts,
): ProvenParts | undefined {
  if (!marked || modified === undefined || begunAt === undefined || begunAt < modified + SURELY_AFTER_MS)
    return undefined;
  const marker = parts.get(MARK_NUMBER);
  const records = new Map<number, PartRecord>();
  for (const { number, size, etag, crc32 } of parts.values())
    if (number !== MARK_NUMBER) records.set(number, { number, size, etag, crc32, md5: undefined, verified: 'none' });
  // Where a key encrypts, no ETag is an MD5: the mark's shows it.
  return {
    parts: records,
    crc32: marker?.crc32 !== undefined,
    encrypted: marker?.etag.toLowerCase() !== mark.md5,
  };
}
