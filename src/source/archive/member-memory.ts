import { SourceError } from '../../errors.js';
import { bytesContent, type Content } from '../../model/content.js';
import type { Entry, Found } from '../types.js';

/** A member's place in the room, from where it is reserved until it is released. */
export interface MemberLease {
  /** Where its bytes go; of the length that was reserved. */
  bytes(): Buffer;
  release(): void;
}

/** Reserves a place; waits until there is room. Throws the reason of the room's signal. */
export type MemberMemory = (size: number) => Promise<MemberLease>;

/** Bytes of archives' members that are held at once. One that is larger goes alone. */
const MOST = 48 * 1024 * 1024;
/** Made once, so that a larger member seldom needs another buffer; what is not used of it is no memory yet. */
const MADE = 64 * 1024 * 1024;

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Waiter {
  readonly size: number;
  readonly resolve: (place: MemberLease) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The memory for the members of archives: one buffer, whose parts are lent and used again. Buffers of their own would become garbage, which Node
 * lets grow by a hundred megabytes before it looks.
 */
export function memberMemory(signal: AbortSignal, most: number = MOST): MemberMemory {
  let whole: Buffer = Buffer.alloc(0);
  /** In ascending order. */
  const taken: Span[] = [];
  const waiting: Waiter[] = [];
  let held = 0;

  /** The first gap that is wide enough. */
  function fitting(size: number): number | undefined {
    if (held > 0 && held + size > most) return undefined;
    let start = 0;
    for (const span of taken) {
      if (span.start - start >= size) return start;
      start = span.end;
    }
    return start + size <= Math.max(most, taken.length === 0 ? size : 0) ? start : undefined;
  }

  function placed(size: number, start: number): MemberLease {
    const span = { start, end: start + size };
    const after = taken.findIndex((other) => other.start >= start);
    taken.splice(after === -1 ? taken.length : after, 0, span);
    held += size;
    let released = false;
    return {
      bytes() {
        // Only a member that is alone is larger than what was made for all, so nobody else has a part of it.
        if (span.end > whole.length) whole = Buffer.allocUnsafeSlow(Math.max(MADE, span.end));
        return whole.subarray(span.start, span.end);
      },
      release() {
        if (released) return;
        released = true;
        taken.splice(taken.indexOf(span), 1);
        held -= size;
        serveWaiting();
      },
    };
  }

  function serveWaiting(): void {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const start = fitting(first.size);
      if (start === undefined) return;
      waiting.shift();
      first.resolve(placed(first.size, start));
    }
  }

  // One listener for all who wait: one for each would link them to one another, and keep them from being collected.
  signal.addEventListener(
    'abort',
    () => {
      for (const { reject } of waiting.splice(0)) reject(signal.reason);
    },
    { once: true },
  );

  return (size) => {
    signal.throwIfAborted();
    // Nothing needs no place.
    if (size === 0) return Promise.resolve({ bytes: () => Buffer.alloc(0), release: () => {} });
    const at = waiting.length === 0 ? fitting(size) : undefined;
    if (at !== undefined) return Promise.resolve(placed(size, at));
    return new Promise((resolve, reject) => {
      waiting.push({ size, resolve, reject });
    });
  };
}

/** Up to this many bytes a buffer of its own costs less than a place, and is gone as soon. */
const SMALL = 64 * 1024;

/**
 * Gives the members of archives that are read by range a place for their bytes, and waits before each until there is one. It stands behind
 * everything that merges or drops entries, so that nobody holds a place and waits for another.
 * @param most bytes; larger ones go up in parts, which have buffers of their own
 */
export async function* membersWithMemory(
  found: AsyncIterable<Found>,
  room: MemberMemory,
  most: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Found, void> {
  for await (const unit of found) yield needsRoom(unit, most) ? await inRoom(unit, room) : unit;
}

function needsRoom(unit: Found, most: number): unit is Entry {
  const { size = 0 } = unit.kind === 'entry' ? unit : {};
  return unit.kind === 'entry' && unit.member === true && size > SMALL && size <= most;
}

async function inRoom(entry: Entry, room: MemberMemory): Promise<Entry> {
  const { size = 0 } = entry;
  const place = await room(size);
  return {
    ...entry,
    release: place.release,
    async open(grow, opening) {
      const content = await entry.open(grow, opening);
      const slice: typeof content.slice = (start, end, into) => {
        // What is sent is read as a whole; who reads parts lets go of each before the next.
        const whole = start === 0 && end === size ? place.bytes() : undefined;
        return content.slice(start, end, into ?? whole);
      };
      return { ...content, slice };
    },
  };
}

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
  room: MemberMemory,
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
