import { createRequire } from 'node:module';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { ConnectionOptions } from '../../options/resolved.js';
import { VERSION } from '../../version.js';
import type { HttpClient } from '../http/http-client.js';
import { sdkHandler } from './http-handler.js';

/** The SDK as the engine uses it. */
export interface Connection {
  /** Makes one attempt per call, adds no checksums of its own, and sends everything by one `HttpClient`. */
  readonly client: S3Client;
  /** The same without credentials, to ask for addresses. */
  readonly asked: S3Client;
}

export async function connect(connection: ConnectionOptions, http: HttpClient): Promise<Connection> {
  const { S3Client: Client } = sdk();
  const config: S3ClientConfig = {
    maxAttempts: 1,
    forcePathStyle: connection.forcePathStyle,
    tls: connection.secure,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    customUserAgent: [['s3-parallel-put', VERSION]],
    requestHandler: sdkHandler(http),
    ...(connection.endpointUrl !== undefined && { endpoint: connection.endpointUrl }),
    ...(connection.profile !== undefined && { profile: connection.profile }),
  };
  // A client asks its first region about FIPS and the like, so it must have one from the start.
  const region = connection.region ?? (await chainRegion(new Client(config))) ?? defaultRegion(connection.endpointUrl);
  const none = { accessKeyId: 'none', secretAccessKey: 'none' };
  const { credentials } = connection;
  return {
    client: new Client({ ...config, region, ...(credentials !== undefined && { credentials }) }),
    asked: new Client({ ...config, region, credentials: none }),
  };
}

/** The region that the environment or the profile names. */
async function chainRegion(client: S3Client): Promise<string | undefined> {
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** The region where neither option, environment nor profile names one: R2 has only `auto`, everything else knows `us-east-1`. */
export function defaultRegion(endpointUrl: string | undefined): string {
  const host = endpointUrl === undefined ? '' : new URL(endpointUrl).hostname;
  return host.endsWith('.r2.cloudflarestorage.com') ? 'auto' : 'us-east-1';
}

/** The parts of the AWS SDK that are used, loaded when they are first wanted. */
export type Sdk = typeof import('@aws-sdk/client-s3');

/** By `require`, because the SDK's CommonJS costs half as much so: an import reads all of it once more to learn what it exports. */
const require: NodeJS.Require = createRequire(import.meta.url);

export const sdk = (): Sdk => require('@aws-sdk/client-s3') as Sdk;

/** Where a bucket's requests go and what they are signed for. */
export interface Address {
  /** `https://host`, with the port where it is not the scheme's own. */
  readonly origin: string;
  readonly host: string;
  readonly secure: boolean;
  /** Before every key: empty, or begins with `/` and does not end with it. */
  readonly basePath: string;
  readonly signingRegion: string;
  readonly signingName: string;
  /** Plain Signature Version 4 is all it takes. S3 Express, multi-region access points and the like want more, which only the SDK knows. */
  readonly plain: boolean;
}

/** What the SDK has worked out about a request before it is built. */
interface Resolved {
  readonly endpointV2?: {
    readonly url: URL;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly properties?: { readonly authSchemes?: readonly AuthScheme[]; readonly backend?: string };
  };
}

interface AuthScheme {
  readonly name: string;
  readonly signingName?: string;
  readonly signingRegion?: string;
}

/** Where a bucket's requests go if it is in this region. Rejects with what the endpoint rules refuse. */
export type ResolveEndpoint = (region: string) => Promise<Address>;

/**
 * Asks the SDK's endpoint rules, with all of a client's configuration, where a bucket's requests go. Makes no request: the SDK is stopped once it
 * has worked that out.
 * @param client which is only for this: its region changes; it needs no credentials that are any good
 */
export function resolveEndpoint(client: S3Client, bucket: string): ResolveEndpoint {
  return (region) => {
    client.config.region = async () => region;
    return addressOf(client, bucket, region);
  };
}

async function addressOf(client: S3Client, bucket: string, region: string): Promise<Address> {
  const { HeadObjectCommand } = sdk();
  const command = new HeadObjectCommand({ Bucket: bucket, Key: 'key' });
  let resolved: Resolved = {};
  const stop = (_next: unknown, context: Resolved) => async () => {
    resolved = context;
    return { response: undefined, output: { $metadata: {} } };
  };
  const stack: { add(middleware: unknown, options: object): void } = command.middlewareStack;
  stack.add(stop, { step: 'build', priority: 'high', name: 'askAddress' });
  await client.send(command);
  const { endpointV2: endpoint } = resolved;
  if (endpoint === undefined) throw new Error('The AWS SDK does not tell its endpoint.');
  const { url, headers = {}, properties = {} } = endpoint;
  const [scheme] = properties.authSchemes ?? [{ name: 'sigv4' }];
  // What an endpoint says for itself is kept; the rules know only https.
  const secure = url.protocol === 'https:' && client.config.tls !== false;
  return {
    origin: `${secure ? 'https' : 'http'}://${url.host}`,
    host: url.host,
    secure,
    basePath: url.pathname.replace(/\/$/, ''),
    signingRegion: scheme?.signingRegion ?? region,
    signingName: scheme?.signingName ?? 's3',
    plain:
      scheme?.name === 'sigv4' &&
      (scheme.signingName ?? 's3') === 's3' &&
      properties.backend === undefined &&
      Object.keys(headers).length === 0 &&
      url.search === '',
  };
}

/** The one method of a command's middleware stack that is used, without the SDK's type parameters. */
interface Stack {
  add(
    middleware: unknown,
    options: { readonly step: 'build' | 'deserialize'; readonly priority: 'high' | 'low'; readonly name: string },
  ): void;
}

interface Sender {
  readonly middlewareStack: unknown;
}

interface Args {
  readonly request: { protocol: string; path: string; headers: Record<string, string> };
}

type Next<T> = (args: Args) => Promise<T>;

/** An answer as it came, which the SDK keeps to itself. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, where it was asked for. */
  readonly text: string;
}

export interface Verbatim {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly protocol?: 'http:' | 'https:';
  /** What this is among a client's own. */
  readonly as?: string;
}

/** Has this command, or every command of a client, sent with just these headers, to this path, by this protocol; all of it is signed so. */
export function sendVerbatim(sender: Sender, { headers = {}, path, protocol, as = 'sendVerbatim' }: Verbatim): void {
  const middleware = (next: Next<unknown>) => (args: Args) => {
    const { request } = args;
    for (const name of Object.keys(request.headers)) if (name.toLowerCase() in headers) delete request.headers[name];
    Object.assign(request.headers, headers);
    if (path !== undefined) request.path = path;
    if (protocol !== undefined) request.protocol = protocol;
    return next(args);
  };
  (sender.middlewareStack as Stack).add(middleware, { step: 'build', priority: 'low', name: as });
}

/** Lets the caller see an answer; its body only where the SDK does not read it itself (`withBody`). */
export function watchAnswer(
  sender: Sender,
  withBody: boolean,
  seen: (answer: RawAnswer) => void,
  as = 'watchAnswer',
): void {
  type Answered = {
    readonly response: {
      readonly statusCode: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: AsyncIterable<Uint8Array>;
    };
  };
  const middleware = (next: Next<Answered>) => async (args: Args) => {
    const result = await next(args);
    const { statusCode, headers, body } = result.response;
    // A copy: the SDK takes an Expires out that is no date.
    const came = { ...headers };
    seen({ status: statusCode, headers: came, text: withBody && statusCode === 200 ? await readText(body) : '' });
    return result;
  };
  (sender.middlewareStack as Stack).add(middleware, { step: 'deserialize', priority: 'low', name: as });
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
