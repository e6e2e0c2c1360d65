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
