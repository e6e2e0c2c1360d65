import type { ByteRange, CopySource } from './copying.js';
import { encodeKey, encodeValue } from './encode-key.js';

/**
 * The headers that name what is copied. The source is percent-encoded just once, as S3 decodes it once; it is bound to its ETag, so that a source
 * that changes is never mixed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function copySourceHeaders(
  { bucket, key, versionId, etag, owner }: CopySource,
  range?: ByteRange,
): Record<string, string> {
  const version = versionId === undefined ? '' : `?versionId=${encodeValue(versionId)}`;
  // An access point's name holds slashes itself.
  const place = bucket.startsWith('arn:') ? `${bucket}/object` : `/${bucket}`;
  const headers: Record<string, string> = { 'x-amz-copy-source': `${place}/${encodeKey(key)}${version}` };
  if (etag !== undefined) headers['x-amz-copy-source-if-match'] = `"${etag}"`;
  if (range !== undefined) headers['x-amz-copy-source-range'] = rangeText(range);
  if (owner !== undefined) headers['x-amz-source-expected-bucket-owner'] = owner;
  return headers;
}

/** A range as headers write it, its end inclusive. */
export function rangeText({ start, end }: ByteRange): string {
  return `bytes=${start}-${end - 1}`;
}
