import { hash } from 'node:crypto';
import type { Body } from '../s3/bucket.js';
import type { Content, Entry } from '../source/entry.js';
import type { OneStream } from '../source/one-stream.js';
import { changed, checkGrown, checkNamedSize, checkSize } from './body-limits.js';
import type { Md5 } from './md5.js';
import type { MemoryBudget, Reservation } from './memory.js';
import { openedPieces, openedSlices } from './opened-content.js';
import { LARGEST_BUFFER, roomFor } from './slices.js';

/** The bytes of one entry while it is handled, and the memory that they take. */
export interface EntryBody {
  /** Its bytes come once: what was read of them by `pieces` is gone. */
  readonly once: boolean;
  /** Bytes; a stream of unknown length is collected to tell. */
  size(): Promise<number>;
  /** Has it more than so many bytes? A stream is read just so far; if it has not ended then, only `pieces` can give its bytes. */
  outgrows(most: number): Promise<boolean>;
  /** The bytes in their order, once, and in memory no longer than they are looked at; a file that changes meanwhile is an error. */
  pieces(): AsyncIterable<Buffer>;
  /** MD5 of the source, lower-case hex. */
  md5(): Promise<string>;
  /** Anything else that the bytes tell; read once more where they change meanwhile. */
  measure<T>(of: (content: Content) => Promise<T>): Promise<T>;
  /** Opens the bytes, for who reads them by range and looks himself whether they change. Whoever opened them closes them. */
  open(): Promise<Content>;
  /** Waits until the whole body may be held in memory, and gives it. */
  ready(): Body | Promise<Body>;
  /** Says that so many bytes, made from it, are held from now on in its place. */
  holds(bytes: number): void;
  /** Throws where the size that is known is more than can be put. */
  check(): void;
  /** Has this called when the body is released. */
  onRelease(call: () => void): void;
  /** Gives the memory back. */
  release(): void;
}

/**
 * Every method throws `SourceError` where the bytes cannot be had, and the signal's reason when it is aborted.
 * @param share how many times its size is reserved: 2 where as much as that will be made from it
 */
export function entryBody(
  entry: Entry,
  memory: MemoryBudget,
  md5: Md5,
  signal: AbortSignal,
  share: 1 | 2 = 1,
): EntryBody {
  let reservation: Reservation | undefined;
  let collected: Promise<Content> | undefined;
  let outgrown: Promise<boolean> | undefined;
  const onRelease: (() => void)[] = [];

  async function collect(): Promise<Content> {
    const { size } = entry;
    if (size !== undefined) {
      checkSize(entry, size);
      reservation = await memory.reserve(size * share, signal);
      // Two streams that both outgrow what is reserved for them would wait for each other.
      return entry.open(async (bytes) => checkNamedSize(entry, size, bytes), signal);
    }
    const held = await memory.reserveGrowing(signal);
    reservation = held;
    try {
      return await entry.open((bytes) => grow(held, bytes), signal);
    } finally {
      held.settle();
    }
  }

  /** Reads the head of a stream; if that is all, it is what collecting it gives. */
  async function readHead(stream: OneStream, most: number): Promise<boolean> {
    const held = await memory.reserveGrowing(signal);
    reservation = held;
    try {
      const ended = await stream.begin(most, (bytes) => held.grow(bytes * share, signal), signal);
      if (ended) collected = entry.open(async () => {}, signal);
      return !ended;
    } finally {
      held.settle();
    }
  }

  /** A body that is larger than one buffer shall be; it is opened for each time that it is read. */
  function inSlices(size: number): Body {
    const read = () => steady((content) => content.slice(0, content.size));
    return { size, read, slices: () => openedSlices(open, size, () => changed(entry)) };
  }

  async function* pieces(): AsyncGenerator<Buffer, void> {
    if (entry.stream !== undefined) {
      // The head goes on its way: what is held of it is not waited for by what its parts take.
      reservation?.release();
      yield* entry.stream.pieces(signal);
      return;
    }
    yield* openedPieces(open, () => changed(entry));
  }

  async function grow(held: Reservation, bytes: number): Promise<void> {
    checkSize(entry, bytes);
    await held.grow(bytes * share, signal);
  }

  function open(): Promise<Content> {
    if (entry.buffered !== true) return entry.open(async () => {}, signal);
    collected ??= collect();
    return collected;
  }

  /** A file that is written while it is read is read once more, and given up if that does not help. */
  async function steady<T>(use: (content: Content) => Promise<T>): Promise<T> {
    for (let tries = 1; tries <= 2; tries++) {
      const content = await open();
      try {
        const result = await use(content);
        if (await content.unchanged()) return result;
      } finally {
        await content.close();
      }
    }
    throw changed(entry);
  }

  async function readyLater(): Promise<Body> {
    if (entry.buffered === true) {
      await open();
    } else {
      checkSize(entry, entry.size ?? 0);
      reservation ??= await memory.reserve(roomFor(entry.size ?? 0, share), signal);
    }
    return bodyOf(entry.size ?? (await open()).size);
  }

  /** @param listed the size that the file may have grown or shrunk from since */
  function bodyOf(listed: number): Body {
    if (entry.buffered !== true && listed > LARGEST_BUFFER) return inSlices(listed);
    let size = listed;
    return {
      get size() {
        return size;
      },
      read() {
        const whole = entry.readWhole?.();
        if (whole === undefined) return readSteadily();
        size = whole.length;
        return whole;
      },
    };

    async function readSteadily(): Promise<Buffer> {
      const bytes = await steady((content) => {
        checkGrown(entry, content.size);
        return content.slice(0, content.size);
      });
      size = bytes.length;
      return bytes;
    }
  }

  return {
    once: entry.stream !== undefined,
    size: async () => entry.size ?? (await open()).size,
    async outgrows(most) {
      if (entry.size !== undefined || entry.stream === undefined) return (entry.size ?? 0) > most;
      outgrown ??= readHead(entry.stream, most);
      return outgrown;
    },
    pieces,
    async md5() {
      const whole = entry.readWhole?.();
      return whole === undefined ? steady((content) => md5.of(content, signal)) : hash('md5', whole, 'hex');
    },
    measure: steady,
    open,
    ready() {
      if (entry.buffered !== true && entry.size !== undefined) {
        checkSize(entry, entry.size);
        signal.throwIfAborted();
        reservation ??= memory.reserveNow(roomFor(entry.size, share));
        if (reservation !== undefined) return bodyOf(entry.size);
      }
      return readyLater();
    },
    holds(bytes) {
      // A stream's source cannot be read again, so it stays.
      if (entry.buffered !== true) reservation?.shrink(bytes);
    },
    check: () => checkSize(entry, entry.size ?? 0),
    onRelease: (call) => onRelease.push(call),
    release() {
      reservation?.release();
      for (const call of onRelease.splice(0)) call();
    },
  };
}
