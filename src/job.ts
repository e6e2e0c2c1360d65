import type { Outcome } from './report/outcome.js';
import type { Report } from './report/report.js';

/**
 * A run under way. Await it for the report, iterate it for the outcomes, or both.
 * An iterator taken in the tick of the call misses nothing and applies back-pressure; leaving the loop aborts.
 */
export interface Job extends PromiseLike<Report>, AsyncIterable<Outcome> {
  /** Stops new work and aborts what is under way; the job rejects with `AbortError`. */
  abort(reason?: unknown): void;
}
