import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { UsageError } from '../../errors.js';
import { VERSION } from '../../model/version.js';
import type { ConnectionOptions } from '../../options/resolved.js';
import { msg, warning } from '../../report/message.js';
import type { OnEvent } from '../../report/types.js';
import { type Address, defaultRegion, type ResolveAddress } from '../address.js';
import { givenCredentials, type Provider } from '../credentials.js';
import type { Call } from '../errors.js';
import type { HttpClient, HttpResponse } from '../http/http-client.js';
import { environmentVariable, explainedChain } from './credentials.js';
import { type SdkResponse, sdkHandler } from './http-handler.js';
import { disableNodeWarning } from './node-warning.js';

/** The SDK's clients as the engine uses them. */
export interface SdkClients {
  /** Makes one attempt per call, adds no checksums of its own, and sends all requests through one `HttpClient`. */
  readonly client: S3Client;
  /** The credentials of the option or of the SDK's chain. */
  readonly credentials: Provider;
  /** The same client without credentials, to resolve endpoints. */
  readonly endpointClient: S3Client;
  readonly region: string;
  /** The region of the option, the environment or the profile; undefined where none names one, so that the default is used. */
  readonly namedRegion: string | undefined;
}

export async function sdkClients(
  connection: ConnectionOptions,
  http: HttpClient,
  onEvent?: OnEvent,
): Promise<SdkClients> {
  const { S3Client: Client } = sdk();
  const requestHandler = sdkHandler(http);
  const config: S3ClientConfig = {
    maxAttempts: 1,
    forcePathStyle: connection.forcePathStyle,
    tls: connection.secure,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    customUserAgent: [['s3-parallel-put', VERSION]],
    requestHandler,
    ...(connection.endpointUrl !== undefined && { endpoint: connection.endpointUrl }),
    ...(connection.profile !== undefined && { profile: connection.profile }),
  };
  // A client checks its first region for FIPS and the like, so it needs one from the start.
  const namedRegion = connection.region ?? (await chainRegion(new Client(config), onEvent));
  const region = namedRegion ?? defaultRegion(connection.endpointUrl);
  const none = { accessKeyId: 'none', secretAccessKey: 'none' };
  const client = new Client({ ...config, region });
  const { profile, credentials: given } = connection;
  const credentials =
    given === undefined
      ? explainedChain({ profile, region, requestHandler, onEvent })
      : givenCredentials(given, onEvent);
  return {
    client,
    credentials,
    endpointClient: new Client({ ...config, region, credentials: none }),
    region,
    namedRegion,
  };
}

/** The region of the environment or the profile. Throws `UsageError` where that is no region. */
async function chainRegion(client: S3Client, onEvent: OnEvent | undefined): Promise<string | undefined> {
  try {
    return await client.config.region();
  } catch (error) {
    const given = /^Region not accepted: region="(.*)" is not a valid/s.exec(
      error instanceof Error ? error.message : '',
    )?.[1];
    const region = given?.trim();
    // A variable that is set and empty, as the settings of a CI that are not there, gives no region.
    if (given === undefined || region === undefined || region === '') return undefined;
    const variables: string[] = [];
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION'])
      if ((await environmentVariable(name))?.trim() === region) variables.push(name);
    const where = variables[0] ?? 'The region of the profile';
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/i.test(region))
      throw new UsageError(
        `${where} is ${JSON.stringify(given)}, which is not a region.`,
        msg`Write something like "eu-central-1" there, or give {region}.`,
      );
    onEvent?.(warning('region-trimmed', `${where} has white space around "${region}", which is left out.`));
    return region;
  } finally {
    client.destroy();
  }
}

/** The AWS SDK, loaded when it is first used. */
export type Sdk = typeof import('@aws-sdk/client-s3');

/** Loads the SDK by `require`, which takes half as long for its CommonJS: `import` reads all of it once more to find the exports. */
const require: NodeJS.Require = createRequire(import.meta.url);

let loaded: Sdk | undefined;

export function sdk(): Sdk {
  if (loaded === undefined) disableNodeWarning();
  loaded ??= require('@aws-sdk/client-s3') as Sdk;
  return loaded;
}

/** What the SDK has resolved about a request before it builds the request. */
interface ResolvedContext {
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

/**
 * Resolves a bucket's address by the SDK's endpoint rules, with all of a client's configuration. Makes no request: the SDK is stopped as soon as it
 * has resolved the endpoint.
 * @param client a client for only this purpose: its region changes; its credentials need not be valid
 */
export function resolveEndpoint(client: S3Client, bucket: string): ResolveAddress {
  return (region) => {
    client.config.region = async () => region;
    return addressOf(client, bucket, region);
  };
}

async function addressOf(client: S3Client, bucket: string, region: string): Promise<Address> {
  const { HeadObjectCommand } = sdk();
  const command = new HeadObjectCommand({ Bucket: bucket, Key: 'key' });
  let resolved: ResolvedContext = {};
  const stop = (_next: unknown, context: ResolvedContext) => async () => {
    resolved = context;
    return { response: undefined, output: { $metadata: {} } };
  };
  const stack: { add(middleware: unknown, options: object): void } = command.middlewareStack;
  stack.add(stop, { step: 'build', priority: 'high', name: 'resolveAddress' });
  await client.send(command);
  const { endpointV2: endpoint } = resolved;
  if (endpoint === undefined) throw new Error('The AWS SDK does not provide its endpoint.');
  const { url, headers = {}, properties = {} } = endpoint;
  const [scheme] = properties.authSchemes ?? [{ name: 'sigv4' }];
  // The scheme of a configured endpoint is kept; the rules return only https.
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
  readonly request: {
    protocol: string;
    path: string;
    headers: Record<string, string>;
    body?: unknown;
    maxResponseBytes?: number;
  };
}

type Next<T> = (args: Args) => Promise<T>;

export interface Verbatim {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly protocol?: 'http:' | 'https:';
  /** The middleware's name, which must be unique in a client's stack. */
  readonly name?: string;
}

/** Makes a command, or every command of a client, use exactly these headers, this path and this protocol. All of them are signed. */
export function sendVerbatim(sender: Sender, { headers = {}, path, protocol, name = 'sendVerbatim' }: Verbatim): void {
  const middleware = (next: Next<unknown>) => (args: Args) => {
    const { request } = args;
    for (const name of Object.keys(request.headers)) if (name.toLowerCase() in headers) delete request.headers[name];
    Object.assign(request.headers, headers);
    if (path !== undefined) request.path = path;
    if (protocol !== undefined) request.protocol = protocol;
    return next(args);
  };
  (sender.middlewareStack as Stack).add(middleware, { step: 'build', priority: 'low', name });
}

/** Makes a command send this document in the place of the one that the SDK writes, and without the SDK's checksum of that. */
export function sendDocument(sender: Sender, body: Buffer): void {
  const middleware = (next: Next<unknown>) => (args: Args) => {
    const { request } = args;
    for (const header of Object.keys(request.headers))
      if (/^(?:content-md5|x-amz-checksum-.*|x-amz-sdk-checksum-algorithm)$/i.test(header))
        delete request.headers[header];
    request.headers['content-length'] = String(body.length);
    request.body = body;
    return next(args);
  };
  (sender.middlewareStack as Stack).add(middleware, { step: 'build', priority: 'low', name: 'sendDocument' });
}

/** What our handler returns to the SDK. */
interface Handled {
  readonly response: SdkResponse;
}

/** Calls `onResponse` with each response of a client. */
export function watchResponses(client: Sender, onResponse: (response: HttpResponse) => void, name: string): void {
  const middleware = (next: Next<Handled>) => async (args: Args) => {
    const result = await next(args);
    onResponse(result.response.received);
    return result;
  };
  (client.middlewareStack as Stack).add(middleware, { step: 'deserialize', priority: 'low', name });
}

/**
 * Sends a command, and returns the response as received, whatever its status: the SDK builds and signs requests, but reads no response. It would
 * read some documents in another way than the other lane, and change some headers.
 * @param maxResponseBytes of the response's body
 */
export async function exchange(
  command: Sender,
  maxResponseBytes: number,
  send: () => Promise<unknown>,
): Promise<HttpResponse> {
  let received: HttpResponse | undefined;
  const middleware = (next: Next<Handled>) => async (args: Args) => {
    args.request.maxResponseBytes = maxResponseBytes;
    const result = await next(args);
    received = result.response.received;
    return { ...result, response: { ...result.response, body: Readable.from([]) } };
  };
  (command.middlewareStack as Stack).add(middleware, { step: 'deserialize', priority: 'low', name: 'exchange' });
  try {
    await send();
  } catch (error) {
    // The SDK misses the document that it was not given.
    if (received === undefined) throw error;
  }
  if (received === undefined) throw new TypeError('the AWS SDK sent no request');
  return received;
}

/** Any command of the SDK. */
export type Command = { readonly middlewareStack: unknown };

/** Sends one request. Throws an `S3RequestError` unless it succeeds, or the signal's reason. */
export type SendCommand = (
  call: Call,
  command: Command,
  signal: AbortSignal,
  headers?: Readonly<Record<string, string>>,
) => Promise<HttpResponse>;
