import { MARK_NUMBER } from '../../part-size.js';
import { type FoundUpload, findUpload } from './find-upload.js';
import { type OpenUpload, type PartedObject, type PartsDeps, partHeaders } from './parts-deps.js';
import { hasHidden } from './unproven-headers.js';
import { type Mark, markFor } from './upload-mark.js';

/** How uploads begin in one run. */
export interface UploadOpener {
  /** @param fresh do not look for what an earlier run has left */
  open(object: PartedObject, fresh: boolean): Promise<OpenUpload>;
  /** The server does not complete an upload with a part that is not named, whatever is known of it. */
  refusesMarks(): void;
}

/** Opens uploads: goes on with one that an earlier run has left where that is proved to be the same, else creates one and marks it. */
export function uploadOpener(deps: PartsDeps): UploadOpener {
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
