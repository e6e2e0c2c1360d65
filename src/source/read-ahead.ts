import { SourceError } from '../errors.js';
import { bytesContent } from './content.js';
import type { Content, Entry } from './entry.js';
import type { Room } from './room.js';

/** Members up to this size are read at once; a larger one only when it is wanted, and until then the stream stands still. */
const AT_ONCE = 1024 * 1024;

/** A member of a stream: how its entry reads it, and when the stream may go on behind it. */
export interface Held extends Pick<Entry, 'open'> {
  release(): void;
  /** Resolves once the member's bytes are in memory, or nobody wants them, or the run ends. */
  readonly settled: Promise<void>;
  /** The stream broke while they were read, which the entry's own failure tells. */
  readonly broken: boolean;
}

/**
 * Holds the members of one stream. A member's bytes must be taken before the next header can be read, but whoever takes entries takes many at once.
 */
export function readAhead(
  signal: AbortSignal,
  room: Room,
): (size: number, read: (into: Buffer) => Promise<Buffer>) => Promise<Held> {
  let settleLast = () => {};
  signal.addEventListener('abort', () => settleLast(), { once: true });

  return async (size, read) => {
    const place = await room(size);
    let settle = () => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    settleLast = settle;
    let collected: Promise<Content> | undefined;
    let released = false;
    let broken = false;

    async function collect(): Promise<Content> {
      try {
        return bytesContent(await read(place.bytes()));
      } catch (error) {
        signal.throwIfAborted();
        broken = true;
        throw error;
      } finally {
        settle();
      }
    }
    if (size <= AT_ONCE) {
      collected = collect();
      await collected;
    }
    return {
      settled,
      get broken() {
        return broken;
      },
      open() {
        if (collected === undefined && released)
          throw new SourceError('StreamFailed', 'the stream has gone on behind this member');
        collected ??= collect();
        return collected;
      },
      release() {
        if (released) return;
        released = true;
        place.release();
        if (collected === undefined) settle();
        else collected.catch(() => {});
        collected = undefined;
      },
    };
  };
}
