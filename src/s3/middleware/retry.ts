import { setTimeout as sleep } from 'node:timers/promises';
import { S3RequestError } from '../../errors.js';
import { errorCode } from '../../model/error-codes.js';
import type { RetryDelay } from '../../options/units.js';
import type { Event, OnEvent } from '../../report/types.js';
import type { Bucket, PutRequest } from '../bucket.js';
import { wrap } from '../verbs.js';
import { retryDelay, verdictFor } from './retry-policy.js';

type Verb = Extract<Event, { readonly type: 'retry' }>['verb'];

/** Tries per request where nothing else is asked; throttled ones do not count. */
export const MAX_ATTEMPTS = 8;
/** A run in which nothing succeeded for this long stops waiting for a throttling server. */
const THROTTLED_MS = 10 * 60_000;

/** What retrying needs from the world; tests give their own. */
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
  /** Ends the waits between tries; what it rejects with is thrown. */
  readonly stop: AbortSignal;
  /** Tries per request, the first included; throttled ones do not count. Default 8. */
  readonly maxAttempts?: number | undefined;
  /** Default `jitter`. */
  readonly retryDelay?: RetryDelay | undefined;
  /** The budget that all retries share is empty and delays one more. */
  readonly onExhausted?: (() => void) | undefined;
  /** Whether the server has too much to do: then a refused request waits longer. Where it refuses a few among many, it does not. */
  readonly overloaded?: (() => boolean) | undefined;
  readonly clock?: RetryClock | undefined;
}

/** A bucket that tries again what may pass by itself. The only place of the engine that repeats a request. */
export function withRetries(bucket: Bucket, options: RetryOptions): Bucket {
  const { onEvent, stop, maxAttempts = MAX_ATTEMPTS, onExhausted, clock = REAL_CLOCK } = options;
  const overloaded = options.overloaded ?? (() => true);
  const budget = new RetryBudget(clock.now);
  let lastSuccess = clock.now();
  let answered = false;

  async function attempt<T>(
    verb: Verb,
    key: string | undefined,
    signal: AbortSignal,
    send: () => Promise<T>,
    told: {
      readonly failed?: (error: S3RequestError) => void;
      readonly retried?: (value: T, attempts: number) => T;
    } = {},
  ): Promise<T> {
    let counted = 0;
    for (let attempts = 1; ; attempts++) {
      try {
        const value = await send();
        answered = true;
        lastSuccess = clock.now();
        budget.refund();
        return attempts === 1 || told.retried === undefined ? value : told.retried(value, attempts);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof S3RequestError)) throw error;
        told.failed?.(error);
        if (error.status !== undefined) answered = true;
        const kind = verdictFor(verb, error);
        const { recovered: mended = false, unreachable = false, attempts: worth } = errorCode(error.code);
        if (kind !== 'throttle' && !mended) counted += 1;
        if (kind === 'final' || spent(kind, worth, counted)) throw withAttempts(error, attempts);
        if (kind === 'throttle') onEvent({ type: 'throttle', verb, key });
        // Where nothing answers there is no server to spare, and that shall be told soon.
        const unaffordableMs = answered && !mended && !unreachable ? budget.take(kind) : 0;
        if (unaffordableMs > 0) onExhausted?.();
        const wait = kind === 'throttle' && !overloaded() ? 'refusal' : kind;
        const ownMs = mended ? 0 : retryDelay(wait, attempts, error.retryAfterMs, clock.random(), options.retryDelay);
        const delayMs = ownMs + unaffordableMs;
        onEvent({ type: 'retry', verb, key, attempt: attempts, delayMs, error });
        await clock.sleep(delayMs, stop);
      }
    }
  }

  function spent(kind: 'transient' | 'throttle', worth: number | undefined, counted: number): boolean {
    if (kind === 'throttle') return clock.now() - lastSuccess > THROTTLED_MS;
    return counted >= Math.min(maxAttempts, worth ?? maxAttempts);
  }

  const wrapped = wrap(bucket, ({ verb, key, signal }, send) =>
    attempt(verb, key, signal, send, { retried: withCount }),
  );
  return {
    ...wrapped,
    putObject(request, signal) {
      let next = request;
      return attempt('PutObject', request.key, signal, () => bucket.putObject(next, signal), {
        failed(error) {
          // The key was absent and now holds our bytes gone wrong: the same condition would keep them there.
          if (error.code === 'ETagMismatch') next = unconditional(request);
        },
        retried: (answer, attempts) => ({ ...answer, attempts }),
      });
    },
  };
}

/** What an answer tells of its tries, where it does. */
function withCount<T>(value: T, attempts: number): T {
  return typeof value === 'object' && value !== null && 'attempts' in value ? { ...value, attempts } : value;
}

function unconditional({ onlyIfAbsent: _, ...rest }: PutRequest): PutRequest {
  return rest;
}

function withAttempts(error: S3RequestError, attempts: number): S3RequestError {
  if (attempts === error.attempts) return error;
  const { message, cause, ...details } = error;
  const tries = `${error.message} (after ${attempts} attempts)`;
  return new S3RequestError(tries, { ...details, cause: cause ?? error, attempts });
}

const CAPACITY = 500;
const REFILL_PER_SECOND = 10;
const COST = { transient: 14, throttle: 5 } as const;
/** As much as the dearest retry: while half of the requests succeed the budget stays full. */
const REFUND = 14;
/** Seconds over which successes are averaged. */
const MEMORY = 5;
/** No retry waits longer for its price: the server may be well again long before. */
const LONGEST_MS = 20_000;

/**
 * Tokens that retries of one run share, so that an outage is not answered by a storm. An empty budget delays retries and never fails one:
 * it refills with time, and with every success. A server that fails fewer than half of the requests never empties it.
 * @internal
 */
export class RetryBudget {
  #tokens = CAPACITY;
  #at: number;
  /** Successes of the last seconds, the older the less. */
  #successes = 0;
  readonly #startedAt: number;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
    this.#startedAt = this.#at;
  }

  /**
   * Takes the price of one retry; returns the milliseconds to wait until it will be there, if successes go on as they did, but 20 s at most.
   * Counting on time alone would delay the last of a burst of 503s by minutes, long after the server has answered everything else.
   */
  take(kind: 'transient' | 'throttle'): number {
    this.#refill();
    this.#tokens -= COST[kind];
    if (this.#tokens >= 0) return 0;
    const seconds = Math.min(MEMORY, Math.max(1, (this.#at - this.#startedAt) / 1_000));
    const perSecond = REFILL_PER_SECOND + (REFUND * this.#successes) / seconds;
    return Math.min(LONGEST_MS, Math.ceil((-this.#tokens / perSecond) * 1_000));
  }

  /** A request succeeded. */
  refund(): void {
    this.#refill();
    this.#successes += 1;
    this.#tokens = Math.min(CAPACITY, this.#tokens + REFUND);
  }

  #refill(): void {
    const now = this.#now();
    const seconds = (now - this.#at) / 1_000;
    this.#tokens = Math.min(CAPACITY, this.#tokens + seconds * REFILL_PER_SECOND);
    this.#successes *= Math.exp(-seconds / MEMORY);
    this.#at = now;
  }
}
