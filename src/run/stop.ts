import { setMaxListeners } from 'node:events';

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

/**
 * Passes items on until the run stops. An error of the items stops the run; the items before it are still finished.
 * @param slot waits, if necessary, for a free slot; rejects when the run stops
 */
export async function* untilStopped<T>(
  items: AsyncIterable<T>,
  stop: StopSwitch,
  slot: () => Promise<void> | undefined,
): AsyncGenerator<T, void> {
  try {
    for await (const item of items) {
      if (stop.signal.aborted) return;
      const wait = slot();
      if (wait !== undefined) await wait;
      yield item;
    }
  } catch (error) {
    stop.now(error);
  }
}
