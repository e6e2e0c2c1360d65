import { crc32 } from 'node:zlib';
import { MARK_NUMBER, partRange } from '../../part-size.js';
import type { Content } from '../../source/entry.js';
import type { ListedParts, ProvenParts } from './part-bytes.js';
import type { PartRecord } from './part-record.js';
import type { PartsDeps } from './parts-deps.js';

const SLICE = 1024 * 1024;

/** An object whose bytes are here. */
export interface ContentObject {
  readonly key: string;
  readonly origin: string;
  readonly content: Content;
  /** Bytes of each part but the last. */
  readonly partSize: number;
}

/**
 * The listed parts, if every one of them equals the local bytes in checksum, or ETag where none is listed; undefined where one does not, as then
 * nothing tells what the others were made from.
 */
export async function provenParts(
  { md5, buffers, stop }: PartsDeps,
  { content, partSize }: ContentObject,
  { parts: listed, mark }: ListedParts,
): Promise<ProvenParts | undefined> {
  const own = [...listed.values()].filter(({ number }) => number !== MARK_NUMBER);
  const markPart = listed.get(MARK_NUMBER);
  const withCrc32 = (markPart ?? own[0])?.crc32 !== undefined;
  // Where a key encrypts, no ETag is an MD5: the mark's shows it.
  const encrypted = markPart !== undefined && markPart.etag.toLowerCase() !== mark.md5;
  const parts = new Map<number, PartRecord>();
  const room = buffers.take(SLICE);
  try {
    for (const part of own) {
      stop.throwIfAborted();
      const { start, end } = partRange(content.size, partSize, part.number);
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

/** Bytes `start` to `end` of a content, as a content of their own. */
function rangeOf(content: Content, start: number, end: number): Content {
  return { ...content, size: end - start, slice: (from, to, into) => content.slice(start + from, start + to, into) };
}

async function crc32Of(content: Content, room: Buffer): Promise<string> {
  let value = 0;
  for (let start = 0; start < content.size; start += SLICE)
    value = crc32(await content.slice(start, Math.min(start + SLICE, content.size), room), value);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(value);
  return sum.toString('base64');
}
