import type { Outcome } from './report/outcome.js';
import type { Result } from './transfer/put-entry.js';

/** The outcome of one object. Set one by one, because it is made for every object: spreading costs 2 µs. */
export function outcomeOf(origin: string, key: string, result: Result, durationMs: number, error?: Error): Outcome {
  const { action, reason, bytes, sourceBytes, takenOver, etag, verified, way, attempts } = result;
  const outcome: { -readonly [Name in keyof Outcome]: Outcome[Name] } = {
    action,
    reason,
    origin,
    key,
    bytes,
    sourceBytes,
    verified,
    attempts,
    durationMs,
  };
  if (takenOver !== undefined) outcome.takenOver = takenOver;
  if (etag !== undefined) outcome.etag = etag;
  if (way !== undefined) outcome.way = way;
  if (error !== undefined) outcome.error = error;
  return outcome;
}
