import { S3RequestError, UsageError } from '../errors.js';
import { errorCode, isCredentialsError } from '../model/error-codes.js';
import type { HintSettings } from '../model/hint-row.js';
import { VERBS } from '../model/verbs.js';
import type { ConnectionOptions } from '../options/resolved.js';
import { msg } from '../report/message.js';
import type { OnEvent } from '../report/types.js';
import type { Pacer } from '../run/pacer.js';
import type { RequestResult } from '../run/recent-responses.js';
import type { Run } from '../run/run.js';
import { VERSION } from '../version.js';
import type { Bucket } from './bucket.js';
import { isAwsHost, profileFinder } from './endpoint-profile.js';
import { withSettings } from './errors.js';
import { AbortedInFlight, DEFAULT_PATIENCE, type HttpClient, type Patience } from './http/http-client.js';
import { socketClient } from './http/socket-client.js';
import { integrity } from './integrity.js';
import { withBoundWrites } from './middleware/if-match.js';
import { withConditionalWrites } from './middleware/if-none-match.js';
import { withRecovery } from './middleware/recover.js';
import { type RetryOptions, withRetries } from './middleware/retry.js';
import { verdict } from './middleware/retry-policy.js';
import { sdkBucket } from './sdk/bucket.js';
import { type Address, resolveEndpoint, sdkClients } from './sdk/client.js';
import { openSession, type Session } from './session.js';
import { wrap } from './verbs.js';
import { wireBucket } from './wire/bucket.js';

/** The slots of a limiter of requests in flight. */
export interface RequestSlots {
  /** Takes a slot. Undefined if one is free; else resolves once it is taken. */
  take(): Promise<void> | undefined;
  release(): void;
}

/** How requests are sent: signed here, or by the AWS SDK. */
export type Lane = 'wire' | 'sdk';

export interface OpenBucketOptions extends Omit<RetryOptions, 'onExhausted' | 'overloaded'> {
  readonly slots: RequestSlots;
  /** Learns how each request ended, and when the retry budget is empty. */
  readonly pacer: Pacer;
  readonly patience?: Patience | undefined;
  /** Default: `wire` if the endpoint allows it. */
  readonly lane?: Lane | undefined;
}

/** Where a bucket is, as far as that is known without a request. */
export interface BucketLocation {
  /** The region that requests are signed for. Undefined for a server that is not AWS, and for the default region, which may not be the bucket's. */
  readonly region?: string | undefined;
  /** Address of a server that is not AWS, or that an option names, without the bucket. */
  readonly endpoint?: string | undefined;
}

/** A bucket that is ready for requests. */
export interface OpenBucket extends Bucket {
  readonly location: BucketLocation;
  /** The time in ms since 1970: the server's, where a response has shown that this machine's is wrong. */
  now(): number;
}

/** The bucket as the engine uses it: conditional writes on any server, retries, recovery, then one slot and one event per request. @internal */
export async function openBucket(
  name: string,
  connection: ConnectionOptions,
  options: OpenBucketOptions,
): Promise<OpenBucket> {
  const http = await httpClient(connection, options.patience ?? DEFAULT_PATIENCE);
  const { onEvent } = options;
  try {
    const { session, location } = await openSessionOf(name, connection, http, onEvent);
    const observed = withObservation(
      await openLane(name, connection, { session, http, ...options }),
      hintSettings(connection, session.address),
      options,
    );
    // A bucket's region is followed only on AWS; a custom endpoint is used as given.
    const followsRegion = connection.endpointUrl === undefined;
    const recovering = withRecovery(observed, { session, onEvent, followsRegion });
    const retried = withRetries(recovering, {
      ...options,
      onExhausted: options.pacer.exhausted,
      overloaded: options.pacer.overloaded,
    });
    const bucket = withBoundWrites(withConditionalWrites(retried, onEvent), onEvent);
    const close = () => {
      bucket.close();
      http.close();
    };
    return { ...bucket, location, now: () => session.now(), close };
  } catch (error) {
    http.close();
    throw error;
  }
}

/** Opens a bucket whose requests count in this run, and which the run closes. */
export async function openBucketOfRun(
  run: Pick<Run, 'record' | 'limiter' | 'pacer' | 'stop' | 'own'>,
  name: string,
  connection: ConnectionOptions,
  options: Pick<OpenBucketOptions, 'maxAttempts' | 'retryDelay' | 'patience' | 'clock' | 'lane'>,
): Promise<OpenBucket> {
  const { maxAttempts, retryDelay, patience, clock, lane } = options;
  const { record, limiter: slots, pacer, stop } = run;
  const requests = { onEvent: record.emit, slots, pacer, stop: stop.signal };
  return run.own(await openBucket(name, connection, { ...requests, maxAttempts, retryDelay, patience, clock, lane }));
}

async function httpClient({ proxy, httpClient: choice }: ConnectionOptions, patience: Patience): Promise<HttpClient> {
  if (choice === 'sockets') return socketClient({ patience, proxy });
  if (process.versions.bun !== undefined) throw undiciOnBun();
  const { undiciClient } = await import('./http/undici-client.js').catch((error: unknown) => {
    throw withoutUndici(error);
  });
  return undiciClient({ patience, proxy });
}

/** Bun replaces undici by a module of its own, which lacks most of it, also where the package is installed. */
function undiciOnBun(): UsageError {
  return new UsageError(
    msg`{httpClient} "undici" does not run on Bun, which has its own incomplete undici.`,
    msg`Leave {httpClient} out, or use Node. The default, sockets, runs on Bun.`,
  );
}

/** undici is an optional peer dependency, which most installations lack. Version 8 throws while it is loaded on Node 20. */
function withoutUndici(error: unknown): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = /MODULE_NOT_FOUND$/.test(code ?? '')
    ? 'which is not installed'
    : `which Node ${process.version} cannot load (${message})`;
  return new UsageError(
    msg`{httpClient} "undici" needs the package undici, ${why}.`,
    'npm install undici@7 adds it, for every version of Node that can run this.',
  );
}

async function openSessionOf(
  name: string,
  connection: ConnectionOptions,
  http: HttpClient,
  onEvent: OnEvent,
): Promise<{ readonly session: Session; readonly location: BucketLocation }> {
  const { client, endpointClient, namedRegion } = await sdkClients(connection, http, onEvent);
  try {
    const session = await openSession(client, resolveEndpoint(endpointClient, name), connection.onCredentials);
    // The option is checked with the options; the SDK itself reads the environment and the profile.
    if (connection.endpointUrl === undefined) refuseBucketTwice(name, session.address);
    return { session, location: locationOf(name, connection, session, namedRegion) };
  } catch (error) {
    client.destroy();
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    // The endpoint of the option is checked already, so this is one that only the SDK reads.
    if (connection.endpointUrl === undefined && /invalid url|not a valid uri|custom endpoint/i.test(why))
      throw new UsageError(
        'AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or the endpoint_url of the profile, is not the address of a server.',
        'Write it with its scheme: https://s3.example.com or http://127.0.0.1:9000.',
      );
    throw new UsageError(
      `The bucket "${name}" cannot be addressed: ${why}`,
      msg`Check bucket, region and {endpointUrl}.`,
    );
  }
}

function locationOf(
  name: string,
  connection: ConnectionOptions,
  { address, region }: Session,
  namedRegion: string | undefined,
): BucketLocation {
  const { host, basePath, origin, signingRegion } = address;
  if (connection.endpointUrl !== undefined) return locationUnopened(connection);
  if (!isAwsHost(host)) return { endpoint: origin.replace(`//${name}.`, '//') + without(`/${name}`, basePath) };
  // An access point's ARN names its region; one for many regions has none.
  if (signingRegion !== region) return { region: signingRegion };
  return host.includes('.s3-global.') ? {} : { region: namedRegion };
}

/** Where a bucket is that is never opened: as far as the options show it. */
export function locationUnopened({ endpointUrl, region }: ConnectionOptions): BucketLocation {
  return endpointUrl === undefined ? { region } : { endpoint: without('/', endpointUrl) };
}

function without(end: string, text: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}

/** Refuses an address that holds the bucket's name twice: then the configured endpoint holds it already. */
function refuseBucketTwice(name: string, { host, basePath }: Address): void {
  const inHost = host.startsWith(`${name}.${name}.`) ? 2 : host.startsWith(`${name}.`) ? 1 : 0;
  const inPath = basePath.split('/').filter((segment) => segment === name).length;
  if (inHost + inPath < 2) return;
  throw new UsageError(
    `The endpoint of AWS_ENDPOINT_URL, or of the profile's endpoint_url, holds the bucket "${name}", which is added to it: the objects would go to ${host}${basePath}.`,
    `Write the address of the server there, without "${name}".`,
  );
}

/** What hints depend on; an endpoint of the environment or of the profile counts as one of the options. */
function hintSettings(connection: ConnectionOptions, { origin, host }: Address): HintSettings {
  if (connection.endpointUrl !== undefined || isAwsHost(host)) return connection;
  return { ...connection, endpointUrl: origin, endpointOfEnvironment: true };
}

interface LaneDeps extends Pick<OpenBucketOptions, 'lane' | 'onEvent'> {
  readonly session: Session;
  readonly http: HttpClient;
}

async function openLane(name: string, connection: ConnectionOptions, deps: LaneDeps): Promise<Bucket> {
  const { session, http, lane = 'wire', onEvent } = deps;
  const { checksum, requestHeaders } = connection;
  const profile = profileFinder(session.address.host);
  const shared = { session, profile, integrity: integrity(checksum, profile, onEvent), requestHeaders };
  const sdk = await sdkBucket(name, shared);
  if (lane === 'sdk' || !session.address.plain) return sdk;
  return { ...sdk, ...wireBucket(name, { ...shared, http, userAgent: `s3-parallel-put/${VERSION}` }) };
}

/** A bucket whose every request takes a slot, is counted by the pacer, and is reported as a `request` event. */
function withObservation(bucket: Bucket, settings: HintSettings, { onEvent, slots, pacer }: OpenBucketOptions): Bucket {
  return wrap(bucket, async ({ verb, key, body, unlimited }, send) => {
    const turn = unlimited ? undefined : slots.take();
    if (turn !== undefined) await turn;
    const started = performance.now();
    const report = (status: number | undefined, result: RequestResult, requestId: string | undefined) => {
      const durationMs = performance.now() - started;
      pacer.finished(durationMs, result === 'answered' ? (body?.size ?? 0) : 0, result);
      onEvent({ type: 'request', verb, key, status, durationMs, requestId });
    };
    try {
      const answer = await send();
      report(answer === undefined ? 404 : 200, 'answered', requestIdOf(answer));
      return answer;
    } catch (error) {
      // If the body could not be read, or there were no credentials, no request was sent.
      if (error instanceof S3RequestError && !isCredentialsError(error.code))
        report(error.status, resultOf(error), error.requestId);
      if (error instanceof AbortedInFlight)
        throw VERBS[verb].writes ? new AbortedInFlight(error.cause, verb) : error.cause;
      if (!(error instanceof S3RequestError)) throw error;
      if (errorCode(error.code).shortage === true) pacer.outOfDescriptors();
      throw withSettings(error, settings);
    } finally {
      if (!unlimited) slots.release();
    }
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
