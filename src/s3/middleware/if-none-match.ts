import { S3RequestError } from '../../errors.js';
import type { OnEvent } from '../../report/types.js';
import type { Bucket, PutRequest } from '../bucket.js';

/**
 * A bucket whose conditional writes work on servers without them. S3 honours `If-None-Match: *` on PutObject since August 2024; others answer
 * 501. From the first 501 on the header is left out and, where nothing has proved the key absent, a HEAD precedes the put. Where that has been
 * refused already there is no put, as it could overwrite. On CopyObject many servers ignore it without a word, so there it counts only where it
 * is known to be honoured.
 */
export function withConditionalWrites(bucket: Bucket, onEvent: OnEvent): Bucket {
  let refused = false;

  async function plainPut(request: PutRequest, signal: AbortSignal) {
    const { onlyIfAbsent: _, ...plain } = request;
    await checkAbsent(request, signal);
    return bucket.putObject(plain, signal);
  }

  async function checkAbsent(request: Pick<PutRequest, 'key' | 'onlyIfAbsent'>, signal: AbortSignal): Promise<void> {
    const { onlyIfAbsent } = request;
    // Asking again would be refused again.
    if (onlyIfAbsent === 'unreadable') throw unknowable(bucket.name, request.key);
    if (onlyIfAbsent === 'unproven' && (await bucket.headObject(request.key, signal)) !== undefined) {
      throw new S3RequestError(`PutObject s3://${bucket.name}/${request.key}: the key exists`, {
        code: 'PreconditionFailed',
        verb: 'HeadObject',
        bucket: bucket.name,
        key: request.key,
        status: 412,
      });
    }
  }

  function warnOfRefusal(): void {
    if (refused) return;
    refused = true;
    onEvent({
      type: 'warning',
      code: 'no-conditional-writes',
      message:
        'This server has no conditional writes: mode add cannot notice a key that appears between the check and the put.',
    });
  }

  let unguarded = false;

  function warnOfCopies(): void {
    if (unguarded) return;
    unguarded = true;
    const message =
      'This server may have no conditional copies: mode add cannot notice a key that appears between the check and the copy.';
    onEvent({ type: 'warning', code: 'no-conditional-copies', message });
  }

  return {
    ...bucket,
    async copyObject(request, signal) {
      const { onlyIfAbsent, ...plain } = request;
      if (onlyIfAbsent === undefined) return bucket.copyObject(plain, signal);
      if (bucket.facts().conditionalCopies) {
        try {
          return await bucket.copyObject(request, signal);
        } catch (error) {
          if (!(error instanceof S3RequestError) || error.status !== 501) throw error;
        }
      }
      warnOfCopies();
      await checkAbsent({ key: request.key, onlyIfAbsent }, signal);
      return bucket.copyObject(plain, signal);
    },
    putObject(request, signal) {
      if (request.onlyIfAbsent === undefined) return bucket.putObject(request, signal);
      if (refused) return plainPut(request, signal);
      return bucket.putObject(request, signal).catch((error: unknown) => {
        if (!(error instanceof S3RequestError) || error.status !== 501) throw error;
        warnOfRefusal();
        return plainPut(request, signal);
      });
    },
    async completeUpload(request, signal) {
      const { onlyIfAbsent, ...plain } = request;
      if (onlyIfAbsent === undefined) return bucket.completeUpload(plain, signal);
      if (!refused) {
        try {
          return await bucket.completeUpload(request, signal);
        } catch (error) {
          if (!(error instanceof S3RequestError) || error.status !== 501) throw error;
          warnOfRefusal();
        }
      }
      await checkAbsent({ key: request.key, onlyIfAbsent }, signal);
      return bucket.completeUpload(plain, signal);
    },
  };
}

function unknowable(bucket: string, key: string): S3RequestError {
  const why = 'whether the key exists may not be known, and this server has no conditional writes';
  return new S3RequestError(`PutObject s3://${bucket}/${key}: AccessDenied: ${why}`, {
    code: 'AccessDenied',
    verb: 'PutObject',
    bucket,
    key,
    status: 403,
    hint: `Mode add needs s3:ListBucket on "${bucket}" there.`,
  });
}
