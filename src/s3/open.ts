import type { S3Client as SdkClient } from '@aws-sdk/client-s3';
import { UsageError } from '../errors.js';
import type { HintSettings } from '../model/hint-row.js';
import { VERSION } from '../model/version.js';
import type { ConnectionOptions } from '../options/resolved.js';
import { msg } from '../report/message.js';
import type { Pacer } from '../run/pacer.js';
import type { Run } from '../run/run.js';
import type { Address } from './address.js';
import type { Bucket } from './bucket.js';
import { type DirectPuts, directPuts, type OtherWay } from './direct-puts.js';
import { isAwsHost, type ProfileFinder, profileFinder } from './endpoint-profile.js';
import { DEFAULT_PATIENCE, type HttpClient, type Patience } from './http/http-client.js';
import { socketClient } from './http/socket-client.js';
import { type Integrity, integrity } from './integrity.js';
import { withBoundWrites } from './middleware/if-match.js';
import { withConditionalWrites } from './middleware/if-none-match.js';
import { observation, type RequestSlots, withObservation } from './middleware/observe.js';
import { recovery } from './middleware/recover.js';
import { type RetryOptions, withRetries } from './middleware/retry.js';
import { openPlainSession } from './open-plain.js';
import { type SdkHandler, sdkHandler } from './sdk/http-handler.js';
import { once, sdkBuckets, sdkSessions } from './sdk-parts.js';
import type { Session } from './session.js';
import type { SigningCredentials } from './sign.js';
import { wireBucket } from './wire/bucket.js';
import { putHeads } from './wire/put-heads.js';
import type { RequestConstants } from './wire/signed-request.js';

/** How requests are sent: signed here, or by the AWS SDK. */
export type Lane = 'wire' | 'sdk';

export interface OpenBucketOptions extends Omit<RetryOptions, 'onExhausted' | 'overloaded'> {
  readonly slots: RequestSlots;
  /** Learns how each request ended, and when the retry budget is empty. */
  readonly pacer: Pacer;
  /** Aborts the requests of {@link OpenBucket.direct}. Absent where there are none. */
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Patience | undefined;
  /** Default: `wire` if the endpoint allows it. */
  readonly lane?: Lane | undefined;
  /** Sends some of the requests that are signed here in another way. */
  readonly aroundWire?: AroundWire | undefined;
}

/** What {@link AroundWire} needs to sign and send requests as the bucket does. */
export interface WireParts extends RequestConstants {
  readonly name: string;
  readonly session: Session;
  readonly integrity: Integrity;
  readonly profile: ProfileFinder;
  readonly patience: Patience;
  readonly proxy: string | undefined;
}

/** Puts that are signed here, one attempt per call. */
export type WirePuts = Pick<Bucket, 'putObject' | 'putPart'>;

/** Puts of which some are sent in another way. */
export type WrappedPuts = WirePuts & OtherWay;

/** Wraps the puts of a bucket whose requests are signed here and sent over plain sockets. */
export type AroundWire = (puts: WirePuts, parts: WireParts) => WrappedPuts;

/** Where a bucket is, as far as that is known without a request. */
export interface BucketLocation {
  /** The region that requests are signed for. Undefined for a server that is not AWS, and for the default region, which may not be the bucket's. */
  readonly region?: string | undefined;
  /** Address of a server that is not AWS, or that an option names, without the bucket. */
  readonly endpoint?: string | undefined;
}

/** What a client of another AWS service needs of a bucket: its credentials and its connections, which the bucket closes. */
export interface ServiceAccess {
  /** The SDK must not keep them: they are refreshed here. */
  readonly credentials: (() => Promise<SdkCredentials>) & { readonly memoized: true };
  /** Refreshes the latest credentials. Whether there are others now. */
  refresh(): Promise<boolean>;
  readonly requestHandler: SdkHandler;
  /** The region that requests are signed for now: the bucket's, once a request has found it. */
  region(): string;
  /** Like {@link OpenBucket.now}. */
  now(): number;
}

/** A bucket that is ready for requests. */
export interface OpenBucket extends Bucket {
  readonly location: BucketLocation;
  readonly access: ServiceAccess;
  /** Puts in one step; undefined where each put needs the layers of the bucket. */
  readonly direct?: DirectPuts | undefined;
  /** The time in ms since 1970: the server's, where a response has shown that this machine's is wrong. */
  now(): number;
}

/** The bucket as the engine uses it: conditional writes on any server, retries, then one slot, one event and one recovery per request. @internal */
export async function openBucket(
  name: string,
  connection: ConnectionOptions,
  options: OpenBucketOptions,
): Promise<OpenBucket> {
  const http = await httpClient(connection, options.patience ?? DEFAULT_PATIENCE);
  const { onEvent } = options;
  try {
    const { session, location, sdk } = await openSessionOf(name, connection, { ...options, http });
    // A bucket's region is followed only on AWS; a custom endpoint is used as given.
    const followsRegion = connection.endpointUrl === undefined;
    const { slots, pacer } = options;
    const recovers = recovery({ session, onEvent, followsRegion });
    const observes = observation(hintSettings(connection, session.address), options, recovers);
    const { bucket: sending, parts, wrapped } = await openLane(name, connection, { ...options, session, http, sdk });
    const observed = withObservation(sending, slots, recovers, observes);
    const { later, ...retried } = withRetries(observed, {
      ...options,
      onExhausted: pacer.exhausted,
      overloaded: pacer.overloaded,
    });
    const { signal } = options;
    const direct =
      parts === undefined || http.idle === undefined || signal === undefined || connection.proxy !== undefined
        ? undefined
        : directPuts({
            ...parts,
            ...recovers,
            bucket: name,
            wrapped,
            heads: putHeads(parts),
            learn: parts.profile.learn,
            idle: http.idle,
            slots,
            observation: observes,
            later,
            signal,
          });
    const bucket = withPlainPuts(withBoundWrites(withConditionalWrites(retried, onEvent), onEvent), retried);
    const close = () => {
      bucket.close();
      http.close();
    };
    return { ...bucket, location, access: accessOf(session, http), direct, now: () => session.now(), close };
  } catch (error) {
    http.close();
    throw error;
  }
}

/** The bucket, but puts without a condition go straight to `plain`: each function on the way costs every object something. */
function withPlainPuts(bucket: Bucket, plain: Bucket): Bucket {
  return {
    ...bucket,
    putObject(request, signal) {
      const { onlyIfAbsent, ifMatch } = request;
      return (onlyIfAbsent === undefined && ifMatch === undefined ? plain : bucket).putObject(request, signal);
    },
  };
}

/** Credentials as clients of the SDK take them. */
type SdkCredentials = Pick<SigningCredentials, 'accessKeyId' | 'secretAccessKey'> & { readonly sessionToken?: string };

function accessOf(session: Session, http: HttpClient): ServiceAccess {
  const credentials = async (): Promise<SdkCredentials> => {
    const { accessKeyId, secretAccessKey, sessionToken } = await session.credentials();
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  };
  return {
    credentials: Object.assign(credentials, { memoized: true } as const),
    refresh: () => session.refresh(session.latest),
    requestHandler: sdkHandler(http),
    region: () => session.region,
    now: () => session.now(),
  };
}

/** Opens a bucket whose requests count in this run, and which the run closes. */
export async function openBucketOfRun(
  run: Pick<Run, 'record' | 'limiter' | 'pacer' | 'stop' | 'signal' | 'own'>,
  name: string,
  connection: ConnectionOptions,
  options: Pick<OpenBucketOptions, 'maxAttempts' | 'retryDelay' | 'patience' | 'clock' | 'lane' | 'aroundWire'>,
): Promise<OpenBucket> {
  const { maxAttempts, retryDelay, patience, clock, lane, aroundWire } = options;
  const { record, limiter: slots, pacer, stop, signal } = run;
  const requests = { onEvent: record.emit, slots, pacer, stop: stop.signal, signal };
  const own = { maxAttempts, retryDelay, patience, clock, lane, aroundWire };
  return run.own(await openBucket(name, connection, { ...requests, ...own }));
}

const undiciClients = once(() => import('./http/undici-client.js'));

async function httpClient({ proxy, httpClient: choice }: ConnectionOptions, patience: Patience): Promise<HttpClient> {
  if (choice === 'sockets') return socketClient({ patience, proxy });
  if (process.versions.bun !== undefined) throw undiciOnBun();
  const { undiciClient } = await undiciClients().catch((error: unknown) => {
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

/** A session, and what the SDK has of it, where it had to be loaded. */
interface Opened {
  readonly session: Session;
  readonly location: BucketLocation;
  readonly sdk: SdkClient | undefined;
}

/** Opens a session without the SDK where options, environment and files are plain: loading it takes longer than a small run. */
async function openSessionOf(
  name: string,
  connection: ConnectionOptions,
  { http, onEvent, lane }: Pick<LaneDeps, 'http' | 'onEvent' | 'lane'>,
): Promise<Opened> {
  const opened =
    (lane === 'sdk' ? undefined : await openPlainSession(name, connection, http, onEvent)) ??
    (await (await sdkSessions()).openSdkSession(name, connection, http, onEvent));
  const { session, namedRegion, sdk } = opened;
  try {
    // The option is checked with the options; the environment and the profile are read here.
    if (connection.endpointUrl === undefined) refuseBucketTwice(name, session.address);
    return { session, location: locationOf(name, connection, session, namedRegion), sdk };
  } catch (error) {
    sdk?.destroy();
    throw error;
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

interface LaneDeps extends Pick<OpenBucketOptions, 'lane' | 'onEvent' | 'patience' | 'aroundWire'> {
  readonly session: Session;
  readonly http: HttpClient;
  /** Undefined where the SDK was not needed so far. */
  readonly sdk: SdkClient | undefined;
}

/** The bucket of a lane, one attempt per call, and what its requests are made of where they are signed here. */
interface OpenedLane {
  readonly bucket: Bucket;
  readonly parts?: WireParts;
  readonly wrapped?: WrappedPuts;
}

async function openLane(name: string, connection: ConnectionOptions, deps: LaneDeps): Promise<OpenedLane> {
  const { session, http, sdk, lane = 'wire', onEvent } = deps;
  const { checksum, requestHeaders } = connection;
  const profile = profileFinder(session.address.host);
  const shared = { session, profile, integrity: integrity(checksum, profile, onEvent), requestHeaders };
  if (sdk !== undefined && (lane === 'sdk' || !session.address.plain)) {
    const { sdkBucket } = await sdkBuckets();
    return { bucket: sdkBucket(name, { ...shared, client: sdk }) };
  }
  const userAgent = `s3-parallel-put/${VERSION}`;
  const bucket = { ...wireBucket(name, { ...shared, http, userAgent }), close: () => sdk?.destroy() };
  const { aroundWire, patience = DEFAULT_PATIENCE } = deps;
  // Another client than ours may have connections that cannot be made elsewhere.
  const { proxy } = connection;
  const parts: WireParts = { ...shared, name, userAgent, patience, proxy };
  if (aroundWire === undefined || connection.httpClient !== 'sockets') return { bucket, parts };
  const wrapped = aroundWire(bucket, parts);
  const { putObject, putPart } = wrapped;
  return { bucket: { ...bucket, putObject, putPart }, parts, wrapped };
}
