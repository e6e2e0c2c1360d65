import type { S3RequestError } from '../../errors.js';
import type { OnlyIfAbsent } from '../../s3/bucket.js';
import type { Completion } from './complete-upload.js';
import type { PartedObject, PartsDeps } from './parts-deps.js';
import { isOlder } from './whose-object.js';

/**
 * The upload that parts were sent to is gone: another run has completed it, or somebody has aborted it. The object tells which, never the
 * error: where it has just these bytes it is done, and by somebody else; else all is sent anew.
 */
export async function settleVanished(
  { bucket, signal }: PartsDeps,
  { key, layout, bytes }: PartedObject,
  error: S3RequestError,
  begunAt: number | undefined,
  onlyIfAbsent: OnlyIfAbsent | undefined,
): Promise<Completion> {
  const attempts = error.attempts;
  const anew: Completion = { end: 'anew', gone: true, attempts, error };
  const remote = await bucket.headObject(key, signal).catch(() => undefined);
  if (remote === undefined) return anew;
  if (onlyIfAbsent !== undefined) return { end: 'appeared', attempts };
  // What was there before has other headers, perhaps.
  if (remote.size !== layout.size || remote.kms === true || isOlder(remote, begunAt)) return anew;
  const own = await bytes.etag();
  return own !== undefined && remote.etag?.toLowerCase() === own ? { end: 'appeared', attempts } : anew;
}
