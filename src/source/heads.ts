import type { SourceError } from '../errors.js';
import type { Entry, Found } from './types.js';

/** Something that judges entries by their first bytes. */
export interface HeadWatch {
  /** The most bytes that it needs. */
  readonly bytes: number;
  /** Whether it needs the bytes of an entry; by its names alone. */
  wants(entry: Entry): boolean;
  /** Looks at the first bytes; returns the error that the entry fails with where it may not be sent. */
  see(entry: Entry, head: Buffer): SourceError | undefined;
}

/** An entry without a known size is read as a whole to get its head; larger ones are not looked at. */
const MOST_COLLECTED = 16 * 1024 * 1024;

/**
 * Shows the first bytes of an entry to the watch. Undefined where the watch does not want them, so that nothing has to be awaited. An entry that
 * cannot be read is not shown: what is wrong with it shows when it is sent.
 */
export function showHead(unit: Found, watch: HeadWatch, signal: AbortSignal): Promise<unknown> | undefined {
  if (unit.kind !== 'entry' || !watch.wants(unit)) return undefined;
  return judged(unit, watch, signal).catch(() => signal.throwIfAborted());
}

/** Passes what was found on, and shows the first bytes of entries to the watch. Those that it refuses fail. */
export async function* watchHeads(
  found: AsyncIterable<Found>,
  watch: HeadWatch,
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  for await (const unit of found) {
    if (unit.kind !== 'entry' || !watch.wants(unit)) {
      yield unit;
      continue;
    }
    let error: Error | undefined;
    try {
      error = await judged(unit, watch, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      // What has failed as a stream would look like its end when it is read again.
      if (unit.stream !== undefined) error = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
    if (error === undefined) {
      yield unit;
      continue;
    }
    unit.release?.();
    const { key, origin, settled } = unit;
    yield { kind: 'unusable', action: 'fail', key, origin, reason: error.message, error, settled };
  }
}

async function judged(entry: Entry, watch: HeadWatch, signal: AbortSignal): Promise<SourceError | undefined> {
  return watch.see(entry, await headOf(entry, watch.bytes, signal));
}

async function headOf({ stream, open, plain }: Entry, bytes: number, signal: AbortSignal): Promise<Buffer> {
  if (stream !== undefined) {
    // What it reads stays in it, so that nothing is lost.
    await stream.readHead(bytes, async () => {}, signal);
    return stream.head(bytes);
  }
  const content = await (plain?.open ?? open)(async (length) => {
    if (length > MOST_COLLECTED) throw new RangeError('too large to be looked at');
  }, signal);
  try {
    return await content.slice(0, Math.min(bytes, content.size));
  } finally {
    await content.close();
  }
}
