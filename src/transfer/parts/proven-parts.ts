import { crc32 } from 'node:zlib';
import { MARK_NUMBER, partRange } from '../../part-size.js';
import type { Part } from '../../s3/multipart.js';
import type { Content } from '../../source/entry.js';
import type { PartRecord } from './part-record.js';
import { type PartedObject, type PartsDeps, rangeOf } from './parts-deps.js';
import type { Mark } from './upload-mark.js';

const SLICE = 1024 * 1024;

/** Parts of an upload that all equal the local bytes. */
export interface ProvenParts {
  readonly parts: Map<number, PartRecord>;
  /** The upload was created with the checksum CRC32. */
  readonly crc32: boolean;
  readonly encrypted: boolean;
}

/**
 * The listed parts, if every one of them equals the local bytes in number, size and checksum, or ETag where none is listed; undefined where one
 * does not, as then nothing tells what the others were made from.
 */
export async function provenParts(
  { md5, buffers, stop }: PartsDeps,
  object: PartedObject,
  listed: ReadonlyMap<number, Part>,
  mark: Mark,
): Promise<ProvenParts | undefined> {
  const { content, partSize } = object;
  const own = [...listed.values()].filter(({ number }) => number !== MARK_NUMBER);
  const ranges = own.map(({ number }) => partRange(content.size, partSize, number));
  if (own.some(({ size }, index) => size !== (ranges[index]?.end ?? 0) - (ranges[index]?.start ?? 0))) return undefined;
  const markPart = listed.get(MARK_NUMBER);
  const withCrc32 = (markPart ?? own[0])?.crc32 !== undefined;
  // Where a key encrypts, no ETag is an MD5: the mark's shows it.
  const encrypted = markPart !== undefined && markPart.etag.toLowerCase() !== mark.md5;
  const parts = new Map<number, PartRecord>();
  const room = buffers.take(SLICE);
  try {
    for (const [index, part] of own.entries()) {
      stop.throwIfAborted();
      const { start = 0, end = 0 } = ranges[index] ?? {};
      const range = rangeOf(content, start, end);
      const { number, size, etag } = part;
      if (part.crc32 !== undefined) {
        if ((await crc32Of(range, room)) !== part.crc32) return undefined;
        parts.set(number, { number, size, etag, crc32: part.crc32, md5: undefined, verified: 'crc32' });
      } else {
        if ((await md5.of(range, stop)) !== etag.toLowerCase()) return undefined;
        parts.set(number, { number, size, etag, crc32: undefined, md5: etag.toLowerCase(), verified: 'md5' });
      }
    }
  } finally {
    buffers.give(room);
  }
  return { parts, crc32: withCrc32, encrypted };
}

async function crc32Of(content: Content, room: Buffer): Promise<string> {
  let value = 0;
  for (let start = 0; start < content.size; start += SLICE)
    value = crc32(await content.slice(start, Math.min(start + SLICE, content.size), room), value);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(value);
  return sum.toString('base64');
}
