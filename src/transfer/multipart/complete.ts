import { S3RequestError } from '../../errors.js';
import { errorCode } from '../../model/error-codes.js';
import type { Verified } from '../../report/types.js';
import type { Bucket, CompletedUpload, OnlyIfAbsent, PutAnswer, RemoteObject } from '../../s3/bucket.js';
import { onNewConnection } from '../../s3/http/http-client.js';
import { isAnswerLost } from '../../s3/middleware/retry-policy.js';
import { allParts } from '../../s3/upload-listings.js';
import { headStored, objectNow } from '../head.js';
import { isDeleted, isUnmet, type Overwrite, type Result, type WriteCondition } from '../result.js';
import { isSamePart, judgeWhole, type PartRecord, type Whole, wholeOf } from './parts.js';
import type { MultipartContext, OpenUpload, PartedObject } from './types.js';

/** How an upload ended. */
export type Completion =
  | { readonly end: 'done'; readonly etag: string | undefined; readonly verified: Verified; readonly attempts: number }
  /** Mode `add`: the key exists, and this upload has not made it. */
  | { readonly end: 'appeared'; readonly attempts: number }
  /** The key has another object since the decision, which needs no write. */
  | { readonly end: 'unneeded'; readonly result: Result; readonly attempts: number }
  /** Everything must be sent again, to a new upload. `gone`: this upload no longer exists. */
  | {
      readonly end: 'anew';
      readonly gone: boolean;
      readonly attempts: number;
      readonly error: S3RequestError;
      /** The server demands parts of one size. */
      readonly uneven?: true;
    };

export interface CompleteContext {
  readonly bucket: Bucket;
  readonly signal: AbortSignal;
  /** Is called where the server may have refused because of the mark. */
  readonly refusesMarks: () => void;
}

/** Completions of one upload, where a listing shows each time that the one before was not carried out. */
const MAX_COMPLETIONS = 4;

/**
 * Completes an upload and resolves doubtful responses: where the response is lost, or says that a part or the upload is missing, a HEAD shows
 * whether the object is stored. If not, the parts are listed, compared, and completed once more; if that fails too, everything is sent again.
 * Throws what S3 refuses for good.
 */
export async function completeUpload(
  context: CompleteContext,
  upload: OpenUpload,
  { onlyIfAbsent, overwrite }: WriteCondition,
): Promise<Completion> {
  const { bucket, signal } = context;
  let records = [...upload.parts.values()].sort((a, b) => a.number - b.number);
  const whole = wholeOf(records, upload.encrypted);
  let attempts = 0;

  // Another run may have changed an adopted upload, and some responses have no ETag: a listing shows both.
  const listFirst = upload.adopted || records.some(({ etag }) => etag === undefined);
  for (let tries = listFirst ? 0 : 1; ; tries++) {
    try {
      if (tries !== 1) records = await compared(records);
      if (tries === 0) continue;
      return await send(records, tries === 1 ? signal : onNewConnection(signal));
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      attempts += error.verb === 'CompleteMultipartUpload' ? error.attempts : 0;
      const resolved = await resolve(error, tries);
      if (resolved !== undefined) return resolved;
    }
  }
  /** @param within the signal of the first try, or one for a new connection: the response may be lost because the connection was old */
  async function send(parts: readonly PartRecord[], within: AbortSignal): Promise<Completion> {
    const { key, uploadId, headers } = upload;
    const crc32 = upload.crc32 ? whole.crc32 : undefined;
    const named = parts.map(({ number, etag = '', crc32: own }) => {
      return { number, etag, crc32: crc32 === undefined ? undefined : own };
    });
    const request = { key, uploadId, headers, parts: named, size: whole.size, crc32, onlyIfAbsent };
    let answer: CompletedUpload | undefined;
    while (answer === undefined) {
      const ifMatch = overwrite?.ifMatch;
      try {
        answer = await bucket.completeUpload({ ...request, ifMatch }, within);
      } catch (error) {
        if (overwrite === undefined || !isUnmet(error, ifMatch)) throw error;
        // The upload is still there: its parts are not sent again.
        const ended = await resolveUnmet(error, overwrite);
        if (ended !== undefined) return ended;
      }
    }
    attempts += answer.attempts;
    const verified = judgeWhole(answer, whole, parts, bucket.facts().etagIsMd5);
    if (verified === 'mismatch')
      throw failure('CompleteMultipartUpload', 'ETagMismatch', 'the stored object is not what was sent');
    return { end: 'done', etag: answer.etag, verified, attempts };
  }

  /** What the refusal of a condition means for the upload; undefined where it can be completed under another one. */
  async function resolveUnmet(error: S3RequestError, over: Overwrite): Promise<Completion | undefined> {
    const met = isDeleted(error) ? 'absent' : await objectNow(bucket, upload.key, signal);
    if (typeof met === 'object' && met.etag !== over.ifMatch) {
      const own = await ownObject(met);
      if (typeof own === 'object') return { end: 'done', ...own, attempts: attempts + error.attempts };
    }
    const result = await over.refused(error, met);
    attempts += error.attempts;
    return result && { end: 'unneeded', result, attempts };
  }

  /** The parts as they are listed now; throws where one differs from what was sent. */
  async function compared(sent: readonly PartRecord[]): Promise<PartRecord[]> {
    const listed = await allParts(bucket, upload, signal);
    return sent.map((record) => {
      const part = listed.get(record.number);
      if (!isSamePart(part, record))
        throw failure('ListParts', 'InvalidPart', `part ${record.number} is not what was sent`);
      return { ...record, etag: part?.etag };
    });
  }

  /** What an error means for the upload; undefined where a second completion may succeed. */
  async function resolve(error: S3RequestError, tries: number): Promise<Completion | undefined> {
    const { code, status, verb } = error;
    const completing = verb === 'CompleteMultipartUpload';
    const anew = (gone: boolean): Completion => ({ end: 'anew', gone, attempts, error });
    const { conflict = false, doubtful = false } = errorCode(code);
    if (conflict) return anew(false);
    // All parts are stored, so neither a HEAD nor a second completion would help.
    if (completing && isUneven(error)) return { end: 'anew', gone: false, attempts, error, uneven: true };
    // A condition on an ETag is resolved where it is sent.
    const exists = status === 412 && overwrite === undefined;
    if (!exists && !doubtful && !(completing && isAnswerLost(error))) throw error;
    // Also after the first 412: the request may have been delivered twice, by a proxy that repeats it.
    const remote = await stored();
    if (typeof remote === 'object') return { end: 'done', ...remote, attempts };
    if (exists) return { end: 'appeared', attempts };
    if (code === 'NoSuchUpload')
      return onlyIfAbsent !== undefined && remote === 'other' ? { end: 'appeared', attempts } : anew(remote !== 'open');
    if (code === 'ETagMismatch') return anew(true);
    if (completing && tries < (isAnswerLost(error) ? MAX_COMPLETIONS : 2)) return undefined;
    // The listed parts are equal and were refused all the same: then the server objects to the unnamed part, the mark.
    if (completing && code === 'InvalidPart') context.refusesMarks();
    return anew(false);
  }

  async function stored(): Promise<Pick<PutAnswer, 'etag' | 'verified'> | 'other' | 'absent' | 'open'> {
    const remote = await headStored(bucket, upload.key, signal).catch((error) => {
      // Without permission for HEAD only a second completion shows it.
      if (error instanceof S3RequestError && error.status !== undefined && error.status < 500) return undefined;
      throw error;
    });
    return remote === undefined ? 'absent' : ownObject(remote);
  }

  /** `open`: an equal object exists, but this upload was not completed, so another one has made it. */
  async function ownObject(remote: RemoteObject): Promise<Pick<PutAnswer, 'etag' | 'verified'> | 'other' | 'open'> {
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

/**
 * Whether the server refused an upload because its parts differ in size. Cloudflare R2 has no code of its own for it.
 * @see https://developers.cloudflare.com/r2/objects/multipart-objects/
 */
function isUneven({ code, message, bucket, key }: S3RequestError): boolean {
  if (code !== 'InvalidPart') return false;
  // The key is not the server's text.
  return /\b(?:same|equal|uniform) (?:part )?(?:length|size)/i.test(message.replace(`s3://${bucket}/${key}`, ''));
}

/** What proves that the object consists of these parts: its checksum or its ETag; undefined where neither does. */
function storedAs(
  remote: RemoteObject,
  whole: Whole,
  records: readonly PartRecord[],
): Exclude<Verified, 'none'> | undefined {
  if (remote.size !== whole.size) return undefined;
  if (remote.checksum?.algorithm === 'CRC32' && remote.checksum.value === whole.crc32) return 'crc32';
  if (whole.etag === undefined || remote.kms === true || remote.etag?.toLowerCase() !== whole.etag) return undefined;
  return records.every(({ md5 }) => md5 !== undefined) ? 'md5' : 'crc32';
}

/** HTTP dates have whole seconds. */
const ROUNDING_MS = 2_000;

/**
 * Whether the object existed before the upload began. Then this upload has not made it, even if its bytes are equal: its headers are older. S3
 * dates a multipart object by the creation of its upload, other servers by its completion.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
function isOlderThanUpload({ headers = {} }: RemoteObject, begunAt: number | undefined): boolean {
  const modified = Date.parse(headers['last-modified'] ?? '');
  return begunAt !== undefined && modified < begunAt - ROUNDING_MS;
}

/** Whether the upload still has parts, so that it was not completed. */
async function isStillOpen(bucket: Bucket, upload: OpenUpload, signal: AbortSignal): Promise<boolean> {
  try {
    return (await allParts(bucket, upload, signal)).size > 0;
  } catch (error) {
    // Without permission to list parts this check is skipped.
    if (error instanceof S3RequestError && error.status !== undefined && error.status < 500) return false;
    throw error;
  }
}

/**
 * The upload that parts were sent to is gone: another run has completed it, or it was aborted. Only the object shows which, never the error: if it
 * has exactly these bytes, another run has made it; otherwise everything is sent again.
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
  // An object that existed before may have other headers.
  if (remote.size !== layout.size || remote.kms === true || isOlderThanUpload(remote, begunAt)) return anew;
  const own = await bytes.etag();
  return own !== undefined && remote.etag?.toLowerCase() === own ? { end: 'appeared', attempts } : anew;
}
