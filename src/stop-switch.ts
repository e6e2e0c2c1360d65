import { setMaxListeners } from 'node:events';

/** Ends a run without cutting off what is under way: nothing new begins, requests in flight finish. */
export interface StopSwitch {
  /** Aborted once the run is stopping, or aborted from outside. */
  readonly signal: AbortSignal;
  /** What stopped it, where that was an error. */
  readonly error: unknown;
  /** Stops; only the first call counts. */
  now(error?: unknown): void;
}

/** @param signal the run's own: an abort stops the run too */
export function stopSwitch(signal: AbortSignal): StopSwitch {
  const controller = new AbortController();
  // All that waits for memory or for a retry listens to it; that many are no leak.
  setMaxListeners(0, controller.signal);
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  // Not by the option `signal`: Node would hold all that listens to the controller for as long as the process lives.
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
 * Passes items on until the run stops; an error of the items stops it, and those before it are still finished.
 * @param room waits, if need be, until there is room for one more; rejects when the run stops
 */
export async function* untilStopped<T>(
  items: AsyncIterable<T>,
  stop: StopSwitch,
  room: () => Promise<void> | undefined,
): AsyncGenerator<T, void> {
  try {
    for await (const item of items) {
      if (stop.signal.aborted) return;
      const wait = room();
      if (wait !== undefined) await wait;
      yield item;
    }
  } catch (error) {
    stop.now(error);
  }
}
