import { setTimeout as sleep } from 'node:timers/promises';
import { S3RequestError } from '../../errors.js';
import type { Verb } from '../../model/verbs.js';
import type { RetryDelay } from '../../options/units.js';
import { textIn } from '../../report/message.js';
import type { OnEvent } from '../../report/types.js';
import type { Bucket, PutAnswer, PutRequest } from '../bucket.js';
import { CLOSE_FROM_STATUS, onNewConnection, throwIfAborted } from '../http/http-client.js';
import { type SendCall, wrap } from '../verbs.js';
import { retriedDelete, retriedDeletes } from './retry-deletes.js';
import { decideRetry, isUnreached, retryDelay } from './retry-policy.js';

/** Default number of attempts per request; throttled ones do not count. */
const MAX_ATTEMPTS = 8;

/** Time and chance, as retries use them; tests pass their own. */
export interface RetryClock {
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const REAL_CLOCK: RetryClock = {
  now: () => performance.now(),
  random: Math.random,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

export interface RetryOptions {
  readonly onEvent: OnEvent;
  /** Ends the waits between attempts; its reason is thrown. */
  readonly stop: AbortSignal;
  /** Attempts per request, the first included; throttled ones do not count. Default 8. */
  readonly maxAttempts?: number | undefined;
  /** Default `jitter`. */
  readonly retryDelay?: RetryDelay | undefined;
  /** Called when the budget that all retries share is empty, so that it delays a retry. */
  readonly onExhausted?: (() => void) | undefined;
  /** Whether the server is overloaded: then a refused request waits longer than if the server refuses a few among many. */
  readonly overloaded?: (() => boolean) | undefined;
  readonly clock?: RetryClock | undefined;
}

/** The failures of one request in a row that reached no server. */
interface Outage {
  readonly since: number;
  waitedMs: number;
}

/** The failure of a first attempt. */
export interface FirstFailure {
  readonly error: unknown;
  /** What `successes` was when it was sent. */
  readonly successesBefore: number;
}

/** For who makes the first attempt of a put itself. */
export interface LaterAttempts {
  /** How many requests have succeeded. */
  readonly successes: number;
  /** To be called when the first attempt has succeeded. */
  succeeded(): void;
  /** Decides about a failed first attempt, and makes the others. */
  putAgain(request: PutRequest, signal: AbortSignal, first: FirstFailure): Promise<PutAnswer>;
}

/** A bucket that retries transient failures. The only place in the engine that repeats a request. */
export function withRetries(bucket: Bucket, options: RetryOptions): Bucket & { readonly later: LaterAttempts } {
  const { onEvent, stop, maxAttempts = MAX_ATTEMPTS, onExhausted, clock = REAL_CLOCK } = options;
  const overloaded = options.overloaded ?? (() => true);
  const budget = new RetryBudget(clock.now);
  let lastSuccess = clock.now();
  let responded = false;
  let successes = 0;

  function succeeded<T>(value: T): T {
    responded = true;
    successes += 1;
    lastSuccess = clock.now();
    budget.refund();
    return value;
  }

  /** @param first the failure of the first attempt, where that was made already */
  async function attempt<T>(
    verb: Verb,
    key: string | undefined,
    signal: AbortSignal,
    send: SendCall<T>,
    hooks: {
      readonly onFailure?: (error: S3RequestError) => void;
      readonly withAttempts?: (value: T, attempts: number) => T;
    } = {},
    first?: FirstFailure,
  ): Promise<T> {
    let counted = 0;
    let outage: Outage | undefined;
    let next: AbortSignal | undefined;
    let failed = first;
    for (let attempts = 1; ; attempts++) {
      const before = failed?.successesBefore ?? successes;
      try {
        if (failed !== undefined) throw failed.error;
        const value = succeeded(await send(next));
        return attempts === 1 || hooks.withAttempts === undefined ? value : hooks.withAttempts(value, attempts);
      } catch (error) {
        failed = undefined;
        throwIfAborted(signal, error);
        if (!(error instanceof S3RequestError)) throw error;
        hooks.onFailure?.(error);
        if (error.status !== undefined) responded = true;
        outage = isUnreached(error) ? (outage ?? { since: clock.now(), waitedMs: 0 }) : undefined;
        const retry = decideRetry({
          error,
          verb,
          attempts,
          counted,
          maxAttempts,
          responded,
          succeededMeanwhile: successes !== before,
          overloaded,
          outageMs: outage === undefined ? undefined : Math.max(outage.waitedMs, clock.now() - outage.since),
          withoutSuccessMs: clock.now() - lastSuccess,
        });
        if (retry === undefined) throw errorWithAttempts(error, attempts);
        counted = retry.counted;
        if (retry.kind === 'throttle') onEvent({ type: 'throttle', verb, key });
        const budgetMs = retry.costs ? budget.take(retry.kind) : 0;
        if (budgetMs > 0) onExhausted?.();
        const backoffMs =
          retry.delay === 'none'
            ? 0
            : retryDelay(retry.delay, attempts, error.retryAfterMs, clock.random(), options.retryDelay);
        const delayMs = Math.min(backoffMs, retry.mostMs) + budgetMs;
        if (outage !== undefined) outage.waitedMs += delayMs;
        onEvent({ type: 'retry', verb, key, attempt: attempts, delayMs, error });
        if (retry.delay !== 'none' && breaksConnection(error)) next = onNewConnection(signal);
        await clock.sleep(delayMs, stop);
      }
    }
  }

  function putAgain(request: PutRequest, signal: AbortSignal, first: FirstFailure): Promise<PutAnswer> {
    let next = request;
    const send: SendCall<PutAnswer> = (other) => bucket.putObject(next, other ?? signal);
    const hooks = {
      onFailure(error: S3RequestError) {
        // The key now holds our corrupted bytes: the same condition would keep them there.
        if (error.code === 'ETagMismatch') next = overCorrupted(request, error);
      },
      withAttempts: (answer: PutAnswer, attempts: number) => ({ ...answer, attempts }),
    };
    return attempt('PutObject', request.key, signal, send, hooks, first);
  }

  const wrapped = wrap(bucket, ({ verb, key, signal }, send) =>
    attempt(verb, key, signal, send, { withAttempts: valueWithAttempts }),
  );
  return {
    ...wrapped,
    later: {
      get successes() {
        return successes;
      },
      succeeded: () => void succeeded(undefined),
      putAgain,
    },
    // Most puts succeed at once: what only later attempts need is made for those.
    putObject(request, signal) {
      const successesBefore = successes;
      return bucket
        .putObject(request, signal)
        .then(succeeded, (error: unknown) => putAgain(request, signal, { error, successesBefore }));
    },
    deleteObjects: (targets, signal) =>
      retriedDeletes(targets, (send, onFailure) =>
        attempt(
          'DeleteObjects',
          undefined,
          signal,
          (other) => send((open) => bucket.deleteObjects(open, other ?? signal)),
          {
            onFailure,
          },
        ),
      ),
    deleteObject: (target, signal) =>
      retriedDelete((onFailure) =>
        attempt('DeleteObject', target.key, signal, (other) => bucket.deleteObject(target, other ?? signal), {
          onFailure,
        }),
      ),
  };
}

/**
 * Whether a retry needs a new connection: the connection failed, or what it carried was damaged, and other idle ones may be no better. The client
 * itself closes a connection that answered 5xx.
 */
function breaksConnection({ status }: S3RequestError): boolean {
  return status === undefined || status < CLOSE_FROM_STATUS;
}

/** A result with the number of its attempts, if it has such a field. */
function valueWithAttempts<T>(value: T, attempts: number): T {
  return typeof value === 'object' && value !== null && 'attempts' in value ? { ...value, attempts } : value;
}

/** The request that replaces what an attempt has stored: bound to that, where it was bound before. */
function overCorrupted({ onlyIfAbsent: _, ifMatch, ...rest }: PutRequest, { storedEtag }: S3RequestError): PutRequest {
  return ifMatch === undefined || storedEtag === undefined ? rest : { ...rest, ifMatch: storedEtag };
}

function errorWithAttempts(error: S3RequestError, attempts: number): S3RequestError {
  if (attempts === error.attempts) return error;
  const { message, cause, ...details } = error;
  const text = `${error.message} (after ${attempts} attempts)`;
  return new S3RequestError(text, { ...details, hint: textIn(error, 'hint'), cause: cause ?? error, attempts });
}

const CAPACITY = 500;
const REFILL_PER_SECOND = 10;
const COST = { transient: 14, throttle: 5 } as const;
/** The price of the most expensive retry: while half of the requests succeed, the budget stays full. */
const REFUND = 14;
/** Seconds over which successes are averaged. */
const AVERAGE_SECONDS = 5;
/** The longest wait for the budget, in ms: the server may have recovered long before. */
const MAX_BUDGET_MS = 20_000;

/**
 * Tokens that all retries of a run share, so that an outage does not cause a storm of retries. An empty budget delays retries and never fails one:
 * it refills with time, and with every success. A server that fails fewer than half of the requests never empties it.
 * @internal
 */
export class RetryBudget {
  #tokens = CAPACITY;
  #refilledAt: number;
  /** Successes of the last seconds; older ones weigh less. */
  #successes = 0;
  readonly #startedAt: number;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#refilledAt = now();
    this.#startedAt = this.#refilledAt;
  }

  /**
   * Takes the price of one retry. Returns the milliseconds until the budget will cover it if successes continue at the same rate, at most 20 s.
   * Refilling by time alone would delay the last of a burst of 503s by minutes, long after everything else has succeeded.
   */
  take(kind: 'transient' | 'throttle'): number {
    this.#refill();
    this.#tokens -= COST[kind];
    if (this.#tokens >= 0) return 0;
    const seconds = Math.min(AVERAGE_SECONDS, Math.max(1, (this.#refilledAt - this.#startedAt) / 1_000));
    const perSecond = REFILL_PER_SECOND + (REFUND * this.#successes) / seconds;
    return Math.min(MAX_BUDGET_MS, Math.ceil((-this.#tokens / perSecond) * 1_000));
  }

  /** To be called when a request has succeeded. */
  refund(): void {
    this.#refill();
    this.#successes += 1;
    this.#tokens = Math.min(CAPACITY, this.#tokens + REFUND);
  }

  #refill(): void {
    const now = this.#now();
    const seconds = (now - this.#refilledAt) / 1_000;
    this.#tokens = Math.min(CAPACITY, this.#tokens + seconds * REFILL_PER_SECOND);
    this.#successes *= Math.exp(-seconds / AVERAGE_SECONDS);
    this.#refilledAt = now;
  }
}
