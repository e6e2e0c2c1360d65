import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { MARK_NUMBER, PART_SIZE_RULE } from '../../part-size.js';
import type { Part } from '../../s3/multipart.js';

/** The part that shows what an upload is: ours, and with which headers it was created. */
export interface Mark {
  readonly bytes: Buffer;
  /** Lower-case hex: the ETag that it has where ETags are MD5s. */
  readonly md5: string;
  /** In base64. */
  readonly crc32: string;
}

const VERSION = 1;
const TEXT = `s3-parallel-put mark ${VERSION}.${PART_SIZE_RULE} `;
/** Bytes of every mark of this version. */
const MARK_BYTES = TEXT.length + 64;

/**
 * The mark of an upload that is created with these headers. S3 shows neither the headers nor the owner of an unfinished upload, but the size
 * and the digest of each part: a part that nobody else would send, with the last number there is, tells both. It is never named when the upload
 * is completed, and so dropped.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
 */
export function markFor(headers: Readonly<Record<string, string>>, withCrc32: boolean): Mark {
  const created = Object.entries({ ...headers, ':checksum': withCrc32 ? 'crc32' : 'none' }).sort(byName);
  const bytes = Buffer.from(TEXT + hash('sha256', JSON.stringify(created), 'hex'));
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return { bytes, md5: hash('md5', bytes, 'hex'), crc32: sum.toString('base64') };
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/** Do these parts hold just this mark? A listed checksum decides; where there is none, the ETag. */
export function isMarkedBy(parts: ReadonlyMap<number, Part>, mark: Mark): boolean {
  const part = parts.get(MARK_NUMBER);
  if (part === undefined || part.size !== mark.bytes.length) return false;
  return part.crc32 === undefined ? part.etag.toLowerCase() === mark.md5 : part.crc32 === mark.crc32;
}

/** Do these parts hold a mark of this tool, whatever the headers were? Nobody else sends a last part of this size before the others are there. */
export function isMarked(parts: ReadonlyMap<number, Part>): boolean {
  return parts.get(MARK_NUMBER)?.size === MARK_BYTES && !parts.has(MARK_NUMBER - 1);
}
