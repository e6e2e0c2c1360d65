import { addAbortSignal, type Readable } from 'node:stream';
import { SourceError } from '../errors.js';
import { orAborted } from '../run/abort.js';

/** Reserves memory for this many bytes in total; resolves once there is enough. Rejects with the reason if there never will be. */
export type Grow = (bytes: number) => Promise<void>;

/** A stream that is read once: its head first, or all of it. It is destroyed when anything fails. */
export interface OneShotStream {
  /**
   * Reads until it has more than `most` bytes or the stream ends. Returns whether it has ended.
   * @param grow called to reserve memory as more bytes arrive
   */
  readHead(most: number, grow: Grow, signal: AbortSignal): Promise<boolean>;
  /** The first bytes of those read so far and not yet taken, at most `most`. */
  head(most: number): Buffer;
  /** All bytes, once the stream has ended. */
  whole(): Buffer;
  /** All bytes from the first on, including those already read; can be called once. */
  pieces(signal: AbortSignal): AsyncGenerator<Buffer, void>;
}

/** @param size bytes that it should have; any other number is an error */
export function oneShotStream(stream: Readable, size: number | undefined): OneShotStream {
  const head: Buffer[] = [];
  let iterator: AsyncIterator<unknown> | undefined;
  let length = 0;
  let ended = false;

  /** The next bytes; undefined at the end. */
  async function next(signal: AbortSignal): Promise<Buffer | undefined> {
    try {
      iterator ??= addAbortSignal(signal, stream)[Symbol.asyncIterator]();
      // Destroying a stream does not end a wait of its own source.
      const { done, value } = await orAborted(iterator.next(), signal);
      if (done === true) {
        ended = true;
        checkLength();
        return undefined;
      }
      const bytes = typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array);
      if (!(bytes instanceof Uint8Array))
        throw new SourceError('InvalidItem', `the stream gives ${typeof value}s, not bytes`);
      length += bytes.byteLength;
      if (size !== undefined && length > size) checkLength();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch (error) {
      throw failed(error, signal);
    }
  }

  function checkLength(): void {
    if (size === undefined || size === length) return;
    const given = ended ? `gave ${length} bytes, not` : 'gives more than';
    throw new SourceError('SourceChanged', `the stream ${given} the ${size} that its item names`, {
      hint: 'Leave the size out where it is not known.',
    });
  }

  function failed(error: unknown, signal: AbortSignal): Error {
    stream.destroy();
    signal.throwIfAborted();
    if (error instanceof SourceError) return error;
    const why = error instanceof Error ? error.message : String(error);
    const busy = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    return new SourceError('StreamFailed', `the stream failed: ${why}`, {
      cause: error,
      // A program that shares a terminal or a pipe has set it to return at once where there is nothing to read yet.
      hint: busy
        ? 'Another program has made it non-blocking; send the bytes through a pipe of its own (cat | …).'
        : undefined,
    });
  }

  return {
    async readHead(most, grow, signal) {
      while (!ended && length <= most) {
        const bytes = await next(signal);
        if (bytes === undefined) break;
        try {
          await grow(length);
        } catch (error) {
          throw failed(error, signal);
        }
        head.push(bytes);
      }
      return ended;
    },
    head(most) {
      const first: Buffer[] = [];
      let bytes = 0;
      for (const one of head) {
        if (bytes >= most) break;
        first.push(one);
        bytes += one.length;
      }
      return Buffer.concat(first).subarray(0, most);
    },
    whole() {
      const bytes = Buffer.concat(head, length);
      head.splice(0, head.length, bytes);
      return bytes;
    },
    async *pieces(signal) {
      try {
        for (let first = head.shift(); first !== undefined; first = head.shift()) yield first;
        for (let bytes = ended ? undefined : await next(signal); bytes !== undefined; bytes = await next(signal))
          yield bytes;
      } finally {
        // A consumer that stops early needs no more of it.
        if (!ended) stream.destroy();
      }
    },
  };
}
