import { S3RequestError } from '../../errors.js';
import type { Verified } from '../../report/types.js';
import type { Result, WriteCondition } from '../result.js';
import { type Completion, completeUpload, resolveMissingUpload } from './complete.js';
import { abortUpload, keepOrAbort, uploadOpener } from './open.js';
import { storedEtag, wholeOf } from './parts.js';
import { checkHeaders } from './resume.js';
import { missingParts, sendParts } from './send-parts.js';
import {
  ChangedWhileRead,
  isOtherSource,
  type MultipartContext,
  type OpenUpload,
  type PartedObject,
  type PartMeter,
} from './types.js';

/** How the upload of one object ended. */
export type UploadResult =
  | {
      readonly end: 'done';
      readonly etag: string | undefined;
      readonly verified: Verified;
      /** Bytes that an earlier run has sent. */
      readonly takenOver: number;
      readonly attempts: number;
    }
  | { readonly end: 'appeared'; readonly attempts: number }
  /** The key has another object since the decision, which needs no write. */
  | { readonly end: 'unneeded'; readonly result: Result; readonly attempts: number }
  /** Everything must be sent again, to a new upload. */
  | Anew;

interface Anew {
  readonly end: 'anew';
  readonly attempts: number;
  readonly error: S3RequestError;
  /** The server demands parts of one size. */
  readonly uneven?: true;
}

export interface UploadOptions {
  readonly condition: WriteCondition;
  /** Do not look for an unfinished upload of an earlier run. */
  readonly fresh: boolean;
  readonly meter: PartMeter;
}

/** New uploads for one object after the first one failed. */
const NEW_UPLOADS = 2;

/**
 * Tries until an object is settled, each time with a new upload.
 * @param once takes the number of earlier tries
 */
export async function untilSettled(
  once: (tries: number) => Promise<UploadResult>,
): Promise<Exclude<UploadResult, Anew>> {
  let attempts = 0;
  for (let tries = 0; ; tries++) {
    const result = await once(tries);
    attempts += result.attempts;
    if (result.end !== 'anew') return { ...result, attempts };
    if (tries >= NEW_UPLOADS) throw result.error;
  }
}

/** Uploads objects in parts: resumes an unfinished upload of an earlier run, sends the missing parts, completes, and verifies the result. */
export function multipartUploader(
  context: MultipartContext,
): (object: PartedObject, options: UploadOptions) => Promise<UploadResult> {
  const opener = uploadOpener(context);
  const send = context.aroundParts(sendParts(context));

  return async (object, { condition, fresh, meter }) => {
    const upload = await opener.open(object, fresh, meter);
    const takenOver = sizeOf(upload);
    const opened = upload.adopted ? 0 : 1;
    let completion: Completion;
    try {
      // Under a key no ETag is an MD5, so the parts need not be sent to show it.
      const unlike = object.etagUnproven && upload.encrypted ? differs(object, upload) : undefined;
      const sent = unlike === undefined ? await sendAll(object, upload, meter) : 0;
      completion = differs(object, upload) ?? (await complete(upload, condition));
      completion = { ...completion, attempts: completion.attempts + opened + sent };
    } catch (error) {
      if (error instanceof ChangedWhileRead || isOtherSource(error)) {
        await abortUpload(context, upload);
        throw error;
      }
      if (!isVanished(error)) throw await keepOrAbort(context, object, upload, error);
      completion = await resolveMissingUpload(context, object, error, upload.begunAt, condition.onlyIfAbsent);
    }
    return settled(object, upload, completion, { takenOver, meter });
  };

  async function sendAll(object: PartedObject, upload: OpenUpload, meter: PartMeter): Promise<number> {
    const sent = await send(object, upload, meter, missingParts(object.layout, upload.parts));
    if (!(await object.bytes.unchanged())) throw new ChangedWhileRead(object.origin);
    return sent;
  }

  function complete(upload: OpenUpload, condition: WriteCondition): Promise<Completion> {
    return completeUpload({ ...context, refusesMarks: opener.refusesMarks }, upload, condition);
  }

  /** The end of an upload whose parts make another object than expected: it must not be completed. */
  function differs({ key, etag, etagUnproven }: PartedObject, upload: OpenUpload): Completion | undefined {
    if (etag === undefined || !(etagUnproven || context.bucket.facts().etagIsMd5)) return undefined;
    const records = [...upload.parts.values()].sort((a, b) => a.number - b.number);
    const own = etagUnproven ? storedEtag(records) : wholeOf(records, upload.encrypted).etag;
    if ((own === undefined && !etagUnproven) || own === etag.toLowerCase()) return undefined;
    const { name } = context.bucket;
    const made = own === undefined ? 'no ETag that is known' : `the ETag ${own}`;
    const message = `CompleteMultipartUpload s3://${name}/${key}: the parts make an object with ${made}, not ${etag}`;
    const what = { code: 'ETagMismatch', verb: 'CompleteMultipartUpload', bucket: name, key, status: 200 } as const;
    return { end: 'anew', gone: false, attempts: 0, error: new S3RequestError(message, what) };
  }

  async function settled(
    object: PartedObject,
    upload: OpenUpload,
    completion: Completion,
    { takenOver, meter }: { readonly takenOver: number; readonly meter: PartMeter },
  ): Promise<UploadResult> {
    const { attempts } = completion;
    if (completion.end === 'anew') {
      if (!completion.gone) await abortUpload(context, upload);
      meter.add(-sizeOf(upload), false);
      const anew = { end: 'anew', attempts, error: completion.error } as const;
      return completion.uneven === true ? { ...anew, uneven: true } : anew;
    }
    if (completion.end === 'appeared' || completion.end === 'unneeded') {
      await abortUpload(context, upload);
      return completion;
    }
    if (upload.unproven) await checkHeaders(context, object, object.headers);
    const { etag, verified } = completion;
    return { end: 'done', etag, verified, takenOver, attempts };
  }
}

function isVanished(error: unknown): error is S3RequestError {
  return error instanceof S3RequestError && error.code === 'NoSuchUpload';
}

function sizeOf({ parts }: OpenUpload): number {
  let sum = 0;
  for (const { size } of parts.values()) sum += size;
  return sum;
}
