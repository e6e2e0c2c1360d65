/** Starts that may come at once after a pause, as milliseconds of the rate. */
const BURST_MS = 50;

/**
 * At most so many starts per second, and a small burst after a pause: a token bucket, kept as the time at which the next token is due, so that
 * nothing has to be refilled.
 */
export class StartRate {
  readonly #intervalMs: number;
  readonly #creditMs: number;
  #dueAt: number;

  /**
   * @param perSecond above 0
   * @param now milliseconds; the bucket begins empty but for one start
   */
  constructor(perSecond: number, now: number) {
    this.#intervalMs = 1_000 / perSecond;
    this.#creditMs = Math.max(0, BURST_MS - this.#intervalMs);
    this.#dueAt = now;
  }

  /** Takes a start if one is due; otherwise returns the milliseconds until then. */
  take(now: number): number {
    // A sum of intervals is never exact: what is due in a nanosecond is due.
    const waitMs = this.#dueAt - now;
    if (waitMs > 1e-6) return waitMs;
    this.#dueAt = Math.max(this.#dueAt, now - this.#creditMs) + this.#intervalMs;
    return 0;
  }

  /** The same bucket at another rate: many small changes neither give nor cost a start. */
  changed(perSecond: number, now: number): StartRate {
    const rate = new StartRate(perSecond, now);
    rate.#dueAt = Math.min(this.#dueAt, now + rate.#intervalMs);
    return rate;
  }
}
