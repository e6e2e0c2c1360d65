import type { Outcome } from './report/outcome.js';

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
