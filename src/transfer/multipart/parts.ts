import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { combineCrc32s, crc32FromBase64, crc32ToBase64 } from '../../model/crc32.js';
import { isMd5, multipartEtag, partCountOf } from '../../model/etag.js';
import { MARK_NUMBER, PART_SIZE_RULE, type Part } from '../../model/part-layout.js';
import type { Verified } from '../../report/types.js';
import type { CompletedUpload } from '../../s3/bucket.js';

/** A stored part, and what is known of its local bytes. */
export interface PartRecord {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** As the server returned it; undefined where it returned none. */
  readonly etag: string | undefined;
  /** Base64, of the local bytes. */
  readonly crc32: string | undefined;
  /** Lower-case hex, of the local bytes. */
  readonly md5: string | undefined;
  readonly verified: Verified;
}

/** What the parts of an object show of the whole. */
export interface Whole {
  readonly size: number;
  /** Base64; undefined where a part has none. */
  readonly crc32: string | undefined;
  /** The ETag of the object; undefined where ETags of parts are no MD5s or are unknown. */
  readonly etag: string | undefined;
}

/** @param records in the order of their numbers */
export function wholeOf(records: readonly PartRecord[], encrypted: boolean): Whole {
  const size = records.reduce((sum, part) => sum + part.size, 0);
  return { size, crc32: wholeCrc32(records), etag: encrypted ? undefined : wholeEtag(records) };
}

function wholeCrc32(records: readonly PartRecord[]): string | undefined {
  const pieces: { readonly crc32: number; readonly size: number }[] = [];
  for (const { crc32, size } of records) {
    if (crc32 === undefined) return undefined;
    pieces.push({ crc32: crc32FromBase64(crc32), size });
  }
  return crc32ToBase64(combineCrc32s(pieces));
}

function wholeEtag(records: readonly PartRecord[]): string | undefined {
  const md5s = records.map(({ md5, etag }) => md5 ?? etag);
  return md5s.every(isMd5) ? multipartEtag(md5s) : undefined;
}

/** The ETag of the object by the ETags that the server gave its parts; undefined where one is no MD5. */
export function storedEtag(records: readonly PartRecord[]): string | undefined {
  const etags = records.map(({ etag }) => etag);
  return etags.every(isMd5) ? multipartEtag(etags) : undefined;
}

/**
 * What the response to the completion proves of the object: its checksum, or else its ETag, which is made of the ETags of verified parts.
 * @param etagIsMd5 whether ETags are known to be made of MD5s, so that a different one is a mismatch
 */
export function judgeWhole(
  answer: Pick<CompletedUpload, 'etag' | 'crc32' | 'encrypted'>,
  whole: Whole,
  records: readonly PartRecord[],
  etagIsMd5: boolean,
): Verified | 'mismatch' {
  if (answer.crc32 !== undefined && whole.crc32 !== undefined)
    return answer.crc32 === whole.crc32 ? 'crc32' : 'mismatch';
  const etag = answer.encrypted ? undefined : answer.etag?.toLowerCase();
  if (etag === undefined || whole.etag === undefined || partCountOf(etag) === undefined) return 'none';
  if (etag !== whole.etag) return etagIsMd5 ? 'mismatch' : 'none';
  if (records.every(({ md5 }) => md5 !== undefined)) return 'md5';
  return records.every(({ verified }) => verified !== 'none') ? 'crc32' : 'none';
}

/** Whether the listed part is the one that was sent: by its checksum where one is listed, otherwise by its ETag. */
export function isSamePart(
  listed: Part | undefined,
  sent: Pick<PartRecord, 'size' | 'etag' | 'crc32' | 'md5'>,
): boolean {
  if (listed === undefined || listed.size !== sent.size) return false;
  if (listed.crc32 !== undefined && sent.crc32 !== undefined) return listed.crc32 === sent.crc32;
  return listed.etag !== '' && listed.etag === (sent.md5 ?? sent.etag);
}

/** The part that shows that this tool created an upload, and with which headers. */
export interface Mark {
  readonly bytes: Buffer;
  /** Lower-case hex: its ETag where ETags are MD5s. */
  readonly md5: string;
  /** Base64. */
  readonly crc32: string;
}

const VERSION = 1;
const TEXT = `s3-parallel-put mark ${VERSION}.${PART_SIZE_RULE} `;
/** Bytes of every mark of this version. */
const MARK_BYTES = TEXT.length + 64;

/**
 * The mark of an upload that is created with these headers. S3 shows neither the headers nor the owner of an unfinished upload, but it shows the
 * size and the digest of each part: a part that no other tool sends, with the last part number, carries both facts. The completion does not name
 * it, so S3 drops it.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
 */
export function markFor(headers: Readonly<Record<string, string>>, withCrc32: boolean): Mark {
  const created = Object.entries({ ...headers, ':checksum': withCrc32 ? 'crc32' : 'none' }).sort(byName);
  const bytes = Buffer.from(TEXT + hash('sha256', JSON.stringify(created), 'hex'));
  return { bytes, md5: hash('md5', bytes, 'hex'), crc32: crc32ToBase64(crc32(bytes)) };
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

/** Whether these parts hold a mark of this tool, for any headers. No other tool sends a last part of this size before the others are stored. */
export function isMarked(parts: ReadonlyMap<number, Part>): boolean {
  return parts.get(MARK_NUMBER)?.size === MARK_BYTES && !parts.has(MARK_NUMBER - 1);
}
