/** Bytes a second that are assumed while nothing has been measured: even a poor line carries as much. */
const ASSUMED = 32 * 1024;
/** What the line has to carry already adds at most so many times the patience itself. */
const MOST = 10;
/** Weight of the newest measurement. */
const NEWEST = 0.3;

/**
 * What all connections of a client know together of the line. A body counts as sent once the system has taken it, which may be long before it has
 * left: on a slow line every connection looks silent until the line has carried what waits on all of them. So patience grows by the time that
 * takes, at the rate that answers have shown. It does not shrink when a server falls silent, as only answers are measured.
 */
export class Link {
  #waiting = 0;
  #rate = 0;
  #since = 0;
  #carried = 0;

  /** A body of so many bytes is going out. */
  began(bytes: number): void {
    // Time in which nothing went out says nothing of the line.
    if (this.#waiting === 0) {
      this.#since = performance.now();
      this.#carried = 0;
    }
    this.#waiting += bytes;
  }

  /** It was answered, or given up. */
  ended(bytes: number, answered: boolean): void {
    this.#waiting -= bytes;
    if (!answered) return;
    this.#carried += bytes;
    const seconds = (performance.now() - this.#since) / 1_000;
    if (seconds < 1 && this.#waiting > 0) return;
    const rate = this.#carried / Math.max(seconds, 0.001);
    this.#rate = this.#rate === 0 ? rate : this.#rate + NEWEST * (rate - this.#rate);
    this.#since = performance.now();
    this.#carried = 0;
  }

  /** Milliseconds of patience, `ms` of them for a line that is free. */
  patience(ms: number): number {
    const rate = this.#rate > 0 ? this.#rate : ASSUMED;
    return ms + Math.min(MOST * ms, (this.#waiting / rate) * 1_000);
  }
}
