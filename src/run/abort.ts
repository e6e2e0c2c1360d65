type Reject = (reason: unknown) => void;

/** Who waits, by the signal that ends their waits: a signal that had a listener from each would warn of a leak. */
const waiting = new WeakMap<AbortSignal, Set<Reject>>();

/** The same promise, but rejected with the signal's reason as soon as that is aborted: for waits that nothing else can end. */
export function orAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    waited.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const all = waiting.get(signal) ?? watched(signal);
    all.add(reject);
    waited.then(resolve, reject).finally(() => all.delete(reject));
  });
}

function watched(signal: AbortSignal): Set<Reject> {
  const all = new Set<Reject>();
  waiting.set(signal, all);
  signal.addEventListener('abort', () => all.forEach((reject) => void reject(signal.reason)), { once: true });
  return all;
}

/** Iterates what may never answer; an abort ends the wait at once and closes the iterable without waiting for it. */
export async function* untilAborted<T>(
  items: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  signal.throwIfAborted();
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let fail: ((reason: unknown) => void) | undefined;
  const onAbort = () => fail?.(signal.reason);
  // A race with one promise for all items would keep something of each of them.
  const next = (): Promise<IteratorResult<T>> =>
    new Promise((resolve, reject) => {
      fail = reject;
      if (signal.aborted) onAbort();
      Promise.resolve(iterator.next()).then(resolve, reject);
    });
  signal.addEventListener('abort', onAbort, { once: true });
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await next();
      if (done === true) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Waiting for an iterable that does not answer would undo the abort.
    const closing = ended ? undefined : Promise.resolve(iterator.return?.()).catch(() => {});
    if (!signal.aborted) await closing;
  }
}
