import { S3RequestError } from '../../errors.js';
import { textIn } from '../../report/message.js';
import type { DeletedKey, DeleteTarget } from '../bucket.js';
import { AbortedInFlight } from '../http/http-client.js';
import { isAnswerLost, verdict } from './retry-policy.js';

/** Sends one DeleteObjects. */
export type SendDeletes = (targets: readonly DeleteTarget[]) => Promise<readonly DeletedKey[]>;

type OnFailure = (error: S3RequestError) => void;

/** The code of a key of which an abort leaves it unknown whether it was deleted. */
export const INTERRUPTED_DELETE = 'Interrupted';

/**
 * A DeleteObjects with its retries: each attempt sends only the keys that those before have not settled. S3 may respond with 200 to the request, and
 * with SlowDown or InternalError for some of its keys. Once any key is settled, what ends the attempts is the error of each key that is not.
 * @param attempts repeats its argument while that throws what may pass
 */
export async function retriedDeletes(
  targets: readonly DeleteTarget[],
  attempts: (attempt: (send: SendDeletes) => Promise<void>, onFailure: OnFailure) => Promise<void>,
): Promise<readonly DeletedKey[]> {
  const settled = new Map<string, DeletedKey>();
  const refused = new Map<string, S3RequestError>();
  let open = targets;
  let last: S3RequestError | undefined;
  let lost = false;

  async function attempt(send: SendDeletes): Promise<void> {
    const next: DeleteTarget[] = [];
    refused.clear();
    lost = false;
    const answered = await send(open);
    answered.forEach((one, i) => {
      const target = open[i];
      if (target === undefined) return;
      if (one.error === undefined || verdict(one.error) === 'final') settled.set(target.key, one);
      else {
        next.push(target);
        refused.set(target.key, one.error);
      }
    });
    open = next;
    const [first] = refused.values();
    if (first !== undefined) throw first;
  }

  try {
    await attempts(attempt, (error) => {
      last = error;
      // Not the error of one key.
      if (error.key === undefined) lost ||= isAnswerLost(error);
    });
  } catch (error) {
    const interrupted = error instanceof AbortedInFlight || (lost && !(error instanceof S3RequestError));
    const cause = error instanceof S3RequestError ? error : last;
    if (settled.size === 0 && refused.size === 0) throw interrupted ? inFlight(error, 'DeleteObjects') : error;
    for (const { key } of open) {
      const own = refused.get(key);
      const known = own === undefined ? cause && errorOfKey(cause, key) : afterAttempts(own, cause?.attempts);
      if (known === undefined) throw error;
      settled.set(key, { key, marker: false, error: interrupted ? interruptedOf(known) : known });
    }
  }
  return targets.map(({ key }) => settled.get(key) as DeletedKey);
}

/** A DeleteObject with its retries: an abort after a lost response leaves it unknown whether the object is deleted. */
export async function retriedDelete<T>(attempts: (onFailure: OnFailure) => Promise<T>): Promise<T> {
  let lost = false;
  try {
    return await attempts((error) => {
      lost ||= isAnswerLost(error);
    });
  } catch (error) {
    throw lost && !(error instanceof S3RequestError) ? inFlight(error, 'DeleteObject') : error;
  }
}

function inFlight(error: unknown, verb: 'DeleteObject' | 'DeleteObjects'): AbortedInFlight {
  return error instanceof AbortedInFlight ? error : new AbortedInFlight(error, verb);
}

/** The error of a whole request, as that of one of its keys. */
export function errorOfKey(error: S3RequestError, key: string): S3RequestError {
  if (error.key !== undefined) return error;
  const { message, cause, ...details } = error;
  const bucket = `s3://${error.bucket}`;
  const named = message.includes(`${bucket}:`) ? message.replace(`${bucket}:`, () => `${bucket}/${key}:`) : message;
  return new S3RequestError(named, { ...details, key, hint: textIn(error, 'hint'), cause });
}

function afterAttempts(error: S3RequestError, attempts = 1): S3RequestError {
  if (attempts === 1) return error;
  const { message, cause, ...details } = error;
  const hint = textIn(error, 'hint');
  return new S3RequestError(`${message} (after ${attempts} attempts)`, { ...details, attempts, hint, cause });
}

function interruptedOf(error: S3RequestError): S3RequestError {
  const { message, cause, ...details } = error;
  return new S3RequestError(message, {
    ...details,
    code: INTERRUPTED_DELETE,
    hint: textIn(error, 'hint'),
    cause: cause ?? error,
  });
}
