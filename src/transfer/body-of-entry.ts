import { hash } from 'node:crypto';
import type { Body } from '../s3/bucket.js';
import type { Content, Entry } from '../source/entry.js';
import type { OneStream } from '../source/one-stream.js';
import { changed, checkNamedSize, checkSize } from './body-limits.js';
import type { EntryBody } from './entry-body.js';
import type { Md5 } from './md5.js';
import type { MemoryBudget, Reservation } from './memory.js';
import { openedPieces } from './opened-content.js';
import { roomFor } from './slices.js';
import { wholeBody } from './whole-body.js';

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
