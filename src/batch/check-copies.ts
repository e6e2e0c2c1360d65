import { S3RequestError } from '../errors.js';
import { parallelListing } from '../plan/listing/parallel.js';
import type { Run } from '../run/run.js';
import type { Bucket } from '../s3/bucket.js';
import { commonPrefix } from './common-prefix.js';
import { type AfterJob, verdict } from './verdict.js';

/** An object that a job should have copied. */
export interface CheckedCopy extends Pick<AfterJob, 'task' | 'differed' | 'size' | 'etag'> {
  /** In the destination. */
  readonly key: string;
  readonly sourceKey: string;
  readonly versionId: string | undefined;
  found: AfterJob['found'];
}

/** Lists the destination once, and notes what it has of the objects. */
export async function findCopies(
  { signal, stop }: Pick<Run, 'signal' | 'stop'>,
  dest: Bucket,
  copies: ReadonlyMap<string, CheckedCopy>,
): Promise<void> {
  const prefix = commonPrefix(copies.keys());
  const list = parallelListing(dest.listObjects, { prefix, bucket: dest.name, signal: stop.signal });
  let continuationToken: string | undefined;
  do {
    const page = await list(continuationToken === undefined ? {} : { continuationToken });
    for (const { key, size, etag } of page.objects) {
      const copy = copies.get(key);
      if (copy !== undefined) copy.found = { size, etag };
    }
    ({ continuationToken } = page);
    signal.throwIfAborted();
  } while (continuationToken !== undefined);
}

/** Judges copies after their job; what ETags cannot prove is asked by HEADs, until one has shown a KMS key. */
export function copyChecker(
  { record, signal }: Pick<Run, 'record' | 'signal'>,
  source: Bucket,
  dest: Bucket,
): (copy: CheckedCopy) => Promise<'copied' | 'unproven' | 'again'> {
  let kms = false;
  let first: Promise<boolean> | undefined;

  async function isEncrypted(bucket: Bucket, key: string, versionId: string | undefined): Promise<boolean> {
    record.countHead('the ETag of a copy differs');
    try {
      const head = await bucket.headObject(key, signal, { versionId });
      return head?.kms === true;
    } catch (error) {
      if (error instanceof S3RequestError) return false;
      throw error;
    }
  }

  return async (copy) => {
    const judged = verdict({ ...copy, kms });
    if (judged !== 'ask') return judged;
    const ask = async (): Promise<boolean> => {
      const { key, sourceKey, versionId } = copy;
      const found = (await isEncrypted(dest, key, undefined)) || (await isEncrypted(source, sourceKey, versionId));
      kms ||= found;
      return found;
    };
    // The others wait for the first answer, which may be that of all.
    const isFirst = first === undefined;
    first ??= ask();
    const found = (await first) || (!isFirst && (await ask()));
    return found ? 'unproven' : 'again';
  };
}
