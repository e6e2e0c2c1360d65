import type { S3RequestError } from '../../errors.js';
import { errorCode } from '../../model/error-codes.js';
import { LONGEST_WAIT_MS, type RetryDelay } from '../../options/units.js';
import type { Verb } from '../../report/types.js';

/** What becomes of a failed request: given up, or tried again because of a passing fault or because the server is overloaded. */
export type Verdict = 'final' | 'transient' | 'throttle';

/** Whether a request may have been carried out, although no response said so. */
export function isAnswerLost({ code, status }: S3RequestError): boolean {
  const { answerLost, connection } = errorCode(code);
  return answerLost === true && (connection !== true || status === undefined);
}

/**
 * The retry table for one verb. To complete an upload that may be complete, or that S3 wants anew after a 409, is for the caller, who can find
 * out, and not for what repeats requests.
 */
export function verdictFor(verb: Verb, error: S3RequestError): Verdict {
  const own = verb === 'CompleteMultipartUpload' && (isAnswerLost(error) || errorCode(error.code).conflict === true);
  return own ? 'final' : verdict(error);
}

/** The retry table: which failures pass by themselves. What is unknown is final, so that a refusal is never repeated 8 times. */
export function verdict({ code, status }: S3RequestError): Verdict {
  const { retry, connection } = errorCode(code);
  // The code says more than the status: there are errors inside a 200.
  if (retry === 'transient') return 'transient';
  if (status === 503 || status === 429 || retry === 'throttle') return 'throttle';
  if (status === 500 || status === 502 || status === 504) return 'transient';
  return status === undefined && connection === true ? 'transient' : 'final';
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
