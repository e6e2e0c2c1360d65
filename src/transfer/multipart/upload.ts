import { S3RequestError } from '../../errors.js';
import type { PartRange } from '../../model/part-layout.js';
import type { Verified } from '../../report/types.js';
import type { OnlyIfAbsent } from '../../s3/bucket.js';
import { type Completion, completeUpload, resolveMissingUpload } from './complete.js';
import { abortUpload, keepOrAbort, uploadOpener } from './open.js';
import { wholeOf } from './parts.js';
import { checkHeaders } from './resume.js';
import {
  ChangedWhileRead,
  type MultipartContext,
  type OpenUpload,
  type PartedObject,
  type PartMeter,
} from './types.js';

/** How the work on one object in parts ended. */
export type UploadResult =
  | {
      readonly end: 'done';
      readonly etag: string | undefined;
      readonly verified: Verified;
      /** Bytes that an earlier run had sent. */
      readonly takenOver: number;
      readonly attempts: number;
    }
  | { readonly end: 'appeared'; readonly attempts: number }
  /** All has to be sent again, to a new upload. */
  | Anew;

interface Anew {
  readonly end: 'anew';
  readonly attempts: number;
  readonly error: S3RequestError;
}

export interface UploadOptions {
  readonly onlyIfAbsent: OnlyIfAbsent | undefined;
  /** Do not look for what an earlier run has left. */
  readonly fresh: boolean;
  readonly meter: PartMeter;
}

/** Uploads that are begun anew for one object, whatever ended those before. */
const NEW_UPLOADS = 2;

/**
 * Tries until an object is settled, each time with a new upload.
 * @param once told how many tries were before
 */
export async function untilSettled(
  once: (tries: number) => Promise<UploadResult>,
): Promise<Exclude<UploadResult, Anew>> {
  let attempts = 0;
  for (let tries = 0; ; tries++) {
    const carried = await once(tries);
    attempts += carried.attempts;
    if (carried.end !== 'anew') return { ...carried, attempts };
    if (tries >= NEW_UPLOADS) throw carried.error;
  }
}

/** Carries objects in parts out: goes on with what an earlier run has left, sends what is missing, completes, and proves the result. */
export function multipartUploader(
  deps: MultipartContext,
): (object: PartedObject, options: UploadOptions) => Promise<UploadResult> {
  const opener = uploadOpener(deps);

  return async (object, { onlyIfAbsent, fresh, meter }) => {
    const upload = await opener.open(object, fresh);
    const takenOver = sizeOf(upload);
    if (takenOver > 0) meter.add(takenOver, true);
    const opened = upload.adopted ? 0 : 1;
    let completion: Completion;
    try {
      const sent = await sendAll(object, upload, meter);
      completion = differs(object, upload) ?? (await complete(upload, onlyIfAbsent));
      completion = { ...completion, attempts: completion.attempts + opened + sent };
    } catch (error) {
      if (error instanceof ChangedWhileRead) {
        await abortUpload(deps, upload);
        throw error;
      }
      if (!isVanished(error)) throw await keepOrAbort(deps, object, upload, error);
      completion = await resolveMissingUpload(deps, object, error, upload.begunAt, onlyIfAbsent);
    }
    return settled(object, upload, completion, { takenOver, meter });
  };

  async function sendAll(object: PartedObject, upload: OpenUpload, meter: PartMeter): Promise<number> {
    const sent = await sendParts(deps, object, upload, meter);
    if (!(await object.bytes.unchanged())) throw new ChangedWhileRead(object.origin);
    return sent;
  }

  function complete(upload: OpenUpload, onlyIfAbsent: OnlyIfAbsent | undefined): Promise<Completion> {
    return completeUpload({ ...deps, refusesMarks: opener.refusesMarks }, upload, onlyIfAbsent);
  }

  /** Do the parts make another object than they should? Then it must not be completed. */
  function differs({ key, etag }: PartedObject, upload: OpenUpload): Completion | undefined {
    if (etag === undefined || !deps.bucket.facts().etagIsMd5) return undefined;
    const records = [...upload.parts.values()].sort((a, b) => a.number - b.number);
    const own = wholeOf(records, upload.encrypted).etag;
    if (own === undefined || own === etag.toLowerCase()) return undefined;
    const { name } = deps.bucket;
    const message = `CompleteMultipartUpload s3://${name}/${key}: the parts make an object with the ETag ${own}, not ${etag}`;
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
      if (!completion.gone) await abortUpload(deps, upload);
      meter.add(-sizeOf(upload), false);
      return { end: 'anew', attempts, error: completion.error };
    }
    if (completion.end === 'appeared') {
      await abortUpload(deps, upload);
      return { end: 'appeared', attempts };
    }
    if (upload.unproven) await checkHeaders(deps, object, object.headers);
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

/**
 * Sends the parts that an upload lacks, several at once, and records each. Throws the first error once all that were on their way are done;
 * `ChangedWhileRead` where the source is not what it was.
 * @returns requests made
 */
export async function sendParts(
  { queue, stop }: Pick<MultipartContext, 'queue' | 'stop'>,
  { layout, bytes, age }: PartedObject,
  upload: OpenUpload,
  meter: PartMeter,
): Promise<number> {
  const tasks = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let requests = 0;

  async function send(range: PartRange): Promise<void> {
    const size = range.end - range.start;
    const place = await queue.enter(age, bytes.memoryOf(size), stop);
    if (failure !== undefined) return place.leave();
    const task = bytes
      .send(upload, range)
      .then(
        ({ record, attempts, durationMs }) => {
          upload.parts.set(record.number, record);
          requests += attempts;
          meter.add(size, false);
          place.leave(durationMs);
        },
        (error) => {
          failure ??= { error };
          place.leave();
        },
      )
      .finally(() => tasks.delete(task));
    tasks.add(task);
  }

  try {
    for (let number = 1; number <= layout.count && failure === undefined; number++)
      if (!upload.parts.has(number)) await send(layout.range(number));
  } catch (error) {
    failure ??= { error };
  }
  await Promise.all(tasks);
  if (failure !== undefined) throw failure.error;
  return requests;
}
