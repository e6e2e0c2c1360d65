import { S3RequestError } from '../../errors.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import { ChangedWhileRead, type PartBytes } from '../parts/part-bytes.js';
import { type CopyDeps, readFrom } from './copy-deps.js';
import { trustedParts } from './trusted-parts.js';

/** Bytes that are read at once. */
const PIECE = 16 * 1024 * 1024;

/** Parts that come from the source's server and go to the destination's, through memory; no more of them than that allows. */
export function relayedParts(deps: CopyDeps, entry: CopyEntry): PartBytes {
  return {
    // An answer is held in pieces, and then as a whole, until the part has it.
    memoryOf: (bytes) => bytes + 2 * Math.min(bytes, PIECE),
    async send({ key, uploadId, headers, crc32 }, { number, start, end }) {
      const began = performance.now();
      const bytes = await read(deps, entry, start, end);
      const body = { size: bytes.length, read: () => bytes };
      const answer = await deps.dest.putPart({ key, uploadId, headers, crc32, number, body }, deps.parts.signal);
      const { etag, verified, attempts } = answer;
      const record = { number, size: end - start, etag, crc32: answer.crc32, md5: answer.md5, verified };
      return { record, attempts, durationMs: performance.now() - began };
    },
    proven: async (listed) => trustedParts(entry, listed),
    selfEvident: false,
    etag: async () => undefined,
    unchanged: async () => true,
  };
}

async function read({ source, parts }: CopyDeps, entry: CopyEntry, start: number, end: number): Promise<Buffer> {
  const from = readFrom(entry);
  const piece = async (at: number, to: number): Promise<Buffer> => {
    try {
      return (await source.getObject(from, { start: at, end: to }, parts.signal)).body;
    } catch (error) {
      throw error instanceof S3RequestError && error.status === 412 ? new ChangedWhileRead(entry.origin) : error;
    }
  };
  if (end - start <= PIECE) return piece(start, end);
  const bytes = Buffer.allocUnsafeSlow(end - start);
  for (let at = start; at < end; at += PIECE) (await piece(at, Math.min(at + PIECE, end))).copy(bytes, at - start);
  return bytes;
}
