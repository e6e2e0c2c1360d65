/** The same promise, but rejected with the signal's reason as soon as that is aborted: for waits that nothing can end. */
export function orAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    const settle = (): void => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    waited.then(resolve, reject).finally(settle);
  });
}
