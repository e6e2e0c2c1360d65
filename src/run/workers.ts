import { setMaxListeners } from 'node:events';
import { S3RequestError } from '../errors.js';
import type { Outcome } from '../report/types.js';
import { stopPolicy } from './fatal-errors.js';
import type { ObjectSlots } from './pacer.js';
import type { RunEnd, RunRecord } from './record.js';

export interface ConcurrentRun {
  readonly record: RunRecord;
  readonly stop: StopSwitch;
  /** The run's own: what is under way is cut off. */
  readonly signal: AbortSignal;
  readonly underWay: ObjectSlots;
  readonly failFast: boolean;
  /** Hands an outcome on; waits while who takes it lags. */
  readonly settled: (outcome: Outcome) => Promise<void>;
}

/** Settles unit after unit, several at once, until there are no more or something stops the run; gives how it ended. */
export async function runConcurrently<T>(
  planned: AsyncIterable<T>,
  settle: (unit: T) => Promise<Outcome | undefined>,
  { record, stop, signal, underWay, failFast, settled }: ConcurrentRun,
): Promise<RunEnd> {
  const policy = stopPolicy();
  let stoppedEarly = false;
  let running = 0;
  let idle = (): void => {};
  let broken = (_error: unknown): void => {};

  function tell(outcome: Outcome): Promise<void> | undefined {
    record.settle(outcome);
    const shared = policy.after(outcome);
    if (shared !== undefined) stop.now(shared);
    // It is thrown at the end; each object that met it would tell it once more.
    if (met(outcome, stop.error)) return undefined;
    if (failFast && outcome.action === 'fail') {
      stoppedEarly = true;
      stop.now();
    }
    return settled(outcome);
  }

  async function settleOne(unit: T): Promise<void> {
    try {
      const outcome = await settle(unit);
      // Its place is kept until it is taken: who lags holds the run back.
      if (outcome !== undefined) await tell(outcome);
    } catch (error) {
      broken(error);
    } finally {
      underWay.release();
      running -= 1;
      if (running === 0) idle();
    }
  }

  /** One pull at a time, and no promise per unit that waits for others: p-map has as many pulls open as units may be under way. */
  async function settleAll(): Promise<void> {
    for await (const unit of untilStopped(planned, stop, () => underWay.take())) {
      running += 1;
      void settleOne(unit);
    }
    if (running > 0) await new Promise<void>((resolve) => (idle = resolve));
  }

  await new Promise<void>((resolve, reject) => {
    broken = reject;
    settleAll().then(resolve, reject);
  });
  if (signal.aborted) return { aborted: { reason: signal.reason } };
  return { error: stop.error ?? policy.atEnd(), stoppedEarly };
}

/** Did this object meet the error that stopped the run, as the first or while it was under way? */
function met({ error }: Outcome, stoppedBy: unknown): boolean {
  return stoppedBy instanceof S3RequestError && error instanceof S3RequestError && error.code === stoppedBy.code;
}

/** Ends a run without cutting off what is under way: nothing new begins, requests in flight finish. */
export interface StopSwitch {
  /** Aborted once the run is stopping, or aborted from outside. */
  readonly signal: AbortSignal;
  /** What stopped it, where that was an error. */
  readonly error: unknown;
  /** Stops; only the first call counts. */
  now(error?: unknown): void;
}

/** @param signal the run's own: an abort stops the run too */
export function stopSwitch(signal: AbortSignal): StopSwitch {
  const controller = new AbortController();
  // All that waits for memory or for a retry listens to it; that many are no leak.
  setMaxListeners(0, controller.signal);
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  // Not by the option `signal`: Node would hold all that listens to the controller for as long as the process lives.
  controller.signal.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true });
  if (signal.aborted) controller.abort(signal.reason);
  let cause: unknown;
  return {
    signal: controller.signal,
    get error() {
      return cause;
    },
    now(error) {
      if (controller.signal.aborted) return;
      cause = error;
      controller.abort(new DOMException('The run is stopping.', 'AbortError'));
    },
  };
}

/**
 * Passes items on until the run stops; an error of the items stops it, and those before it are still finished.
 * @param room waits, if need be, until there is room for one more; rejects when the run stops
 */
export async function* untilStopped<T>(
  items: AsyncIterable<T>,
  stop: StopSwitch,
  room: () => Promise<void> | undefined,
): AsyncGenerator<T, void> {
  try {
    for await (const item of items) {
      if (stop.signal.aborted) return;
      const wait = room();
      if (wait !== undefined) await wait;
      yield item;
    }
  } catch (error) {
    stop.now(error);
  }
}
