import { SourceError } from '../../errors.js';
import { bytesContent, type Content } from '../../model/content.js';
import { evenLayout, LARGEST_OBJECT, type PartRange, partSizeFor } from '../../model/part-layout.js';
import { msg } from '../../report/message.js';
import type { Body } from '../../s3/bucket.js';
import type { Entry } from '../../source/types.js';
import { changed, type EntryBody } from '../body/body.js';
import { etagInParts } from '../body/hash.js';
import { LARGEST_BUFFER, roomFor, slicesOf } from '../body/slices.js';
import { appeared, type PutDecision, type Putter, type Result, reasonOf } from '../result.js';
import { type ContentObject, partsProvenByContent } from './resume.js';
import {
  ChangedWhileRead,
  type MultipartContext,
  type OpenUpload,
  type PartBytes,
  type PartedObject,
  type SentPart,
} from './types.js';
import { multipartUploader, type UploadResult, untilSettled } from './upload.js';

/** Puts objects in parts, as `multipartUploader` does. */
export function partsPutter(context: MultipartContext): Putter {
  const upload = multipartUploader(context);

  return (entry, body, decision, headers) =>
    context.inTurn(async (age) => {
      const meter = context.meter();
      let size = 0;
      try {
        const result = await untilSettled((tries) =>
          withSecondRead(entry, body, (content) => {
            size = content.size;
            return upload(objectOf(entry, content, headers, age), { condition: decision, fresh: tries > 0, meter });
          }),
        );
        return resultOf(size, decision, result);
      } finally {
        meter.end();
      }
    });

  function objectOf(
    { key, origin }: Entry,
    content: Content,
    headers: Readonly<Record<string, string>>,
    age: number,
  ): PartedObject {
    const { size } = content;
    if (size > LARGEST_OBJECT) throw tooLarge(origin);
    const partSize = partSizeFor(size, context.sizing);
    const bytes = contentParts(context, { key, origin, content, partSize });
    return { key, origin, headers, age, layout: evenLayout(size, partSize), bytes, checksummed: true };
  }
}

function resultOf(
  size: number,
  decision: PutDecision,
  result: Exclude<UploadResult, { readonly end: 'anew' }>,
): Result {
  const { attempts } = result;
  if (result.end === 'appeared') return appeared(size, attempts);
  if (result.end === 'unneeded') return { ...result.result, attempts };
  const { etag, verified, takenOver } = result;
  const facts = { bytes: size, sourceBytes: size, verified, attempts, ...(etag !== undefined && { etag }) };
  return { action: 'put', reason: reasonOf(decision), ...facts, ...(takenOver > 0 && { takenOver }) };
}

/** Opens the bytes; opens them a second time where they changed while they were read. */
async function withSecondRead(
  entry: Entry,
  body: EntryBody,
  once: (content: Content) => Promise<UploadResult>,
): Promise<UploadResult> {
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

function tooLarge(origin: string): SourceError {
  return new SourceError('TooLarge', `${origin} is larger than the 48.8 TiB that an object can have`, {
    hint: msg`Leave it out by {maxSize} or {exclude}, or split it.`,
  });
}

/** Parts whose bytes are local, in a file or in memory. */
export function contentParts(context: MultipartContext, object: ContentObject): PartBytes {
  const { content, partSize } = object;
  return {
    memoryOf: (bytes) => (content.held === true ? 0 : roomFor(bytes, 1)),
    send: (upload, range) => sendPart(context, object, upload, range),
    proven: (listed, onProven) => partsProvenByContent(context, object, listed, onProven),
    selfEvident: true,
    origin: content.file === undefined ? undefined : { from: 'file', path: content.file.path },
    etag: () => etagInParts(content, partSize, context.md5, context.stop),
    unchanged: () => content.unchanged(),
  };
}

async function sendPart(
  { bucket, buffers, signal, md5, stop }: MultipartContext,
  { content, origin }: ContentObject,
  upload: OpenUpload,
  { number, start, end }: PartRange,
): Promise<SentPart> {
  const size = end - start;
  const inSlices = content.held !== true && size > LARGEST_BUFFER;
  let room: Buffer | undefined;
  let sentAt = 0;
  const { file } = content;
  const body: Body = {
    size,
    async read() {
      sentAt = performance.now();
      if (content.held !== true && !inSlices) room ??= buffers.take(size);
      const bytes = await content.slice(start, end, room);
      if (bytes.length !== size || !(await content.unchanged())) throw new ChangedWhileRead(origin);
      return bytes;
    },
    md5: (bytes) => md5.of(bytesContent(bytes), stop),
    ...(file !== undefined && {
      file() {
        sentAt = performance.now();
        return { ...file, start, end };
      },
    }),
    ...(inSlices && {
      slices() {
        sentAt = performance.now();
        return slicesOf(content, start, end, () => new ChangedWhileRead(origin));
      },
    }),
  };
  try {
    const { key, uploadId, crc32, headers } = upload;
    const answer = await bucket.putPart({ key, uploadId, number, body, crc32, headers }, signal);
    const { etag, verified, attempts } = answer;
    const sums = { crc32: answer.crc32, md5: answer.md5 };
    return { record: { number, size, etag, ...sums, verified }, attempts, durationMs: performance.now() - sentAt };
  } finally {
    if (room !== undefined) buffers.give(room);
  }
}
