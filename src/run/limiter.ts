interface Waiter {
  readonly start: () => void;
  readonly reject: (reason: unknown) => void;
  next: Waiter | undefined;
}

/** What a send rate needs from the world; tests give their own. */
export interface LimiterClock {
  readonly now: () => number;
  /** Calls once after so many milliseconds; the result calls that off. */
  readonly after: (ms: number, call: () => void) => () => void;
}

const REAL_CLOCK: LimiterClock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Counts requests in flight and holds back those above the limit, first come first served. Every request passes here, with up to 1,000 of them
 * waiting: one listener and one timer serve all, and the queue is a linked list.
 */
export class Limiter {
  readonly #signal: AbortSignal;
  readonly #clock: LimiterClock;
  #limit: number;
  #perSecond: number | undefined;
  #startRate: StartRate | undefined;
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #callOff: (() => void) | undefined;
  #inFlight = 0;
  #peak = 0;

  /**
   * @param limit requests in flight at most, from 1
   * @param signal once aborted nothing starts any more, and what waits is rejected with its reason
   */
  constructor(limit: number, signal: AbortSignal, clock: LimiterClock = REAL_CLOCK) {
    this.#limit = limit;
    this.#signal = signal;
    this.#clock = clock;
    signal.addEventListener('abort', () => this.#abandon(), { once: true });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most that were in flight at once. */
  get peak(): number {
    return this.#peak;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Raising it starts what waits at once; lowering it lets those in flight finish. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#serve();
  }

  /** Starts per second at most, with a small burst; undefined for no bound. */
  get rate(): number | undefined {
    return this.#perSecond;
  }

  set rate(perSecond: number | undefined) {
    if (perSecond === this.#perSecond) return;
    const now = this.#clock.now();
    this.#perSecond = perSecond;
    if (perSecond === undefined) this.#startRate = undefined;
    else this.#startRate = this.#startRate?.changed(perSecond, now) ?? new StartRate(perSecond, now);
    this.#forgetTimer();
    this.#serve();
  }

  /**
   * Takes a slot: at once, or when the promise resolves, which it does in the order of asking. Each is to be given back by {@link release}.
   * Throws, or rejects with, the signal's reason where it is aborted before.
   */
  take(): Promise<void> | undefined {
    this.#signal.throwIfAborted();
    return this.#first === undefined && this.#start() ? undefined : this.#turn();
  }

  release(): void {
    this.#inFlight -= 1;
    this.#serve();
  }

  /** Runs `send` in a slot, and frees it whatever happens. */
  async run<T>(send: () => Promise<T>): Promise<T> {
    const turn = this.take();
    if (turn !== undefined) await turn;
    try {
      return await send();
    } finally {
      this.release();
    }
  }

  #turn(): Promise<void> {
    return new Promise((start, reject) => {
      const waiter: Waiter = { start, reject, next: undefined };
      if (this.#last === undefined) this.#first = waiter;
      else this.#last.next = waiter;
      this.#last = waiter;
    });
  }

  /** Takes a slot if one is free and the rate allows it; sees to it that the queue is served when the rate allows the next. */
  #start(): boolean {
    if (this.#inFlight >= this.#limit) return false;
    if (this.#startRate !== undefined) {
      if (this.#callOff !== undefined) return false;
      const waitMs = this.#startRate.take(this.#clock.now());
      if (waitMs > 0) {
        this.#callOff = this.#clock.after(Math.ceil(waitMs), () => {
          this.#callOff = undefined;
          this.#serve();
        });
        return false;
      }
    }
    this.#inFlight += 1;
    if (this.#inFlight > this.#peak) this.#peak = this.#inFlight;
    return true;
  }

  #serve(): void {
    for (let first = this.#first; first !== undefined && this.#start(); first = this.#first) {
      this.#first = first.next;
      if (first.next === undefined) this.#last = undefined;
      first.start();
    }
  }

  #abandon(): void {
    this.#forgetTimer();
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) waiter.reject(this.#signal.reason);
    this.#first = undefined;
    this.#last = undefined;
  }

  #forgetTimer(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }
}

/** Starts that may come at once after a pause, as milliseconds of the rate. */
const BURST_MS = 50;

/**
 * At most so many starts per second, and a small burst after a pause: a token bucket, kept as the time at which the next token is due, so that
 * nothing has to be refilled.
 * @internal
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
