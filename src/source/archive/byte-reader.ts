import type { Content } from '../../model/content.js';

/** Reads or skips bytes in their order. */
export interface ByteReader {
  /** Bytes read and skipped so far. */
  readonly position: number;
  /** Bytes in all; undefined if unknown before the end. */
  readonly size: number | undefined;
  /**
   * The next `bytes` bytes; fewer only at the end.
   * @param into a stream fills this buffer from its start
   */
  read(bytes: number, into?: Buffer): Promise<Buffer>;
  /** Skips the next `bytes` bytes; resolves with how many there were. */
  skip(bytes: number): Promise<number>;
}

const FIRST_WINDOW = 4 * 1024;
const LARGEST_WINDOW = 256 * 1024;

/** Reads a content in windows: wide while reads are close together, narrow after a long skip. */
export function contentReader(content: Content): ByteReader {
  let position = 0;
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  let width = FIRST_WINDOW;
  return {
    get position() {
      return position;
    },
    size: content.size,
    async read(bytes) {
      const end = Math.min(position + bytes, content.size);
      if (end > start + window.length) {
        const skipped = position - (start + window.length);
        width = skipped < width ? Math.min(width * 2, LARGEST_WINDOW) : FIRST_WINDOW;
        start = position;
        window = await content.slice(start, Math.min(content.size, Math.max(end, start + width)));
      }
      const piece = window.subarray(position - start, end - start);
      position += piece.length;
      return piece;
    },
    async skip(bytes) {
      const skipped = Math.min(bytes, content.size - position);
      position += skipped;
      return skipped;
    },
  };
}

/** Reads a stream of pieces. `read` returns a copy, so that a part of a piece does not keep all of it in memory. */
export function streamReader(stream: AsyncIterable<Buffer>): ByteReader {
  const pieces = stream[Symbol.asyncIterator]();
  let piece: Buffer = Buffer.alloc(0);
  let position = 0;

  /** Up to `max` bytes of the current piece, or of the next one if it is used up; empty at the end. */
  async function take(max: number): Promise<Buffer> {
    while (piece.length === 0) {
      const { done, value } = await pieces.next();
      if (done === true) break;
      piece = value;
    }
    const taken = piece.subarray(0, max);
    piece = piece.subarray(taken.length);
    position += taken.length;
    return taken;
  }

  return {
    get position() {
      return position;
    },
    size: undefined,
    async read(bytes, into) {
      const whole = into?.subarray(0, bytes) ?? Buffer.allocUnsafe(bytes);
      let filled = 0;
      while (filled < bytes) {
        const taken = await take(bytes - filled);
        if (taken.length === 0) return whole.subarray(0, filled);
        filled += taken.copy(whole, filled);
      }
      return whole;
    },
    async skip(bytes) {
      let skipped = 0;
      while (skipped < bytes) {
        const { length } = await take(bytes - skipped);
        if (length === 0) break;
        skipped += length;
      }
      return skipped;
    },
  };
}
