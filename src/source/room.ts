/** A member's place in the room, from where it is reserved until it is released. */
export interface Place {
  /** Where its bytes go; of the length that was reserved. */
  bytes(): Buffer;
  release(): void;
}

/** Reserves a place; waits until there is room. Throws the reason of the room's signal. */
export type Room = (size: number) => Promise<Place>;

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
  readonly resolve: (place: Place) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The memory for the members of archives: one buffer, whose parts are lent and used again. Buffers of their own would become garbage, which Node
 * lets grow by a hundred megabytes before it looks.
 */
export function memberRoom(signal: AbortSignal, most: number = MOST): Room {
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

  function placed(size: number, start: number): Place {
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
