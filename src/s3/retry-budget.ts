const CAPACITY = 500;
const REFILL_PER_SECOND = 10;
const COST = { transient: 14, throttle: 5 } as const;
/** As much as the dearest retry: while half of the requests succeed the budget stays full. */
const REFUND = 14;
/** Seconds over which successes are averaged. */
const MEMORY = 5;
/** No retry waits longer for its price: the server may be well again long before. */
const LONGEST_MS = 20_000;

/**
 * Tokens that retries of one run share, so that an outage is not answered by a storm. An empty budget delays retries and never fails one:
 * it refills with time, and with every success. A server that fails fewer than half of the requests never empties it.
 */
export class RetryBudget {
  #tokens = CAPACITY;
  #at: number;
  /** Successes of the last seconds, the older the less. */
  #successes = 0;
  readonly #startedAt: number;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
    this.#startedAt = this.#at;
  }

  /**
   * Takes the price of one retry; returns the milliseconds to wait until it will be there, if successes go on as they did, but 20 s at most.
   * Counting on time alone would delay the last of a burst of 503s by minutes, long after the server has answered everything else.
   */
  take(kind: 'transient' | 'throttle'): number {
    this.#refill();
    this.#tokens -= COST[kind];
    if (this.#tokens >= 0) return 0;
    const seconds = Math.min(MEMORY, Math.max(1, (this.#at - this.#startedAt) / 1_000));
    const perSecond = REFILL_PER_SECOND + (REFUND * this.#successes) / seconds;
    return Math.min(LONGEST_MS, Math.ceil((-this.#tokens / perSecond) * 1_000));
  }

  /** A request succeeded. */
  refund(): void {
    this.#refill();
    this.#successes += 1;
    this.#tokens = Math.min(CAPACITY, this.#tokens + REFUND);
  }

  #refill(): void {
    const now = this.#now();
    const seconds = (now - this.#at) / 1_000;
    this.#tokens = Math.min(CAPACITY, this.#tokens + seconds * REFILL_PER_SECOND);
    this.#successes *= Math.exp(-seconds / MEMORY);
    this.#at = now;
  }
}
