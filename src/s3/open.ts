import { S3RequestError, UsageError } from '../errors.js';
import { errorCode, isCredentialsError } from '../model/error-codes.js';
import type { ConnectionOptions } from '../options/resolved.js';
import type { Pace } from '../run/pacer.js';
import type { RequestResult } from '../run/recent-answers.js';
import type { Run } from '../run/run.js';
import { VERSION } from '../version.js';
import type { Bucket } from './bucket.js';
import { profileFinder } from './endpoint-profile.js';
import { DEFAULT_PATIENCE, type HttpClient, type Patience } from './http/http-client.js';
import { socketClient } from './http/socket-client.js';
import { integrity } from './integrity.js';
import { withConditionalWrites } from './middleware/if-none-match.js';
import { withRecovery } from './middleware/recover.js';
import { type RetryOptions, withRetries } from './middleware/retry.js';
import { verdict } from './middleware/retry-policy.js';
import { sdkBucket } from './sdk/bucket.js';
import { resolveEndpoint, sdkClients } from './sdk/client.js';
import { openSession, type Session } from './session.js';
import { wrap } from './verbs.js';
import { wireBucket } from './wire/bucket.js';

/** The limit of requests in flight, as a limiter keeps it. */
export interface RequestSlots {
  /** Undefined where there is one at once. */
  take(): Promise<void> | undefined;
  release(): void;
}

/** Which way requests take: signed here, or by the AWS SDK. */
export type Lane = 'wire' | 'sdk';

export interface OpenBucketOptions extends Omit<RetryOptions, 'onExhausted' | 'overloaded'> {
  readonly slots: RequestSlots;
  /** Told how each request ended, and when the retry budget is empty. */
  readonly pace: Pace;
  readonly patience?: Patience | undefined;
  /** The wire wherever the endpoint allows it, if not given. */
  readonly lane?: Lane | undefined;
}

/** The bucket as the engine uses it: conditional writes anywhere, retries, what can be mended, then one slot and one event per request. */
export async function openBucket(
  name: string,
  connection: ConnectionOptions,
  options: OpenBucketOptions,
): Promise<Bucket> {
  const http = await httpClient(connection, options.patience ?? DEFAULT_PATIENCE);
  const { onEvent } = options;
  try {
    const session = await sessionOf(name, connection, http);
    const single = observed(await laneOf(name, connection, { session, http, ...options }), options);
    // Whoever names an endpoint means it; only S3 itself is found wherever it is.
    const followsRegion = connection.endpointUrl === undefined;
    const mended = withRecovery(single, { session, onEvent, followsRegion });
    const retried = withRetries(mended, {
      ...options,
      onExhausted: options.pace.exhausted,
      overloaded: options.pace.overloaded,
    });
    const bucket = withConditionalWrites(retried, onEvent);
    const close = () => {
      bucket.close();
      http.close();
    };
    return { ...bucket, close };
  } catch (error) {
    http.close();
    throw error;
  }
}

/** Opens a bucket whose requests count in this run, and which the run closes. */
export async function openBucketOfRun(
  run: Pick<Run, 'record' | 'limiter' | 'pace' | 'stop' | 'own'>,
  name: string,
  connection: ConnectionOptions,
  options: Pick<OpenBucketOptions, 'maxAttempts' | 'retryDelay' | 'patience' | 'clock' | 'lane'>,
): Promise<Bucket> {
  const { maxAttempts, retryDelay, patience, clock, lane } = options;
  const { record, limiter: slots, pace, stop } = run;
  const requests = { onEvent: record.emit, slots, pace, stop: stop.signal };
  return run.own(await openBucket(name, connection, { ...requests, maxAttempts, retryDelay, patience, clock, lane }));
}

async function httpClient({ proxy, httpClient: choice }: ConnectionOptions, patience: Patience): Promise<HttpClient> {
  if (choice === 'sockets') return socketClient({ patience, proxy });
  const { undiciClient } = await import('./http/undici-client.js');
  return undiciClient({ patience, proxy });
}

async function sessionOf(name: string, connection: ConnectionOptions, http: HttpClient): Promise<Session> {
  const { client, endpointClient } = await sdkClients(connection, http);
  try {
    return await openSession(client, resolveEndpoint(endpointClient, name), connection.onCredentials);
  } catch (error) {
    client.destroy();
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The bucket "${name}" cannot be addressed: ${why}`, 'Check bucket, region and endpointUrl.');
  }
}

interface LaneDeps extends Pick<OpenBucketOptions, 'lane' | 'onEvent'> {
  readonly session: Session;
  readonly http: HttpClient;
}

async function laneOf(name: string, connection: ConnectionOptions, deps: LaneDeps): Promise<Bucket> {
  const { session, http, lane = 'wire', onEvent } = deps;
  const { checksum, requestHeaders } = connection;
  const profile = profileFinder(session.address.host);
  const shared = { session, profile, integrity: integrity(checksum, profile, onEvent), requestHeaders };
  const sdk = await sdkBucket(name, shared);
  if (lane === 'sdk' || !session.address.plain) return sdk;
  return { ...sdk, ...wireBucket(name, { ...shared, http, userAgent: `s3-parallel-put/${VERSION}` }) };
}

/** A bucket whose every request takes a slot, is told to the pace, and is reported as a `request` event. */
function observed(bucket: Bucket, { onEvent, slots, pace }: OpenBucketOptions): Bucket {
  return wrap(bucket, async ({ verb, key, body, unlimited }, send) => {
    const turn = unlimited ? undefined : slots.take();
    if (turn !== undefined) await turn;
    const started = performance.now();
    const report = (status: number | undefined, ending: RequestResult, requestId: string | undefined) => {
      const durationMs = performance.now() - started;
      pace.finished(durationMs, ending === 'answered' ? (body?.size ?? 0) : 0, ending);
      onEvent({ type: 'request', verb, key, status, durationMs, requestId });
    };
    try {
      const answer = await send();
      report(answer === undefined ? 404 : 200, 'answered', requestIdOf(answer));
      return answer;
    } catch (error) {
      // Without a body, or credentials to sign with, there was no request.
      if (error instanceof S3RequestError && !isCredentialsError(error.code))
        report(error.status, endingOf(error), error.requestId);
      throw error;
    } finally {
      if (!unlimited) slots.release();
    }
  });
}

/** The id that an answer was given, where it was kept. */
function requestIdOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  if ('requestId' in answer) return answer.requestId as string | undefined;
  const { headers } = answer as { readonly headers?: Readonly<Record<string, string | undefined>> };
  return headers?.['x-amz-request-id'];
}

/** A refusal for good is an answer like any other: it took the server as long. */
function endingOf(error: S3RequestError): RequestResult {
  const kind = verdict(error);
  // A line that stands still, or a server that does, has too much to do with what is in flight.
  if (kind === 'throttle' || errorCode(error.code).stalled === true) return 'throttled';
  return kind === 'final' && error.status !== undefined ? 'answered' : 'failed';
}
