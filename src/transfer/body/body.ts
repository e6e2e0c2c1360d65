import { hash } from 'node:crypto';
import { SourceError } from '../../errors.js';
import type { Content } from '../../model/content.js';
import { LARGEST_OBJECT } from '../../model/part-layout.js';
import type { MemoryBudget, Reservation } from '../../run/memory.js';
import type { Body } from '../../s3/bucket.js';
import type { OneStream } from '../../source/stream.js';
import type { Entry } from '../../source/types.js';
import type { Md5 } from './hash.js';
import { LARGEST_BUFFER, openedPieces, openedSlices, roomFor } from './slices.js';

/**
 * The bytes of an entry as its source gives them.
 * @param signal ends what waits for memory or reads a stream
 * @param share how many times its size is reserved: 2 where as much as that will be made from it
 */
export function entryBody(
  entry: Entry,
  memory: MemoryBudget,
  md5: Md5,
  signal: AbortSignal,
  share: 1 | 2 = 1,
): EntryBody {
  return new BodyOfEntry(entry, memory, md5, signal, share);
}

/** A class, because one is made for every object: its methods are made once. */
class BodyOfEntry implements EntryBody {
  readonly #entry: Entry;
  readonly #memory: MemoryBudget;
  readonly #md5: Md5;
  readonly #signal: AbortSignal;
  readonly #share: 1 | 2;
  #reservation: Reservation | undefined;
  #collected: Promise<Content> | undefined;
  #outgrown: Promise<boolean> | undefined;
  #onRelease: (() => void)[] | undefined;

  constructor(entry: Entry, memory: MemoryBudget, md5: Md5, signal: AbortSignal, share: 1 | 2) {
    this.#entry = entry;
    this.#memory = memory;
    this.#md5 = md5;
    this.#signal = signal;
    this.#share = share;
  }

  get once(): boolean {
    return this.#entry.stream !== undefined;
  }

  async size(): Promise<number> {
    return this.#entry.size ?? (await this.open()).size;
  }

  async outgrows(most: number): Promise<boolean> {
    const { size, stream } = this.#entry;
    if (size !== undefined || stream === undefined) return (size ?? 0) > most;
    this.#outgrown ??= this.#readHead(stream, most);
    return this.#outgrown;
  }

  async *pieces(): AsyncGenerator<Buffer, void> {
    const { stream } = this.#entry;
    if (stream !== undefined) {
      // The head goes on its way: what is held of it is not waited for by what its parts take.
      this.#reservation?.release();
      yield* stream.pieces(this.#signal);
      return;
    }
    yield* openedPieces(
      () => this.open(),
      () => changed(this.#entry),
    );
  }

  async md5(): Promise<string> {
    const whole = this.#entry.readWhole?.();
    if (whole !== undefined) return hash('md5', whole, 'hex');
    return this.measure((content) => this.#md5.of(content, this.#signal));
  }

  /** A file that is written while it is read is read once more, and given up if that does not help. */
  async measure<T>(of: (content: Content) => Promise<T>): Promise<T> {
    for (let tries = 1; tries <= 2; tries++) {
      const content = await this.open();
      try {
        const result = await of(content);
        if (await content.unchanged()) return result;
      } finally {
        await content.close();
      }
    }
    throw changed(this.#entry);
  }

  open(): Promise<Content> {
    if (this.#entry.buffered !== true) return this.#entry.open(async () => {}, this.#signal);
    this.#collected ??= this.#collect();
    return this.#collected;
  }

  ready(begins: () => void = () => {}): Body | Promise<Body> {
    const entry = this.#entry;
    const { size } = entry;
    if (entry.buffered !== true && size !== undefined) {
      checkSize(entry, size);
      this.#signal.throwIfAborted();
      this.#reservation ??= this.#memory.reserveNow(roomFor(size, this.#share));
      if (this.#reservation !== undefined) return wholeBody(entry, this, size, begins);
    }
    return this.#readyLater(begins);
  }

  holds(bytes: number): void {
    // A stream's source cannot be read again, so it stays.
    if (this.#entry.buffered !== true) this.#reservation?.shrink(bytes);
  }

  check(): void {
    checkSize(this.#entry, this.#entry.size ?? 0);
  }

  onRelease(call: () => void): void {
    this.#onRelease ??= [];
    this.#onRelease.push(call);
  }

  release(): void {
    this.#reservation?.release();
    for (const call of this.#onRelease?.splice(0) ?? []) call();
  }

  async #readyLater(begins: () => void): Promise<Body> {
    const entry = this.#entry;
    if (entry.buffered === true) {
      await this.open();
    } else {
      checkSize(entry, entry.size ?? 0);
      this.#reservation ??= await this.#memory.reserve(roomFor(entry.size ?? 0, this.#share), this.#signal);
    }
    return wholeBody(entry, this, await this.size(), begins);
  }

  async #collect(): Promise<Content> {
    const entry = this.#entry;
    const { size } = entry;
    if (size !== undefined) {
      checkSize(entry, size);
      this.#reservation = await this.#memory.reserve(size * this.#share, this.#signal);
      // Two streams that both outgrow what is reserved for them would wait for each other.
      return entry.open(async (bytes) => checkNamedSize(entry, size, bytes), this.#signal);
    }
    return this.#growing((held) =>
      entry.open(async (bytes) => {
        checkSize(entry, bytes);
        await held.grow(bytes * this.#share, this.#signal);
      }, this.#signal),
    );
  }

  /** Reads the head of a stream; if that is all, it is what collecting it gives. */
  #readHead(stream: OneStream, most: number): Promise<boolean> {
    return this.#growing(async (held) => {
      const signal = this.#signal;
      const ended = await stream.begin(most, (bytes) => held.grow(bytes * this.#share, signal), signal);
      if (ended) this.#collected = this.#entry.open(async () => {}, signal);
      return !ended;
    });
  }

  async #growing<T>(read: (held: Reservation) => Promise<T>): Promise<T> {
    const held = await this.#memory.reserveGrowing(this.#signal);
    this.#reservation = held;
    try {
      return await read(held);
    } finally {
      held.settle();
    }
  }
}

/**
 * The bytes of one entry while it is handled, and the memory that they take. What reads them throws `SourceError` where they cannot be had, and the
 * signal's reason when it is aborted.
 */
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
  /**
   * Waits until the whole body may be held in memory, and gives it.
   * @param begins called each time that its bytes are asked for
   */
  ready(begins?: () => void): Body | Promise<Body>;
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
 * All bytes of an entry, read anew for each time that they are sent; in slices where they are too many for one buffer.
 * @param listed the size that the file may have grown or shrunk from since
 * @param begins called each time that they are asked for
 */
export function wholeBody(
  entry: Entry,
  from: Pick<EntryBody, 'open' | 'measure'>,
  listed: number,
  begins: () => void,
): Body {
  if (entry.buffered !== true && listed > LARGEST_BUFFER) return inSlices(entry, from, listed, begins);
  // No getter: an object literal that has one is given a hidden class of its own, which lives, and all that it refers to, until a full collection.
  const body = {
    size: listed,
    read() {
      begins();
      const whole = entry.readWhole?.();
      if (whole === undefined) return readSteadily();
      body.size = whole.length;
      return whole;
    },
  };

  async function readSteadily(): Promise<Buffer> {
    const bytes = await from.measure((content) => {
      checkGrown(entry, content.size);
      return content.slice(0, content.size);
    });
    body.size = bytes.length;
    return bytes;
  }
  return body;
}

function inSlices(entry: Entry, from: Pick<EntryBody, 'open' | 'measure'>, size: number, begins: () => void): Body {
  return {
    size,
    read() {
      begins();
      return from.measure((content) => content.slice(0, content.size));
    },
    slices() {
      begins();
      return openedSlices(
        () => from.open(),
        size,
        () => changed(entry),
      );
    },
  };
}

/** Most bytes of one body that can be read only once and so is held in memory. */
const MAX_BODY_BYTES: number = 256 * 1024 * 1024;

/** A source that did not keep still. */
export function changed({ origin }: Entry): SourceError {
  return new SourceError('SourceChanged', `${origin} changed while it was read, twice`, {
    hint: 'Let whatever writes it finish before it is put.',
  });
}

/** Throws where it gives more than the size that came with it. */
export function checkNamedSize({ origin }: Entry, size: number, bytes: number): void {
  if (bytes <= size) return;
  throw new SourceError('SourceChanged', `${origin} gives more than the ${size} bytes that its item names`, {
    hint: 'Leave the size out where it is not known.',
  });
}

/** Throws where it has more bytes than can be held, where they can be read only once, or than an object can have. */
export function checkSize({ origin, buffered }: Entry, bytes: number): void {
  if (buffered === true && bytes > MAX_BODY_BYTES) {
    throw new SourceError(
      'TooLarge',
      `${origin} has more than ${MAX_BODY_BYTES / 1024 / 1024} MiB, the most that is held of what can be read only once`,
      { hint: 'Unpack it, or pack it without compression; or leave it out by maxSize or exclude.' },
    );
  }
  if (bytes <= LARGEST_OBJECT) return;
  throw new SourceError('TooLarge', `${origin} is larger than the 48.8 TiB that an object can have`, {
    hint: 'Leave it out by maxSize or exclude, or split it.',
  });
}

/** Throws where a file that was small when it was listed would be taken into memory whatever it has become. */
export function checkGrown({ origin, size = 0 }: Entry, bytes: number): void {
  if (bytes <= Math.max(size, MAX_BODY_BYTES)) return;
  throw new SourceError('SourceChanged', `${origin} grew from ${size} to ${bytes} bytes after it was listed`, {
    hint: 'Let whatever writes it finish before it is put.',
  });
}
