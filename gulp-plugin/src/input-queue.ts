import type { PutItem } from 's3-parallel-put';

/** Items for an engine that takes them one by one, as it has room. */
export interface Items extends AsyncIterable<PutItem> {
  /** Brings an item; where nobody takes items any more it is told so at once. */
  add(item: PutItem): void;
  /** Items that wait to be taken. */
  readonly waiting: number;
  /** There are no more. */
  end(): void;
  /** Nobody will take any more. */
  close(): void;
}

/** @param taken called after an item was taken */
export function items(taken: () => void): Items {
  const waiting: PutItem[] = [];
  let wanted: ((result: IteratorResult<PutItem>) => void) | undefined;
  let ended = false;
  let closed = false;

  function want(result: IteratorResult<PutItem>): void {
    const resolve = wanted;
    wanted = undefined;
    resolve?.(result);
  }

  function end(): void {
    ended = true;
    want({ done: true, value: undefined });
  }

  function close(): void {
    closed = true;
    end();
    for (const item of waiting.splice(0)) item.onSettled?.();
    taken();
  }

  return {
    add(item) {
      if (closed) item.onSettled?.();
      else if (wanted !== undefined) want({ done: false, value: item });
      else waiting.push(item);
    },
    get waiting() {
      return waiting.length;
    },
    end,
    close,
    [Symbol.asyncIterator]: () => ({
      next() {
        const value = waiting.shift();
        if (value !== undefined) {
          taken();
          return Promise.resolve({ done: false, value });
        }
        if (ended) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve) => {
          wanted = resolve;
        });
      },
      // The engine wants no more: it has met its limit, or has been stopped.
      async return() {
        close();
        return { done: true, value: undefined };
      },
    }),
  };
}
