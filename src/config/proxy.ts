import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { UsageError } from '../errors.js';
import { proxyOf } from '../options/connection.js';
import type { CopyOptions, PutOptions } from '../options/types.js';
import { msg } from '../report/message.js';

/** The options that say where requests go. */
export type Destination = Pick<PutOptions, 'endpointUrl' | 'bucket' | 'region' | 'secure' | 'proxy'>;

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY give for the bucket's host; undefined if there is none. Servers on this
 * machine are never reached through a proxy.
 */
function proxyFromEnvironment({
  endpointUrl,
  bucket,
  region = 'us-east-1',
  secure = true,
}: Omit<Destination, 'proxy'>): string | undefined {
  const scheme = secure ? 'https' : 'http';
  const s3 = `${bucket.replace(/^s3:\/\/([^/]*).*$/, '$1')}.s3.${region}.amazonaws.com`;
  const written = endpointUrl ?? s3;
  return proxyForUrl(written.includes('://') ? written : `${scheme}://${written}`);
}

/** The options; if they name no proxy, with the one that the environment gives for them. */
export function withEnvironmentProxy<T extends Destination>(options: T): T {
  return withProxy(options, options.proxy ?? proxyFromEnvironment(options));
}

/**
 * The proxy for the live site, which may be another one than for the bucket: that of the options, else that of the environment.
 * @param prepared from the same options, with the proxy for the bucket
 */
export function proxyForSite(
  { proxy, verifyUrl }: Pick<PutOptions, 'proxy' | 'verifyUrl'>,
  prepared: { readonly siteProxy: string | undefined },
): string | undefined {
  if (proxy !== undefined) return prepared.siteProxy;
  return verifyUrl === undefined ? undefined : proxyForUrl(verifyUrl);
}

/** The same for both sides of a copy, which share one proxy; throws `UsageError` if the environment gives two. */
export function withCopyProxy(options: CopyOptions): CopyOptions {
  return withProxy(options, options.proxy ?? copyProxy(options));
}

function withProxy<T>(options: T, proxy: string | undefined): T {
  return proxy === undefined ? options : { ...options, proxy };
}

/**
 * The proxy that the environment gives for a URL. A host in NO_PROXY stands for those below it too, with a dot before it or without, as in curl and
 * in Python. Throws `UsageError` for what is no URL of a proxy.
 */
export function proxyForUrl(url: string): string | undefined {
  if (!URL.canParse(url) || LOOPBACK.test(new URL(url).hostname)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  const { getProxyForUrl } = proxyFromEnv();
  const proxy = getProxyForUrl(url) || undefined;
  if (proxy === undefined || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return checkedProxy(proxy, protocol);
  const labels = hostname.split('.');
  const names = [`any.${hostname}`, ...labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'))];
  // The library takes a name without a dot for this one host, so the domains of the host are looked up too.
  const at = port === '' ? '' : `:${port}`;
  return names.some((name) => !getProxyForUrl(`${protocol}//${name}${at}`)) ? undefined : checkedProxy(proxy, protocol);
}

const require: NodeJS.Require = createRequire(import.meta.url);

/** Loaded when it is first used. */
function proxyFromEnv(): typeof import('proxy-from-env') {
  return require('proxy-from-env');
}

function checkedProxy(proxy: string | undefined, protocol: string): string | undefined {
  return proxyOf(proxy, `${protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'} (or ALL_PROXY)`);
}

function copyProxy(options: CopyOptions): string | undefined {
  const { endpointUrl, region, secure } = options;
  const [from, to] = (
    [
      [options.source, options.sourceEndpointUrl, options.sourceRegion],
      [options.destination, options.destEndpointUrl, options.destRegion],
    ] as const
  ).map(([bucket, ownUrl, ownRegion]) =>
    proxyFromEnvironment({ bucket, endpointUrl: ownUrl ?? endpointUrl, region: ownRegion ?? region, secure }),
  );
  if (from === to) return from;
  throw new UsageError(
    `The environment names ${from === undefined ? 'no proxy' : 'a proxy'} for the source, and ${to === undefined ? 'none' : from === undefined ? 'one' : 'another'} for the destination; a copy uses one for both.`,
    msg`Name it by {proxy} URL, or set NO_PROXY for both.`,
  );
}
