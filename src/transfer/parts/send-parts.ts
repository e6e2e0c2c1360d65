import { type PartRange, partCount, partRange } from '../../part-size.js';
import type { Body } from '../../s3/bucket.js';
import type { Content } from '../../source/entry.js';
import { heldContent } from '../held-content.js';
import { LARGEST_BUFFER, roomFor, slicesOf } from '../slices.js';
import type { OpenUpload, PartedObject, PartMeter, PartsDeps } from './parts-deps.js';

/** The source changed while it was read: what was sent may be a mix of two states. */
export class ChangedWhileRead extends Error {}

/**
 * Sends the parts that an upload lacks, several at once, and records each. Throws the first error once all that were on their way are done;
 * `ChangedWhileRead` where the source is not what it was.
 * @returns requests made
 */
export async function sendParts(
  deps: PartsDeps,
  object: PartedObject,
  upload: OpenUpload,
  meter: PartMeter,
): Promise<number> {
  const { content, partSize } = object;
  const count = partCount(content.size, partSize);
  const tasks = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let requests = 0;

  async function send(range: PartRange): Promise<void> {
    const bytes = range.end - range.start;
    const place = await deps.queue.enter(object.age, memoryOf(content, bytes), deps.stop);
    if (failure !== undefined) return place.leave();
    const task = sendPart(deps, object, upload, range)
      .then(
        ({ attempts, durationMs }) => {
          requests += attempts;
          meter.add(bytes, false);
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
    for (let number = 1; number <= count && failure === undefined; number++)
      if (!upload.parts.has(number)) await send(partRange(content.size, partSize, number));
  } catch (error) {
    failure ??= { error };
  }
  await Promise.all(tasks);
  if (failure !== undefined) throw failure.error;
  return requests;
}

/** Bytes that a part takes while it is on its way. */
function memoryOf(content: Content, bytes: number): number {
  if (content.held === true) return 0;
  return roomFor(bytes, 1);
}

async function sendPart(
  { bucket, buffers, signal, md5, stop }: PartsDeps,
  { content, origin }: PartedObject,
  upload: OpenUpload,
  { number, start, end }: PartRange,
): Promise<{ readonly attempts: number; readonly durationMs: number }> {
  const size = end - start;
  const inSlices = content.held !== true && size > LARGEST_BUFFER;
  const room = content.held === true || inSlices ? undefined : buffers.take(size);
  let sentAt = 0;
  const body: Body = {
    size,
    async read() {
      sentAt = performance.now();
      const bytes = await content.slice(start, end, room);
      if (bytes.length !== size || !(await content.unchanged())) throw new ChangedWhileRead(origin);
      return bytes;
    },
    md5: (bytes) => md5.of(heldContent(bytes), stop),
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
    upload.parts.set(number, { number, size, etag, ...sums, verified });
    return { attempts, durationMs: performance.now() - sentAt };
  } finally {
    if (room !== undefined) buffers.give(room);
  }
}
