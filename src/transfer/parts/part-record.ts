import { createHash } from 'node:crypto';
import type { Verified } from '../../report/outcome.js';
import type { CompletedUpload, Part } from '../../s3/multipart.js';
import { combineCrc32s } from './crc32-combine.js';

/** A part that is in the bucket, and what is known of its bytes here. */
export interface PartRecord {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** As the server named it; undefined where it named none. */
  readonly etag: string | undefined;
  /** In base64; of the bytes here. */
  readonly crc32: string | undefined;
  /** Lower-case hex; of the bytes here. */
  readonly md5: string | undefined;
  readonly verified: Verified;
}

/** What all parts of an object say of the whole. */
export interface Whole {
  readonly size: number;
  /** In base64; undefined where not every part has one. */
  readonly crc32: string | undefined;
  /** The ETag of the object that they make; undefined where ETags of parts are no MD5s, or are not known. */
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
    pieces.push({ crc32: Buffer.from(crc32, 'base64').readUInt32BE(), size });
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(combineCrc32s(pieces));
  return sum.toString('base64');
}

function wholeEtag(records: readonly PartRecord[]): string | undefined {
  const md5 = createHash('md5');
  for (const part of records) {
    const own = part.md5 ?? part.etag;
    if (own === undefined || !/^[0-9a-f]{32}$/i.test(own)) return undefined;
    md5.update(own, 'hex');
  }
  return `${md5.digest('hex')}-${records.length}`;
}

/**
 * What the answer to the completion proves of the object: its checksum, or else its ETag, which is made of those of parts that were verified.
 * @param etagIsMd5 where ETags are known to be made of MD5s, another one is a mismatch
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
  if (etag === undefined || whole.etag === undefined || !/^[0-9a-f]{32}-\d+$/.test(etag)) return 'none';
  if (etag !== whole.etag) return etagIsMd5 ? 'mismatch' : 'none';
  if (records.every(({ md5 }) => md5 !== undefined)) return 'md5';
  return records.every(({ verified }) => verified !== 'none') ? 'crc32' : 'none';
}

/** Is the listed part the one that was sent? By its checksum where one is listed, else by its ETag. */
export function isSamePart(
  listed: Part | undefined,
  sent: Pick<PartRecord, 'size' | 'etag' | 'crc32' | 'md5'>,
): boolean {
  if (listed === undefined || listed.size !== sent.size) return false;
  if (listed.crc32 !== undefined && sent.crc32 !== undefined) return listed.crc32 === sent.crc32;
  return listed.etag !== '' && listed.etag === (sent.md5 ?? sent.etag);
}
