import { afterThrottle, type SendRate, thawedRate } from './send-rate.js';

/** What one window showed: about one round trip of requests that all began after the limit had last changed. */
export interface Sample {
  /** Milliseconds on any steady clock, at its end. */
  readonly now: number;
  readonly seconds: number;
  /** Requests that came to an end. */
  readonly ended: number;
  /** Those among them that the server carried out, or refused for good. */
  readonly answered: number;
  /** Work units done by these: requests + bytes / 64 KiB, so that mixes of sizes compare. */
  readonly work: number;
  /** Seconds that these held their slots, added up. */
  readonly slotSeconds: number;
  /** Usual duration of one request. */
  readonly roundTripMs: number;
  /** The server asked to slow down (503, 429). */
  readonly throttled: boolean;
  /** The retry budget was empty. */
  readonly exhausted: boolean;
  /** Share of the time that the event loop was busy, 0 to 1. */
  readonly busy: number;
  /** Requests in flight reached the limit. */
  readonly full: boolean;
  /** The send rate held a start back. */
  readonly held: boolean;
}

/** A raise of the limit that has yet to prove itself. */
interface Trial {
  readonly from: number;
  /** Goodput before it, in work units per second. */
  readonly goodput: number;
  /** Windows in which it brought nothing. */
  readonly strikes: number;
}

/** All that is remembered from window to window. */
export interface PaceState {
  /** Requests in flight at most; grows by fractions, of which only the whole counts. */
  readonly limit: number;
  /** The largest limit ever. */
  readonly ceiling: number;
  /** Whether the limit may exceed where it began. */
  readonly grows: boolean;
  readonly trial: Trial | undefined;
  /** Work units per second in the last full window under this limit, where there was one. */
  readonly goodput: number | undefined;
  /** Not before this is the limit raised. */
  readonly raiseAt: number;
  /** Milliseconds from a raise that brought nothing to the next. */
  readonly patienceMs: number;
  /** Where a limit that was lowered recovers to. */
  readonly recoverTo: number;
  /** Until then nothing grows. */
  readonly frozenUntil: number;
  readonly rate: SendRate | undefined;
  /** When the last window ended. */
  readonly at: number;
}

const START = 64;
const MOST = 512;
/** In flight even while the server refuses everything: one slow request alone shall not decide when a run goes on. */
const FEWEST = 4;
const GAIN = 1.1;
const BUSY = 0.85;
const CUT = 0.7;
const FREEZE_MS = 5_000;
/** Work units of a request whose body weighs more than the request: many of them at once cost memory, so that more care is taken. */
const HEAVY = 4;
/** A raise that brings nothing is tried again after so long, then after twice that, up to the interval of probes. */
const FIRST_PATIENCE_MS = 1_000;
const PROBE_MS = 15_000;
/** Share of what was lost that comes back each second. */
const RECOVERY = 0.05;

/** The largest limit that `auto` may reach: the other half of the descriptors is for files. */
export function largestAuto(descriptors: number): number {
  return Math.max(1, Math.min(MOST, Math.floor(descriptors / 2)));
}

/**
 * The state before the first window.
 * @param concurrency a number to keep to, or `auto`
 * @param most the largest limit that `auto` may reach
 * @param now milliseconds
 */
export function startingPace(concurrency: number | 'auto', most: number, now: number): PaceState {
  const limit = concurrency === 'auto' ? Math.min(START, most) : concurrency;
  return {
    limit,
    ceiling: concurrency === 'auto' ? most : concurrency,
    grows: concurrency === 'auto',
    trial: undefined,
    goodput: undefined,
    raiseAt: now,
    patienceMs: FIRST_PATIENCE_MS,
    recoverTo: limit,
    frozenUntil: now,
    rate: undefined,
    at: now,
  };
}

/** What shall hold until the next window ends: a pure function of what was and what the window showed. */
export function nextPace(before: PaceState, sample: Sample): PaceState {
  if (sample.throttled || sample.exhausted) return slowed(before, sample);
  const frozen = sample.now < before.frozenUntil;
  const seconds = Math.max(0, sample.now - Math.max(before.at, before.frozenUntil)) / 1_000;
  const state: PaceState = {
    ...before,
    at: sample.now,
    rate: before.rate === undefined ? undefined : thawedRate(before.rate, sample, frozen, seconds),
  };
  // What was not used tells nothing about what more would bring.
  if (frozen || !sample.full) return state;
  if (state.limit < state.recoverTo) return recovering(state, sample, seconds);
  if (state.trial !== undefined) return judged(state, state.trial, sample);
  return raised(state, sample);
}

/** Where at least this share of a window's requests was carried out, no rate is bound. */
const FEW_REFUSED = 0.95;

/** Lowers the limit, but not below what the good rate needs: beyond that it would only add waiting to the waiting. */
function slowed(state: PaceState, sample: Sample): PaceState {
  // A server that refuses a few among many does not count requests: fewer at once are enough for it.
  const counts = sample.answered < FEW_REFUSED * sample.ended;
  const rate = sample.throttled && counts ? afterThrottle(state.rate, sample) : state.rate;
  const good = sample.throttled && rate !== undefined ? rate.perSecond : sample.answered / sample.seconds;
  const needed = sample.throttled && !counts ? 0 : Math.ceil((good * sample.roundTripMs) / 1_000);
  const limit = Math.max(Math.min(FEWEST, state.ceiling), needed, state.limit * CUT);
  return {
    ...state,
    at: sample.now,
    limit: Math.min(state.limit, limit),
    recoverTo: state.trial?.from ?? state.recoverTo,
    trial: undefined,
    goodput: undefined,
    rate,
    frozenUntil: sample.now + FREEZE_MS,
    raiseAt: sample.now + PROBE_MS,
    patienceMs: PROBE_MS,
  };
}

function recovering(state: PaceState, { now }: Sample, seconds: number): PaceState {
  const limit = Math.min(state.recoverTo, state.limit + Math.max(1, state.recoverTo * RECOVERY) * seconds);
  return { ...state, limit, raiseAt: now + PROBE_MS };
}

function raised(state: PaceState, sample: Sample): PaceState {
  const { limit, ceiling, raiseAt, rate, grows } = state;
  const now = goodput(state, sample);
  const seen: PaceState = { ...state, goodput: now };
  const idle = sample.busy < BUSY && rate === undefined && now > 0;
  if (!grows || limit >= ceiling || sample.now < raiseAt || !idle) return seen;
  // What still rises by itself, as code is compiled and connections open, would be put down to the raise.
  const steady = state.goodput !== undefined && now < GAIN * state.goodput;
  if (isHeavy(sample) && !steady) return seen;
  const trial = { from: limit, goodput: now, strikes: 0 };
  return { ...state, limit: Math.min(limit * 2, ceiling), trial, goodput: undefined };
}

/** Whether the bodies of these requests weigh more than the requests themselves. */
export function isHeavy({ work, answered }: Pick<Sample, 'work' | 'answered'>): boolean {
  return work >= HEAVY * answered;
}

/** Keeps a raise that brought a tenth more, and takes back one that did not, twice: a single window may be unlucky. */
function judged(state: PaceState, trial: Trial, sample: Sample): PaceState {
  if (goodput(state, sample) >= GAIN * trial.goodput) {
    const kept = { ...state, trial: undefined, recoverTo: state.limit, patienceMs: FIRST_PATIENCE_MS };
    return raised(kept, sample);
  }
  if (trial.strikes === 0) return { ...state, trial: { ...trial, strikes: 1 } };
  return {
    ...state,
    limit: trial.from,
    trial: undefined,
    raiseAt: sample.now + state.patienceMs,
    patienceMs: Math.min(PROBE_MS, state.patienceMs * 2),
  };
}

/**
 * Work units per second with all slots in use, from what one slot does in a second. Counting what ends in a window instead would need windows
 * of many round trips, because requests that begin together end together.
 */
function goodput({ limit }: PaceState, { work, slotSeconds }: Sample): number {
  return slotSeconds > 0 ? (Math.floor(limit) * work) / slotSeconds : 0;
}
