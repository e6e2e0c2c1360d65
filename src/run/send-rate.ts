/**
 * A bound on requests per second, for servers that limit the rate: with quick responses no limit of requests in flight is small enough.
 *
 * A server also refuses at random: one of its machines restarts, a partition moves. Then a lower rate gains nothing, so every cut is a trial: it is
 * undone unless the share of refusals falls.
 */
export interface SendRate {
  /** Undefined if the rate is not bounded. */
  readonly perSecond: number | undefined;
  readonly phase: 'free' | 'cut' | 'settled' | 'returning';
  /** The bound at the beginning of this phase. */
  readonly base: number;
  readonly since: number;
  /** Requests per second when the server first refused many: a bound that reaches this rate is dropped. */
  readonly former: number;
  /** The cuts that are still on trial. */
  readonly trial: Trial | undefined;
  /** No cut before this time, because refusals did not depend on the rate. */
  readonly restUntil: number;
  /** When, and after how many responses, a return to the former rate last failed because of refusals. */
  readonly failed: { readonly at: number; readonly responses: number } | undefined;
}

interface Trial {
  /** The bound before the first of these cuts. */
  readonly from: number | undefined;
  /** Share of refusals among the responses that led to the last of them. */
  readonly share: number;
  /** Whether those responses were enough to know what the server accepts: only then can a cut prove useless by changing nothing. */
  readonly sure: boolean;
  /** Share of refusals among the responses that led to the first of them. */
  readonly first: number;
  /** The highest share of refusals since then. */
  readonly worst: number;
}

/**
 * Counts of the responses to the newest requests: at least 100, and at least those of a second, but only to requests that began after the last
 * change.
 */
export interface Recent {
  /** Milliseconds on any steady clock. */
  readonly now: number;
  readonly seconds: number;
  /** Requests that ended in any way. */
  readonly ended: number;
  readonly answered: number;
  /** Requests that the server refused with 503 or 429. */
  readonly refused: number;
  /** Requests answered since the last refusal. */
  readonly streak: number;
  /** Requests that ended since the run began. */
  readonly total: number;
  /** Requests per second that the user allows; undefined for any number. */
  readonly most?: number | undefined;
}

/** Number of responses that is enough to measure a share. */
export const ENOUGH_RESPONSES = 100;
/** Below this share, refusals are retried and the rate stays. */
const CUT_ABOVE = 0.05;
/** Below this share the rate returns to the former one: a server that refuses some requests at random must not bound it for ever. */
const RETURN_BELOW = 0.04;
/** This many answered requests in a row prove as much, if all were refused before. */
const STREAK = 4;
/** A return fails above this share: the rate grows so fast that a limit shows immediately. */
const RETURN_FAILS_ABOVE = 0.15;
const CUT = 0.7;
/** Factor on what the server accepted, so that it can catch up, and clients that share a limit come to share it evenly. */
const BELOW_ACCEPTED = 0.8;
/** Factor on the bound from which a failed return began. */
const BELOW_BASE = 0.9;
/** A cut helped if at most this part of the share of refusals is left. */
const HELPED = 2 / 3;
/** If the share rises by this much after a cut, a limit has only just begun to show. */
const ROSE = 0.1;
/** A server that refuses this share is down, and is spared until it answers. */
const DOWN = 0.9;
/** Number of responses that is enough to see that most requests are refused. */
const FEW_RESPONSES = 20;
const MOST_REFUSED = 0.5;
/** If a limit was met before, cuts can prove useless only once they have lowered the rate to this part. */
const KNOWN_LIMIT = 0.4;
const REST_MS = 5_000;
const SECOND_MS = 1_000;
/** Duration of a return from the bound to the former rate. */
const RETURN_MS = 800;
/** During a return, when the rate grows fast, only this much of the past counts as recent. */
const RETURN_RECENT_MS = 200;
/** After a failed return the next one waits for this time and this many responses, so that its refusals are few among them. */
const RETURN_EVERY_MS = 15_000;
const RETURN_EVERY_RESPONSES = 1_000;
/** The next return does not wait if the bound has grown by this factor without refusals: then the limit is gone. */
const LIFTED = 2;
/** By about this factor a failed return has exceeded the limit before its refusals are seen. */
const OVERSHOOT = 3;
/**
 * How fast the growth of the bound accelerates, in requests per second per second, for each second since the bound was set. The same for every
 * client, whatever its rate: only then do clients that share a limit come to share it evenly.
 */
const GROWTH = 10;
/** The maximum growth in a second: this part of the bound, or of `MAX_GROWTH_OF` if the bound is lower. */
const MAX_GROWTH = 0.2;
const MAX_GROWTH_OF = 50;
/** A bound that grew by less counts as the same bound. */
const GROWN = 1.05;
/** The lowest bound in requests per second: if nothing at all is accepted, and otherwise. */
const MIN_RATE_DOWN = 10;
const MIN_RATE = 1;

export function startingRate(now: number): SendRate {
  return {
    perSecond: undefined,
    phase: 'free',
    base: 0,
    since: now,
    former: 0,
    trial: undefined,
    restUntil: now,
    failed: undefined,
  };
}

/** For how many milliseconds responses are recent. */
export function recentMs({ phase }: SendRate): number {
  return phase === 'returning' ? RETURN_RECENT_MS : SECOND_MS;
}

/** The next state of the rate: a pure function. If its `since` differs, the counts must restart. */
export function nextRate(rate: SendRate, recent: Recent): SendRate {
  const { now, ended, refused } = recent;
  const share = refused / Math.max(ENOUGH_RESPONSES, ended);
  switch (rate.phase) {
    case 'free':
      return share >= CUT_ABOVE && now >= rate.restUntil ? firstCut(rate, recent, share) : rate;
    case 'cut':
      return rate.trial === undefined ? rate : judged(rate, rate.trial, recent);
    case 'settled':
      return settled(rate, recent, share);
    case 'returning':
      return share >= RETURN_FAILS_ABOVE ? returnFailed(rate, recent, share) : grown(rate, recent);
  }
}

/** Whether refusals mean that the server is overloaded, so that retries must wait longer. */
export function isOverloaded(rate: SendRate): boolean {
  // Cuts on trial may turn out to be useless.
  return rate.perSecond !== undefined && (rate.failed !== undefined || (rate.trial?.share ?? 0) >= MOST_REFUSED);
}

function firstCut(rate: SendRate, recent: Recent, share: number): SendRate {
  // After a long time without a bound, a limit that was met before is gone.
  const failed = recent.now - rate.since < REST_MS ? rate.failed : undefined;
  const sent = recent.ended / recent.seconds;
  const perSecond = Math.min(CUT * sent, rateBelowAccepted(sent, recent));
  return {
    ...rate,
    ...boundAt(perSecond, recent.now),
    phase: 'cut',
    former: sent,
    trial: { from: undefined, share, sure: recent.ended >= FEW_RESPONSES, first: share, worst: share },
    failed,
  };
}

/** A rate below what the server accepts of the current one; if it accepts nothing, a part of the current one. */
function rateBelowAccepted(perSecond: number, { ended, answered }: Recent): number {
  if (answered === 0) return Math.max(MIN_RATE_DOWN, CUT * perSecond);
  // One more than was counted: with few responses, a rate that is too low would cost more than one that is too high.
  return Math.max(MIN_RATE, (BELOW_ACCEPTED * perSecond * (answered + 1)) / (ended + 1));
}

function boundAt(perSecond: number, now: number): Pick<SendRate, 'perSecond' | 'base' | 'since'> {
  return { perSecond, base: perSecond, since: now };
}

/** Judges a cut by the responses to requests that were sent after it. */
function judged(rate: SendRate, trial: Trial, recent: Recent): SendRate {
  const { now, ended, refused } = recent;
  if (trial.share >= DOWN && recent.streak >= STREAK) return { ...rate, phase: 'settled' };
  const share = ended === 0 ? 0 : refused / ended;
  const hasEnough =
    ended >= ENOUGH_RESPONSES ||
    (ended >= FEW_RESPONSES && share >= MOST_REFUSED) ||
    (ended >= STREAK && now - rate.since >= SECOND_MS);
  if (!hasEnough) return rate;
  if (share >= DOWN) return cutAgain(rate, trial, recent, share);
  if (refused < CUT_ABOVE * Math.max(ENOUGH_RESPONSES, ended))
    return isUseless(rate, trial, share) ? undone(rate, trial, now) : { ...rate, phase: 'settled' };
  if (share >= trial.share + ROSE) return cutAgain(rate, trial, recent, share);
  if (isUseless(rate, trial, share)) return undone(rate, trial, now);
  return cutAgain(rate, trial, recent, share);
}

/** Whether cuts have changed nothing. If a limit was met before, more evidence is needed, because other clients may share it. */
function isUseless(rate: SendRate, { from, share: before, sure, first, worst }: Trial, share: number): boolean {
  // As many refusals as before the first cut, and never most requests: they are random.
  const asBefore = worst < MOST_REFUSED && share > HELPED * first;
  if (!asBefore && !(sure && share > HELPED * before)) return false;
  return rate.failed === undefined || (rate.perSecond ?? 0) < KNOWN_LIMIT * (from ?? rate.former);
}

/** The rate that the bound allows; the user may allow less. */
function sentAtMost(rate: SendRate, { most = Number.POSITIVE_INFINITY }: Recent): number {
  return Math.min(rate.perSecond ?? rate.former, most);
}

function cutAgain(rate: SendRate, before: Trial | number | undefined, recent: Recent, share: number): SendRate {
  const bound = sentAtMost(rate, recent);
  const perSecond = Math.min(bound, rateBelowAccepted(bound, recent));
  // A few responses in a short time show that most requests are refused, but not how many are accepted.
  const sure =
    recent.ended >= ENOUGH_RESPONSES || (recent.ended >= FEW_RESPONSES && recent.seconds >= SECOND_MS / 2_000);
  const trial: Trial =
    typeof before === 'object'
      ? { ...before, share, sure, worst: Math.max(before.worst, share) }
      : { from: before, share, sure, first: share, worst: share };
  return { ...rate, ...boundAt(perSecond, recent.now), phase: 'cut', trial };
}

/** Undoes cuts: a lower rate did not help, so a higher one does no harm. */
function undone(rate: SendRate, { from }: Trial, now: number): SendRate {
  const restUntil = now + REST_MS;
  if (from === undefined) return { ...rate, ...free(now), restUntil };
  return { ...rate, ...boundAt(from, now), phase: 'settled', trial: undefined, restUntil };
}

function free(now: number): Pick<SendRate, 'perSecond' | 'phase' | 'since' | 'trial'> {
  return { perSecond: undefined, phase: 'free', since: now, trial: undefined };
}

function settled(rate: SendRate, recent: Recent, share: number): SendRate {
  const { now, ended } = recent;
  const bound = rate.perSecond ?? rate.former;
  // If the share of refusals rises again although the rate did not, it was lower only by chance.
  const sameTrial = bound < GROWN * rate.base ? rate.trial : undefined;
  if (sameTrial !== undefined && ended >= 2 * ENOUGH_RESPONSES && isUseless(rate, sameTrial, share))
    return undone(rate, sameTrial, now);
  if (share >= CUT_ABOVE && now >= rate.restUntil) return cutAgain(rate, sameTrial ?? bound, recent, share);
  if (isClear(rate, recent, share) && mayReturn(rate, bound, recent))
    return { ...rate, ...boundAt(bound, now), phase: 'returning' };
  return grown(rate, recent);
}

function isClear({ trial, since }: SendRate, { now, ended, refused, streak }: Recent, share: number): boolean {
  if (ended >= ENOUGH_RESPONSES) return share < RETURN_BELOW;
  if (streak < STREAK) return false;
  return (trial?.share ?? 0) >= DOWN || (refused === 0 && now - since >= SECOND_MS);
}

function mayReturn({ failed, base }: SendRate, bound: number, { now, total }: Recent): boolean {
  if (failed === undefined || bound >= LIFTED * base) return true;
  return now - failed.at >= RETURN_EVERY_MS && total - failed.responses >= RETURN_EVERY_RESPONSES;
}

function grown(rate: SendRate, { now, most = Number.POSITIVE_INFINITY }: Recent): SendRate {
  const ms = now - rate.since;
  const perSecond =
    rate.phase === 'returning'
      ? rate.base * (rate.former / rate.base) ** (ms / RETURN_MS)
      : rate.base + growth(ms / 1_000, MAX_GROWTH * Math.max(rate.base, MAX_GROWTH_OF));
  return perSecond >= rate.former ? { ...rate, ...free(now) } : { ...rate, perSecond: Math.min(perSecond, most) };
}

/** The growth of a bound after `seconds`, in requests per second: it accelerates up to `max` per second. */
function growth(seconds: number, max: number): number {
  const accelerating = max / GROWTH;
  return seconds <= accelerating
    ? (GROWTH * seconds * seconds) / 2
    : (max * accelerating) / 2 + max * (seconds - accelerating);
}

/** A return that failed: there is a limit between the base and the current rate. If the server is down, nothing is known about a limit. */
function returnFailed(rate: SendRate, recent: Recent, share: number): SendRate {
  const { now, total, ended, refused } = recent;
  if (refused >= DOWN * ended) return cutAgain(rate, rate.trial, recent, refused / ended);
  const perSecond = Math.min(
    sentAtMost(rate, recent),
    Math.max(BELOW_BASE * rate.base, sentAtMost(rate, recent) / OVERSHOOT),
  );
  const failed = { at: now, responses: total };
  return {
    ...rate,
    ...boundAt(perSecond, now),
    phase: 'cut',
    trial: { from: rate.base, share, sure: false, first: share, worst: share },
    failed,
  };
}
