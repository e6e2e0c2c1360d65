import { S3RequestError } from '../../errors.js';
import type { Bucket, RemoteObject } from '../../s3/bucket.js';
import { allParts } from '../../s3/multipart.js';
import type { OpenUpload } from './parts-deps.js';

/** Dates of HTTP are whole seconds. */
const ROUNDING_MS = 2_000;

/**
 * Was this object there before the upload began? Then it is not what the upload makes, however equal its bytes are: its headers are older. S3
 * dates an object that was uploaded in parts by the beginning of its upload, others by its completion.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function isOlder({ headers = {} }: RemoteObject, begunAt: number | undefined): boolean {
  const modified = Date.parse(headers['last-modified'] ?? '');
  return begunAt !== undefined && modified < begunAt - ROUNDING_MS;
}

/** Are there still parts of it? Then it was not completed. */
export async function isStillOpen(bucket: Bucket, upload: OpenUpload, signal: AbortSignal): Promise<boolean> {
  try {
    return (await allParts(bucket, upload, signal)).size > 0;
  } catch (error) {
    // Whoever may not list them has to do without.
    if (error instanceof S3RequestError && error.status !== undefined && error.status < 500) return false;
    throw error;
  }
}
