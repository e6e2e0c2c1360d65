import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { FEWEST, isHeavy, largestAuto, nextPace, startingPace } from './concurrency.js';
import { Limiter, type LimiterClock } from './limiter.js';
import { RecentAnswers, type RequestResult } from './recent-answers.js';
import { isOverloaded, nextRate, type Recent, recentMs, startingRate } from './send-rate.js';

/** Told of every request, it sets how many may be in flight, and how many may start in a second. */
export interface Pace {
  /** A request has come to an end and still holds its slot. */
  finished(durationMs: number, bytes: number, ending: RequestResult): void;
  /** The retry budget was empty. */
  exhausted(): void;
  /** Whether refusals show that the server has too much to do. */
  overloaded(): boolean;
}

export interface PaceDeps {
  readonly limiter: Pick<Limiter, 'limit' | 'rate' | 'inFlight'>;
  readonly concurrency: number | 'auto';
  /** The largest limit that `auto` may reach. */
  readonly most: number;
  readonly now: () => number;
  /** Milliseconds that the event loop was idle and active, since any moment. */
  readonly loopTime: () => { readonly idle: number; readonly active: number };
}

/** As many bytes as weigh as much as a request. */
const UNIT_BYTES = 64 * 1024;
const SHORTEST_MS = 20;
/** For the first look at a limit: slot time tells goodput before a round trip is over, and an unlucky look is followed by a second one. */
const FIRST_LOOK_MS = 5;
/** Requests of equal weight that tell enough. */
const ENOUGH = 32;
/** No window waits longer for enough, or than four round trips. */
const LONGEST_MS = 1_000;
/** Weight of the newest duration in the average. */
const NEWEST = 0.05;
/** Requests in flight for one that a bound on the rate needs: durations differ. */
const SLACK = 1.1;
/** A bound on the rate is set anew after so long at the soonest. */
const RATE_MS = 10;

/**
 * The pace of one run: cuts time into windows of about a round trip, as requests end and without a timer, and lets the controller decide after
 * each. Refusals bound the rate apart from that. It costs a few additions per request.
 * @internal
 */
export function startPace({ limiter, concurrency, most, now, loopTime }: PaceDeps): Pace {
  let state = startingPace(concurrency, most, now());
  limiter.limit = state.limit;
  let rate = startingRate(now());
  let rateAt = 0;
  const recent = new RecentAnswers();

  let roundTripMs = 0;
  /** Requests that began before were under another limit, and tell nothing about this one. */
  let changedAt = now();
  /** Since when the open window counts; undefined until a request ends that began under this limit. */
  let openedAt: number | undefined;
  let firstLook = true;
  let loop = loopTime();

  // The sums of the open window.
  let ended = 0;
  let answered = 0;
  let work = 0;
  let squares = 0;
  let slotMs = 0;
  let full = false;
  let exhausted = false;

  const shortestMs = () => Math.max(SHORTEST_MS, roundTripMs);

  function close(at: number): void {
    const { idle, active } = loopTime();
    const activeMs = active - loop.active;
    const before = state.limit;
    state = nextPace(state, {
      now: at,
      ended,
      answered,
      work,
      slotSeconds: slotMs / 1_000,
      exhausted,
      busy: activeMs / Math.max(activeMs + idle - loop.idle, 0.1),
      full,
      bounded: limiter.rate !== undefined,
    });
    const changed = state.limit !== before;
    openedAt = changed ? undefined : at;
    if (changed) changedAt = at;
    loop = { idle, active };
    firstLook = state.trial?.strikes === 0;
    ended = answered = work = squares = slotMs = 0;
    full = exhausted = false;

    setLimit();
  }

  /** A bound on the rate needs no more in flight, and a server may as well count those. */
  function setLimit(): void {
    const needed = rate.perSecond === undefined ? Infinity : Math.ceil((SLACK * rate.perSecond * roundTripMs) / 1_000);
    const limit = Math.min(Math.floor(state.limit), Math.max(FEWEST, needed));
    if (limit !== limiter.limit) limiter.limit = limit;
  }

  /** What was counted, over no less time than so many requests take at this limit: those that began together end together. */
  function counted(at: number): Recent {
    const sums = recent.sum(at, recentMs(rate));
    const seconds = Math.max(sums.seconds, (sums.ended * roundTripMs) / limiter.limit / 1_000);
    return { ...sums, seconds };
  }

  function setRate(at: number): void {
    rateAt = at;
    const before = rate;
    rate = nextRate(before, counted(at));
    if (rate.since !== before.since) recent.restart(at);
    limiter.rate = rate.perSecond;
    setLimit();
  }

  return {
    finished(durationMs, bytes, ending) {
      const at = now();
      const answers = ending === 'answered';
      if (answers) roundTripMs = roundTripMs === 0 ? durationMs : roundTripMs + NEWEST * (durationMs - roundTripMs);
      recent.add(at, durationMs, ending);
      if (ending === 'throttled' || (rate.perSecond !== undefined && at - rateAt >= RATE_MS)) setRate(at);
      if (at - durationMs < changedAt) return;
      openedAt ??= at;
      ended += 1;
      if (limiter.inFlight >= limiter.limit) full = true;
      if (answers) {
        const units = 1 + bytes / UNIT_BYTES;
        answered += 1;
        work += units;
        squares += units * units;
        slotMs += durationMs;
      }
      const lastedMs = at - openedAt;
      if (lastedMs < FIRST_LOOK_MS) return;
      if (lastedMs < shortestMs() && !(firstLook && !isHeavy({ work, answered }))) return;
      // Requests that differ much must be more: by Kish's formula, how many of equal weight would tell as much.
      const enough = ended >= ENOUGH && work * work >= ENOUGH * squares;
      if (enough || lastedMs >= Math.max(LONGEST_MS, 4 * roundTripMs)) close(at);
    },
    exhausted() {
      exhausted = true;
    },
    overloaded: () => isOverloaded(rate),
  };
}

/** The limiter of a run, with what sets its limit. */
export interface PacedLimiter {
  readonly limiter: Limiter;
  readonly pace: Pace;
  readonly objectSlots: ObjectSlots;
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
  return { limiter, pace, objectSlots: objectSlots(limiter, objects, signal) };
}

/**
 * Where the system does not tell. Node raises its soft limit to the hard one as it starts, which on macOS is far above this; Windows limits
 * files to 8,192 and sockets not at all. So this only errs on the low side.
 */
const ASSUMED = 1_024;

/** How many files and sockets this process may have open. Linux tells; elsewhere it is assumed. Never throws. @internal */
export function descriptorLimit(limits = '/proc/self/limits'): number {
  try {
    return parsed(readFileSync(limits, 'utf8'));
  } catch {
    return ASSUMED;
  }
}

/** The soft limit in a text such as `Max open files            1024                 524288               files`. */
function parsed(limits: string): number {
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits)?.[1];
  if (soft === undefined) return ASSUMED;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Places for objects that are under way: more of them than requests in flight, so that hashing and waiting for memory or a retry leave no slot empty. */
export interface ObjectSlots {
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
 * @internal
 */
export function objectSlots(requests: Pick<Limiter, 'limit'>, most: number, signal: AbortSignal): ObjectSlots {
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
