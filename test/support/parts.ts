import { createHash, hash } from 'node:crypto';
import type { Endpoint, RecordedRequest, S3Server } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import type { PutInternals } from '../../src/open-put.js';
import { IMPATIENT, type Ran, run } from './engine.js';

/** Default size of a part in tests, in bytes. */
export const PART: number = 128 * 1024;

/** Small parts, for tests that need many of them. */
export const SMALL_PARTS: PutInternals = { ...IMPATIENT, partFloor: PART, threshold: 5 * PART };

/** Bytes that look like noise, the same for the same seed. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed * 2_654_435_761;
  for (let at = 0; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

/** The ETag of these bytes in parts of this size. */
export function etagOf(bytes: Buffer, part: number): string {
  const whole = createHash('md5');
  const count = Math.max(1, Math.ceil(bytes.length / part));
  for (let index = 0; index < count; index++)
    whole.update(hash('md5', bytes.subarray(index * part, (index + 1) * part)), 'hex');
  return `${whole.digest('hex')}-${count}`;
}

/** Runs a put with parts of {@link PART}, and a threshold of five of them. */
export function runInParts(
  server: Endpoint,
  options: Partial<PutOptions> & Pick<PutOptions, 'source'>,
  internals: PutInternals = SMALL_PARTS,
): Promise<Ran> {
  return run(server, options, internals);
}

/** Part numbers that were sent and stored, the mark left out, in order. */
export function partsSent(server: S3Server, key?: string): number[] {
  return server.requests
    .filter((request) => request.verb === 'UploadPart' && (key === undefined || request.key === key))
    .map(partNumber)
    .filter((number) => number < 10_000)
    .sort((a, b) => a - b);
}

export function partNumber(request: RecordedRequest): number {
  return Number(request.query.partNumber);
}
