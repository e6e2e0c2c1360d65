import type { Sample } from './controller.js';

/** A bound on requests per second, for servers that limit the rate: with quick answers no limit of requests in flight is small enough. */
export interface SendRate {
  readonly perSecond: number;
  /** The last rate that was measured to be good: where growth leads back to. */
  readonly good: number;
  /** Nearly everything was refused, and nothing has grown since: what is measured now may be an outage. */
  readonly doubted: boolean;
  /** When it began to grow again; undefined while it is frozen. */
  readonly thawedAt: number | undefined;
  /** When it last held a start back. */
  readonly heldAt: number;
}

/** Below the good rate, so that the server can catch up. */
const BELOW_GOOD = 0.9;
/** Where less than this share of the requests is answered no rate is measured. */
const MEASURABLE = 1 / 8;
/** What is left of a good rate with each refusal of a lower one. */
const FORGETTING = 0.9;
const SLOWEST = 1;
/** Share of the good rate that is added each second, */
const GROWTH = 0.01;
/** and seconds after which that has doubled: what a server allows may have changed for good. */
const DOUBLING_SECONDS = 10;
/** A bound that has held nothing back for so long is none. */
const LOOSE_MS = 5_000;

/** The bound after a window in which the server asked to slow down. */
export function afterThrottle(before: SendRate | undefined, { now, ...sample }: Sample): SendRate {
  const seconds = Math.max(sample.seconds, 0.001);
  const highest = before?.perSecond ?? sample.ended / seconds;
  // More than was counted: with few answers an error to the low side would cost more than one to the high side.
  const good = (sample.answered + 1) / seconds;
  const doubted = sample.answered < MEASURABLE * sample.ended || before?.doubted === true;
  // What is measured under a bound is that bound: a few refusals must not talk the rate down step by step.
  const known = doubted ? (before?.good ?? highest) : Math.max(good, FORGETTING * (before?.good ?? 0));
  const perSecond = Math.max(SLOWEST, BELOW_GOOD * Math.min(good, highest));
  return { perSecond, good: Math.max(SLOWEST, known), doubted, thawedAt: undefined, heldAt: now };
}

/**
 * The bound after a window without a throttle: frozen, a little higher, or none any more.
 * @param seconds since the window before, or since it thawed
 */
export function thawedRate(
  before: SendRate,
  { now, held }: Pick<Sample, 'now' | 'held'>,
  frozen: boolean,
  seconds: number,
): SendRate | undefined {
  const heldAt = held ? now : before.heldAt;
  if (frozen) return { ...before, heldAt };
  if (now - heldAt >= LOOSE_MS) return undefined;
  const thawedAt = before.thawedAt ?? now;
  const growth = GROWTH * (1 + (now - thawedAt) / 1_000 / DOUBLING_SECONDS);
  // From far below it comes back sooner: then it was an outage that has lowered it.
  const share = before.perSecond < BELOW_GOOD * before.good * 0.99 ? 10 * GROWTH : growth;
  return { ...before, doubted: false, thawedAt, heldAt, perSecond: before.perSecond + share * before.good * seconds };
}
