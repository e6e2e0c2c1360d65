import type { PutItem } from 's3-parallel-put';

/** A queue of items. The engine takes them one by one, when it has room. */
export interface InputQueue extends AsyncIterable<PutItem> {
  /** Adds an item. After `close` its `onSettled` is called at once, without an outcome. */
  add(item: PutItem): void;
  /** Items in the queue that the engine has not taken yet. */
  readonly waiting: number;
  /** No more items will be added. */
  end(): void;
  /** No more items will be added, because what makes them has failed: the engine puts those that are there, but no pages, and deletes nothing. */
  fail(error: Error): void;
  /** No more items will be taken. */
  close(): void;
}

/** @param onTaken called after the engine took an item, and after `close` */
export function createInputQueue(onTaken: () => void): InputQueue {
  const waiting: PutItem[] = [];
  let resolveNext: ((result: IteratorResult<PutItem> | Promise<never>) => void) | undefined;
  let failure: Error | undefined;
  let ended = false;
  let closed = false;

  function answerNext(result: IteratorResult<PutItem> | Promise<never>): void {
    const resolve = resolveNext;
    resolveNext = undefined;
    resolve?.(result);
  }

  function end(): void {
    ended = true;
    answerNext({ done: true, value: undefined });
  }

  function fail(error: Error): void {
    if (ended) return;
    ended = true;
    if (resolveNext === undefined) failure = error;
    else answerNext(Promise.reject(error));
  }

  function close(): void {
    closed = true;
    failure = undefined;
    end();
    for (const item of waiting.splice(0)) item.onSettled?.();
    onTaken();
  }

  return {
    add(item) {
      if (closed) item.onSettled?.();
      else if (resolveNext !== undefined) answerNext({ done: false, value: item });
      else waiting.push(item);
    },
    get waiting() {
      return waiting.length;
    },
    end,
    fail,
    close,
    [Symbol.asyncIterator]: () => ({
      next() {
        const value = waiting.shift();
        if (value !== undefined) {
          onTaken();
          return Promise.resolve({ done: false, value });
        }
        if (failure !== undefined) {
          const error = failure;
          failure = undefined;
          return Promise.reject(error);
        }
        if (ended) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve) => {
          resolveNext = resolve;
        });
      },
      // The engine stops reading: it has reached its limit, or was aborted.
      async return() {
        close();
        return { done: true, value: undefined };
      },
    }),
  };
}
