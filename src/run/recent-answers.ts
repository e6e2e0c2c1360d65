import { ENOUGH_ANSWERS, type Recent } from './send-rate.js';

/** How a request ended: carried out, or refused for good; the server refused it for now (503, 429); anything else that may pass. */
export type RequestResult = 'answered' | 'throttled' | 'failed';

interface Slice {
  readonly since: number;
  ended: number;
  answered: number;
  refused: number;
}

const SLICE_MS = 50;
const SLICE_ANSWERS = 10;
const SECOND_MS = 1_000;
/** More than a second or 100 responses ever fill: the oldest are no longer recent. */
const MOST_SLICES = 64;

/** Counts how the newest requests ended: the last 100 of them, or those of the last second where these are more. */
export class RecentAnswers {
  /** Oldest first. */
  readonly #slices: Slice[] = [];
  #newest: Slice | undefined;
  #countedFrom = Number.NEGATIVE_INFINITY;
  #total = 0;
  #streak = 0;

  /** Forgets what was counted, and leaves out what began before: it shows nothing of what is now in force. */
  restart(now: number): void {
    this.#slices.length = 0;
    this.#newest = undefined;
    this.#streak = 0;
    this.#countedFrom = now;
  }

  add(now: number, durationMs: number, ending: RequestResult): void {
    this.#total += 1;
    if (now - durationMs < this.#countedFrom) return;
    let slice = this.#newest;
    if (slice === undefined || (slice.ended >= SLICE_ANSWERS && now - slice.since >= SLICE_MS)) {
      slice = { since: now, ended: 0, answered: 0, refused: 0 };
      this.#newest = slice;
      this.#slices.push(slice);
      if (this.#slices.length > MOST_SLICES) this.sum(now, SECOND_MS);
    }
    slice.ended += 1;
    if (ending === 'answered') {
      slice.answered += 1;
      this.#streak += 1;
    } else if (ending === 'throttled') {
      slice.refused += 1;
      this.#streak = 0;
    }
  }

  /**
   * The sums; slices that are no longer recent are dropped.
   * @param ms how far back at least, where 100 responses are not further
   */
  sum(now: number, ms: number): Recent {
    const slices = this.#slices;
    let [ended, answered, refused, since] = [0, 0, 0, now];
    for (let index = slices.length - 1; index >= 0; index--) {
      const slice = slices[index] as Slice;
      if (ended >= ENOUGH_ANSWERS && now - since >= ms) {
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
