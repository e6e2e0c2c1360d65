import { S3RequestError } from './errors.js';
import type { RemoteState } from './plan/decision.js';
import type { RunRecord } from './run-record.js';
import type { Bucket } from './s3/bucket.js';

/** Asks for one key by HEAD. S3 answers 403 for an absent key to who may not list, so a 403 tells nothing. */
export async function askRemote(
  bucket: Bucket | undefined,
  record: Pick<RunRecord, 'asked'>,
  key: string,
  signal: AbortSignal,
): Promise<RemoteState> {
  try {
    record.asked('not listed');
    const found = await bucket?.headObject(key, signal);
    if (found === undefined) return { state: 'absent', proof: 'proven' };
    const { size, etag, metadata, kms } = found;
    return { state: 'present', size, etag, metadata, kms };
  } catch (error) {
    if (error instanceof S3RequestError && error.code === 'AccessDenied') return { state: 'unknown' };
    throw error;
  }
}
