import { addAbortSignal, type Readable } from 'node:stream';
import { SourceError } from '../errors.js';

/** Asks for room for this many bytes in all; resolves when there is. Rejects with the reason where there never will be. */
export type Grow = (bytes: number) => Promise<void>;

/**
 * Reads a stream into memory, asking for room as it grows. The stream is destroyed when that fails.
 * @param size bytes that it is said to have; any other number is an error
 */
export async function collectStream(
  stream: Readable,
  size: number | undefined,
  grow: Grow,
  signal: AbortSignal,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of addAbortSignal(signal, stream)) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : (piece as Uint8Array);
      if (!(bytes instanceof Uint8Array))
        throw new SourceError('InvalidItem', `the stream gives ${typeof piece}s, not bytes`);
      length += bytes.byteLength;
      await grow(length);
      pieces.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
  } catch (error) {
    stream.destroy();
    signal.throwIfAborted();
    if (error instanceof SourceError) throw error;
    throw new SourceError(
      'StreamFailed',
      `the stream failed: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  if (size !== undefined && size !== length) {
    throw new SourceError('SourceChanged', `the stream gave ${length} bytes, not the ${size} that its item names`);
  }
  return Buffer.concat(pieces, length);
}
