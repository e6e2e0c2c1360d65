import type { PutOptions } from 's3-parallel-put';

/** The address of an object, as far as the options tell where its bucket is. */
export function objectUrls(options: Omit<PutOptions, 'source'>, bucket: string): (key: string) => string {
  const { endpointUrl, region, secure = true, forcePathStyle = endpointUrl !== undefined } = options;
  const url = new URL(withScheme(endpointUrl ?? awsHost(region), secure));
  const path = url.pathname.replace(/\/$/, '');
  const base = forcePathStyle
    ? `${url.protocol}//${url.host}${path}/${bucket}`
    : `${url.protocol}//${bucket}.${url.host}${path}`;
  return (key) => `${base}/${PLAIN.test(key) ? key : key.split('/').map(encodeURIComponent).join('/')}`;
}

/** Most keys need no encoding, and telling that is cheaper than to encode them. */
const PLAIN = /^[\w./-]*$/;

function awsHost(region: string | undefined): string {
  const domain = region?.startsWith('cn-') === true ? 'amazonaws.com.cn' : 'amazonaws.com';
  return region === undefined ? `s3.${domain}` : `s3.${region}.${domain}`;
}

function withScheme(host: string, secure: boolean): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `${secure ? 'https' : 'http'}://${host}`;
}
