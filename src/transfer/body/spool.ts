import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Content } from '../../model/content.js';
import { whenDescriptorFree } from '../../run/descriptors.js';
import { temporaryFileError } from '../../run/temporary-file.js';
import type { Compressor } from './compressors.js';

/** What the file holds, for errors. */
const BODY = 'a compressed body';

/** Compressed bytes in a temporary file, and facts of their source. */
export interface Spooled {
  readonly content: Content;
  readonly sourceBytes: number;
  /** Lower-case hex. */
  readonly sourceMd5: string;
  /** Removes the file; a second call does nothing. */
  remove(): void;
}

/**
 * Compresses more bytes than memory may hold into a temporary file, so that they can be read by range and sent again. The file is unlinked as soon
 * as it is created, where the system allows that, so that nothing is left even if the process is killed.
 * Undefined where the bytes are compressed already, or `mustShrink` and the result is not smaller.
 */
export async function spool(
  pieces: AsyncIterable<Buffer>,
  { isCompressed, stream, fixHead }: Compressor,
  { level, mustShrink, signal }: { readonly level: number; readonly mustShrink: boolean; readonly signal: AbortSignal },
): Promise<Spooled | undefined> {
  const file = await unlinkedFile().catch((error: unknown) => {
    throw temporaryFileError(error, BODY);
  });
  let kept = false;
  try {
    const md5 = createHash('md5');
    const packed = stream(level);
    let sourceBytes = 0;
    let size = 0;
    const written = (async () => {
      for await (const chunk of packed as AsyncIterable<Buffer>) {
        if (size === 0) fixHead?.(chunk);
        await file.handle.write(chunk, 0, chunk.length, size);
        size += chunk.length;
      }
    })();
    // Awaited below; avoids an unhandled rejection until then.
    written.catch(() => packed.destroy());
    for await (const piece of pieces) {
      signal.throwIfAborted();
      if (sourceBytes === 0 && isCompressed(piece)) return undefined;
      sourceBytes += piece.length;
      md5.update(piece);
      await new Promise<void>((resolve, reject) => {
        packed.write(piece, (error) => (error === null || error === undefined ? resolve() : reject(error)));
      });
    }
    packed.end();
    await written;
    if (mustShrink && size >= sourceBytes) return undefined;
    kept = true;
    return { content: file.content(size), sourceBytes, sourceMd5: md5.digest('hex'), remove: file.remove };
  } catch (error) {
    throw temporaryFileError(error, BODY);
  } finally {
    if (!kept) file.remove();
  }
}

async function unlinkedFile() {
  const folder = await mkdtemp(join(tmpdir(), 's3-parallel-put-'));
  const handle = await whenDescriptorFree(() => open(join(folder, 'body'), 'w+', 0o600));
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
