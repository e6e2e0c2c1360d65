import { performance } from 'node:perf_hooks';
import { largestAuto } from './controller.js';
import { descriptorLimit } from './descriptor-limit.js';
import { Limiter, type LimiterClock } from './limiter.js';
import { type Pace, startPace } from './pace.js';
import { type UnderWay, underWay } from './under-way.js';

/** The limiter of a run, with what sets its limit. */
export interface PacedLimiter {
  readonly limiter: Limiter;
  readonly pace: Pace;
  readonly underWay: UnderWay;
}

/** Objects under way beyond which more would only hold memory. */
const UNDER_WAY = 1_024;

/**
 * @param concurrency requests in flight at most, or `auto`
 * @param signal once aborted nothing starts any more
 */
export function pacedLimiter(
  concurrency: number | 'auto',
  signal: AbortSignal,
  clock?: LimiterClock | undefined,
): PacedLimiter {
  const descriptors = descriptorLimit();
  const most = largestAuto(descriptors);
  const largest = concurrency === 'auto' ? most : concurrency;
  const limiter = new Limiter(largest, signal, clock);
  const pace = startPace({
    limiter,
    concurrency,
    most,
    now: () => performance.now(),
    loopTime: () => performance.eventLoopUtilization(),
  });
  // Each may have a file open beside the sockets.
  const affordable = Math.min(UNDER_WAY, Math.max(1, Math.floor(descriptors / 2)));
  const objects = Math.max(largest, Math.min(largest * 2, affordable));
  return { limiter, pace, underWay: underWay(limiter, objects, signal) };
}
