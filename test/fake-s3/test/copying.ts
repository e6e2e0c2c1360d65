import type { S3Server, S3ServerOptions } from 'fake-s3';
import { type RawAnswer, type Signing, sendSigned } from 'fake-s3/raw-request';

export type Headers = Readonly<Record<string, string>>;

/** A bucket to copy from besides `site`; parts may be small. */
export const TWO_BUCKETS: S3ServerOptions = { buckets: ['site', 'from'], mode: { minPartSize: 1 } };

/** CopyObject to `/site/b`, or another path. */
export function copy(
  server: S3Server,
  source: string,
  headers: Headers = {},
  path = '/site/b',
  signing: Signing = {},
): Promise<RawAnswer> {
  return sendSigned(
    server,
    { method: 'PUT', path, headers: { 'x-amz-copy-source': source, ...headers }, body: '' },
    signing,
  );
}

/** UploadPartCopy into an upload of `/site/a`. */
export function copyPart(
  server: S3Server,
  uploadId: string,
  number: number,
  source: string,
  headers: Headers = {},
): Promise<RawAnswer> {
  return copy(server, source, headers, `/site/a?partNumber=${number}&uploadId=${uploadId}`);
}
