/** The counts of one window: about one round trip of requests that all began after the last change of the limit. */
export interface Sample {
  /** The end of the window, in milliseconds on any steady clock. */
  readonly now: number;
  /** Requests that ended. */
  readonly ended: number;
  /** Requests that succeeded, or were refused finally. */
  readonly answered: number;
  /** Work units of the answered requests: requests + bytes / 64 KiB, so that mixes of sizes are comparable. */
  readonly work: number;
  /** Sum of the seconds for which the answered requests held their slots. */
  readonly slotSeconds: number;
  /** Whether the retry budget was empty. */
  readonly exhausted: boolean;
  /** Share of the time that the event loop was busy, 0 to 1. */
  readonly busy: number;
  /** Requests in flight, on average. */
  readonly inFlight: number;
  /** Whether these nearly reached the limit. */
  readonly full: boolean;
  /** Whether the requests per second were bounded. */
  readonly bounded: boolean;
}

/** A raise of the limit that is on trial. */
interface Trial {
  readonly from: number;
  /** Goodput before the raise, in work units per second. */
  readonly goodput: number;
  /** Windows since the raise. */
  readonly windows: number;
}

/** The controller's state from window to window. */
export interface PaceState {
  /** Maximum number of requests in flight. It grows by fractions; only its whole part counts. */
  readonly limit: number;
  /** The largest limit allowed. */
  readonly ceiling: number;
  /** Whether the limit may grow above its initial value. */
  readonly grows: boolean;
  readonly trial: Trial | undefined;
  /** Work units per second in the last full window under this limit; undefined if there was none. */
  readonly goodput: number | undefined;
  /** Share of the time that the event loop was busy, averaged over windows: a single one is too short to show it. */
  readonly busy: number;
  /** The limit is not raised before this time. */
  readonly raiseAt: number;
  /** Milliseconds from a raise that gained nothing to the next one. */
  readonly raiseDelayMs: number;
  /** The value to which a lowered limit recovers. */
  readonly recoverTo: number;
  /** When the last window ended. */
  readonly at: number;
}

const INITIAL_LIMIT = 64;
const MAX_AUTO_LIMIT = 512;
/** Minimum limit even while the server refuses everything: a single slow request must not delay the recovery of the run. */
export const MIN_LIMIT = 4;
const GAIN = 1.1;
const BUSY = 0.85;
const CUT = 0.7;
/** Share of the time from which the event loop is so busy that requests become quicker by themselves as code is compiled: a raise then has to gain more. */
const RATHER_BUSY = 0.5;
const GAIN_WHILE_BUSY = 1.4;
/** Weight of the newest window in the average of how busy the event loop is. */
const NEWEST_WEIGHT = 0.2;
/** The limit is lowered if fewer than this share are answered; a few failures do not show how many requests the server can take. */
const LOWER_BELOW = 0.5;
/** Share of failures below which a lowered limit recovers, within a second. */
const RECOVER_BELOW = 0.01;
/** Work units from which a request's body weighs more than the request: many of these cost memory, so the limit is raised more carefully. */
const HEAVY = 4;
/** A raise that gained nothing is tried again after this time, then after twice that, up to `PROBE_MS`. */
const FIRST_RAISE_DELAY_MS = 1_000;
const PROBE_MS = 15_000;
/** Windows of a raise: one that does not count, and two in which it may gain. */
const JUDGED_WINDOWS = 3;
/**
 * The largest limit that `auto` may reach: the other half of the descriptors is for files.
 * @param descriptors how many files and connections the run may have open
 */
export function largestAuto(descriptors: number): number {
  return Math.max(1, Math.min(MAX_AUTO_LIMIT, Math.floor(descriptors / 2)));
}

/**
 * The state before the first window.
 * @param concurrency a fixed limit, or `auto`
 * @param most the largest limit that `auto` may reach
 * @param now milliseconds
 */
export function startingPace(concurrency: number | 'auto', most: number, now: number): PaceState {
  const limit = concurrency === 'auto' ? Math.min(INITIAL_LIMIT, most) : concurrency;
  return {
    limit,
    ceiling: concurrency === 'auto' ? most : concurrency,
    grows: concurrency === 'auto',
    trial: undefined,
    goodput: undefined,
    busy: 0,
    raiseAt: now,
    raiseDelayMs: FIRST_RAISE_DELAY_MS,
    recoverTo: limit,
    at: now,
  };
}

/** The state until the end of the next window: a pure function of the state before and the window's counts. */
export function nextPace(before: PaceState, sample: Sample): PaceState {
  if (sample.exhausted && sample.answered < LOWER_BELOW * sample.ended) return lowered(before, sample);
  const busy = before.busy + NEWEST_WEIGHT * (sample.busy - before.busy);
  const state: PaceState = { ...before, at: sample.now, busy };
  // A limit that was not reached does not show what a higher one would gain.
  if (!sample.full) return state;
  if (state.limit < state.recoverTo) return recovering(before, state, sample);
  if (sample.bounded) return state;
  if (state.trial !== undefined) return judged(state, state.trial, sample);
  return raised(state, sample);
}

/** The state after a file or connection could not be opened for lack of descriptors, while so many requests were in flight. */
export function lowerPace(state: PaceState, inFlight: number, now: number): PaceState {
  const limit = Math.max(1, Math.floor(Math.min(state.limit, Math.max(1, inFlight)) * CUT));
  return {
    ...state,
    limit,
    recoverTo: limit,
    trial: undefined,
    goodput: undefined,
    raiseAt: now + PROBE_MS,
    raiseDelayMs: PROBE_MS,
  };
}

function lowered(state: PaceState, { now }: Sample): PaceState {
  return {
    ...state,
    at: now,
    limit: Math.min(state.limit, Math.max(Math.min(MIN_LIMIT, state.ceiling), state.limit * CUT)),
    recoverTo: state.trial?.from ?? state.recoverTo,
    trial: undefined,
    goodput: undefined,
    raiseAt: now + PROBE_MS,
    raiseDelayMs: PROBE_MS,
  };
}

function recovering({ at }: PaceState, state: PaceState, { now, ended, answered }: Sample): PaceState {
  if (answered < (1 - RECOVER_BELOW) * ended) return state;
  const seconds = Math.max(0, now - at) / 1_000;
  return { ...state, limit: Math.min(state.recoverTo, state.limit + Math.max(1, state.recoverTo) * seconds) };
}

function raised(state: PaceState, sample: Sample): PaceState {
  const { limit, ceiling, raiseAt, grows } = state;
  const current = goodput(sample);
  const unchanged: PaceState = { ...state, goodput: current };
  // An event loop that is busy for three quarters of the time cannot do 1.4 times as much.
  const idle = state.busy * GAIN_WHILE_BUSY < 1 && sample.busy < BUSY && !sample.bounded && current > 0;
  if (!grows || limit >= ceiling || sample.now < raiseAt || !idle) return unchanged;
  // Goodput that still rises by itself, as code is compiled and connections open, would be attributed to the raise.
  const steady = state.goodput !== undefined && current < GAIN * state.goodput;
  if (isHeavy(sample) && !steady) return unchanged;
  const trial = { from: limit, goodput: current, windows: 0 };
  return { ...state, limit: Math.min(limit * 2, ceiling), trial, goodput: undefined };
}

/** Whether the bodies of these requests weigh more than the requests themselves. */
export function isHeavy({ work, answered }: Pick<Sample, 'work' | 'answered'>): boolean {
  return work >= HEAVY * answered;
}

/**
 * Keeps a raise that gained a tenth, and takes it back after two windows without that gain, because a single window may be unlucky. The first window
 * does not count: the requests that end in it did not yet wait behind all of those that the raise added, and would let any raise seem to gain.
 */
function judged(state: PaceState, trial: Trial, sample: Sample): PaceState {
  const windows = trial.windows + 1;
  const gain = sample.busy < RATHER_BUSY ? GAIN : GAIN_WHILE_BUSY;
  if (windows > 1 && goodput(sample) >= gain * trial.goodput) {
    const kept = { ...state, trial: undefined, recoverTo: state.limit, raiseDelayMs: FIRST_RAISE_DELAY_MS };
    return raised(kept, sample);
  }
  if (windows < JUDGED_WINDOWS) return { ...state, trial: { ...trial, windows } };
  return {
    ...state,
    limit: trial.from,
    trial: undefined,
    raiseAt: sample.now + state.raiseDelayMs,
    raiseDelayMs: Math.min(PROBE_MS, state.raiseDelayMs * 2),
  };
}

/**
 * Work units per second, from the work of one slot per second and the slots in use. Counting the requests that end in a window instead would need
 * windows of many round trips, because requests that begin together end together.
 */
function goodput({ work, slotSeconds, inFlight }: Sample): number {
  return slotSeconds > 0 ? (inFlight * work) / slotSeconds : 0;
}
