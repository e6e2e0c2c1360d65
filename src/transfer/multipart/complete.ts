import { S3RequestError } from '../../errors.js';
import type { Verified } from '../../report/types.js';
import { allParts, type Bucket, type OnlyIfAbsent, type PutAnswer, type RemoteObject } from '../../s3/bucket.js';
import { isAnswerLost } from '../../s3/middleware/retry-policy.js';
import { isSamePart, judgeWhole, type PartRecord, type Whole, wholeOf } from './parts.js';
import type { MultipartContext, OpenUpload, PartedObject } from './types.js';

/** How an upload came to its end. */
export type Completion =
  | { readonly end: 'done'; readonly etag: string | undefined; readonly verified: Verified; readonly attempts: number }
  /** Mode `add`: the key is there, and not by this upload. */
  | { readonly end: 'appeared'; readonly attempts: number }
  /** All has to be sent again, to a new upload. `gone`: this one is there no more. */
  | { readonly end: 'anew'; readonly gone: boolean; readonly attempts: number; readonly error: S3RequestError };

export interface CompleteDeps {
  readonly bucket: Bucket;
  readonly signal: AbortSignal;
  /** What the server refused is perhaps the mark. */
  readonly refusesMarks: () => void;
}

/** Answers after which the object itself has to tell whether it was stored. */
const DOUBTFUL: ReadonlySet<string> = new Set(['InvalidPart', 'InvalidPartOrder', 'NoSuchUpload', 'ETagMismatch']);
const CONFLICTS: ReadonlySet<string> = new Set(['OperationAborted', 'ConditionalRequestConflict']);

/**
 * Completes an upload, and settles what the answer leaves open: where it is lost, or says that a part or the upload is not there, a HEAD shows
 * whether the object is stored; if not, the parts are listed, compared, and completed once more; failing that all is sent anew.
 * Throws what S3 refuses for good.
 */
export async function completeUpload(
  deps: CompleteDeps,
  upload: OpenUpload,
  onlyIfAbsent: OnlyIfAbsent | undefined,
): Promise<Completion> {
  const { bucket, signal } = deps;
  let records = [...upload.parts.values()].sort((a, b) => a.number - b.number);
  const whole = wholeOf(records, upload.encrypted);
  let attempts = 0;

  // What other runs may have done to the upload, and what answers did not name, a listing tells.
  const listFirst = upload.adopted || records.some(({ etag }) => etag === undefined);
  for (let tries = listFirst ? 0 : 1; tries <= 2; tries++) {
    try {
      if (tries !== 1) records = await compared(records);
      if (tries === 0) continue;
      return await send(records);
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      attempts += error.verb === 'CompleteMultipartUpload' ? error.attempts : 0;
      const settled = await settle(error, tries);
      if (settled !== undefined) return settled;
    }
  }
  throw new TypeError('every way to complete an upload ends before');

  async function send(parts: readonly PartRecord[]): Promise<Completion> {
    const { key, uploadId, headers } = upload;
    const crc32 = upload.crc32 ? whole.crc32 : undefined;
    const named = parts.map(({ number, etag = '', crc32: own }) => {
      return { number, etag, crc32: crc32 === undefined ? undefined : own };
    });
    const answer = await bucket.completeUpload(
      { key, uploadId, headers, parts: named, size: whole.size, crc32, onlyIfAbsent },
      signal,
    );
    attempts += answer.attempts;
    const verified = judgeWhole(answer, whole, parts, bucket.facts().etagIsMd5);
    if (verified === 'mismatch')
      throw failure('CompleteMultipartUpload', 'ETagMismatch', 'the stored object is not what was sent');
    return { end: 'done', etag: answer.etag, verified, attempts };
  }

  /** The parts as they are listed now; throws where one is not what was sent. */
  async function compared(sent: readonly PartRecord[]): Promise<PartRecord[]> {
    const listed = await allParts(bucket, upload, signal);
    return sent.map((record) => {
      const part = listed.get(record.number);
      if (!isSamePart(part, record))
        throw failure('ListParts', 'InvalidPart', `part ${record.number} is not what was sent`);
      return { ...record, etag: part?.etag };
    });
  }

  /** What an error means; undefined where it is worth to complete once more. */
  async function settle(error: S3RequestError, tries: number): Promise<Completion | undefined> {
    const { code, status, verb } = error;
    const completing = verb === 'CompleteMultipartUpload';
    const anew = (gone: boolean): Completion => ({ end: 'anew', gone, attempts, error });
    if (CONFLICTS.has(code)) return anew(false);
    const exists = status === 412;
    if (!exists && !DOUBTFUL.has(code) && !(completing && isAnswerLost(error))) throw error;
    // No answer was lost before, so it was not this upload that stored it.
    if (exists && tries <= 1 && error.attempts === 1) return { end: 'appeared', attempts };
    const remote = await stored();
    if (typeof remote === 'object') return { end: 'done', ...remote, attempts };
    if (exists) return { end: 'appeared', attempts };
    if (code === 'NoSuchUpload')
      return onlyIfAbsent !== undefined && remote === 'other' ? { end: 'appeared', attempts } : anew(remote !== 'open');
    if (code === 'ETagMismatch') return anew(true);
    if (tries === 1 && completing) return undefined;
    // Listed and found equal, and refused all the same: then it is for the part that is not named.
    if (completing && code === 'InvalidPart') deps.refusesMarks();
    return anew(false);
  }

  /** `open`: an equal object is there, but the upload was not completed, so it is another's. */
  async function stored(): Promise<Pick<PutAnswer, 'etag' | 'verified'> | 'other' | 'absent' | 'open'> {
    const remote = await bucket.headObject(upload.key, signal, { checksum: true }).catch((error) => {
      // Who may not look cannot be told; then only a second completion shows it.
      if (error instanceof S3RequestError && error.status !== undefined && error.status < 500) return undefined;
      throw error;
    });
    if (remote === undefined) return 'absent';
    const verified = storedAs(remote, whole, records);
    if (verified === undefined || isOlderThanUpload(remote, upload.begunAt)) return 'other';
    return (await isStillOpen(bucket, upload, signal)) ? 'open' : { etag: remote.etag, verified };
  }

  function failure(verb: 'CompleteMultipartUpload' | 'ListParts', code: string, what: string): S3RequestError {
    const { name } = bucket;
    const message = `${verb} s3://${name}/${upload.key}: ${what}`;
    return new S3RequestError(message, { code, verb, bucket: name, key: upload.key, status: 200 });
  }
}

/** What proves that the object is what these parts make: its checksum, or its ETag; undefined where nothing does. */
export function storedAs(
  remote: RemoteObject,
  whole: Whole,
  records: readonly PartRecord[],
): Exclude<Verified, 'none'> | undefined {
  if (remote.size !== whole.size) return undefined;
  if (remote.checksum?.algorithm === 'CRC32' && remote.checksum.value === whole.crc32) return 'crc32';
  if (whole.etag === undefined || remote.kms === true || remote.etag?.toLowerCase() !== whole.etag) return undefined;
  return records.every(({ md5 }) => md5 !== undefined) ? 'md5' : 'crc32';
}

/** Dates of HTTP are whole seconds. */
const ROUNDING_MS = 2_000;

/**
 * Was this object there before the upload began? Then it is not what the upload makes, however equal its bytes are: its headers are older. S3
 * dates an object that was uploaded in parts by the beginning of its upload, others by its completion.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function isOlderThanUpload({ headers = {} }: RemoteObject, begunAt: number | undefined): boolean {
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

/**
 * The upload that parts were sent to is gone: another run has completed it, or somebody has aborted it. The object tells which, never the
 * error: where it has just these bytes it is done, and by somebody else; else all is sent anew.
 */
export async function resolveMissingUpload(
  { bucket, signal }: MultipartContext,
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
  if (remote.size !== layout.size || remote.kms === true || isOlderThanUpload(remote, begunAt)) return anew;
  const own = await bytes.etag();
  return own !== undefined && remote.etag?.toLowerCase() === own ? { end: 'appeared', attempts } : anew;
}
