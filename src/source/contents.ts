import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry, Found } from './types.js';

/** Takes the bytes of one entry. They are overwritten once `write` has returned. */
export interface ContentReader {
  write(bytes: Uint8Array): void;
  /** All bytes were written. Not called where reading fails. */
  end(): void;
}

/** Something that reads whole entries while the source is surveyed. */
export interface ContentWatch {
  /** Whether it reads an entry; by its names and size. */
  wants(entry: Entry): boolean;
  reader(entry: Entry): ContentReader;
}

/** The reading of the entries that a watch wants. */
export interface ContentReading {
  /** Reads an entry, or begins to. Wait for a promise before the next. */
  read(unit: Found): Promise<unknown> | undefined;
  /** Waits until all that have begun are read. */
  finish(): Promise<void>;
}

/** Passes what was found on, each entry that the watch wants once it was read. */
export async function* watchContents(
  found: AsyncIterable<Found>,
  watch: ContentWatch,
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  const reading = contentReading(watch, signal);
  for await (const unit of found) {
    if (unit.kind === 'entry' && watch.wants(unit)) {
      void reading.read(unit);
      await reading.finish();
    }
    yield unit;
  }
}

/** Bytes that are read at once, of one file. */
const PIECE = 64 * 1024;
/** Files that are read side by side. */
const MOST_AT_ONCE = 8;
/** Bytes after which the event loop gets a turn. */
const BYTES_PER_TURN = 1024 * 1024;

/** An entry that cannot be read is passed over: what is wrong with it shows when it is sent. */
export function contentReading(watch: ContentWatch, signal: AbortSignal): ContentReading {
  const begun = new Set<Promise<void>>();
  let sinceTurn = 0;

  /** Pieces that nobody reads into now: one of its own for each file would be much garbage. */
  const pieces: Buffer[] = [];

  async function readContent(entry: Entry): Promise<void> {
    const reader = watch.reader(entry);
    const content = await (entry.plain ?? entry).open(async () => {}, signal);
    const piece = pieces.pop() ?? Buffer.allocUnsafeSlow(PIECE);
    try {
      for (let at = 0; at < content.size; at += PIECE) {
        signal.throwIfAborted();
        const bytes = await content.slice(at, Math.min(at + PIECE, content.size), piece);
        reader.write(bytes);
        sinceTurn += bytes.length;
        if (sinceTurn >= BYTES_PER_TURN) await turn();
      }
    } finally {
      pieces.push(piece);
      await content.close();
    }
    reader.end();
  }

  async function turn(): Promise<void> {
    sinceTurn = 0;
    await nextTurn();
    signal.throwIfAborted();
  }

  return {
    read(unit) {
      if (unit.kind !== 'entry' || !watch.wants(unit)) return undefined;
      const work: Promise<void> = readContent(unit)
        .catch(() => {})
        .finally(() => begun.delete(work));
      begun.add(work);
      return begun.size < MOST_AT_ONCE ? undefined : Promise.race(begun);
    },
    async finish() {
      await Promise.all(begun);
      signal.throwIfAborted();
    },
  };
}
