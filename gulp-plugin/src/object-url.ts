import type { PutOptions } from 's3-parallel-put';

/** The address of an object, as far as the options tell where its bucket is. */
export function objectUrls(options: Omit<PutOptions, 'source'>, bucket: string): (key: string) => string {
  const { endpointUrl, region, secure = true, forcePathStyle = endpointUrl !== undefined } = options;
  const host = endpointUrl ?? `s3${region === undefined ? '' : `.${region}`}.amazonaws.com`;
  const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `${secure ? 'https' : 'http'}://${host}`);
  const path = url.pathname.replace(/\/$/, '');
  const base = forcePathStyle
    ? `${url.protocol}//${url.host}${path}/${bucket}`
    : `${url.protocol}//${bucket}.${url.host}${path}`;
  return (key) => `${base}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
