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
