/** Runs work in turn. */
export interface Turns {
  /**
   * Runs `work` when it is its turn. Throws what it throws, or the signal's reason where that is aborted before its turn.
   * @param size whatever work is compared by; of what waits, the largest is next, and of equals the one that has waited longest
   */
  run<T>(size: number, work: () => Promise<T>): Promise<T>;
}

interface Waiter {
  readonly size: number;
  readonly start: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * At most `atOnce` pieces of work at once, the biggest first: what takes longest must not begin last, when nothing is left that could run beside it.
 * @param stop once aborted, nothing begins
 */
export function biggestFirst(atOnce: number, stop: AbortSignal): Turns {
  const waiting: Waiter[] = [];
  let running = 0;

  stop.addEventListener(
    'abort',
    () => {
      for (const { reject } of waiting.splice(0)) reject(stop.reason);
    },
    { once: true },
  );

  function next(): void {
    running -= 1;
    const [first] = waiting;
    if (first === undefined) return;
    const biggest = waiting.reduce((most, waiter) => (waiter.size > most.size ? waiter : most), first);
    waiting.splice(waiting.indexOf(biggest), 1);
    running += 1;
    biggest.start();
  }

  return {
    async run(size, work) {
      stop.throwIfAborted();
      if (running < atOnce) running += 1;
      else await new Promise<void>((start, reject) => waiting.push({ size, start, reject }));
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}
