import { ENOUGH_RESPONSES, type Recent } from './send-rate.js';

/** How a request ended: with success or a final refusal; refused temporarily (503, 429); or with any other transient failure. */
export type RequestResult = 'answered' | 'throttled' | 'failed';

interface Slice {
  readonly since: number;
  ended: number;
  answered: number;
  refused: number;
}

const SLICE_MS = 50;
const SLICE_RESPONSES = 10;
const SECOND_MS = 1_000;
/** More slices than a second or 100 responses need; if there are more, the oldest are dropped. */
const MAX_SLICES = 64;

/** Counts how the newest requests ended: the last 100, or those of the last second if these are more. */
export class RecentResponses {
  /** Oldest first. */
  readonly #slices: Slice[] = [];
  #newest: Slice | undefined;
  #countedFrom = Number.NEGATIVE_INFINITY;
  #total = 0;
  #streak = 0;

  /** Resets the counts, and ignores requests that began before `now`: they do not show the effect of the current rate. */
  restart(now: number): void {
    this.#slices.length = 0;
    this.#newest = undefined;
    this.#streak = 0;
    this.#countedFrom = now;
  }

  add(now: number, durationMs: number, result: RequestResult): void {
    this.#total += 1;
    if (now - durationMs < this.#countedFrom) return;
    let slice = this.#newest;
    if (slice === undefined || (slice.ended >= SLICE_RESPONSES && now - slice.since >= SLICE_MS)) {
      slice = { since: now, ended: 0, answered: 0, refused: 0 };
      this.#newest = slice;
      this.#slices.push(slice);
      if (this.#slices.length > MAX_SLICES) this.sum(now, SECOND_MS);
    }
    slice.ended += 1;
    if (result === 'answered') {
      slice.answered += 1;
      this.#streak += 1;
    } else if (result === 'throttled') {
      slice.refused += 1;
      this.#streak = 0;
    }
  }

  /**
   * Sums the recent slices, and drops the others.
   * @param ms the minimum time to look back; longer if 100 responses take longer
   */
  sum(now: number, ms: number): Recent {
    const slices = this.#slices;
    let [ended, answered, refused, since] = [0, 0, 0, now];
    for (let index = slices.length - 1; index >= 0; index--) {
      const slice = slices[index] as Slice;
      if (ended >= ENOUGH_RESPONSES && now - since >= ms) {
        slices.splice(0, index + 1);
        break;
      }
      ended += slice.ended;
      answered += slice.answered;
      refused += slice.refused;
      since = slice.since;
    }
    const seconds = Math.max(now - since, 1) / 1_000;
    return { now, seconds, ended, answered, refused, streak: this.#streak, total: this.#total };
  }
}
