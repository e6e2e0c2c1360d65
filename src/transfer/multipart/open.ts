import { S3RequestError, SourceError } from '../../errors.js';
import { MARK_NUMBER } from '../../model/part-layout.js';
import { storageDollars } from '../../model/verbs.js';
import { formatBytes } from '../../report/format.js';
import { msg } from '../../report/message.js';
import { AbortedInFlight } from '../../s3/http/http-client.js';
import { interrupted } from '../result.js';
import { type Mark, markFor } from './parts.js';
import { type FoundUpload, findUpload, hasHidden } from './resume.js';
import { type MultipartContext, type OpenUpload, type PartedObject, type PartMeter, partHeaders } from './types.js';

/** Opens the uploads of one run. */
export interface UploadOpener {
  /**
   * @param fresh do not look for an unfinished upload of an earlier run
   * @param meter counts the parts that are adopted
   */
  open(object: PartedObject, fresh: boolean, meter: PartMeter): Promise<OpenUpload>;
  /** Sends no marks from now on: the server does not complete an upload that has an unnamed part. */
  refusesMarks(): void;
}

/** Opens uploads: adopts one of an earlier run that is proven to hold the same object, otherwise creates one and marks it. */
export function uploadOpener(context: MultipartContext): UploadOpener {
  const { bucket, resume, signal, stop } = context;
  let marksRefused = false;
  let listable = resume !== 'off';

  async function open(object: PartedObject, fresh: boolean, meter: PartMeter): Promise<OpenUpload> {
    if (!fresh && listable) {
      const mark = () => markOf(object, object.checksummed && bucket.facts().crc32);
      const found = await findUpload(context, object, mark, meter);
      if (found === 'denied') listable = false;
      else if (found !== 'none') return adopted(object, found);
    }
    return created(object);
  }

  function adopted({ key, headers }: PartedObject, found: FoundUpload): OpenUpload {
    return { ...found, key, headers: partHeaders(headers), resumable: true, adopted: true };
  }

  async function created(object: PartedObject): Promise<OpenUpload> {
    const { key, headers, origin, checksummed } = object;
    stop.throwIfAborted();
    const { uploadId, crc32, encrypted, begunAt } = await bucket.createUpload(key, headers, signal, checksummed);
    const own = { key, uploadId, crc32, encrypted, headers: partHeaders(headers) };
    const markable = listable && bucket.facts().unlistedParts && !marksRefused;
    const provable = markable && (crc32 || !encrypted);
    // Where a mark proves nothing for resuming, it still shows the command `uploads` that this tool began the upload.
    if (markable) {
      try {
        await sendMark(own, markOf(object, crc32));
      } catch (error) {
        await bucket.abortUpload(own, AbortSignal.timeout(ABORT_MS)).catch(() => warnOfLeft(key, origin));
        throw error;
      }
    }
    const alone = object.bytes.selfEvident && resume === 'unproven';
    const resumable = provable || (listable && alone && !hasHidden(headers));
    return { ...own, begunAt, resumable, adopted: false, unproven: false, parts: new Map() };
  }

  async function sendMark(upload: Pick<OpenUpload, 'key' | 'uploadId' | 'crc32' | 'headers'>, { bytes }: Mark) {
    const body = { size: bytes.length, read: async () => bytes };
    await bucket.putPart({ ...upload, number: MARK_NUMBER, body }, signal);
  }

  function warnOfLeft(key: string, origin: string): void {
    context.warn(`upload-left ${key}`, `An upload of ${origin} to s3://${bucket.name}/${key} could not be aborted.`);
  }

  return {
    open,
    refusesMarks() {
      marksRefused = true;
    },
  };
}

function markOf({ headers, identity }: PartedObject, crc32: boolean): Mark {
  return markFor({ ...headers, ...identity }, crc32);
}

/** Time limit of an abort, also while the run is ending. */
const ABORT_MS = 1_500;

/** Aborts an upload that is no longer needed; warns where that fails. */
export async function abortUpload(
  context: Pick<MultipartContext, 'bucket' | 'warn'>,
  upload: Pick<OpenUpload, 'key' | 'uploadId'>,
): Promise<void> {
  const { bucket, warn } = context;
  try {
    await bucket.abortUpload(upload, AbortSignal.timeout(ABORT_MS));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    warn(
      `upload-left ${upload.key}`,
      `The unfinished upload ${upload.uploadId} of s3://${bucket.name}/${upload.key} could not be aborted and still costs money: ${why}`,
    );
  }
}

/**
 * Ends an upload that was not completed: keeps it, with a warning that names its cost, where a later run can resume it, and aborts it otherwise.
 * Returns the error to throw.
 */
export async function keepOrAbort(
  context: MultipartContext,
  object: PartedObject,
  upload: OpenUpload,
  error: unknown,
): Promise<unknown> {
  const { bucket, stop, warn, resume } = context;
  const { key, origin } = object;
  const sent = [...upload.parts.values()];
  const bytes = sent.reduce((sum, { size }) => sum + size, 0);
  const of = object.layout.count;
  const known = error instanceof S3RequestError || error instanceof SourceError;
  const wasInterrupted = !known && stop.aborted;
  const inFlight = error instanceof AbortedInFlight ? error.verb : undefined;
  if (inFlight === 'CompleteMultipartUpload') {
    if (!upload.resumable) await abortUpload(context, upload);
    return interrupted(
      `${origin} was being completed when the run was aborted; the bucket may hold it or not`,
      RESUMES,
    );
  }
  if (!upload.resumable || sent.length === 0) {
    await abortUpload(context, upload);
    if (resume === 'on' && sent.length > 0 && !bucket.facts().unlistedParts) {
      const why = msg`This server takes no marks in unfinished uploads, so the unfinished upload of s3://${bucket.name}/${key} was aborted; {resume: 'unproven'} would keep it for the next run.`;
      warn('resume-unproven', why);
    }
    // Where nothing of it was sent, it was not attempted.
    return wasInterrupted && (sent.length > 0 || inFlight !== undefined)
      ? interrupted(`${origin} was on its way when the run ended; its upload was aborted`, AGAIN)
      : error;
  }
  const dollars = storageDollars(bytes);
  const cost = dollars < 0.005 ? 'less than a cent' : `about $${dollars.toFixed(2)}`;
  const stored = `${sent.length} of ${of} parts (${formatBytes(bytes)})`;
  warn(
    `upload-kept ${key}`,
    `s3://${bucket.name}/${key} is unfinished: ${stored} are in the bucket and cost ${cost} a month until the same run is repeated, which sends only the rest, or the upload is aborted (command uploads).`,
  );
  return wasInterrupted
    ? interrupted(`${origin} was on its way when the run ended; ${stored} are in the bucket`, RESUMES)
    : error;
}

const RESUMES = 'Run the same command again: stored parts are compared and not sent again.';
const AGAIN = 'Run the same command again: it is sent from the beginning.';
