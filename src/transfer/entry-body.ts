import { hash } from 'node:crypto';
import { SourceError } from '../errors.js';
import { LARGEST_OBJECT } from '../part-size.js';
import type { Body } from '../s3/bucket.js';
import type { Content, Entry } from '../source/entry.js';
import type { Md5 } from './md5.js';
import type { MemoryBudget, Reservation } from './memory.js';

/** Most bytes of one body that can be read only once and so is held in memory. */
export const MAX_BODY_BYTES: number = 256 * 1024 * 1024;

/** The bytes of one entry while it is handled, and the memory that they take. */
export interface EntryBody {
  /** Bytes; a stream of unknown length is collected to tell. */
  size(): Promise<number>;
  /** MD5 of the source, lower-case hex. */
  md5(): Promise<string>;
  /** Anything else that the bytes tell; read once more where they change meanwhile. */
  measure<T>(of: (content: Content) => Promise<T>): Promise<T>;
  /** Opens the bytes, for who reads them by range and looks himself whether they change. Whoever opened them closes them. */
  open(): Promise<Content>;
  /** Waits until the whole body may be held in memory, and gives it. */
  ready(): Promise<Body>;
  /** Says that so many bytes, made from it, are held from now on in its place. */
  holds(bytes: number): void;
  /** Throws where the size that is known is more than can be put. */
  check(): void;
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
    throw new SourceError('SourceChanged', `${entry.origin} changed while it was read, twice`, {
      hint: 'Let whatever writes it finish before it is put.',
    });
  }

  return {
    size: async () => entry.size ?? (await open()).size,
    async md5() {
      const whole = entry.readWhole?.();
      return whole === undefined ? steady((content) => md5.of(content, signal)) : hash('md5', whole, 'hex');
    },
    measure: steady,
    open,
    async ready() {
      if (entry.buffered === true) {
        await open();
      } else {
        checkSize(entry, entry.size ?? 0);
        reservation ??= await memory.reserve((entry.size ?? 0) * share, signal);
      }
      let size = entry.size ?? (await open()).size;
      return {
        get size() {
          return size;
        },
        async read() {
          const whole = entry.readWhole?.();
          if (whole !== undefined) {
            size = whole.length;
            return whole;
          }
          return steady(async (content) => {
            checkGrown(entry, content.size);
            const bytes = await content.slice(0, content.size);
            // The file may have grown or shrunk since it was listed.
            size = bytes.length;
            return bytes;
          });
        },
      };
    },
    holds(bytes) {
      // A stream's source cannot be read again, so it stays.
      if (entry.buffered !== true) reservation?.shrink(bytes);
    },
    check: () => checkSize(entry, entry.size ?? 0),
    release: () => reservation?.release(),
  };
}

function checkNamedSize({ origin }: Entry, size: number, bytes: number): void {
  if (bytes <= size) return;
  throw new SourceError('SourceChanged', `${origin} gives more than the ${size} bytes that its item names`, {
    hint: 'Leave the size out where it is not known.',
  });
}

function checkSize({ origin, buffered }: Entry, bytes: number): void {
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

/** A file that was small when it was listed is not taken into memory whatever it has become. */
function checkGrown({ origin, size = 0 }: Entry, bytes: number): void {
  if (bytes <= Math.max(size, MAX_BODY_BYTES)) return;
  throw new SourceError('SourceChanged', `${origin} grew from ${size} to ${bytes} bytes after it was listed`, {
    hint: 'Let whatever writes it finish before it is put.',
  });
}
