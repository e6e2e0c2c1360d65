import { S3RequestError, SourceError } from '../../errors.js';
import { LARGEST_OBJECT, partSizeFor } from '../../part-size.js';
import type { Content, Entry } from '../../source/entry.js';
import { changed } from '../body-limits.js';
import type { EntryBody } from '../entry-body.js';
import type { PutDecision, Putter, Result } from '../put-entry.js';
import { type Completion, completeUpload } from './complete-upload.js';
import { abortUpload, leaveUpload } from './leave-upload.js';
import { uploadOpener } from './open-upload.js';
import type { OpenUpload, PartedObject, PartMeter, PartsDeps } from './parts-deps.js';
import { ChangedWhileRead, sendParts } from './send-parts.js';
import { settleVanished } from './settle-vanished.js';
import { checkHeaders } from './unproven-headers.js';

/** Uploads that are begun anew for one object, whatever ended those before. */
const NEW_UPLOADS = 2;

/** Puts objects in parts: goes on with what an earlier run has left, sends what is missing, completes, and proves the result. */
export function partsPutter(deps: PartsDeps): Putter {
  const opener = uploadOpener(deps);

  return (entry, body, decision, headers) =>
    deps.inTurn(async (age) => {
      const meter = deps.meter();
      let state: Tried = { end: 'anew', attempts: 0 };
      try {
        for (let tries = 0; state.end === 'anew'; tries++) {
          if (tries > NEW_UPLOADS) throw state.error ?? changed(entry);
          const { attempts } = state;
          const fresh = tries > 0;
          const once = (content: Content) =>
            attempt({ entry, decision, headers, age, meter, content, attempts, fresh });
          state = await steadily(entry, body, once);
        }
        return state.result;
      } finally {
        meter.end();
      }
    });

  async function attempt(of: Attempt): Promise<Tried> {
    const { entry, decision, headers, age, meter, content } = of;
    const { key, origin } = entry;
    if (content.size > LARGEST_OBJECT) throw tooLarge(origin);
    const partSize = partSizeFor(content.size, deps.sizing);
    const object: PartedObject = { key, origin, content, partSize, headers, age };
    const upload = await opener.open(object, of.fresh);
    const takenOver = sizeOf(upload);
    if (takenOver > 0) meter.add(takenOver, true);
    const attempts = of.attempts + (upload.adopted ? 0 : 1);
    let completion: Completion;
    try {
      const sent = await sendParts(deps, object, upload, meter);
      if (!(await content.unchanged())) throw new ChangedWhileRead(origin);
      completion = await completeUpload({ ...deps, refusesMarks: opener.refusesMarks }, upload, decision.onlyIfAbsent);
      completion = { ...completion, attempts: completion.attempts + attempts + sent };
    } catch (error) {
      if (error instanceof ChangedWhileRead) {
        await abortUpload(deps, upload);
        throw error;
      }
      if (!isVanished(error)) throw await leaveUpload(deps, object, upload, error);
      completion = await settleVanished(deps, object, error, upload.begunAt, decision.onlyIfAbsent);
    }
    return settled(of, object, upload, completion, takenOver);
  }

  async function settled(
    { decision, entry, meter }: Attempt,
    object: PartedObject,
    upload: OpenUpload,
    completion: Completion,
    takenOver: number,
  ): Promise<Tried> {
    const { size } = object.content;
    const { attempts } = completion;
    if (completion.end === 'anew') {
      if (!completion.gone) await abortUpload(deps, upload);
      meter.add(-sizeOf(upload), false);
      return { end: 'anew', attempts, error: completion.error };
    }
    if (completion.end === 'appeared') {
      await abortUpload(deps, upload);
      const reason = 'appeared during the run';
      return {
        end: 'settled',
        result: { action: 'skip', reason, bytes: 0, sourceBytes: size, verified: 'none', attempts },
      };
    }
    if (upload.unproven) await checkHeaders(deps, entry, object.headers);
    const { etag, verified } = completion;
    const facts = { bytes: size, sourceBytes: size, verified, attempts, ...(etag !== undefined && { etag }) };
    const own = takenOver > 0 ? { takenOver } : {};
    return { end: 'settled', result: { action: 'put', reason: decision.reason, ...facts, ...own } };
  }
}

interface Attempt {
  readonly entry: Entry;
  readonly decision: PutDecision;
  readonly headers: Readonly<Record<string, string>>;
  readonly age: number;
  readonly meter: PartMeter;
  readonly content: Content;
  /** Requests made before. */
  readonly attempts: number;
  readonly fresh: boolean;
}

type Tried =
  | { readonly end: 'settled'; readonly result: Result }
  | { readonly end: 'anew'; readonly attempts: number; readonly error?: S3RequestError };

/** Opens the bytes, and opens them once more where they changed while they were read. */
async function steadily(entry: Entry, body: EntryBody, once: (content: Content) => Promise<Tried>): Promise<Tried> {
  for (let tries = 1; tries <= 2; tries++) {
    const content = await body.open();
    try {
      return await once(content);
    } catch (error) {
      if (!(error instanceof ChangedWhileRead)) throw error;
    } finally {
      await content.close();
    }
  }
  throw changed(entry);
}

function isVanished(error: unknown): error is S3RequestError {
  return error instanceof S3RequestError && error.code === 'NoSuchUpload';
}

function sizeOf({ parts }: OpenUpload): number {
  let sum = 0;
  for (const { size } of parts.values()) sum += size;
  return sum;
}

function tooLarge(origin: string): SourceError {
  return new SourceError('TooLarge', `${origin} is larger than the 48.8 TiB that an object can have`, {
    hint: 'Leave it out by maxSize or exclude, or split it.',
  });
}
