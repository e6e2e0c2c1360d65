import { isHeavy, nextPace, startingPace } from './controller.js';
import type { Limiter } from './limiter.js';

/** How a request ended: carried out, or refused for good; the server asked to slow down; anything else that may pass. */
export type Ending = 'answered' | 'throttled' | 'failed';

/** Told of every request, it sets how many may be in flight, and how many may start in a second. */
export interface Pace {
  /** A request has come to an end and still holds its slot. */
  finished(durationMs: number, bytes: number, ending: Ending): void;
  /** The retry budget was empty. */
  exhausted(): void;
}

export interface PaceDeps {
  readonly limiter: Pick<Limiter, 'limit' | 'rate' | 'inFlight' | 'held'>;
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
/** Share by which a limit may change without making what is in flight tell about another: recovery is slower than this. */
const SAME = 0.06;
const NOTHING = { seconds: 0, ended: 0, answered: 0 };

/**
 * The pace of one run: cuts time into windows of about a round trip, as requests end and without a timer, and lets the controller decide after
 * each. It costs a few additions per request.
 */
export function startPace({ limiter, concurrency, most, now, loopTime }: PaceDeps): Pace {
  let state = startingPace(concurrency, most, now());
  limiter.limit = state.limit;

  let roundTripMs = 0;
  /** Requests that began before were under another limit, and tell nothing about this one. */
  let changedAt = now();
  /** Since when the open window counts; undefined until a request ends that began under this limit. */
  let openedAt: number | undefined;
  let slowAt = changedAt;
  let firstLook = true;
  let loop = loopTime();
  let heldBefore = limiter.held;
  /** What the window before counted under the same limit, for one that must close early. */
  let last = NOTHING;

  // The sums of the open window.
  let ended = 0;
  let answered = 0;
  let work = 0;
  let squares = 0;
  let slotMs = 0;
  let full = false;
  let throttled = false;
  let exhausted = false;

  const shortestMs = () => Math.max(SHORTEST_MS, roundTripMs);

  function close(at: number, since: number): void {
    const own = { seconds: Math.max(at - since, 0.1) / 1_000, ended, answered };
    const counted = ended >= ENOUGH ? own : sum(own, last);
    const { idle, active } = loopTime();
    const activeMs = active - loop.active;
    const before = state.limit;
    state = nextPace(state, {
      ...counted,
      now: at,
      work,
      slotSeconds: slotMs / 1_000,
      roundTripMs,
      throttled,
      exhausted,
      busy: activeMs / Math.max(activeMs + idle - loop.idle, 0.1),
      full,
      held: limiter.held > heldBefore,
    });
    const another = throttled || exhausted || Math.abs(state.limit - before) > before * SAME;
    last = another ? NOTHING : own;
    openedAt = another ? undefined : at;
    if (another) {
      changedAt = at;
      // A budget that is empty now was emptied under the pace until now.
      slowAt = at + roundTripMs;
    }
    loop = { idle, active };
    heldBefore = limiter.held;
    firstLook = state.trial?.strikes === 0;
    ended = answered = work = squares = slotMs = 0;
    full = throttled = exhausted = false;

    const limit = Math.floor(state.limit);
    limiter.rate = state.rate?.perSecond;
    if (limit !== limiter.limit) limiter.limit = limit;
  }

  /** Closes at once where nothing was slowed down for long, otherwise once per round trip; sooner where nearly everything is refused. */
  function slow(at: number, since: number): void {
    const mostFail = ended >= ENOUGH && answered * 2 < ended;
    if (mostFail || at >= slowAt + shortestMs() || at >= state.frozenUntil) close(at, since);
  }

  return {
    finished(durationMs, bytes, ending) {
      const at = now();
      const answers = ending === 'answered';
      if (answers) roundTripMs = roundTripMs === 0 ? durationMs : roundTripMs + NEWEST * (durationMs - roundTripMs);
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
      } else if (ending === 'throttled') {
        throttled = true;
        slow(at, openedAt);
        return;
      }
      const lastedMs = at - openedAt;
      if (lastedMs < FIRST_LOOK_MS) return;
      if (lastedMs < shortestMs() && !(firstLook && !isHeavy({ work, answered }))) return;
      // Requests that differ much must be more: by Kish's formula, how many of equal weight would tell as much.
      const enough = ended >= ENOUGH && work * work >= ENOUGH * squares;
      if (enough || lastedMs >= Math.max(LONGEST_MS, 4 * roundTripMs)) close(at, openedAt);
    },
    exhausted() {
      const at = now();
      if (at < slowAt) return;
      exhausted = true;
      slow(at, openedAt ?? changedAt);
    },
  };
}

type Counted = typeof NOTHING;

function sum(a: Counted, b: Counted): Counted {
  return { seconds: a.seconds + b.seconds, ended: a.ended + b.ended, answered: a.answered + b.answered };
}
