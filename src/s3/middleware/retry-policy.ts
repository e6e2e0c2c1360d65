import type { S3RequestError } from '../../errors.js';
import { LONGEST_WAIT_MS, type RetryDelay } from '../../options/units.js';
import type { Verb } from '../../report/types.js';

/** What becomes of a failed request: given up, or tried again because of a passing fault or because the server is overloaded. */
export type Verdict = 'final' | 'transient' | 'throttle';

const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'InternalError',
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
  'TimeoutError',
  'TruncatedAnswer',
  'ETagMismatch',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  'XAmzContentChecksumMismatch',
  'ConnectTimeout',
  'StalledSend',
  'SilentServer',
  'MalformedAnswer',
  'Mended',
  'ChecksumRefused',
]);
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
const THROTTLE_CODES: ReadonlySet<string> = new Set([
  'SlowDown',
  'TooManyRequests',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
]);

/** What was mended between two tries, and so is neither counted nor waited for; each happens once. */
export const MENDED: ReadonlySet<string> = new Set(['Mended', 'ChecksumRefused']);

/** Tries that a verdict of this code allows where it is fewer than the general limit: the bytes were read anew, a second mismatch is real. */
export const ATTEMPTS_BY_CODE: Readonly<Record<string, number>> = {
  ETagMismatch: 2,
  BadDigest: 2,
  XAmzContentSHA256Mismatch: 2,
  XAmzContentChecksumMismatch: 2,
};

/** Failures of the way to the server: the request did not reach it whole. */
const UNSENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ConnectTimeout',
  'StalledSend',
]);
const UNTOLD: ReadonlySet<string> = new Set(['TruncatedAnswer', 'MalformedAnswer', 'SilentServer', 'TimeoutError']);
const CONFLICTS: ReadonlySet<string> = new Set(['OperationAborted', 'ConditionalRequestConflict']);

/** May it have been done, although no answer said so? */
export function isAnswerLost({ code, status }: S3RequestError): boolean {
  return UNTOLD.has(code) || (status === undefined && CONNECTION_CODES.has(code) && !UNSENT.has(code));
}

/** The retry table for one verb: to complete an upload that may be complete, or that S3 wants anew after a 409, is not for who repeats requests. */
export function verdictFor(verb: Verb, error: S3RequestError): Verdict {
  const own = verb === 'CompleteMultipartUpload' && (isAnswerLost(error) || CONFLICTS.has(error.code));
  return own ? 'final' : verdict(error);
}

/** The retry table: which failures pass by themselves. Anything unknown is final, so that a refusal is never repeated 8 times. */
export function verdict(error: S3RequestError): Verdict {
  // The code says more than the status: there are errors inside a 200.
  if (TRANSIENT_CODES.has(error.code)) return 'transient';
  if (error.status === 503 || error.status === 429 || THROTTLE_CODES.has(error.code)) return 'throttle';
  if (error.status === 500 || error.status === 502 || error.status === 504) return 'transient';
  return error.status === undefined && CONNECTION_CODES.has(error.code) ? 'transient' : 'final';
}

/** What is waited for: a fault that passes; a server with too much to do; one that refuses a few requests among many, and will not for long. */
export type Wait = 'transient' | 'throttle' | 'refusal';

const BASE_MS: Readonly<Record<Wait, number>> = { transient: 50, throttle: 500, refusal: 50 };
const CAP_MS: Readonly<Record<Wait, number>> = { transient: 20_000, throttle: 20_000, refusal: 800 };

/**
 * Milliseconds before the next try; what the server asks wins. `jitter` is full jitter over a doubling base, so that many clients do not come
 * back at once; linear waits are the number of the try times the given, as the original tool had it.
 * @param attempt the try that failed, from 1
 * @param random a number from 0 up to, not including, 1
 */
export function retryDelay(
  wait: Wait,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
  growth: RetryDelay = 'jitter',
): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, LONGEST_WAIT_MS);
  if (growth !== 'jitter') return Math.min(attempt * growth.linearMs, LONGEST_WAIT_MS);
  return Math.floor(random * Math.min(CAP_MS[wait], BASE_MS[wait] * 2 ** Math.min(attempt - 1, 20)));
}
