import type { Decision } from '../plan/decide.js';
import type { Outcome } from '../report/types.js';
import type { Entry } from '../source/types.js';
import type { EntryBody } from './body/body.js';

/** The outcome of one object, in the order that `--json` prints. Set one by one, because it is made for every object: spreads cost Node 20 more than 2 µs. */
export function outcomeOf(origin: string, key: string, result: Result, durationMs: number, error?: Error): Outcome {
  const { action, reason, bytes, sourceBytes, takenOver, etag, verified, way, attempts } = result;
  const outcome: Partial<{ -readonly [Name in keyof Outcome]: Outcome[Name] }> = { action, reason, origin, key };
  outcome.bytes = bytes;
  outcome.sourceBytes = sourceBytes;
  if (takenOver !== undefined) outcome.takenOver = takenOver;
  if (etag !== undefined) outcome.etag = etag;
  outcome.verified = verified;
  if (way !== undefined) outcome.way = way;
  outcome.attempts = attempts;
  outcome.durationMs = durationMs;
  if (error !== undefined) outcome.error = error;
  return outcome as Outcome;
}

/** What happened, without what every outcome of an entry has in common. */
export type Result = Pick<Outcome, 'action' | 'reason' | 'bytes' | 'verified' | 'attempts'> & {
  readonly etag?: string;
  readonly takenOver?: number;
  readonly way?: string;
  readonly sourceBytes: number;
};

/** Carries a put out, or only says what it would do. */
export type Putter = (
  entry: Entry,
  body: EntryBody,
  decision: PutDecision,
  headers: Readonly<Record<string, string>>,
) => Promise<Result>;

export type PutDecision = Extract<Decision, { readonly action: 'put' }>;
