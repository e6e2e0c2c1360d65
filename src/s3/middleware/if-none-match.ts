import { S3RequestError } from '../../errors.js';
import { msg, warning } from '../../report/message.js';
import type { OnEvent } from '../../report/types.js';
import type { Bucket, PutRequest } from '../bucket.js';
import { isNotImplemented } from './if-match.js';

/**
 * A bucket whose conditional writes also work on servers without them. S3 honours `If-None-Match: *` on PutObject since August 2024; other servers
 * respond with 501. After the first 501 the header is left out, and a HEAD precedes the put unless the key was already proved absent. If that HEAD
 * was already refused, the put fails, because it could overwrite. Many servers silently ignore the header on CopyObject, so there it is trusted only
 * on servers that are known to honour it.
 */
export function withConditionalWrites(bucket: Bucket, onEvent: OnEvent): Bucket {
  let unsupported = false;

  async function plainPut(request: PutRequest, signal: AbortSignal) {
    const { onlyIfAbsent: _, ...plain } = request;
    await checkAbsent(request, signal);
    return bucket.putObject(plain, signal);
  }

  async function checkAbsent(request: Pick<PutRequest, 'key' | 'onlyIfAbsent'>, signal: AbortSignal): Promise<void> {
    const { onlyIfAbsent } = request;
    // Another HEAD would be refused again.
    if (onlyIfAbsent === 'unreadable') throw existenceUnknown(bucket.name, request.key);
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

  function warnNoConditionalWrites(): void {
    if (unsupported) return;
    unsupported = true;
    const message = msg`This server has no conditional writes: {mode: 'add'} cannot notice a key that appears between the check and the upload.`;
    onEvent(warning('no-conditional-writes', message));
  }

  let copiesWarned = false;

  function warnNoConditionalCopies(): void {
    if (copiesWarned) return;
    copiesWarned = true;
    const message = msg`This server may have no conditional copies: {mode: 'add'} cannot notice a key that appears between the check and the copy.`;
    onEvent(warning('no-conditional-copies', message));
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
          if (!isNotImplemented(error)) throw error;
        }
      }
      warnNoConditionalCopies();
      await checkAbsent({ key: request.key, onlyIfAbsent }, signal);
      return bucket.copyObject(plain, signal);
    },
    putObject(request, signal) {
      if (request.onlyIfAbsent === undefined) return bucket.putObject(request, signal);
      if (unsupported) return plainPut(request, signal);
      return bucket.putObject(request, signal).catch((error: unknown) => {
        if (!isNotImplemented(error)) throw error;
        warnNoConditionalWrites();
        return plainPut(request, signal);
      });
    },
    async completeUpload(request, signal) {
      const { onlyIfAbsent, ...plain } = request;
      if (onlyIfAbsent === undefined) return bucket.completeUpload(plain, signal);
      if (!unsupported) {
        try {
          return await bucket.completeUpload(request, signal);
        } catch (error) {
          if (!isNotImplemented(error)) throw error;
          warnNoConditionalWrites();
        }
      }
      await checkAbsent({ key: request.key, onlyIfAbsent }, signal);
      return bucket.completeUpload(plain, signal);
    },
  };
}

function existenceUnknown(bucket: string, key: string): S3RequestError {
  const why = 'the credentials may not check whether the key exists, and this server has no conditional writes';
  return new S3RequestError(`PutObject s3://${bucket}/${key}: AccessDenied: ${why}`, {
    code: 'AccessDenied',
    verb: 'PutObject',
    bucket,
    key,
    status: 403,
    hint: msg`{mode: 'add'} needs s3:ListBucket on "${bucket}" there.`,
  });
}
