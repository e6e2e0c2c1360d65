import { setMaxListeners } from 'node:events';

type Reject = (reason: unknown) => void;

/** Pending waits by the signal that ends them: a listener for each wait would make Node warn of a leak. */
const waits = new WeakMap<AbortSignal, Set<Reject>>();

/** The same promise, but rejected with the signal's reason as soon as it is aborted: for waits that nothing else can end. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const all = waits.get(signal) ?? waitsUnder(signal);
    all.add(reject);
    promise.then(resolve, reject).finally(() => all.delete(reject));
  });
}

function waitsUnder(signal: AbortSignal): Set<Reject> {
  const all = new Set<Reject>();
  waits.set(signal, all);
  signal.addEventListener('abort', () => all.forEach((reject) => void reject(signal.reason)), { once: true });
  return all;
}

/** Iterates an iterable that may never respond. An abort ends the wait immediately, and closes the iterable without waiting for it. */
export async function* untilAborted<T>(
  items: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  signal.throwIfAborted();
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let fail: ((reason: unknown) => void) | undefined;
  const onAbort = () => fail?.(signal.reason);
  // `Promise.race` with one abort promise for all items would retain memory for each item.
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
    // Waiting for an iterable that does not respond would undo the abort.
    const closing = ended ? undefined : Promise.resolve(iterator.return?.()).catch(() => {});
    if (!signal.aborted) await closing;
  }
}

/** Ends a run without aborting what is in flight: nothing new begins, requests in flight finish. */
export interface StopSwitch {
  /** Aborted once the run is stopping, or is aborted from outside. */
  readonly signal: AbortSignal;
  /** What stopped it, where that was an error. */
  readonly error: unknown;
  /** Stops; only the first call counts. */
  now(error?: unknown): void;
}

/** @param signal the run's own: an abort stops the run too */
export function stopSwitch(signal: AbortSignal): StopSwitch {
  const controller = new AbortController();
  // Everything that waits for memory or for a retry listens to it, so many listeners are expected.
  setMaxListeners(0, controller.signal);
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  // Not by the option `signal` of addEventListener: with it Node keeps everything that listens to the controller until the process ends.
  controller.signal.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true });
  if (signal.aborted) controller.abort(signal.reason);
  let cause: unknown;
  return {
    signal: controller.signal,
    get error() {
      return cause;
    },
    now(error) {
      if (controller.signal.aborted) return;
      cause = error;
      controller.abort(new DOMException('The run is stopping.', 'AbortError'));
    },
  };
}
