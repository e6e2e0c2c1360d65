/** Shorter bodies have a buffer of 2 ** 13 bytes too: new memory for each piles up until the next garbage collection. */
const SMALLEST_CLASS = 13;
/** Longer bodies are sent in parts, which have buffers of their own. */
const LONGEST = 8 * 1024 * 1024;
/** What a length may exceed its class by: a file is read with one byte more than its size. */
const MORE = 64;
/** Bytes that are kept for later bodies. */
const MOST_SPARE = 16 * 1024 * 1024;

interface PooledBuffer {
  readonly bytes: Buffer;
  readonly sizeClass: number;
  accepted: boolean;
}

/**
 * Buffers for whole bodies, used again: a fresh one of 256 KiB costs page faults and garbage collections that take as long as reading the file does.
 *
 * A buffer is used again only if its bytes left: `accepted` was called, because the system has copied all of them. Where a request ended early, or
 * was sent by a client that cannot know this, something may still refer to the buffer, so it is left to the garbage collector.
 */
export interface BodyBuffers {
  /** A buffer of at least this length, with arbitrary content. */
  take(length: number): Buffer;
  /** Says that the system has copied all bytes of a body that a request was sent with. Other bodies are ignored. */
  accepted(body: Uint8Array): void;
  /** Ends the use of a buffer, or of a view of it. Nobody reads it any more. */
  end(buffer: Uint8Array): void;
  /** Ends the use of a buffer that something may still refer to: it is not used again. */
  drop(buffer: Uint8Array): void;
  /** Bytes that are kept for later bodies. */
  readonly spareBytes: number;
}

/** Gives one owner its buffers, and ends their use with the owner's. */
export interface BufferLender {
  /** A buffer of at least this length, with arbitrary content. It replaces the one before. */
  lend(length: number): Buffer;
}

/** @param most bytes that are kept for later bodies */
export function bodyBuffers(most: number = MOST_SPARE): BodyBuffers {
  const spare: PooledBuffer[][] = [];
  /** The buffers in use, by their memory, because a body is a view. */
  const inUse = new Map<ArrayBufferLike, PooledBuffer>();
  let spareBytes = 0;

  return {
    get spareBytes() {
      return spareBytes;
    },

    take(length) {
      if (length > LONGEST + MORE) return Buffer.allocUnsafe(length);
      const sizeClass = length <= MORE ? SMALLEST_CLASS : Math.max(SMALLEST_CLASS, 32 - Math.clz32(length - MORE - 1));
      let found = spare[sizeClass]?.pop();
      if (found === undefined) {
        found = { bytes: Buffer.allocUnsafeSlow(2 ** sizeClass + MORE), sizeClass, accepted: false };
      } else {
        spareBytes -= found.bytes.length;
        found.accepted = false;
      }
      inUse.set(found.bytes.buffer, found);
      return found.bytes;
    },

    accepted(body) {
      if (inUse.size === 0) return;
      const found = inUse.get(body.buffer);
      if (found !== undefined) found.accepted = true;
    },

    drop: (buffer) => void inUse.delete(buffer.buffer),

    end(buffer) {
      const found = inUse.get(buffer.buffer);
      if (found === undefined) return;
      inUse.delete(buffer.buffer);
      if (!found.accepted || spareBytes + found.bytes.length > most) return;
      spareBytes += found.bytes.length;
      spare[found.sizeClass] ??= [];
      spare[found.sizeClass]?.push(found);
    },
  };
}

/** The buffers of this thread. */
export const buffers: BodyBuffers = bodyBuffers();
