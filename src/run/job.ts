import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Outcome, Report } from '../report/types.js';

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

/** Hands outcomes from a run to at most one consumer, which sets the pace once it is there. */
export interface OutcomeQueue {
  /** Resolves when the consumer wants more; at once where nobody listens. */
  push(outcome: Outcome): Promise<void>;
  /** From now on nobody waits for the consumer: the run is being aborted. */
  hurry(): void;
  /** No more will come; an error is thrown to the consumer after the last outcome. */
  end(error?: unknown): void;
  iterator(): AsyncIterator<Outcome>;
}

/** Outcomes that wait for a consumer before the run is held back. */
const READ_AHEAD = 16;

/** @param leave called when the consumer leaves before the end */
export function outcomeQueue(leave: () => void): OutcomeQueue {
  const waiting: Outcome[] = [];
  const wanted: {
    readonly resolve: (result: IteratorResult<Outcome>) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  let consumed = false;
  let ended = false;
  let hurried = false;
  let failure: { readonly error: unknown } | undefined;
  /** Who has pushed more than is read. */
  const lagging: (() => void)[] = [];

  function release(): void {
    for (const resume of lagging.splice(0)) resume();
  }

  return {
    push(outcome) {
      if (!consumed || ended) return Promise.resolve();
      const consumer = wanted.shift();
      if (consumer !== undefined) {
        consumer.resolve({ done: false, value: outcome });
        return Promise.resolve();
      }
      waiting.push(outcome);
      if (hurried || waiting.length < READ_AHEAD) return Promise.resolve();
      return new Promise((resolve) => {
        lagging.push(resolve);
      });
    },

    hurry() {
      hurried = true;
      release();
    },

    end(error) {
      if (ended) return;
      ended = true;
      if (error !== undefined) failure = { error };
      for (const consumer of wanted.splice(0)) {
        if (failure === undefined) consumer.resolve({ done: true, value: undefined });
        else consumer.reject(failure.error);
        failure = undefined;
      }
    },

    iterator() {
      if (consumed) throw new TypeError('A job can be iterated once.');
      consumed = true;
      return {
        next() {
          const value = waiting.shift();
          if (value !== undefined) {
            if (waiting.length < READ_AHEAD) release();
            return Promise.resolve({ done: false, value });
          }
          if (ended) {
            const failed = failure;
            failure = undefined;
            return failed === undefined
              ? Promise.resolve({ done: true, value: undefined })
              : Promise.reject(failed.error);
          }
          return new Promise((resolve, reject) => {
            wanted.push({ resolve, reject });
          });
        },
        return() {
          if (!ended) {
            ended = true;
            waiting.length = 0;
            leave();
            release();
          }
          for (const consumer of wanted.splice(0)) consumer.resolve({ done: true, value: undefined });
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}
