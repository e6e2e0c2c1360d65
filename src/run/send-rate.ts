/**
 * A bound on requests per second, for servers that limit the rate: with quick responses no limit of requests in flight is small enough.
 *
 * A server also refuses at random: one of its machines restarts, a partition moves. Then sending less gains nothing, so every cut is a trial:
 * it is undone unless the share of refusals falls.
 */
export interface SendRate {
  /** Undefined where nothing bounds it. */
  readonly perSecond: number | undefined;
  readonly phase: 'free' | 'cut' | 'settled' | 'returning';
  /** The bound that held when this phase began. */
  readonly base: number;
  readonly since: number;
  /** What was sent per second when the server first refused much: a bound that reaches it is dropped. */
  readonly former: number;
  /** The cuts that have yet to prove themselves. */
  readonly trial: Trial | undefined;
  /** Refusals did not depend on the rate: until then nothing is cut. */
  readonly restUntil: number;
  /** When, and after how many responses, a return to the former rate last met refusals. */
  readonly failed: { readonly at: number; readonly answers: number } | undefined;
}

interface Trial {
  /** The bound before the first of these cuts. */
  readonly from: number | undefined;
  /** Refused among the responses that led to the last of them. */
  readonly share: number;
  /** Whether these were enough to know what the server accepts: only then does a cut that changed nothing show that it is useless. */
  readonly sure: boolean;
  /** Refused among the responses that led to the first of them. */
  readonly first: number;
  /** The most that was refused since. */
  readonly worst: number;
}

/** Responses to the newest requests: at least 100, and at least those of a second, but none to a request that began before the last change. */
export interface Recent {
  /** Milliseconds on any steady clock. */
  readonly now: number;
  readonly seconds: number;
  /** Requests that ended, however they did. */
  readonly ended: number;
  readonly answered: number;
  /** Those that the server refused with 503 or 429. */
  readonly refused: number;
  /** Answered since the last refusal. */
  readonly streak: number;
  /** Requests that ended since the run began. */
  readonly total: number;
}

/** Responses that tell a share. */
export const ENOUGH_ANSWERS = 100;
/** Refusals of a smaller share are retried and change nothing. */
const SERIOUS = 0.05;
/** With fewer refusals than this the rate returns to where it was; a server that refuses some at random must not hold it for ever. */
const CLEAR = 0.04;
/** So many requests in a row that were not refused are as good, where none were before. */
const STREAK = 4;
/** A return ends where so much is refused: it grows so fast that a limit shows at once. */
const RETURN_FAILS = 0.15;
const CUT = 0.7;
/** Of what the server accepted, so that it can catch up, and clients that share a limit come to share it evenly. */
const BELOW_ACCEPTED = 0.8;
/** Of the bound from which a return began that met refusals. */
const BELOW_BASE = 0.9;
/** A cut was useful if at most this part of the share is left. */
const HELPED = 2 / 3;
/** So much more than before a cut is a limit that has only just begun to show. */
const ROSE = 0.1;
/** A server that refuses as much is down, and is spared until it answers. */
const DOWN = 0.9;
/** So few responses are enough to see that most are refused. */
const FEW_ANSWERS = 20;
const MOST = 0.5;
/** A limit that was met before is doubted once the cuts have come to this part. */
const KNOWN_LIMIT = 0.4;
const REST_MS = 5_000;
const SECOND_MS = 1_000;
/** From the first bound to the former rate. */
const RETURN_MS = 800;
/** While the rate grows as fast as in a return, only so much of the past is recent. */
const RETURN_RECENT_MS = 200;
/** A return that met refusals is tried again after so long and so many responses, so that its refusals stay few among them. */
const RETURN_EVERY_MS = 15_000;
const RETURN_EVERY_ANSWERS = 1_000;
/** It is tried at once where the bound has grown by as much without refusals: then the limit that was met is gone. */
const LIFTED = 2;
/** A return that met refusals had grown past the limit by about as much before they were seen. */
const OVERSHOT = 3;
/**
 * Requests per second, for each second since the bound was set, that are added in a second. The same for every client, whatever its rate: only
 * then do clients that share a limit come to share it evenly.
 */
const GROWTH = 10;
/** But never more than this part of the bound, or of so many a second, in a second. */
const MOST_GROWTH = 0.2;
const MOST_GROWTH_OF = 50;
/** A bound that grew by less is the same bound. */
const GROWN = 1.05;
/** Bound where nothing at all is accepted. */
const SLOWEST_DOWN = 10;
const SLOWEST = 1;

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

/** How far back, in milliseconds, responses are recent. */
export function recentMs({ phase }: SendRate): number {
  return phase === 'returning' ? RETURN_RECENT_MS : SECOND_MS;
}

/** What bounds the rate from now on: a pure function. Where it returns a state with another `since`, what is counted begins anew. */
export function nextRate(rate: SendRate, recent: Recent): SendRate {
  const { now, ended, refused } = recent;
  const share = refused / Math.max(ENOUGH_ANSWERS, ended);
  switch (rate.phase) {
    case 'free':
      return share >= SERIOUS && now >= rate.restUntil ? firstCut(rate, recent, share) : rate;
    case 'cut':
      return rate.trial === undefined ? rate : judged(rate, rate.trial, recent);
    case 'settled':
      return settled(rate, recent, share);
    case 'returning':
      return share >= RETURN_FAILS ? returnFailed(rate, recent, share) : grown(rate, recent);
  }
}

/** Whether refusals mean that there is too much to do, so that retries had better wait longer. */
export function isOverloaded(rate: SendRate): boolean {
  // Cuts that have yet to prove themselves may turn out to be useless.
  return rate.perSecond !== undefined && (rate.failed !== undefined || (rate.trial?.share ?? 0) >= MOST);
}

function firstCut(rate: SendRate, recent: Recent, share: number): SendRate {
  // What was free for long shows that a limit that was met before is gone.
  const failed = recent.now - rate.since < REST_MS ? rate.failed : undefined;
  const sent = recent.ended / recent.seconds;
  const perSecond = Math.min(CUT * sent, spared(sent, recent));
  return {
    ...rate,
    ...boundAt(perSecond, recent.now),
    phase: 'cut',
    former: sent,
    trial: { from: undefined, share, sure: recent.ended >= FEW_ANSWERS, first: share, worst: share },
    failed,
  };
}

/** A rate under what the server accepts of this one; where it accepts nothing, a part of this one. */
function spared(perSecond: number, { ended, answered }: Recent): number {
  if (answered === 0) return Math.max(SLOWEST_DOWN, CUT * perSecond);
  // One more than was counted: with few responses an error to the low side would cost more than one to the high side.
  return Math.max(SLOWEST, (BELOW_ACCEPTED * perSecond * (answered + 1)) / (ended + 1));
}

function boundAt(perSecond: number, now: number): Pick<SendRate, 'perSecond' | 'base' | 'since'> {
  return { perSecond, base: perSecond, since: now };
}

/** Judges a cut by the responses to what was sent after it. */
function judged(rate: SendRate, trial: Trial, recent: Recent): SendRate {
  const { now, ended, refused } = recent;
  if (trial.share >= DOWN && recent.streak >= STREAK) return { ...rate, phase: 'settled' };
  const share = ended === 0 ? 0 : refused / ended;
  const shown =
    ended >= ENOUGH_ANSWERS ||
    (ended >= FEW_ANSWERS && share >= MOST) ||
    (ended >= STREAK && now - rate.since >= SECOND_MS);
  if (!shown) return rate;
  if (share >= DOWN) return cutAgain(rate, trial, recent, share);
  if (refused < SERIOUS * Math.max(ENOUGH_ANSWERS, ended))
    return isUseless(rate, trial, share) ? undone(rate, trial, now) : { ...rate, phase: 'settled' };
  if (share >= trial.share + ROSE) return cutAgain(rate, trial, recent, share);
  if (isUseless(rate, trial, share)) return undone(rate, trial, now);
  return cutAgain(rate, trial, recent, share);
}

/** Whether cuts have changed nothing. Where a limit was met before, it takes more to believe that: other clients share it. */
function isUseless(rate: SendRate, { from, share: before, sure, first, worst }: Trial, share: number): boolean {
  // As many as before the first cut, and never most: they come at random.
  const asBefore = worst < MOST && share > HELPED * first;
  if (!asBefore && !(sure && share > HELPED * before)) return false;
  return rate.failed === undefined || (rate.perSecond ?? 0) < KNOWN_LIMIT * (from ?? rate.former);
}

function cutAgain(rate: SendRate, before: Trial | number | undefined, recent: Recent, share: number): SendRate {
  const bound = rate.perSecond ?? rate.former;
  const perSecond = Math.min(bound, spared(bound, recent));
  // A few responses in a moment show that most are refused, but not how many are accepted.
  const sure = recent.ended >= ENOUGH_ANSWERS || (recent.ended >= FEW_ANSWERS && recent.seconds >= SECOND_MS / 2_000);
  const trial: Trial =
    typeof before === 'object'
      ? { ...before, share, sure, worst: Math.max(before.worst, share) }
      : { from: before, share, sure, first: share, worst: share };
  return { ...rate, ...boundAt(perSecond, recent.now), phase: 'cut', trial };
}

/** Sending less did not help, so more does no harm. */
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
  // A share that comes back although the rate did not was lower by chance.
  const same = bound < GROWN * rate.base ? rate.trial : undefined;
  if (same !== undefined && ended >= 2 * ENOUGH_ANSWERS && isUseless(rate, same, share)) return undone(rate, same, now);
  if (share >= SERIOUS && now >= rate.restUntil) return cutAgain(rate, same ?? bound, recent, share);
  if (isClear(rate, recent, share) && mayReturn(rate, bound, recent))
    return { ...rate, ...boundAt(bound, now), phase: 'returning' };
  return grown(rate, recent);
}

function isClear({ trial, since }: SendRate, { now, ended, refused, streak }: Recent, share: number): boolean {
  if (ended >= ENOUGH_ANSWERS) return share < CLEAR;
  if (streak < STREAK) return false;
  return (trial?.share ?? 0) >= DOWN || (refused === 0 && now - since >= SECOND_MS);
}

function mayReturn({ failed, base }: SendRate, bound: number, { now, total }: Recent): boolean {
  if (failed === undefined || bound >= LIFTED * base) return true;
  return now - failed.at >= RETURN_EVERY_MS && total - failed.answers >= RETURN_EVERY_ANSWERS;
}

function grown(rate: SendRate, { now }: Recent): SendRate {
  const ms = now - rate.since;
  const perSecond =
    rate.phase === 'returning'
      ? rate.base * (rate.former / rate.base) ** (ms / RETURN_MS)
      : rate.base + growth(ms / 1_000, MOST_GROWTH * Math.max(rate.base, MOST_GROWTH_OF));
  return perSecond >= rate.former ? { ...rate, ...free(now) } : { ...rate, perSecond };
}

/** What is added after so many seconds: faster and faster, up to `most` a second. */
function growth(seconds: number, most: number): number {
  const full = most / GROWTH;
  return seconds <= full ? (GROWTH * seconds * seconds) / 2 : (most * full) / 2 + most * (seconds - full);
}

/** There is a limit between what was good and this; or the server is down, which shows no limit. */
function returnFailed(rate: SendRate, recent: Recent, share: number): SendRate {
  const { now, total, ended, refused } = recent;
  if (refused >= DOWN * ended) return cutAgain(rate, rate.trial, recent, refused / ended);
  const perSecond = Math.max(BELOW_BASE * rate.base, (rate.perSecond ?? rate.former) / OVERSHOT);
  const failed = { at: now, answers: total };
  return {
    ...rate,
    ...boundAt(perSecond, now),
    phase: 'cut',
    trial: { from: rate.base, share, sure: false, first: share, worst: share },
    failed,
  };
}
