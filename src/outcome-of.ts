import type { Outcome } from './report/outcome.js';
import type { Result } from './transfer/put-entry.js';

/** The outcome of one object. Written out, because it is made for every object. */
export function outcomeOf(origin: string, key: string, result: Result, durationMs: number, error?: Error): Outcome {
  const { action, reason, bytes, sourceBytes, takenOver, etag, verified, way, attempts } = result;
  const sizes = takenOver === undefined ? { bytes, sourceBytes } : { bytes, sourceBytes, takenOver };
  const facts = { action, reason, origin, key, ...sizes };
  const proof = way === undefined ? { verified, attempts, durationMs } : { verified, way, attempts, durationMs };
  const settled: Outcome = etag === undefined ? { ...facts, ...proof } : { ...facts, etag, ...proof };
  return error === undefined ? settled : { ...settled, error };
}
