import type { MemoryBudget, Reservation } from '../../run/memory.js';

/** The slot of a part in flight, and the memory that the part takes. */
export interface PartSlot {
  /** Frees the slot. @param durationMs duration of its request; undefined where that shows nothing about the connection */
  leave(durationMs?: number): void;
}

/** Gives slots to parts of all objects, the oldest object's first. */
export interface PartQueue {
  /**
   * Waits for a free slot. Throws the signal's reason when it is aborted meanwhile.
   * @param age of the object: lower goes first
   * @param bytes of memory that the part takes; 0 where it is held already
   */
  enter(age: number, bytes: number, signal: AbortSignal): Promise<PartSlot>;
}

/** Parts should take no longer than this, so that little is lost when a run is aborted. */
const LONGEST_MS = 30_000;
/** Parts in flight at first; each part that finishes within `QUICK_MS` raises the limit by one. */
const FIRST = 4;
const QUICK_MS = 7_500;

/**
 * The next limit of parts in flight, after a part that took `durationMs` while `inFlight` parts were in flight: lower on a slow connection, which
 * they would only share, higher on a fast one.
 * @internal
 */
export function nextPartLimit(limit: number, inFlight: number, durationMs: number): number {
  if (durationMs > LONGEST_MS) return Math.min(limit, Math.max(1, Math.floor((inFlight * LONGEST_MS) / durationMs)));
  return durationMs <= QUICK_MS && inFlight >= limit ? limit + 1 : limit;
}

interface Waiter {
  readonly age: number;
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly start: (slot: PartSlot) => void;
  readonly reject: (reason: unknown) => void;
}

/** Memory is reserved before a request takes its slot, and by one part at a time, so that a younger object never overtakes an older one. */
export function partQueue(memory: MemoryBudget): PartQueue {
  const waiting: Waiter[] = [];
  let limit = FIRST;
  let inFlight = 0;
  /** Lets the part that waits for memory go without it. */
  let goAhead: (() => void) | undefined;

  async function serve(): Promise<void> {
    if (goAhead !== undefined || inFlight >= limit) return;
    const first = waiting.shift();
    if (first === undefined) return;
    const idle = new AbortController();
    const onAbort = () => idle.abort(first.signal.reason);
    goAhead = () => idle.abort();
    first.signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (inFlight === 0) setImmediate(goAheadIfIdle);
      first.signal.throwIfAborted();
      const reservation = first.bytes === 0 ? undefined : await reserved(first.bytes, idle.signal, first.signal);
      inFlight += 1;
      first.start(slotOf(reservation));
    } catch (error) {
      first.reject(error);
    } finally {
      first.signal.removeEventListener('abort', onAbort);
      goAhead = undefined;
      void serve();
    }
  }

  /** A part that waits for memory may block the objects that would release it: then one part goes without a reservation. */
  async function reserved(bytes: number, idle: AbortSignal, signal: AbortSignal): Promise<Reservation | undefined> {
    try {
      return await memory.reserve(bytes, idle);
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  function goAheadIfIdle(): void {
    if (inFlight === 0) goAhead?.();
  }

  function slotOf(reservation: Reservation | undefined): PartSlot {
    return {
      leave(durationMs) {
        if (durationMs !== undefined) limit = nextPartLimit(limit, inFlight, durationMs);
        inFlight -= 1;
        reservation?.release();
        if (inFlight === 0) setImmediate(goAheadIfIdle);
        void serve();
      },
    };
  }

  return {
    enter(age, bytes, signal) {
      signal.throwIfAborted();
      return new Promise<PartSlot>((resolve, reject) => {
        const forget = () => signal.removeEventListener('abort', onAbort);
        const onAbort = () => {
          const at = waiting.indexOf(waiter);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          age,
          bytes,
          signal,
          start: (slot) => {
            forget();
            resolve(slot);
          },
          reject: (reason) => {
            forget();
            reject(reason);
          },
        };
        const after = waiting.findIndex((other) => other.age > age);
        waiting.splice(after < 0 ? waiting.length : after, 0, waiter);
        signal.addEventListener('abort', onAbort, { once: true });
        void serve();
      });
    },
  };
}

/** Buffers for parts, reused: V8 collects garbage buffers of this size too late. */
export interface PartBuffers {
  /** A buffer of at least this length, with arbitrary content. */
  take(length: number): Buffer;
  give(buffer: Buffer): void;
}

/** @param most bytes that are kept for reuse */
export function partBuffers(most: number): PartBuffers {
  const spare: Buffer[] = [];
  let kept = 0;
  return {
    take(length) {
      const at = spare.findIndex((buffer) => buffer.length >= length);
      const [found] = at < 0 ? [] : spare.splice(at, 1);
      if (found === undefined) return Buffer.allocUnsafeSlow(length);
      kept -= found.length;
      return found;
    },
    give(buffer) {
      if (kept + buffer.length > most) return;
      kept += buffer.length;
      spare.push(buffer);
    },
  };
}
