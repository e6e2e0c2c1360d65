import type { S3RequestError } from '../../errors.js';
import { errorCode } from '../../model/error-codes.js';
import type { Verb } from '../../model/verbs.js';
import { LONGEST_WAIT_MS, type RetryDelay } from '../../options/units.js';

/** What to do about a failed request: fail it, or retry it because the fault is transient or because the server is overloaded. */
export type Verdict = 'final' | 'transient' | 'throttle';

/** Whether a request may have been carried out, although no response said so. */
export function isAnswerLost({ code, status }: S3RequestError): boolean {
  const { answerLost, connection } = errorCode(code);
  return answerLost === true && (connection !== true || status === undefined);
}

/**
 * The retry table for one verb. CompleteMultipartUpload is never retried when the upload may already be complete, or when S3 wants a new upload after
 * a 409: the caller can find out which, and resolves it.
 */
export function verdictFor(verb: Verb, error: S3RequestError): Verdict {
  const callerResolves =
    verb === 'CompleteMultipartUpload' && (isAnswerLost(error) || errorCode(error.code).conflict === true);
  return callerResolves ? 'final' : verdict(error);
}

/** The retry table: which failures may pass by themselves. Unknown failures are final, so that a refusal is not repeated 8 times. */
export function verdict({ code, status }: S3RequestError): Verdict {
  const { retry, connection } = errorCode(code);
  // The code is more specific than the status: there are errors with status 200.
  if (retry === 'transient') return 'transient';
  if (status === 503 || status === 429 || retry === 'throttle') return 'throttle';
  if (status === 500 || status === 502 || status === 504) return 'transient';
  return status === undefined && connection === true ? 'transient' : 'final';
}

/**
 * Why a retry waits: a transient fault; an overloaded server; a server that refuses a few requests among many, or is not reached at first, either of
 * which passes quickly or not at all; or a server that is away, such as one that restarts.
 */
export type DelayKind = 'transient' | 'throttle' | 'refusal' | 'away';

const BASE_MS: Readonly<Record<DelayKind, number>> = { transient: 50, throttle: 500, refusal: 50, away: 50 };
const CAP_MS: Readonly<Record<DelayKind, number>> = { transient: 20_000, throttle: 20_000, refusal: 800, away: 2_000 };

/** Whether a request reached no server at all. */
export function isUnreached({ code, status }: S3RequestError): boolean {
  return status === undefined && errorCode(code).unreachable === true;
}

/** Whether a failure may mean that the server is away, if nothing else succeeds meanwhile: it, or the gateway before it, has lost it. */
export function mayBeAway({ code, status }: S3RequestError): boolean {
  return status === undefined ? errorCode(code).connection === true : status === 502 || status === 504;
}

/**
 * Milliseconds before the next attempt; a `Retry-After` of the server wins. `jitter` is full jitter over a doubling base, so that many clients do not
 * return at the same moment, and at least half of it where the server is away: a few short delays in a row must not use up the attempts. A linear delay is the number of the attempt times `linearMs`, as in the original tool.
 * @param attempt the attempt that failed, from 1
 * @param random a number from 0 up to, not including, 1
 */
export function retryDelay(
  kind: DelayKind,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
  backoff: RetryDelay = 'jitter',
): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, LONGEST_WAIT_MS);
  if (backoff !== 'jitter') return Math.min(attempt * backoff.linearMs, LONGEST_WAIT_MS);
  const bound = Math.min(CAP_MS[kind], BASE_MS[kind] * 2 ** Math.min(attempt - 1, 20));
  return Math.floor(bound * (kind === 'away' ? (1 + random) / 2 : random));
}
