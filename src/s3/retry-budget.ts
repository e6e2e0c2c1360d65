const CAPACITY = 500;
const REFILL_PER_SECOND = 10;
const COST = { transient: 14, throttle: 5 } as const;
const REFUND = 1;

/**
 * Tokens that retries of one run share, so that an outage is not answered by a storm. An empty budget delays retries and never fails one:
 * it refills with time.
 */
export class RetryBudget {
  #tokens = CAPACITY;
  #at: number;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
  }

  /** Takes the price of one retry; returns the milliseconds to wait until it was there. */
  take(kind: 'transient' | 'throttle'): number {
    this.#refill();
    this.#tokens -= COST[kind];
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / REFILL_PER_SECOND) * 1_000);
  }

  /** A request succeeded. */
  refund(): void {
    this.#tokens = Math.min(CAPACITY, this.#tokens + REFUND);
  }

  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(CAPACITY, this.#tokens + ((now - this.#at) / 1_000) * REFILL_PER_SECOND);
    this.#at = now;
  }
}
