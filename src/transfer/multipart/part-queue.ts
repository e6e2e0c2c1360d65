import type { MemoryBudget, Reservation } from '../../run/memory.js';

/** A part on its way, and the memory that it takes. */
export interface PartPlace {
  /** The part is done with. @param durationMs how long its request took; undefined where it tells nothing about the line */
  leave(durationMs?: number): void;
}

/** Lets parts of all objects go, the oldest object's first. */
export interface PartQueue {
  /**
   * Waits until one more part may be on its way. Throws the signal's reason when it is aborted meanwhile.
   * @param age of the object: the lower goes first
   * @param bytes that it takes in memory; 0 where they are there already
   */
  enter(age: number, bytes: number, signal: AbortSignal): Promise<PartPlace>;
}

/** A part shall take no longer than this, so that little is lost where a run is cut off. */
const LONGEST_MS = 30_000;
/** As many parts begin; each that is done within this time lets one more go. */
const FIRST = 4;
const QUICK_MS = 7_500;

/**
 * Parts in flight at most, after one that took so long with so many beside it: fewer on a slow line, where they would only share it, more on a
 * fast one.
 */
export function nextPartLimit(limit: number, inFlight: number, durationMs: number): number {
  if (durationMs > LONGEST_MS) return Math.min(limit, Math.max(1, Math.floor((inFlight * LONGEST_MS) / durationMs)));
  return durationMs <= QUICK_MS && inFlight >= limit ? limit + 1 : limit;
}

interface Waiter {
  readonly age: number;
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly start: (place: PartPlace) => void;
  readonly reject: (reason: unknown) => void;
}

/** Memory is reserved before a request takes its slot, and by one part at a time, so that a younger object never goes before an older one. */
export function partQueue(memory: MemoryBudget): PartQueue {
  const waiting: Waiter[] = [];
  let limit = FIRST;
  let inFlight = 0;
  /** Whoever is reserving memory now need not wait for it any more. */
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
      first.start(placeOf(reservation));
    } catch (error) {
      first.reject(error);
    } finally {
      first.signal.removeEventListener('abort', onAbort);
      goAhead = undefined;
      void serve();
    }
  }

  /** What waits for memory may hold the very objects up that would give it back: one part is let go without any. */
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

  function placeOf(reservation: Reservation | undefined): PartPlace {
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
      return new Promise<PartPlace>((resolve, reject) => {
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
          start: (place) => {
            forget();
            resolve(place);
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

/** Buffers for parts, lent and used again: buffers of this size would become garbage that is looked at too late. */
export interface PartBuffers {
  /** A buffer of at least this length; its bytes are anything. */
  take(length: number): Buffer;
  give(buffer: Buffer): void;
}

/** @param most bytes that are kept for later */
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
