import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Outcome, Report } from '../report/types.js';

/**
 * A run in progress. Await it for the report, iterate it for the outcomes, or both.
 * An iterator that is created in the tick of the call gets every outcome and applies back-pressure; leaving the loop aborts the run. An error that
 * ends the run is thrown once; outcomes of objects that failed with it are `shared`. The promise rejects, and the iteration throws,
 * with `PartialFailureError` if any object failed, `RefusedError`, `RunStoppedError`, `UsageError` or `AbortError`.
 */
export interface Job extends Promise<Report>, AsyncIterable<Outcome> {
  /** Stops new work and aborts requests in flight; the job rejects with `AbortError`. */
  abort(reason?: unknown): void;
  /**
   * Aborts the run if it is still going, and resolves when it has ended: `await using job = put(options)` does so at the end of the scope. Never
   * rejects: the error of a run is that of the awaited job, or of the iteration.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Does the work of a run: passes each outcome to `onOutcome`, which waits while a consumer lags, and returns the report or throws the run's error.
 */
export type RunWork = (
  signal: AbortSignal,
  onOutcome: (outcome: Outcome) => Promise<void> | undefined,
) => Promise<Report>;

/** Starts a run on the next macrotask, so that the caller can still create an iterator. */
export function startJob(run: RunWork, signal: AbortSignal | undefined): Job {
  const controller = new AbortController();
  // Every request in flight adds a listener: no limit, or Node would warn of a leak.
  setMaxListeners(0, controller.signal);
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });

  const abort = (reason: unknown = new DOMException('The run was aborted.', 'AbortError')) => controller.abort(reason);
  const queue = outcomeQueue(abort);
  controller.signal.addEventListener('abort', () => queue.stopWaiting(), { once: true });

  let ended = false;

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
      ended = true;
      signal?.removeEventListener('abort', onAbort);
    }
  })();

  const job: Job = Object.assign(result, {
    abort,
    [Symbol.asyncIterator]() {
      // The iteration throws the error; the promise need not be awaited as well.
      result.catch(() => {});
      return queue.iterator();
    },
    async [Symbol.asyncDispose]() {
      if (!ended) abort();
      await result.then(nothing, nothing);
    },
  });
  queues.set(job, queue);
  return job;
}

const queues = new WeakMap<Job, OutcomeQueue>();

/**
 * Passes each outcome to `take`, as an iteration does, but without its promises: for the faces, which show every one. The run waits for what `take`
 * returns. Must be called in the tick in which the job was made. Resolves and rejects as the job does.
 */
export function takeOutcomes(job: Job, take: TakeOutcome): Promise<Report> {
  queues.get(job)?.takeAll(take);
  return job;
}

type TakeOutcome = (outcome: Outcome) => Promise<void> | undefined;

function nothing(): void {}

/** Passes outcomes from a run to at most one consumer, which applies back-pressure once it is there. */
export interface OutcomeQueue {
  /** Resolves when the consumer is ready for more; undefined if it is, or if there is none. */
  push(outcome: Outcome): Promise<void> | undefined;
  /** Ends the back-pressure, because the run is being aborted. */
  stopWaiting(): void;
  /** Ends the iteration after the last outcome; the consumer then gets `error`, if there is one. */
  end(error?: unknown): void;
  iterator(): AsyncIterator<Outcome>;
  /** Passes all outcomes to `take` instead, which applies the back-pressure. */
  takeAll(take: TakeOutcome): void;
}

/** Outcomes that may wait for a consumer before `push` waits. */
const READ_AHEAD = 16;

/** @param onLeave called if the consumer leaves before the end */
function outcomeQueue(onLeave: () => void): OutcomeQueue {
  const buffered: Outcome[] = [];
  const pendingNexts: {
    readonly resolve: (result: IteratorResult<Outcome>) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  let consumed = false;
  let takes: TakeOutcome | undefined;
  let ended = false;
  let unbounded = false;
  let failure: { readonly error: unknown } | undefined;
  /** Resolvers of pushes that wait for the consumer. */
  const blocked = new Set<() => void>();

  function release(): void {
    for (const resume of blocked) resume();
    blocked.clear();
  }

  return {
    takeAll(take) {
      takes = take;
    },

    push(outcome) {
      if (takes !== undefined) {
        const taken = takes(outcome);
        if (taken === undefined || unbounded) return undefined;
        return new Promise((resolve, reject) => {
          blocked.add(resolve);
          taken.then(resolve, reject).finally(() => blocked.delete(resolve));
        });
      }
      if (!consumed || ended) return undefined;
      const consumer = pendingNexts.shift();
      if (consumer !== undefined) {
        consumer.resolve({ done: false, value: outcome });
        return undefined;
      }
      buffered.push(outcome);
      if (unbounded || buffered.length < READ_AHEAD) return undefined;
      return new Promise((resolve) => {
        blocked.add(resolve);
      });
    },

    stopWaiting() {
      unbounded = true;
      release();
    },

    end(error) {
      if (ended) return;
      ended = true;
      if (error !== undefined) failure = { error };
      for (const consumer of pendingNexts.splice(0)) {
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
          const value = buffered.shift();
          if (value !== undefined) {
            if (buffered.length < READ_AHEAD) release();
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
            pendingNexts.push({ resolve, reject });
          });
        },
        return() {
          if (!ended) {
            ended = true;
            buffered.length = 0;
            onLeave();
            release();
          }
          for (const consumer of pendingNexts.splice(0)) consumer.resolve({ done: true, value: undefined });
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}
