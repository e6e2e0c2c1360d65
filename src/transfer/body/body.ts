import { hash } from 'node:crypto';
import { DECIDING_BYTES } from '../../encode/content-type.js';
import { SourceError } from '../../errors.js';
import type { Content, FileRange } from '../../model/content.js';
import { LARGEST_OBJECT } from '../../model/part-layout.js';
import { msg } from '../../report/message.js';
import { type BufferLender, buffers } from '../../run/body-buffers.js';
import type { MemoryBudget, Reservation } from '../../run/memory.js';
import type { Body } from '../../s3/bucket.js';
import { readHead, wholeRange } from '../../source/file.js';
import type { OneShotStream } from '../../source/stream.js';
import type { Entry } from '../../source/types.js';
import type { Md5 } from './hash.js';
import { LARGEST_BUFFER, openedPieces, openedSlices, roomFor } from './slices.js';

let scratch: Buffer | undefined;
const SCRATCH_BYTES = 256 * 1024 + 1;
/** Small files are read into it where only their digest is needed: one after the other, and nobody keeps the bytes. */
export const SCRATCH: BufferLender = {
  lend(length) {
    scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    return length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
  },
};

/** The bytes of an entry as its source gives them. A class, because one is made for every object: its methods are made once. */
export class SourceBody implements EntryBody, BufferLender {
  readonly #entry: Entry;
  readonly #memory: MemoryBudget;
  readonly #md5: Md5;
  readonly #signal: AbortSignal;
  readonly #share: 1 | 2;
  #reservation: Reservation | undefined;
  #collected: Promise<Content> | undefined;
  #outgrown: Promise<boolean> | undefined;
  #lent: Buffer | undefined;
  #onRelease: (() => void)[] | undefined;
  #onHead: ((bytes: Buffer) => void) | undefined;
  #headNeeded = false;
  #headSeen = false;

  /**
   * @param signal ends waits for memory and reads of a stream
   * @param share how many times its size is reserved: 2 where as many bytes again are made from it
   */
  constructor(entry: Entry, memory: MemoryBudget, md5: Md5, signal: AbortSignal, share: 1 | 2 = 1) {
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
      // The head of the stream is now sent in parts, which reserve memory of their own: its reservation would block them.
      this.#reservation?.release();
      yield* stream.pieces(this.#signal);
      return;
    }
    let isHead = true;
    const all = openedPieces(
      () => this.open(),
      () => changed(this.#entry),
    );
    for await (const piece of all) {
      if (isHead) this.saw(piece);
      isHead = false;
      yield piece;
    }
  }

  firstBytes(): Buffer {
    return this.#entry.stream?.head(MAGIC_BYTES) ?? Buffer.alloc(0);
  }

  onHead(call: (bytes: Buffer) => void, needed: boolean): void {
    this.#onHead = call;
    this.#headNeeded = needed;
  }

  saw(bytes: Buffer): void {
    this.#headSeen = true;
    this.#onHead?.(bytes);
  }

  async seeHeadOnce(most: number): Promise<void> {
    if (!this.#headSeen) await this.seeHead(most);
  }

  async seeHead(most: number): Promise<void> {
    if (!this.#headNeeded) return;
    const { stream } = this.#entry;
    if (stream !== undefined && this.#collected === undefined) {
      this.saw(stream.head(most));
      return;
    }
    const content = await this.open();
    try {
      this.saw(await content.slice(0, Math.min(most, content.size)));
    } finally {
      await content.close();
    }
  }

  /** The local file that a thread may read; its first bytes are seen here. Undefined where it must be read here. */
  fileRange(size: number): FileRange | undefined {
    const { file } = this.#entry;
    const range = file === undefined ? undefined : wholeRange(file);
    if (file === undefined || range === undefined || range.end !== size) return undefined;
    if (this.#onHead !== undefined) {
      const head = readHead(file, this.#headNeeded ? DECIDING_BYTES : MAGIC_BYTES);
      if (head === undefined) return undefined;
      this.saw(head);
    }
    return range;
  }

  md5(): string | Promise<string> {
    const whole = this.#entry.readWhole?.(SCRATCH);
    if (whole !== undefined) {
      this.saw(whole);
      return hash('md5', whole, 'hex');
    }
    return this.measure((content) => this.#md5.of(content, this.#signal));
  }

  /** A file that is written while it is read is read a second time; if it changes again, that is an error. */
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

  ready(): Body | Promise<Body> {
    const entry = this.#entry;
    const { size } = entry;
    if (entry.buffered !== true && size !== undefined) {
      checkSize(entry, size);
      this.#signal.throwIfAborted();
      this.#reservation ??= this.#memory.reserveNow(roomFor(size, this.#share));
      if (this.#reservation !== undefined) return wholeBody(entry, this, size);
    }
    return this.#readyLater();
  }

  holds(bytes: number): void {
    // The bytes of a stream cannot be read again, so they stay in memory.
    if (this.#entry.buffered !== true) this.#reservation?.shrink(bytes);
  }

  check(): void {
    checkSize(this.#entry, this.#entry.size ?? 0);
  }

  onRelease(call: () => void): void {
    this.#onRelease ??= [];
    this.#onRelease.push(call);
  }

  /** A buffer for the whole body. The one before is not used by other objects, because what an attempt sent may be compared later. */
  lend(length: number): Buffer {
    if (this.#lent !== undefined) buffers.drop(this.#lent);
    this.#lent = buffers.take(length);
    return this.#lent;
  }

  #endLoan(): void {
    if (this.#lent !== undefined) buffers.end(this.#lent);
    this.#lent = undefined;
  }

  release(): void {
    this.#endLoan();
    this.#reservation?.release();
    for (const call of this.#onRelease?.splice(0) ?? []) call();
  }

  async #readyLater(): Promise<Body> {
    const entry = this.#entry;
    if (entry.buffered === true) {
      await this.open();
    } else {
      checkSize(entry, entry.size ?? 0);
      this.#reservation ??= await this.#memory.reserve(roomFor(entry.size ?? 0, this.#share), this.#signal);
    }
    return wholeBody(entry, this, await this.size());
  }

  async #collect(): Promise<Content> {
    const entry = this.#entry;
    const { size } = entry;
    if (size !== undefined) {
      checkSize(entry, size);
      this.#reservation = await this.#memory.reserve(size * this.#share, this.#signal);
      // Growing is not permitted here: two streams that both outgrow their reservations would wait for each other.
      return entry.open(async (bytes) => checkNamedSize(entry, size, bytes), this.#signal);
    }
    return this.#growing((held) =>
      entry.open(async (bytes) => {
        checkSize(entry, bytes);
        await held.grow(bytes * this.#share, this.#signal);
      }, this.#signal),
    );
  }

  /** Reads the head of a stream. If the stream ends there, the head is its collected content. */
  #readHead(stream: OneShotStream, most: number): Promise<boolean> {
    return this.#growing(async (held) => {
      const signal = this.#signal;
      const ended = await stream.readHead(most, (bytes) => held.grow(bytes * this.#share, signal), signal);
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
 * The bytes of one entry while it is settled, and the memory that they take. Methods that read them throw `SourceError` where they cannot be read,
 * and the signal's reason when it is aborted.
 */
export interface EntryBody {
  /** The bytes can be read only once: after `pieces` they are gone. */
  readonly once: boolean;
  /** Size in bytes; a stream of unknown length is collected in memory to find out. */
  size(): Promise<number>;
  /** Whether it is larger than `most` bytes. Reads a stream at most that far; after `true`, only `pieces()` can be used. */
  outgrows(most: number): Promise<boolean>;
  /** The bytes in order, once; each piece is valid until the next. A file that changes meanwhile is an error. */
  pieces(): AsyncIterable<Buffer>;
  /** MD5 of the source, lower-case hex; at once for a small file. */
  md5(): string | Promise<string>;
  /** Computes something from the bytes; reads them a second time where they change meanwhile. */
  measure<T>(of: (content: Content) => Promise<T>): Promise<T>;
  /** Opens the bytes for reads by range. The caller checks whether they change, and closes them. */
  open(): Promise<Content>;
  /** Waits until the whole body may be held in memory, and returns it. */
  ready(): Body | Promise<Body>;
  /** The first bytes of a stream of which `outgrows` has read the head: what they show of a format; empty for all else. */
  firstBytes(): Buffer;
  /**
   * Calls `call` with all bytes or the first ones, each time when they are read to be sent or hashed.
   * @param needed whether it is worth a read of its own
   */
  onHead(call: (bytes: Buffer) => void, needed: boolean): void;
  /** Where that is so, calls it now with the first bytes, at most `most`: for what is sent in parts, whose headers go before the bytes. */
  seeHead(most: number): Promise<void>;
  /** The same, unless its bytes were seen already. */
  seeHeadOnce(most: number): Promise<void>;
  /** Reduces the reservation to `bytes`, which were made from the body and replace it. */
  holds(bytes: number): void;
  /** Throws where the known size is more than S3 accepts. */
  check(): void;
  /** Calls `call` when the body is released. */
  onRelease(call: () => void): void;
  /** Releases the memory. */
  release(): void;
}

/**
 * All bytes of an entry, read anew for each try; in slices where they are too many for one buffer.
 * @param listed the size when it was listed; the file may have grown or shrunk since
 */
function wholeBody(entry: Entry, from: WholeFrom, listed: number): Body {
  if (entry.buffered !== true && listed > LARGEST_BUFFER) return inSlices(entry, from, listed);
  // No getter: V8 gives an object literal with a getter a hidden class of its own, which keeps all that it refers to alive until a full collection.
  const body = {
    size: listed,
    read() {
      const whole = entry.readWhole?.(from);
      if (whole === undefined) return readSteadily();
      body.size = whole.length;
      from.saw(whole);
      return whole;
    },
    file: entry.file === undefined ? undefined : () => from.fileRange(listed),
  };

  async function readSteadily(): Promise<Buffer> {
    const bytes = await from.measure((content) => {
      checkGrown(entry, content.size);
      return content.slice(0, content.size, content.held === true ? undefined : from.lend(content.size));
    });
    body.size = bytes.length;
    from.saw(bytes);
    return bytes;
  }
  return body;
}

/** The entry's body, and its `saw`, which is called with the first bytes. */
type WholeFrom = Pick<SourceBody, 'open' | 'measure' | 'saw' | 'lend' | 'fileRange'>;

function inSlices(entry: Entry, from: WholeFrom, size: number): Body {
  return {
    size,
    async read() {
      const bytes = await from.measure((content) => content.slice(0, content.size));
      from.saw(bytes);
      return bytes;
    },
    async *slices() {
      let isHead = true;
      const all = openedSlices(
        () => from.open(),
        size,
        () => changed(entry),
      );
      for await (const slice of all) {
        if (isHead) from.saw(slice);
        isHead = false;
        yield slice;
      }
    },
  };
}

/** Most bytes of one body that can be read only once and is therefore held in memory. */
const MAX_BODY_BYTES: number = 256 * 1024 * 1024;

/** Most bytes of a magic number. */
const MAGIC_BYTES = 16;

/** The source changed in both tries. */
export function changed({ origin }: Entry): SourceError {
  return new SourceError('SourceChanged', `${origin} changed while it was read, twice`, {
    hint: 'Wait until the program that writes it has finished, then run again.',
  });
}

/** Throws where the source yields more bytes than the size that its item names. */
function checkNamedSize({ origin }: Entry, size: number, bytes: number): void {
  if (bytes <= size) return;
  throw new SourceError('SourceChanged', `${origin} gives more than the ${size} bytes that its item names`, {
    hint: 'Leave the size out where it is not known.',
  });
}

/** Throws where it has more bytes than an object can have, or, if it can be read only once, than may be held in memory. */
function checkSize({ origin, buffered }: Entry, bytes: number): void {
  if (buffered === true && bytes > MAX_BODY_BYTES) {
    throw new SourceError(
      'TooLarge',
      `${origin} has more than ${MAX_BODY_BYTES / 1024 / 1024} MiB, the most that is held of what can be read only once`,
      { hint: msg`Unpack it, or pack it without compression; or leave it out by {maxSize} or {exclude}.` },
    );
  }
  if (bytes <= LARGEST_OBJECT) return;
  throw new SourceError('TooLarge', `${origin} is larger than the 48.8 TiB that an object can have`, {
    hint: msg`Leave it out by {maxSize} or {exclude}, or split it.`,
  });
}

/** Throws where a file has grown since it was listed to more than may be held in memory. */
function checkGrown({ origin, size = 0 }: Entry, bytes: number): void {
  if (bytes <= Math.max(size, MAX_BODY_BYTES)) return;
  throw new SourceError('SourceChanged', `${origin} grew from ${size} to ${bytes} bytes after it was listed`, {
    hint: 'Wait until the program that writes it has finished, then run again.',
  });
}
