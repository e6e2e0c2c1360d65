import { isIP } from 'node:net';
import { UsageError } from '../errors.js';
import type { BucketAddress } from '../model/key.js';
import { isProviderHost } from '../model/web-address.js';
import { maskUrl } from '../report/mask-secrets.js';
import { given, msg, option, type Text } from '../report/message.js';
import type { ConnectionOptions } from './resolved.js';
import { CHECKSUMS, type ConnectionChoices, type Credentials, HTTP_CLIENTS, type PutOptions } from './types.js';
import { flag, hook, oneOf, text } from './validate.js';

/**
 * Checks the options for the connection to a bucket. Throws `UsageError`.
 * @param called gives the name of an option in messages
 * @param to the bucket that the endpoint must not name, and the prefix of its keys
 */
export function connectionOf(
  options: ConnectionChoices,
  called: (name: keyof ConnectionChoices) => string = (name) => name,
  to?: BucketAddress,
): ConnectionOptions {
  const secure = flag('secure', options.secure, true);
  const endpoint = called('endpointUrl');
  const endpointUrl = endpointOf(text(endpoint, options.endpointUrl), secure, options.secure === false, endpoint);
  if (endpointUrl !== undefined && to !== undefined)
    refuseBucketInEndpoint(endpointUrl, to, options.forcePathStyle === true, endpoint);
  return {
    endpointUrl,
    region: regionOf(text(called('region'), options.region), called('region')),
    forcePathStyle: flag('forcePathStyle', options.forcePathStyle, endpointUrl !== undefined),
    secure,
    profile: text(called('profile'), options.profile),
    credentials: credentialsOf(options.credentials, called('credentials')),
    onCredentials: hook('onCredentials', options.onCredentials),
    proxy: proxyOf(text('proxy', options.proxy)),
    checksum: oneOf('checksum', options.checksum ?? 'auto', CHECKSUMS),
    httpClient: oneOf('httpClient', options.httpClient ?? 'sockets', HTTP_CLIENTS),
    requestHeaders: requestHeaders(options, called('expectedBucketOwner')),
    ownerOption: called('expectedBucketOwner'),
  };
}

function credentialsOf(given: PutOptions['credentials'], name: string): ConnectionOptions['credentials'] {
  if (given === undefined || typeof given === 'function') return given;
  const values: Partial<Record<keyof Credentials, unknown>> = given ?? {};
  const { accessKeyId, secretAccessKey, sessionToken = '', expiration = new Date() } = values;
  // The values become parts of headers; white space at their ends is left out with a warning where they are used.
  const isText = (value: unknown) => typeof value === 'string' && /^[!-~]+$/.test(value.trim());
  const keys = isText(accessKeyId) && isText(secretAccessKey);
  if (keys && (sessionToken === '' || isText(sessionToken)) && expiration instanceof Date) return given;
  const bad = Object.entries({ accessKeyId, secretAccessKey, sessionToken }).find(
    ([, value]) => typeof value === 'string' && value.trim() !== '' && !isText(value),
  );
  if (bad !== undefined)
    throw new UsageError(
      msg`${option(name)} are given, but their ${bad[0]} holds a line break, a blank or another character that no header can have.`,
      'Copy it again as one piece, without spaces and line breaks.',
    );
  throw new UsageError(
    msg`${option(name)} are neither a function nor complete.`,
    'Give { accessKeyId, secretAccessKey }, with the text sessionToken and the Date expiration where there are; or leave credentials out.',
  );
}

function endpointOf(url: string | undefined, secure: boolean, insecure: boolean, name: string): string | undefined {
  if (url === undefined) return undefined;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `${secure ? 'https' : 'http'}://${url}`;
  const shown = maskUrl(url);
  const wrong = (why: string) =>
    new UsageError(
      msg`${option(name)} "${shown}" ${why}.`,
      'Give something like "https://s3.example.com" or "http://127.0.0.1:9000".',
    );
  if (!URL.canParse(whole)) throw wrong('is not a URL');
  const parsed = new URL(whole);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    throw wrong(`has the scheme "${parsed.protocol}"; it must be http or https`);
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '' || isMisread(url))
    throw wrong('must have no user, query or fragment');
  if (insecure && parsed.protocol === 'https:') {
    throw new UsageError(
      msg`{secure} is off, but ${option(name)} "${shown}" says https.`,
      msg`Use an http:// endpoint, or leave {secure} on.`,
    );
  }
  return whole;
}

/**
 * Refuses an endpoint that holds the bucket's name, as the dashboards of many providers show it: the bucket is added to it, so every object would
 * get a key that begins with the bucket's name.
 */
function refuseBucketInEndpoint(endpointUrl: string, to: BucketAddress, pathStyle: boolean, name: string): void {
  const without = withoutBucket(new URL(endpointUrl), to, pathStyle);
  if (without === undefined) return;
  const address = `s3://${to.bucket}${to.prefix === '' ? '' : `/${to.prefix}`}`;
  throw new UsageError(
    msg`${option(name)} "${endpointUrl}" holds the bucket "${to.bucket}" already, which is added to it: the objects would be stored elsewhere than in ${address}.`,
    without.byHost && !isProviderHost(new URL(without.endpointUrl).hostname)
      ? msg`Write ${given(name, without.endpointUrl)} with ${address}; where the server itself has that name, add {forcePathStyle: true}.`
      : msg`Write ${given(name, without.endpointUrl)} with ${address}.`,
  );
}

/** The endpoint without the bucket; undefined where it does not hold it. */
function withoutBucket(
  { protocol, host, hostname, pathname }: URL,
  { bucket, prefix }: BucketAddress,
  pathStyle: boolean,
): { readonly endpointUrl: string; readonly byHost: boolean } | undefined {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  // The address of a folder holds the prefix too.
  for (const own of [[bucket, ...prefix.split('/').filter((segment) => segment !== '')], [bucket]]) {
    const rest = segments.slice(0, -own.length);
    if (
      segments.length >= own.length &&
      own.every((one, index) => one === decoded(segments[rest.length + index] ?? ''))
    )
      return { endpointUrl: `${protocol}//${[host, ...rest].join('/')}`, byHost: false };
  }
  // A folder of the bucket behind it, other than the prefix.
  if (segments.length > 0 && decoded(segments[0] ?? '') === bucket)
    return { endpointUrl: `${protocol}//${host}`, byHost: false };
  const label = `${bucket.toLowerCase()}.`;
  const server = host.slice(label.length);
  if (!hostname.startsWith(label) || isIP(hostname) !== 0 || /^(?::|$)/.test(server)) return undefined;
  const known = isProviderHost(server.replace(/:\d+$/, ''));
  if (pathStyle && !known) return undefined;
  return { endpointUrl: `${protocol}//${[server, ...segments].join('/')}`, byHost: true };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Checks the URL of a proxy. Throws `UsageError` without the password.
 * @param name where it was given, for messages
 */
export function proxyOf(url: string | undefined, name: Text = option('proxy')): string | undefined {
  if (url === undefined) return undefined;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
  const parsed = URL.canParse(whole) ? new URL(whole) : undefined;
  const misread = isMisread(url) || (parsed?.search ?? '') !== '' || (parsed?.hash ?? '') !== '';
  if (parsed?.protocol === 'http:' && parsed.hostname !== '' && isDecodable(parsed) && !misread) return whole;
  const shown = maskUrl(url);
  if (parsed !== undefined && !isDecodable(parsed))
    throw new UsageError(
      msg`${name} "${shown}" is not the URL of an HTTP proxy: its user or its password holds a "%" that begins no escape.`,
      'Write "%25" for each "%" of a password.',
    );
  throw new UsageError(
    msg`${name} "${shown}" is not the URL of an HTTP proxy.`,
    'Give something like "http://proxy.example.com:3128". Proxies that speak TLS or SOCKS are not supported.',
  );
}

/**
 * Whether the URL says something else than its user means: after a password with a "/" that is not escaped the user counts as the host, and so
 * does `http` where a slash is missing. Requests would go there.
 */
function isMisread(url: string): boolean {
  const [authority = '', ...path] = url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').split('/');
  return url.includes('\\') || /^(?:https?|ftp|socks5?):?$/i.test(authority) || path.join('/').includes('@');
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** Checks the characters of a region, because it becomes part of a host name. */
function regionOf(region: string | undefined, name: string): string | undefined {
  if (region === undefined || /^[a-z0-9]+(?:-[a-z0-9]+)*$/i.test(region)) return region;
  throw new UsageError(
    msg`${option(name)} ${JSON.stringify(region)} is not a region.`,
    'Give something like "eu-central-1".',
  );
}

/**
 * Headers of every request of a run, including those that only read: they belong to the bucket, not to objects.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
 * @throws UsageError for an owner that is not an account id
 */
export function requestHeaders(
  options: Pick<PutOptions, 'requestPayer' | 'expectedBucketOwner'>,
  name = 'expectedBucketOwner',
): Readonly<Record<string, string>> {
  const owner: unknown = options.expectedBucketOwner;
  if (owner !== undefined && (typeof owner !== 'string' || !/^\d{12}$/.test(owner))) {
    throw new UsageError(
      msg`${option(name)} is ${JSON.stringify(owner)}; it must be an AWS account id.`,
      'Give its 12 digits as text, such as "111122223333".',
    );
  }
  return {
    ...(flag('requestPayer', options.requestPayer, false) && { 'x-amz-request-payer': 'requester' }),
    ...(owner !== undefined && { 'x-amz-expected-bucket-owner': owner }),
  };
}
