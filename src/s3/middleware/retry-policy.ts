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
function mayBeAway({ code, status }: S3RequestError): boolean {
  return status === undefined ? errorCode(code).connection === true : status === 502 || status === 504;
}

/** How long retries bridge a host that is away after it has responded in this run, in ms; attempts do not count meanwhile. */
const BRIDGE_MS = 30_000;
/** How long retries last where a host has never responded, in ms: its address may be wrong, which is to be reported soon. */
const FIRST_MS = 3_000;
/** If nothing has succeeded for this many ms, requests to a throttling server fail. */
const THROTTLED_MS = 10 * 60_000;

/** What is known about an attempt that has failed. */
export interface FailedAttempt {
  readonly error: S3RequestError;
  readonly verb: Verb;
  /** Attempts so far, this one included. */
  readonly attempts: number;
  /** Attempts before this one that count against `maxAttempts`. */
  readonly counted: number;
  readonly maxAttempts: number;
  /** Whether the host has responded in this run. */
  readonly responded: boolean;
  /** Whether another request has succeeded since this attempt began. */
  readonly succeededMeanwhile: boolean;
  /** Whether the server refuses many requests, and not only a few. */
  readonly overloaded: () => boolean;
  /** For how many ms this request has reached no server; undefined where it has reached one. */
  readonly outageMs: number | undefined;
  /** For how many ms no request of the run has succeeded. */
  readonly withoutSuccessMs: number;
}

export interface RetryDecision {
  readonly kind: Exclude<Verdict, 'final'>;
  /** Attempts that count against `maxAttempts` by now. */
  readonly counted: number;
  /** Why it waits; `none` where the cause was fixed between two attempts. */
  readonly delay: DelayKind | 'none';
  /** It waits no longer than this. */
  readonly mostMs: number;
  /** Whether it takes from the budget of retries. Without any response there is no server to spare, and the failure is to be reported soon. */
  readonly costs: boolean;
}

/** Whether and how a failed request is sent again; undefined where it fails for good. */
export function decideRetry(failed: FailedAttempt): RetryDecision | undefined {
  const { error, verb, attempts, maxAttempts, responded, outageMs } = failed;
  const { recovered = false, unreachable = false, shortage = false, attempts: maxForCode } = errorCode(error.code);
  const isOutage = outageMs !== undefined;
  // Where the host is known, its name does exist, even if it does not resolve now.
  const kind = isOutage && responded ? 'transient' : verdictFor(verb, error);
  const patienceMs = isOutage ? (responded ? BRIDGE_MS : FIRST_MS) - outageMs : Number.POSITIVE_INFINITY;
  if (kind === 'final' || (patienceMs <= 0 && !responded)) return undefined;

  const bridges = isOutage && responded && patienceMs > 0 && maxAttempts > 1;
  const counts = kind !== 'throttle' && !recovered && !shortage && !bridges;
  // After an outage that was too long, the attempts during it count too.
  const counted = counts ? (isOutage ? attempts : failed.counted + 1) : failed.counted;
  const isExhausted =
    kind === 'throttle' || shortage
      ? failed.withoutSuccessMs > THROTTLED_MS
      : counted >= Math.min(maxAttempts, maxForCode ?? maxAttempts);
  if (isExhausted) return undefined;

  const isAway = bridges || (responded && !failed.succeededMeanwhile && mayBeAway(error));
  const isQuick = kind === 'throttle' ? !failed.overloaded() : shortage || isOutage;
  return {
    kind,
    counted,
    delay: recovered ? 'none' : isAway ? 'away' : isQuick ? 'refusal' : kind,
    mostMs: patienceMs > 0 ? patienceMs : Number.POSITIVE_INFINITY,
    costs: responded && !recovered && !unreachable && !shortage,
  };
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
