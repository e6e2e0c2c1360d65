import { S3RequestError } from '../../errors.js';
import { msg, warning } from '../../report/message.js';
import type { OnEvent } from '../../report/types.js';
import type { Bucket, PutRequest } from '../bucket.js';

/**
 * A bucket whose writes that are bound to an ETag (`If-Match`) also work where a server or its policies do not take the condition. It is sent only
 * to servers that are known to honour it. One that does not implement it gets the write again without it. So does one that denies it: S3 demands the
 * permission to read an object for a condition on it. If the write succeeds then, no more conditions are sent; if not, its refusal has another cause,
 * which is the error.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function withBoundWrites(bucket: Bucket, onEvent: OnEvent): Bucket {
  let refused = false;

  async function bound<R extends Pick<PutRequest, 'ifMatch'>, A>(
    request: R,
    send: (request: R | Omit<R, 'ifMatch'>) => Promise<A>,
  ): Promise<A> {
    const { ifMatch: _, ...unbound } = request;
    if (refused || !bucket.facts().conditionalOverwrites) return send(unbound);
    try {
      return await send(request);
    } catch (error) {
      // Writes in flight meet the first refusals together, and each learns from its own second request.
      if (isNotImplemented(error)) {
        const answer = await send(unbound);
        refused = true;
        return answer;
      }
      if (!(error instanceof S3RequestError) || error.code !== 'AccessDenied') throw error;
      const answer = await send(unbound);
      refused = true;
      warnDenied();
      return answer;
    }
  }

  function warnDenied(): void {
    const message = msg`Objects are overwritten without a check that nobody else has changed them during the run, because the check is denied: it needs s3:GetObject on the objects of "${bucket.name}".`;
    onEvent(warning('conditions-denied', message));
  }

  return {
    ...bucket,
    putObject(request, signal) {
      if (request.ifMatch === undefined) return bucket.putObject(request, signal);
      return bound(request, (next) => bucket.putObject(next as PutRequest, signal));
    },
    completeUpload(request, signal) {
      if (request.ifMatch === undefined) return bucket.completeUpload(request, signal);
      return bound(request, (next) => bucket.completeUpload(next, signal));
    },
  };
}

/** Whether a server refused a request because it does not implement what a header asks for. S3 sends 501 then; others send its code with 400. */
export function isNotImplemented(error: unknown): error is S3RequestError {
  return error instanceof S3RequestError && (error.status === 501 || error.code === 'NotImplemented');
}
