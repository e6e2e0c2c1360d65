/** Milliseconds of delay that are made up for, because timers fire late. */
const SLACK = 20;
/** Shorter waits are not worth a timer. */
const SHORTEST = 4;

/** Limits readers to a shared number of bytes per second. */
export class ByteRate {
  /** Time up to which the rate is used up. */
  #busyUntil = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds to wait after these bytes before the next are read. */
  wait(bytes: number, perSecond: number): number {
    if (perSecond === Number.POSITIVE_INFINITY) return 0;
    const now = this.#now();
    this.#busyUntil = Math.max(this.#busyUntil, now - SLACK) + (1000 * bytes) / perSecond;
    const wait = this.#busyUntil - now;
    return wait < SHORTEST ? 0 : wait;
  }
}
