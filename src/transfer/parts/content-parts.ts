import type { PartRange } from '../../part-size.js';
import type { Body } from '../../s3/bucket.js';
import { etagInParts } from '../etag-in-parts.js';
import { heldContent } from '../held-content.js';
import { LARGEST_BUFFER, roomFor, slicesOf } from '../slices.js';
import { ChangedWhileRead, type PartBytes, type SentPart } from './part-bytes.js';
import type { OpenUpload, PartsDeps } from './parts-deps.js';
import { type ContentObject, provenParts } from './proven-parts.js';

/** Parts that are read here, from a file or from memory. */
export function contentParts(deps: PartsDeps, object: ContentObject): PartBytes {
  const { content, partSize } = object;
  return {
    memoryOf: (bytes) => (content.held === true ? 0 : roomFor(bytes, 1)),
    send: (upload, range) => sendPart(deps, object, upload, range),
    proven: (listed) => provenParts(deps, object, listed),
    selfEvident: true,
    etag: () => etagInParts(content, partSize, deps.md5, deps.stop),
    unchanged: () => content.unchanged(),
  };
}

async function sendPart(
  { bucket, buffers, signal, md5, stop }: PartsDeps,
  { content, origin }: ContentObject,
  upload: OpenUpload,
  { number, start, end }: PartRange,
): Promise<SentPart> {
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
    return { record: { number, size, etag, ...sums, verified }, attempts, durationMs: performance.now() - sentAt };
  } finally {
    if (room !== undefined) buffers.give(room);
  }
}
