import { isIP } from 'node:net';
import type { PutOptions } from 's3-parallel-put';

/** The address of an object, as far as options and environment tell where its bucket is. */
export function objectUrls(options: Omit<PutOptions, 'source'>, bucket: string): (key: string) => string {
  const { endpointUrl = endpointOfEnvironment(), region, secure = true } = options;
  const url = new URL(withScheme(endpointUrl ?? awsHost(region), secure));
  // No bucket can stand before an address of numbers.
  const inPath =
    (options.forcePathStyle ?? options.endpointUrl !== undefined) || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
  const path = url.pathname.replace(/\/$/, '');
  const base = inPath
    ? `${url.protocol}//${url.host}${path}/${bucket}`
    : `${url.protocol}//${bucket}.${url.host}${path}`;
  return (key) => `${base}/${PLAIN.test(key) ? key : key.split('/').map(encodeURIComponent).join('/')}`;
}

/** Most keys need no encoding, and telling that is cheaper than to encode them. */
const PLAIN = /^[\w./-]*$/;

/** As the AWS SDK takes it. */
function endpointOfEnvironment(): string | undefined {
  const { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignored, AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL: any } = process.env;
  return ignored === 'true' ? undefined : s3 || any || undefined;
}

function awsHost(region: string | undefined): string {
  const domain = region?.startsWith('cn-') === true ? 'amazonaws.com.cn' : 'amazonaws.com';
  return region === undefined ? `s3.${domain}` : `s3.${region}.${domain}`;
}

function withScheme(host: string, secure: boolean): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `${secure ? 'https' : 'http'}://${host}`;
}
