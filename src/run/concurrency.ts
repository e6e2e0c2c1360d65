/** What one window showed: about one round trip of requests that all began after the limit had last changed. */
export interface Sample {
  /** Milliseconds on any steady clock, at its end. */
  readonly now: number;
  /** Requests that came to an end. */
  readonly ended: number;
  /** Those among them that the server carried out, or refused for good. */
  readonly answered: number;
  /** Work units done by these: requests + bytes / 64 KiB, so that mixes of sizes compare. */
  readonly work: number;
  /** Seconds that these held their slots, added up. */
  readonly slotSeconds: number;
  /** The retry budget was empty. */
  readonly exhausted: boolean;
  /** Share of the time that the event loop was busy, 0 to 1. */
  readonly busy: number;
  /** Requests in flight reached the limit. */
  readonly full: boolean;
  /** Requests per second were bounded. */
  readonly bounded: boolean;
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
  /** When the last window ended. */
  readonly at: number;
}

const START = 64;
const MOST = 512;
/** In flight even while the server refuses everything: one slow request alone shall not decide when a run goes on. */
export const FEWEST = 4;
const GAIN = 1.1;
const BUSY = 0.85;
const CUT = 0.7;
/** Where most requests come to nothing, fewer at once spare the server; a few failures say nothing about how many it bears. */
const MOST_FAIL = 0.5;
/** Share of failures below which a lowered limit recovers, in a second. */
const CLEAR = 0.01;
/** Work units of a request whose body weighs more than the request: many of them at once cost memory, so that more care is taken. */
const HEAVY = 4;
/** A raise that brings nothing is tried again after so long, then after twice that, up to the interval of probes. */
const FIRST_PATIENCE_MS = 1_000;
const PROBE_MS = 15_000;
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
    at: now,
  };
}

/** What holds until the next window ends: a pure function of what was and what the window showed. */
export function nextPace(before: PaceState, sample: Sample): PaceState {
  if (sample.exhausted && sample.answered < MOST_FAIL * sample.ended) return lowered(before, sample);
  const state: PaceState = { ...before, at: sample.now };
  // What was not used shows nothing of what more would bring.
  if (!sample.full) return state;
  if (state.limit < state.recoverTo) return recovering(before, state, sample);
  if (sample.bounded) return state;
  if (state.trial !== undefined) return judged(state, state.trial, sample);
  return raised(state, sample);
}

function lowered(state: PaceState, { now }: Sample): PaceState {
  return {
    ...state,
    at: now,
    limit: Math.min(state.limit, Math.max(Math.min(FEWEST, state.ceiling), state.limit * CUT)),
    recoverTo: state.trial?.from ?? state.recoverTo,
    trial: undefined,
    goodput: undefined,
    raiseAt: now + PROBE_MS,
    patienceMs: PROBE_MS,
  };
}

function recovering({ at }: PaceState, state: PaceState, { now, ended, answered }: Sample): PaceState {
  if (answered < (1 - CLEAR) * ended) return state;
  const seconds = Math.max(0, now - at) / 1_000;
  return { ...state, limit: Math.min(state.recoverTo, state.limit + Math.max(1, state.recoverTo) * seconds) };
}

function raised(state: PaceState, sample: Sample): PaceState {
  const { limit, ceiling, raiseAt, grows } = state;
  const now = goodput(state, sample);
  const seen: PaceState = { ...state, goodput: now };
  const idle = sample.busy < BUSY && !sample.bounded && now > 0;
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
