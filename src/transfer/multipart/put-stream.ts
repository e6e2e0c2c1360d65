import { S3RequestError, SourceError } from '../../errors.js';
import { MOST_PARTS, outgrowsEqualParts, PART_FLOOR, streamPartSize } from '../../model/part-layout.js';
import { formatBytes } from '../../report/format.js';
import { msg } from '../../report/message.js';
import type { Body } from '../../s3/bucket.js';
import type { Entry } from '../../source/types.js';
import type { EntryBody } from '../body/body.js';
import { appeared, interrupted, type PutDecision, type Result, reasonOf } from '../result.js';
import { type Completion, completeUpload } from './complete.js';
import { abortUpload } from './open.js';
import { type MultipartContext, type OpenUpload, type PartMeter, partHeaders } from './types.js';

/** Puts a body that can be read only once. */
export type StreamPutter = (
  entry: Entry,
  body: EntryBody,
  decision: PutDecision,
  headers: Readonly<Record<string, string>>,
) => Promise<Result>;

/**
 * Puts a stream in parts while it is read: each part stays in memory until it is stored, and the memory budget limits how many. A failed upload is
 * aborted, because a later run cannot read these bytes again.
 */
export function streamPutter(context: MultipartContext): StreamPutter {
  return (entry, body, decision, headers) =>
    context.inTurn(async (age) => {
      const { bucket, stop, signal } = context;
      const { key } = entry;
      stop.throwIfAborted();
      const meter = context.meter();
      const created = await bucket.createUpload(key, headers, signal);
      const state = { resumable: false, adopted: false, unproven: false, parts: new Map() };
      const upload: OpenUpload = { ...created, ...state, key, headers: partHeaders(headers) };
      try {
        const sent = await sendAll(context, { entry, body, age, meter }, upload);
        const completion = await completeUpload({ ...context, refusesMarks: () => {} }, upload, decision);
        if (completion.end === 'anew')
          throw completion.uneven === true ? needsEqual(completion.error) : completion.error;
        if (completion.end === 'appeared' || completion.end === 'unneeded') await abortUpload(context, upload);
        return resultOf(upload, decision, { ...completion, attempts: completion.attempts + sent + 1 });
      } catch (error) {
        await abortUpload(context, upload);
        const known = error instanceof S3RequestError || error instanceof SourceError;
        throw !known && stop.aborted ? streamInterrupted(entry) : error;
      } finally {
        meter.end();
      }
    });
}

interface Streamed {
  readonly entry: Entry;
  readonly body: EntryBody;
  readonly age: number;
  readonly meter: PartMeter;
}

/** Sends parts concurrently and returns the number of requests. Throws the first error after all parts in flight have finished. */
async function sendAll(context: MultipartContext, of: Streamed, upload: OpenUpload): Promise<number> {
  const { entry, body, age, meter } = of;
  const { bucket, queue, buffers, sizing, signal, stop } = context;
  const bytes = reader(body.pieces());
  const tasks = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let requests = 0;

  async function send(number: number, part: Buffer): Promise<void> {
    const own: Body = { size: part.length, read: async () => part };
    const answer = await bucket.putPart({ ...upload, number, body: own }, signal);
    const { etag, crc32, md5, verified } = answer;
    upload.parts.set(number, { number, size: part.length, etag, crc32, md5, verified });
    requests += answer.attempts;
    meter.add(part.length, false);
  }

  try {
    for (let number = 1; failure === undefined && !(await bytes.ended()); number++) {
      if (number > MOST_PARTS) throw tooLong(entry);
      const { equalParts } = bucket.facts();
      if (equalParts && outgrowsEqualParts(number, sizing)) warnOfLimit(context, entry);
      const size = streamPartSize(number, sizing, equalParts);
      const slot = await queue.enter(age, size, stop);
      const room = buffers.take(size);
      const leave = () => {
        buffers.give(room);
        slot.leave();
      };
      try {
        const part = await bytes.fill(room.subarray(0, size));
        const began = performance.now();
        const task = send(number, part)
          .then(() => {
            buffers.give(room);
            slot.leave(performance.now() - began);
          })
          .catch((error) => {
            failure ??= { error };
            leave();
          })
          .finally(() => tasks.delete(task));
        tasks.add(task);
      } catch (error) {
        leave();
        throw error;
      }
    }
  } catch (error) {
    failure ??= { error };
  } finally {
    await bytes.close();
  }
  await Promise.all(tasks);
  if (failure !== undefined) throw failure.error;
  return requests;
}

function resultOf(
  { parts }: OpenUpload,
  decision: PutDecision,
  completion: Exclude<Completion, { readonly end: 'anew' }>,
): Result {
  const { attempts } = completion;
  let size = 0;
  for (const part of parts.values()) size += part.size;
  if (completion.end === 'appeared') return appeared(size, attempts);
  if (completion.end === 'unneeded') return { ...completion.result, attempts };
  const { etag, verified } = completion;
  const facts = { bytes: size, sourceBytes: size, verified, attempts };
  return { action: 'put', reason: reasonOf(decision), ...facts, ...(etag !== undefined && { etag }) };
}

function streamInterrupted({ origin }: Entry): SourceError {
  return interrupted(
    `${origin} was on its way when the run ended; its upload was aborted`,
    'A stream is read only once: run again with all of its bytes.',
  );
}

function tooLong({ origin }: Entry): SourceError {
  return new SourceError('TooLarge', `${origin} gives more bytes than ${MOST_PARTS} parts hold`, {
    hint: msg`Set {partSize} to the length that is expected, divided by 9,999.`,
  });
}

/** The most bytes that a stream can have in parts of the smallest size. */
function warnOfLimit({ warn, sizing: { floor = PART_FLOOR } }: MultipartContext, { origin }: Entry): void {
  const most = formatBytes(MOST_PARTS * floor);
  warn(
    `equal-parts ${origin}`,
    msg`This server demands parts of one size, so ${origin} can have ${most} at most in parts of ${formatBytes(floor)}. For more, set {partSize} to the length that is expected, divided by 9,999, and run again.`,
  );
}

/** The upload was refused after all bytes were read, which cannot be read again. */
function needsEqual(error: S3RequestError): S3RequestError {
  const hint = msg`This server demands parts of one size. Set {partSize} to the length that is expected, divided by 9,999.`;
  return new S3RequestError(error.message, { ...error, hint });
}

/** Reads pieces in lengths that the caller chooses. */
export interface StreamReader {
  /** Whether all bytes are read. */
  ended(): Promise<boolean>;
  /** Fills the buffer as far as there are bytes, and returns the filled part. */
  fill(into: Buffer): Promise<Buffer>;
  /** Stops reading. */
  close(): Promise<void>;
}

/** Throws what the pieces throw. */
function reader(pieces: AsyncIterable<Buffer>): StreamReader {
  const iterator = pieces[Symbol.asyncIterator]();
  let piece: Buffer = Buffer.alloc(0);
  let done = false;

  async function ended(): Promise<boolean> {
    while (!done && piece.length === 0) {
      const next = await iterator.next();
      if (next.done === true) done = true;
      else piece = next.value;
    }
    return done;
  }

  return {
    ended,
    async fill(into) {
      let filled = 0;
      while (filled < into.length && !(await ended())) {
        const count = piece.copy(into, filled);
        filled += count;
        piece = piece.subarray(count);
      }
      return into.subarray(0, filled);
    },
    async close() {
      await iterator.return?.();
    },
  };
}
