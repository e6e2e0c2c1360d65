interface Waiter {
  readonly start: () => void;
}

/** Counts requests in flight and holds back those above the limit, first come first served. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting: Waiter[] = [];
  #inFlight = 0;
  #peak = 0;

  /** @param limit requests in flight at most, from 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most that were in flight at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Runs `send` as soon as a slot is free, and frees it whatever happens. Throws the signal's reason where it is aborted before. */
  async run<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#inFlight >= this.#limit) await this.#slot(signal);
    else this.#take();
    try {
      return await send();
    } finally {
      this.#inFlight -= 1;
      this.#waiting.shift()?.start();
    }
  }

  #take(): void {
    this.#inFlight += 1;
    this.#peak = Math.max(this.#peak, this.#inFlight);
  }

  #slot(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        start: () => {
          signal.removeEventListener('abort', onAbort);
          this.#take();
          resolve();
        },
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
