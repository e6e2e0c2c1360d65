import type { Content } from '../../model/content.js';

/** Bytes that are read or passed by in their order. */
export interface ByteReader {
  /** Bytes read and passed by so far. */
  readonly position: number;
  /** Bytes in all; undefined where only the end can tell. */
  readonly size: number | undefined;
  /**
   * The next `bytes` bytes; fewer only where the end comes before.
   * @param into where a stream's go, at its beginning
   */
  read(bytes: number, into?: Buffer): Promise<Buffer>;
  /** Passes the next `bytes` bytes by; gives how many there were. */
  skip(bytes: number): Promise<number>;
}

const FIRST_WINDOW = 4 * 1024;
const LARGEST_WINDOW = 256 * 1024;

/** Reads a content in windows: wide where what is wanted lies close together, narrow where much is passed by. */
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
        const passed = position - (start + window.length);
        width = passed < width ? Math.min(width * 2, LARGEST_WINDOW) : FIRST_WINDOW;
        start = position;
        window = await content.slice(start, Math.min(content.size, Math.max(end, start + width)));
      }
      const piece = window.subarray(position - start, end - start);
      position += piece.length;
      return piece;
    },
    async skip(bytes) {
      const passed = Math.min(bytes, content.size - position);
      position += passed;
      return passed;
    },
  };
}

/** Reads a stream of pieces. What `read` gives is a copy, so that no piece is kept alive by a part of it. */
export function streamReader(stream: AsyncIterable<Buffer>): ByteReader {
  const pieces = stream[Symbol.asyncIterator]();
  let piece: Buffer = Buffer.alloc(0);
  let position = 0;

  /** Up to `most` of the bytes at hand, and new ones where there are none; none at all at the end. */
  async function take(most: number): Promise<Buffer> {
    while (piece.length === 0) {
      const { done, value } = await pieces.next();
      if (done === true) break;
      piece = value;
    }
    const taken = piece.subarray(0, most);
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
      let passed = 0;
      while (passed < bytes) {
        const { length } = await take(bytes - passed);
        if (length === 0) break;
        passed += length;
      }
      return passed;
    },
  };
}
