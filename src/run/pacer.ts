import { performance } from 'node:perf_hooks';
import { UsageError } from '../errors.js';
import { isHeavy, largestAuto, lowerPace, MIN_LIMIT, nextPace, startingPace } from './concurrency.js';
import {
  type Descriptors,
  descriptorsForRun,
  onShortage,
  RAISE_LIMIT,
  readDescriptors,
  tooFewText,
} from './descriptors.js';
import { Limiter, type LimiterClock, type SlotGroup } from './limiter.js';
import { RecentResponses, type RequestResult } from './recent-responses.js';
import { isOverloaded, nextRate, type Recent, recentMs, startingRate } from './send-rate.js';

/** Learns how each request ended, and sets how many requests may be in flight and how many may start per second. */
export interface Pacer {
  /** To be called when a request has ended and still holds its slot. */
  finished(durationMs: number, bytes: number, result: RequestResult): void;
  /** To be called when the retry budget was empty. */
  exhausted(): void;
  /** To be called when a file or connection could not be opened for lack of descriptors: fewer requests then need fewer. */
  outOfDescriptors(): void;
  /** Whether refusals show that the server is overloaded. */
  overloaded(): boolean;
}

export interface PacerDeps {
  readonly limiter: Pick<Limiter, 'limit' | 'rate' | 'maxRate' | 'inFlight'>;
  readonly concurrency: number | 'auto';
  /** The largest limit that `auto` may reach. */
  readonly most: number;
  readonly now: () => number;
  /** Milliseconds for which the event loop was idle and active, since any fixed moment. */
  readonly loopTime: () => { readonly idle: number; readonly active: number };
}

/** The number of bytes that count as much as one request. */
const UNIT_BYTES = 64 * 1024;
const SHORTEST_MS = 20;
/** Share of the limit from which it counts as reached. */
const FULL = 0.75;
/** The first window of a new limit may be this short, because it decides nothing. */
const FIRST_WINDOW_MS = 5;
/** Requests of equal weight that are a sufficient sample. */
const ENOUGH_REQUESTS = 32;
/** A window ends without enough requests after this time, or after four round trips if these take longer. */
const LONGEST_MS = 1_000;
/** Weight of the newest duration in the average. */
const NEWEST_WEIGHT = 0.05;
/** Factor on the requests in flight that a bounded rate needs on average, because durations differ. */
const SLACK = 1.1;
/** Minimum interval between two cuts for lack of descriptors. */
const SHORTAGE_MS = 200;
/** Minimum interval between updates of a bounded rate without refusals. */
const RATE_UPDATE_MS = 10;

/**
 * The pacer of one run. It divides time into windows of about one round trip, as requests end and without a timer, and lets the controller decide
 * after each window. Independently, refusals bound the rate. It costs a few additions per request.
 * @internal
 */
export function startPacer({ limiter, concurrency, most, now, loopTime }: PacerDeps): Pacer {
  let state = startingPace(concurrency, most, now());
  limiter.limit = state.limit;
  let rate = startingRate(now());
  let rateUpdatedAt = 0;
  const recent = new RecentResponses();

  let roundTripMs = 0;
  /** When the limit changed: requests that began before do not show its effect. */
  let limitChangedAt = now();
  /** When the current window began; undefined until a request ends that began under this limit. */
  let windowStart: number | undefined;
  let firstWindow = true;
  let loop = loopTime();

  // The sums of the current window.
  let ended = 0;
  let answered = 0;
  let work = 0;
  let squares = 0;
  let slotMs = 0;
  let inFlight = 0;
  let exhausted = false;
  let shortageAt = Number.NEGATIVE_INFINITY;

  const shortestMs = () => Math.max(SHORTEST_MS, roundTripMs);

  function closeWindow(at: number): void {
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
      inFlight: inFlight / ended,
      full: inFlight >= FULL * limiter.limit * ended,
      bounded: limiter.rate !== undefined,
    });
    const changed = state.limit !== before;
    windowStart = changed ? undefined : at;
    if (changed) limitChangedAt = at;
    loop = { idle, active };
    firstWindow = state.trial?.windows === 0;
    ended = answered = work = squares = slotMs = inFlight = 0;
    exhausted = false;

    updateLimit();
  }

  /** Sets the limit, but not above what a bounded rate needs: the server may also limit the requests in flight. */
  function updateLimit(): void {
    const needed = rate.perSecond === undefined ? Infinity : Math.ceil((SLACK * rate.perSecond * roundTripMs) / 1_000);
    const limit = Math.min(Math.floor(state.limit), Math.max(MIN_LIMIT, needed));
    if (limit !== limiter.limit) limiter.limit = limit;
  }

  /** The recent counts. Their time is at least what so many requests take at this limit, because requests that begin together end together. */
  function recentCounts(at: number): Recent {
    const sums = recent.sum(at, recentMs(rate));
    const seconds = Math.max(sums.seconds, (sums.ended * roundTripMs) / limiter.limit / 1_000);
    return { ...sums, seconds, most: limiter.maxRate };
  }

  function updateRate(at: number): void {
    rateUpdatedAt = at;
    const before = rate;
    rate = nextRate(before, recentCounts(at));
    if (rate.since !== before.since) recent.restart(at);
    limiter.rate = rate.perSecond;
    updateLimit();
  }

  return {
    finished(durationMs, bytes, result) {
      const at = now();
      const isAnswered = result === 'answered';
      if (isAnswered)
        roundTripMs = roundTripMs === 0 ? durationMs : roundTripMs + NEWEST_WEIGHT * (durationMs - roundTripMs);
      recent.add(at, durationMs, result);
      if (result === 'throttled' || (rate.perSecond !== undefined && at - rateUpdatedAt >= RATE_UPDATE_MS))
        updateRate(at);
      if (at - durationMs < limitChangedAt) return;
      windowStart ??= at;
      ended += 1;
      inFlight += limiter.inFlight;
      if (isAnswered) {
        const units = 1 + bytes / UNIT_BYTES;
        answered += 1;
        work += units;
        squares += units * units;
        slotMs += durationMs;
      }
      const lastedMs = at - windowStart;
      if (lastedMs < FIRST_WINDOW_MS) return;
      if (lastedMs < shortestMs() && !(firstWindow && !isHeavy({ work, answered }))) return;
      // Requests of very different weight are worth fewer: Kish's formula gives the number of requests of equal weight.
      const enough = ended >= ENOUGH_REQUESTS && work * work >= ENOUGH_REQUESTS * squares;
      if (enough || lastedMs >= Math.max(LONGEST_MS, 4 * roundTripMs)) closeWindow(at);
    },
    exhausted() {
      exhausted = true;
    },
    outOfDescriptors() {
      const at = now();
      // Those that fail together show one shortage.
      if (at - shortageAt < SHORTAGE_MS) return;
      shortageAt = at;
      state = lowerPace(state, limiter.inFlight, at);
      limitChangedAt = at;
      windowStart = undefined;
      updateLimit();
    },
    overloaded: () => isOverloaded(rate),
  };
}

/** The limiter of a run, with the pacer that drives it and the slots of its objects. */
export interface PacedLimiter {
  readonly limiter: Limiter;
  readonly pacer: Pacer;
  readonly objectSlots: ObjectSlots;
  /** A fixed concurrency is lowered where it needs more descriptors than there are. */
  readonly lowered: { readonly to: number; readonly descriptors: Descriptors } | undefined;
}

/** Maximum number of objects in progress: more would only hold memory. */
const MAX_OBJECTS = 1_024;

/**
 * @param concurrency maximum number of requests in flight, or `auto`
 * @param signal after its abort nothing starts any more
 * @param group of the runs that share the requests in flight
 * @throws UsageError where this process may open too few files and connections
 */
export function pacedLimiter(
  concurrency: number | 'auto',
  signal: AbortSignal,
  clock?: LimiterClock | undefined,
  group?: SlotGroup | undefined,
): PacedLimiter {
  const descriptors = readDescriptors();
  const room = descriptorsForRun(descriptors);
  if (room === undefined) throw new UsageError(tooFewText(descriptors), RAISE_LIMIT);
  const most = largestAuto(room);
  // Each object may have a file open, besides the sockets.
  const affordable = Math.max(1, Math.floor(room / 2));
  const largest = concurrency === 'auto' ? most : Math.min(concurrency, affordable);
  const limiter = new Limiter(largest, signal, clock, group);
  const pacer = startPacer({
    limiter,
    concurrency: concurrency === 'auto' ? 'auto' : largest,
    most,
    now: () => performance.now(),
    loopTime: () => performance.eventLoopUtilization(),
  });
  onShortage(pacer, signal);
  const objects = Math.max(largest, Math.min(largest * 2, MAX_OBJECTS, affordable));
  const lowered = concurrency === 'auto' || concurrency <= largest ? undefined : { to: largest, descriptors };
  return { limiter, pacer, objectSlots: objectSlots(limiter, objects, signal), lowered };
}

/** Slots for objects in progress: more than requests in flight, so that hashing, or waiting for memory or a retry, leaves no request slot empty. */
export interface ObjectSlots {
  /** Maximum number of slots. */
  readonly most: number;
  /** Takes a slot: immediately, or when the promise resolves. Throws the signal's reason when the run is stopping. */
  take(): Promise<void> | undefined;
  release(): void;
}

/** Objects in progress per request in flight. */
const OBJECTS_PER_REQUEST = 2;
/** Minimum number of slots: if few requests are in flight, as with a throttling server, many objects may wait for their next attempt. */
const MIN_OBJECTS = 128;

/**
 * Object slots whose number follows the limit of requests: objects that only wait in a queue hold memory, and are collected late.
 * @param most maximum number of slots
 * @internal
 */
export function objectSlots(requests: Pick<Limiter, 'limit'>, most: number, signal: AbortSignal): ObjectSlots {
  const slots = new Limiter(most, signal);

  function followLimit(): void {
    const limit = Math.min(most, Math.max(MIN_OBJECTS, requests.limit * OBJECTS_PER_REQUEST));
    if (limit !== slots.limit) slots.limit = limit;
  }

  return {
    most,
    take() {
      followLimit();
      return slots.take();
    },
    release() {
      slots.release();
      followLimit();
    },
  };
}
