import { S3RequestError, SourceError } from '../../errors.js';
import { MARK_NUMBER } from '../../model/part-layout.js';
import { formatBytes } from '../../report/text.js';
import { type Mark, markFor } from './parts.js';
import { type FoundUpload, findUpload, hasHidden } from './resume.js';
import { type MultipartContext, type OpenUpload, type PartedObject, partHeaders } from './types.js';

/** How uploads begin in one run. */
export interface UploadOpener {
  /** @param fresh do not look for what an earlier run has left */
  open(object: PartedObject, fresh: boolean): Promise<OpenUpload>;
  /** The server does not complete an upload with a part that is not named, whatever is known of it. */
  refusesMarks(): void;
}

/** Opens uploads: goes on with one that an earlier run has left where that is proved to be the same, else creates one and marks it. */
export function uploadOpener(deps: MultipartContext): UploadOpener {
  const { bucket, resume, signal, stop } = deps;
  let marksRefused = false;
  let listable = resume !== 'off';

  async function open(object: PartedObject, fresh: boolean): Promise<OpenUpload> {
    if (!fresh && listable) {
      const found = await findUpload(deps, object, () => markOf(object, object.checksummed && bucket.facts().crc32));
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
    // Where it proves nothing, it still tells whose the upload is, when somebody clears up.
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
    deps.warn(`upload-left ${key}`, `An upload of ${origin} to s3://${bucket.name}/${key} could not be aborted.`);
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

/** An abort is given so long, also when the run is ending. */
export const ABORT_MS = 1_500;

/** Dollars that S3 Standard takes for 1,000 million bytes and a month; unfinished uploads cost the same. */
const DOLLARS_A_GB = 0.023;

/** Ends an upload that is not wanted any more; what cannot be ended is told. */
export async function abortUpload(
  deps: Pick<MultipartContext, 'bucket' | 'warn'>,
  upload: Pick<OpenUpload, 'key' | 'uploadId'>,
): Promise<void> {
  const { bucket, warn } = deps;
  try {
    await bucket.abortUpload(upload, AbortSignal.timeout(ABORT_MS));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    warn(
      `upload-left ${upload.key}`,
      `The unfinished upload ${upload.uploadId} of s3://${bucket.name}/${upload.key} could not be aborted and goes on costing: ${why}`,
    );
  }
}

/**
 * Ends the work on an upload that did not come to its end: what a later run can go on with stays, and is told with its cost; anything else is
 * aborted. Gives the error to throw.
 */
export async function keepOrAbort(
  deps: MultipartContext,
  object: PartedObject,
  upload: OpenUpload,
  error: unknown,
): Promise<unknown> {
  const { bucket, stop, warn, resume } = deps;
  const { key, origin } = object;
  const sent = [...upload.parts.values()];
  const bytes = sent.reduce((sum, { size }) => sum + size, 0);
  const of = object.layout.count;
  const known = error instanceof S3RequestError || error instanceof SourceError;
  const interrupted = !known && stop.aborted;
  if (!upload.resumable || sent.length === 0) {
    await abortUpload(deps, upload);
    if (resume === 'on' && sent.length > 0 && !bucket.facts().unlistedParts) {
      const why = `This server takes no marks in unfinished uploads, so what was sent of s3://${bucket.name}/${key} was aborted; resume: 'unproven' would keep it for the next run.`;
      warn('resume-unproven', why);
    }
    return interrupted ? ending(`${origin} was on its way when the run ended; its upload was aborted`, AGAIN) : error;
  }
  const dollars = (bytes / 1e9) * DOLLARS_A_GB;
  const cost = dollars < 0.005 ? 'less than a cent' : `about $${dollars.toFixed(2)}`;
  const lies = `${sent.length} of ${of} parts (${formatBytes(bytes)})`;
  warn(
    `upload-kept ${key}`,
    `s3://${bucket.name}/${key} is unfinished: ${lies} lie in the bucket and cost ${cost} a month until the same run is made again, which sends only the rest, or the upload is aborted (command uploads).`,
  );
  return interrupted
    ? ending(`${origin} was on its way when the run ended; ${lies} are in the bucket`, RESUMES)
    : error;
}

const RESUMES = 'Run the same command again: parts that have arrived are compared and not sent again.';
const AGAIN = 'Run the same command again: it is sent from its beginning.';

function ending(message: string, hint: string): SourceError {
  return new SourceError('Interrupted', message, { hint });
}
