import { getProxyForUrl } from 'proxy-from-env';
import type { PutOptions } from '../put-options.js';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY mean for the bucket's host; undefined where there is none. What runs on this
 * machine is never asked for through a proxy.
 */
export function proxyFromEnvironment({
  endpointUrl,
  bucket,
  region = 'us-east-1',
  secure = true,
}: Pick<PutOptions, 'endpointUrl' | 'bucket' | 'region' | 'secure'>): string | undefined {
  const scheme = secure ? 'https' : 'http';
  const s3 = `${bucket.replace(/^s3:\/\/([^/]*).*$/, '$1')}.s3.${region}.amazonaws.com`;
  const written = endpointUrl ?? s3;
  const url = written.includes('://') ? written : `${scheme}://${written}`;
  if (!URL.canParse(url) || LOOPBACK.test(new URL(url).hostname)) return undefined;
  return getProxyForUrl(url) || undefined;
}
