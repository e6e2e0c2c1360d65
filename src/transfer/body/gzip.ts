import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip, gzip } from 'node:zlib';
import { SourceError } from '../../errors.js';
import type { Content } from '../../model/content.js';
import { hintFor, plainWords } from '../../model/hints.js';
import { whenDescriptorFree } from '../../run/descriptors.js';

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
  if (bytes.length <= HEADER_BYTES || isGzip(bytes)) return Promise.resolve(undefined);
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
function fixGzipHeader(bytes: Buffer): void {
  bytes.fill(0, MTIME_AT, MTIME_AT + 4);
  bytes[OS_AT] = OS_UNIX;
}

/** Checks the magic number and the only compression method that exists. */
function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** Compressed bytes in a temporary file, and facts of their source. */
export interface Spooled {
  readonly content: Content;
  readonly sourceBytes: number;
  /** Lower-case hex. */
  readonly sourceMd5: string;
  /** Removes the file; a second call does nothing. */
  remove(): void;
}

const SLICE = 256 * 1024;

/**
 * Compresses more bytes than memory may hold into a temporary file, so that they can be read by range and sent again. The file is unlinked as soon
 * as it is created, where the system allows that, so that nothing is left even if the process is killed.
 * Undefined where the bytes are a gzip file already, or `mustShrink` and the result is not smaller.
 */
export async function spoolGzip(
  pieces: AsyncIterable<Buffer>,
  { level, mustShrink, signal }: { readonly level: number; readonly mustShrink: boolean; readonly signal: AbortSignal },
): Promise<Spooled | undefined> {
  const file = await unlinkedFile().catch((error: unknown) => {
    throw spoolError(error);
  });
  let kept = false;
  try {
    const md5 = createHash('md5');
    const gzip = createGzip({ level, chunkSize: SLICE });
    let sourceBytes = 0;
    let size = 0;
    const written = (async () => {
      for await (const chunk of gzip as AsyncIterable<Buffer>) {
        if (size === 0) fixGzipHeader(chunk);
        await file.handle.write(chunk, 0, chunk.length, size);
        size += chunk.length;
      }
    })();
    // Awaited below; avoids an unhandled rejection until then.
    written.catch(() => gzip.destroy());
    for await (const piece of pieces) {
      signal.throwIfAborted();
      if (sourceBytes === 0 && isGzip(piece)) return undefined;
      sourceBytes += piece.length;
      md5.update(piece);
      await new Promise<void>((resolve, reject) => {
        gzip.write(piece, (error) => (error === null || error === undefined ? resolve() : reject(error)));
      });
    }
    gzip.end();
    await written;
    if (mustShrink && size >= sourceBytes) return undefined;
    kept = true;
    return { content: file.content(size), sourceBytes, sourceMd5: md5.digest('hex'), remove: file.remove };
  } catch (error) {
    throw spoolError(error);
  } finally {
    if (!kept) file.remove();
  }
}

async function unlinkedFile() {
  const folder = await mkdtemp(join(tmpdir(), 's3-parallel-put-'));
  const handle = await whenDescriptorFree(() => open(join(folder, 'body.gz'), 'w+', 0o600));
  const unnamed = await rm(folder, { recursive: true, force: true }).then(
    () => true,
    () => false,
  );
  let removed = false;
  return {
    handle,
    content: (size: number): Content => ({
      size,
      async slice(start, end, into) {
        const bytes = into?.subarray(0, end - start) ?? Buffer.allocUnsafe(end - start);
        for (let at = 0; at < bytes.length; ) {
          const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
          if (bytesRead === 0) return bytes.subarray(0, at);
          at += bytesRead;
        }
        return bytes;
      },
      unchanged: async () => true,
      close: async () => {},
    }),
    remove() {
      if (removed) return;
      removed = true;
      void handle
        .close()
        .catch(() => {})
        .then(() => (unnamed ? undefined : rm(folder, { recursive: true, force: true }).catch(() => {})));
    },
  };
}

/** A full disk or a missing folder is the usual cause, and the system's error does not say how to fix it. */
function spoolError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^E[A-Z]+$/.test(code) || error instanceof SourceError) return error;
  const what = plainWords(code, 'spool');
  const why = what === undefined ? String(error) : `${what} (${code})`;
  return new SourceError(code, `the temporary file for a compressed body in ${tmpdir()} cannot be written: ${why}`, {
    hint: hintFor({ code, verb: 'spool' }) ?? 'Name another folder for temporary files in TMPDIR.',
    cause: error,
  });
}
