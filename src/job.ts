import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { outcomeQueue } from './outcome-queue.js';
import type { Outcome } from './report/outcome.js';
import type { Report } from './report/report.js';

/**
 * A run under way. Await it for the report, iterate it for the outcomes, or both.
 * An iterator taken in the tick of the call misses nothing and applies back-pressure; leaving the loop aborts. An error that ends the run is
 * thrown, once: objects that met it are failures of the report, not outcomes.
 * The promise rejects, and the iteration throws, with `PartialFailureError` if any object failed, `RefusedError`, `RunStoppedError`,
 * `UsageError` or `AbortError`.
 */
export interface Job extends Promise<Report>, AsyncIterable<Outcome> {
  /** Stops new work and aborts what is under way; the job rejects with `AbortError`. */
  abort(reason?: unknown): void;
}

/** Does the work: hands each outcome to `settled`, which waits while a consumer lags, and returns the report or throws the run's error. */
export type Run = (signal: AbortSignal, settled: (outcome: Outcome) => Promise<void>) => Promise<Report>;

/** Starts a run on the next macrotask, so that whoever called can still take an iterator. */
export function startJob(run: Run, signal: AbortSignal | undefined): Job {
  const controller = new AbortController();
  // Every request in flight listens to it; that many are no leak.
  setMaxListeners(0, controller.signal);
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });

  const abort = (reason: unknown = new DOMException('The run was aborted.', 'AbortError')) => controller.abort(reason);
  const queue = outcomeQueue(abort);
  controller.signal.addEventListener('abort', () => queue.hurry(), { once: true });

  const result = (async () => {
    await nextTurn();
    try {
      const report = await run(controller.signal, (outcome) => queue.push(outcome));
      queue.end();
      return report;
    } catch (error) {
      queue.end(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  })();

  return Object.assign(result, {
    abort,
    [Symbol.asyncIterator]() {
      // Whoever iterates is thrown the error there; the promise need not be awaited as well.
      result.catch(() => {});
      return queue.iterator();
    },
  });
}
