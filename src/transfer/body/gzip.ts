import { gzip } from 'node:zlib';
import { codingOfBytes } from '../../model/encodings.js';

/** Length of a gzip header without optional fields (RFC 1952, 2.3). */
const HEADER_BYTES = 10;
const MTIME_AT = 4;
const OS_AT = 9;
/** "Unix": what zlib itself writes on Linux; on other systems it writes other bytes. */
const OS_UNIX = 3;
/** Results up to this size are copied, so that they hold no more memory than their length. */
const COPY_BYTES = 1024 * 1024;

/**
 * Compresses on a thread of libuv's pool. Undefined where the result is not smaller, or the bytes are a gzip file already.
 *
 * With one Node version the result is the same on every system and in every run: no modification time, and a fixed byte for the operating
 * system. Another Node version may have another zlib with another result; therefore objects are compared by the MD5 of their source.
 * @param level 1 (fast) to 9 (small)
 */
export function gzipBytes(bytes: Buffer, level: number): Promise<Buffer | undefined> {
  if (bytes.length <= HEADER_BYTES || codingOfBytes(bytes) === 'gzip') return Promise.resolve(undefined);
  // One output buffer of the largest useful size, so that one trip to the pool is enough.
  const options = { level, chunkSize: Math.max(64, bytes.length), maxOutputLength: bytes.length };
  return new Promise((resolve, reject) => {
    gzip(bytes, options, (error, result) => {
      if (error !== null) {
        if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') resolve(undefined);
        else reject(error);
      } else resolve(result.length < bytes.length ? stable(result) : undefined);
    });
  });
}

function stable(result: Buffer): Buffer {
  fixGzipHeader(result);
  return result.length <= COPY_BYTES ? Buffer.from(result) : result;
}

/** Removes from a gzip header what differs between systems and runs. */
export function fixGzipHeader(bytes: Buffer): void {
  bytes.fill(0, MTIME_AT, MTIME_AT + 4);
  bytes[OS_AT] = OS_UNIX;
}
