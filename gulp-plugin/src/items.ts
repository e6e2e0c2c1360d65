import type { PutItem } from 's3-parallel-put';

/** Items for an engine that takes them one by one, as it has room. */
export interface Items extends AsyncIterable<PutItem> {
  /** Resolves when the item is taken, with false where nobody takes items any more. */
  add(item: PutItem): Promise<boolean>;
  /** There are no more. */
  end(): void;
}

interface Waiting {
  readonly item: PutItem;
  readonly taken: (taken: boolean) => void;
}

/** Hands items over without a store between: whoever brings one waits until it is taken. */
export function items(): Items {
  const waiting: Waiting[] = [];
  let wanted: ((result: IteratorResult<PutItem>) => void) | undefined;
  let ended = false;
  let left = false;

  function leave(): void {
    left = true;
    for (const { taken } of waiting.splice(0)) taken(false);
  }

  return {
    add(item) {
      if (left) return Promise.resolve(false);
      if (wanted !== undefined) {
        wanted({ done: false, value: item });
        wanted = undefined;
        return Promise.resolve(true);
      }
      return new Promise((taken) => waiting.push({ item, taken }));
    },
    end() {
      ended = true;
      wanted?.({ done: true, value: undefined });
      wanted = undefined;
    },
    [Symbol.asyncIterator]: () => ({
      next() {
        const first = waiting.shift();
        if (first !== undefined) {
          first.taken(true);
          return Promise.resolve({ done: false, value: first.item });
        }
        if (ended || left) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve) => {
          wanted = resolve;
        });
      },
      // The engine wants no more: it has met its limit, or has been stopped.
      async return() {
        leave();
        return { done: true, value: undefined };
      },
    }),
  };
}
