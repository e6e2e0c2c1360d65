import { Limiter } from './limiter.js';

/** Places for objects that are under way: more of them than requests in flight, so that hashing and waiting for memory or a retry leave no slot empty. */
export interface UnderWay {
  /** Places that there may be. */
  readonly most: number;
  /** Takes a place: at once, or when the promise resolves. Throws the reason of a run that is stopping. */
  take(): Promise<void> | undefined;
  release(): void;
}

/** Objects for each request in flight. */
const EACH = 2;
/** Where few requests are in flight, as behind a throttle, many objects may wait for their next try. */
const LEAST = 128;

/**
 * Places that follow the limit of requests: what only waits in a queue holds memory, and is collected late.
 * @param most places, whatever the limit
 */
export function underWay(requests: Pick<Limiter, 'limit'>, most: number, signal: AbortSignal): UnderWay {
  const places = new Limiter(most, signal);

  function follow(): void {
    const limit = Math.min(most, Math.max(LEAST, requests.limit * EACH));
    if (limit !== places.limit) places.limit = limit;
  }

  return {
    most,
    take() {
      follow();
      return places.take();
    },
    release() {
      places.release();
      follow();
    },
  };
}
