import { S3RequestError } from '../../errors.js';
import { errorCode, isCredentialsError } from '../../model/error-codes.js';
import type { HintSettings } from '../../model/hint-row.js';
import { VERBS, type Verb } from '../../model/verbs.js';
import type { OnEvent } from '../../report/types.js';
import type { Pacer } from '../../run/pacer.js';
import type { RequestResult } from '../../run/recent-responses.js';
import type { Bucket } from '../bucket.js';
import { withSettings } from '../errors.js';
import { AbortedInFlight } from '../http/http-client.js';
import { wrap } from '../verbs.js';
import type { Recovery, SentWith } from './recover.js';
import { verdict } from './retry-policy.js';

/** The slots of a limiter of requests in flight. */
export interface RequestSlots {
  /** Takes a slot. Undefined if one is free; else resolves once it is taken. */
  take(): Promise<void> | undefined;
  /** As `take`, but calls `start` once the slot is taken, at once if one is free, or `reject` once none will be. */
  takeThen(start: () => void, reject: () => void): void;
  release(): void;
  /** Gives back a slot in which no request was started. */
  cancel(): void;
  /** Counts a request that takes no slot. */
  startAtOnce(): void;
}

export interface ObservationOptions {
  readonly onEvent: OnEvent;
  /** Learns how each request ended. */
  readonly pacer: Pick<Pacer, 'finished' | 'outOfDescriptors'>;
}

/** One request that was sent, as it is observed. */
export interface ObservedCall {
  readonly verb: Verb;
  readonly key: string | undefined;
  /** Bytes of the body. */
  readonly bytes: number;
  /** When it was sent, on the clock of `performance.now()`. */
  readonly started: number;
  readonly by: SentWith;
}

/** What becomes known of each request when it has ended. */
export interface Observation {
  answered(call: ObservedCall, status: 200 | 404, requestId: string | undefined): void;
  /** The error to throw for what a request threw, with its fix where the settings show one. */
  failed(call: ObservedCall, error: unknown): unknown;
  /** The same, after what the refusal names is recovered from. */
  recovered(call: ObservedCall, thrown: unknown): Promise<unknown>;
}

export function observation(
  settings: HintSettings,
  { onEvent, pacer }: ObservationOptions,
  { errorAfter }: Recovery,
): Observation {
  function observe(
    { verb, key, bytes, started }: ObservedCall,
    status: number | undefined,
    result: RequestResult,
    requestId: string | undefined,
  ): void {
    const durationMs = performance.now() - started;
    pacer.finished(durationMs, result === 'answered' ? bytes : 0, result);
    onEvent({ type: 'request', verb, key, status, durationMs, requestId });
  }

  return {
    answered: (call, status, requestId) => observe(call, status, 'answered', requestId),

    failed(call, error) {
      const { verb } = call;
      // If the body could not be read, or there were no credentials, no request was sent.
      if (error instanceof S3RequestError && !isCredentialsError(error.code))
        observe(call, error.status, resultOf(error), error.requestId);
      if (error instanceof AbortedInFlight)
        return VERBS[verb].writes ? new AbortedInFlight(error.cause, verb) : error.cause;
      if (!(error instanceof S3RequestError)) return error;
      if (errorCode(error.code).shortage === true) pacer.outOfDescriptors();
      return withSettings(error, settings);
    },

    recovered: async ({ by }, thrown) => (thrown instanceof S3RequestError ? errorAfter(thrown, by) : thrown),
  };
}

/**
 * A bucket whose every request takes a slot, is counted by the pacer, and is reported as a `request` event; then what its refusal names is recovered
 * from. One function for all, because every request waits in it.
 */
export function withObservation(
  bucket: Bucket,
  slots: RequestSlots,
  { sentWith }: Pick<Recovery, 'sentWith'>,
  { answered, failed, recovered }: Observation,
): Bucket {
  return wrap(bucket, async ({ verb, key, body, unlimited }, send) => {
    const by = sentWith();
    const turn = unlimited ? undefined : slots.take();
    if (turn !== undefined) await turn;
    if (unlimited) slots.startAtOnce();
    const started = performance.now();
    // A stream has its size only when it was read.
    const call = (): ObservedCall => ({ verb, key, bytes: body?.size ?? 0, started, by });
    let thrown: unknown;
    try {
      const answer = await send();
      answered(call(), answer === undefined ? 404 : 200, requestIdOf(answer));
      return answer;
    } catch (error) {
      thrown = failed(call(), error);
    } finally {
      if (!unlimited) slots.release();
    }
    throw await recovered(call(), thrown);
  });
}

/** The request id in a result, if it has one. */
function requestIdOf(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  if ('requestId' in result) return result.requestId as string | undefined;
  const { headers } = result as { readonly headers?: Readonly<Record<string, string | undefined>> };
  return headers?.['x-amz-request-id'];
}

/** A final refusal counts as answered: it took the server as long as a success. */
function resultOf(error: S3RequestError): RequestResult {
  const kind = verdict(error);
  // A stalled line or server is overloaded by the requests in flight.
  if (kind === 'throttle' || errorCode(error.code).stalled === true) return 'throttled';
  return kind === 'final' && error.status !== undefined ? 'answered' : 'failed';
}
