/**
 * How fast the line of a client is, measured while a request waits. Only bytes that moved are measured, so the rate does not change when the
 * whole line falls silent, and nothing is assumed: a line that never moved has no rate.
 */
export class LineRate {
  /** Weight of the newest measurement. */
  static readonly #newest = 0.5;
  readonly #leastMs: number;
  #rate = 0;
  #moved = 0;
  #since = 0;

  /** @param leastMs how long one measurement lasts at least */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** Forgets what it knows: a rate of earlier says nothing about now. */
  restart(now: number): void {
    this.#rate = 0;
    this.#moved = 0;
    this.#since = now;
  }

  /** So many bytes left this machine, or were answered. */
  moved(bytes: number): void {
    this.#moved += bytes;
  }

  /** Takes a measurement, where it is time for one. */
  measure(now: number): void {
    const ms = now - this.#since;
    if (this.#moved === 0 || ms < this.#leastMs) return;
    const rate = this.#moved / ms;
    this.#rate = this.#rate === 0 ? rate : this.#rate + LineRate.#newest * (rate - this.#rate);
    this.#moved = 0;
    this.#since = now;
  }

  /** Milliseconds that the line takes for so many bytes; undefined while nothing was measured. */
  msFor(bytes: number): number | undefined {
    return this.#rate === 0 ? undefined : bytes / this.#rate;
  }
}
