interface Waiter {
  readonly start: () => void;
  readonly reject: (reason: unknown) => void;
  next: Waiter | undefined;
}

/** Time, as a limiter uses it; tests pass their own. */
export interface LimiterClock {
  readonly now: () => number;
  /** Calls `call` once after `ms`; the result cancels that. */
  readonly after: (ms: number, call: () => void) => () => void;
}

const REAL_CLOCK: LimiterClock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** Slots that the limiters of several runs share: together they have no more requests in flight than one may have. */
export class SlotGroup {
  readonly #limit: number;
  #members: readonly (() => void)[] = [];
  #inFlight = 0;
  #turn = 0;

  /** @param limit requests in flight of all together, from 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.#inFlight >= this.#limit;
  }

  /** @param serve is called when a slot may be free. Returns what leaves the group. */
  join(serve: () => void): () => void {
    this.#members = [...this.#members, serve];
    return () => {
      this.#members = this.#members.filter((one) => one !== serve);
    };
  }

  take(): void {
    this.#inFlight += 1;
  }

  /** The members are served in turn, so that none waits for ever. */
  release(): void {
    this.#inFlight -= 1;
    const members = this.#members;
    this.#turn += 1;
    for (let at = 0; at < members.length && !this.full; at += 1) members[(this.#turn + at) % members.length]?.();
  }
}

/**
 * Counts requests in flight and queues those above the limit, first come first served. Every request passes here, and up to 1,000 of them wait: one
 * listener and one timer serve all, and the queue is a linked list.
 */
export class Limiter {
  readonly #signal: AbortSignal;
  readonly #clock: LimiterClock;
  readonly #group: SlotGroup | undefined;
  #limit: number;
  /** The rate, and the rate that it may never exceed. */
  #rate: number | undefined;
  #maxRate: number | undefined;
  /** The lower one of the two. */
  #perSecond: number | undefined;
  #startRate: StartRate | undefined;
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #cancelTimer: (() => void) | undefined;
  #inFlight = 0;
  #peak = 0;
  #started = 0;
  #serving = false;

  /**
   * @param limit maximum number of requests in flight, from 1
   * @param signal after its abort nothing starts any more, and waiting requests are rejected with its reason
   * @param group whose slots are needed, too
   */
  constructor(limit: number, signal: AbortSignal, clock: LimiterClock = REAL_CLOCK, group?: SlotGroup) {
    this.#limit = limit;
    this.#signal = signal;
    this.#clock = clock;
    this.#group = group;
    const leave = group?.join(() => this.#serve());
    const onAbort = (): void => {
      leave?.();
      this.#rejectWaiting();
    };
    signal.addEventListener('abort', onAbort, { once: true });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The highest number of requests in flight so far. */
  get peak(): number {
    return this.#peak;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Raising it immediately starts waiting requests; lowering it lets those in flight finish. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#serve();
  }

  /** Maximum starts per second, with a small burst; undefined for no bound. The pacer sets it after refusals. */
  get rate(): number | undefined {
    return this.#rate;
  }

  set rate(perSecond: number | undefined) {
    this.#rate = perSecond;
    this.#boundStarts();
  }

  /** What the user allows: the starts per second never exceed it, whatever {@link Limiter.rate} is. Above 0; undefined for no bound. */
  get maxRate(): number | undefined {
    return this.#maxRate;
  }

  set maxRate(perSecond: number | undefined) {
    this.#maxRate = perSecond;
    this.#boundStarts();
  }

  /** Requests that have started so far. */
  get started(): number {
    return this.#started;
  }

  /**
   * A request starts that must not wait, and takes no slot. Under a {@link Limiter.maxRate} it counts, so that the next ones wait longer.
   */
  startAtOnce(): void {
    this.#started += 1;
    if (this.#maxRate !== undefined) this.#startRate?.debit(this.#clock.now());
  }

  #boundStarts(): void {
    const { rate = Number.POSITIVE_INFINITY, maxRate = Number.POSITIVE_INFINITY } = this;
    const lower = Math.min(rate, maxRate);
    const perSecond = Number.isFinite(lower) ? lower : undefined;
    if (perSecond === this.#perSecond) return;
    const now = this.#clock.now();
    this.#perSecond = perSecond;
    if (perSecond === undefined) this.#startRate = undefined;
    else this.#startRate = this.#startRate?.changed(perSecond, now) ?? new StartRate(perSecond, now);
    this.#clearTimer();
    this.#serve();
  }

  /**
   * Takes a slot: immediately, or when the promise resolves; promises resolve in the order of the calls. Each slot must be returned by
   * {@link release}. Throws, or rejects with, the signal's reason if it is aborted before.
   */
  take(): Promise<void> | undefined {
    this.#signal.throwIfAborted();
    return this.#first === undefined && this.#tryStart() ? undefined : this.#enqueue();
  }

  /** As {@link take}, but calls `start` once the slot is taken, at once if one is free, or `reject` with the signal's reason. */
  takeThen(start: () => void, reject: (reason: unknown) => void): void {
    if (this.#signal.aborted) reject(this.#signal.reason);
    else if (this.#first === undefined && this.#tryStart()) start();
    else this.#wait(start, reject);
  }

  release(): void {
    this.#inFlight -= 1;
    if (this.#group === undefined) this.#serve();
    else this.#group.release();
  }

  /** Gives back a slot in which no request was started: another one may start in its place at once. */
  cancel(): void {
    this.#started -= 1;
    this.#startRate?.refund();
    this.#clearTimer();
    this.release();
  }

  /** Runs `send` in a slot, and releases the slot in any case. */
  async run<T>(send: () => Promise<T>): Promise<T> {
    const turn = this.take();
    if (turn !== undefined) await turn;
    try {
      return await send();
    } finally {
      this.release();
    }
  }

  #enqueue(): Promise<void> {
    return new Promise((start, reject) => this.#wait(start, reject));
  }

  #wait(start: () => void, reject: (reason: unknown) => void): void {
    const waiter: Waiter = { start, reject, next: undefined };
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
  }

  /** Takes a slot if one is free and the rate allows it. If the rate does not, sets the timer that serves the queue when it does. */
  #tryStart(): boolean {
    if (this.#inFlight >= this.#limit || this.#group?.full === true) return false;
    if (this.#startRate !== undefined) {
      if (this.#cancelTimer !== undefined) return false;
      const waitMs = this.#startRate.take(this.#clock.now());
      if (waitMs > 0) {
        this.#cancelTimer = this.#clock.after(Math.min(Math.ceil(waitMs), LONGEST_TIMER_MS), () => {
          this.#cancelTimer = undefined;
          this.#serve();
        });
        return false;
      }
    }
    this.#group?.take();
    this.#started += 1;
    this.#inFlight += 1;
    if (this.#inFlight > this.#peak) this.#peak = this.#inFlight;
    return true;
  }

  /** One loop at a time: a waiter that gives its slot back at once is followed by the next one in turn, and not inside of it. */
  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    try {
      for (let first = this.#first; first !== undefined && this.#tryStart(); first = this.#first) {
        this.#first = first.next;
        if (first.next === undefined) this.#last = undefined;
        // A served waiter that has grown old would keep all that came after it from being collected.
        first.next = undefined;
        first.start();
      }
    } finally {
      this.#serving = false;
    }
  }

  #rejectWaiting(): void {
    this.#clearTimer();
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) waiter.reject(this.#signal.reason);
    this.#first = undefined;
    this.#last = undefined;
  }

  #clearTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

/** The burst that is allowed after a pause, as milliseconds of the rate. */
const BURST_MS = 50;
/** Node calls timers that are longer at once; a start that is due later is waited for in steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Bounds the starts per second, with a small burst after a pause: a token bucket that stores the time at which the next token is due, so that nothing
 * has to be refilled.
 * @internal
 */
export class StartRate {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  #dueAt: number;

  /**
   * @param perSecond above 0
   * @param now milliseconds; the bucket begins with one start
   */
  constructor(perSecond: number, now: number) {
    this.#intervalMs = 1_000 / perSecond;
    this.#burstMs = Math.max(0, BURST_MS - this.#intervalMs);
    this.#dueAt = now;
  }

  /** Takes a start and returns 0 if one is due; else returns the milliseconds until then. */
  take(now: number): number {
    // A sum of intervals is not exact: a start that is due within a nanosecond is due.
    const waitMs = this.#dueAt - now;
    if (waitMs > 1e-6) return waitMs;
    this.debit(now);
    return 0;
  }

  /** Takes a start that is not due: those after it wait for it. */
  debit(now: number): void {
    this.#dueAt = Math.max(this.#dueAt, now - this.#burstMs) + this.#intervalMs;
  }

  /** Undoes a start. */
  refund(): void {
    this.#dueAt -= this.#intervalMs;
  }

  /** The same bucket at another rate: many small changes neither add nor lose a start, and starts that were not due stay owed. */
  changed(perSecond: number, now: number): StartRate {
    const rate = new StartRate(perSecond, now);
    const owed = Math.max(0, Math.ceil((this.#dueAt - now) / this.#intervalMs - 1e-6) - 1);
    rate.#dueAt = Math.min(this.#dueAt - owed * this.#intervalMs, now + rate.#intervalMs) + owed * rate.#intervalMs;
    return rate;
  }
}
