import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Body } from './bucket.js';
import type { SlicedBody } from './http/http-client.js';
import type { Integrity, SentCheck } from './integrity.js';
import { sha256Hex } from './sign.js';

/** A body that is too large for one buffer, with the hash that a signature over it needs. */
export interface HashedSlices extends SlicedBody {
  /** Lower-case hex; undefined where the payload is not signed. */
  readonly sha256: string | undefined;
}

/** What one try sends, and the check that it is sent with. */
export interface PreparedBody {
  readonly check: SentCheck;
  readonly payload: Buffer | HashedSlices;
  /** Throws what reading the slices threw while they were sent, where that was it. */
  readonly rethrow: () => void;
}

export interface PrepareOptions {
  /** The check may be a CRC32. */
  readonly crc32?: boolean;
  /** The payload is signed. */
  readonly signed: boolean;
}

/**
 * Reads a body for one try. One that comes in slices is read twice: here for the hashes that the head of the request carries, and then to be
 * sent. Throws what reading throws.
 */
export function preparedBody(
  body: Body,
  integrity: Integrity,
  options: PrepareOptions,
): PreparedBody | Promise<PreparedBody> {
  if (body.slices !== undefined) return preparedSlices(body.size, body.slices, integrity, options);
  const { crc32: mayBeCrc32 = true } = options;
  const read = body.read();
  // Nearly all bodies are small files, for which each promise is dear.
  if (read instanceof Promise || body.md5 !== undefined) return preparedBytes(read, body, integrity, mayBeCrc32);
  return { check: integrity.check(read, mayBeCrc32), payload: read, rethrow: nothing };
}

function nothing(): void {}

async function preparedBytes(
  read: Buffer | Promise<Buffer>,
  body: Body,
  integrity: Integrity,
  mayBeCrc32: boolean,
): Promise<PreparedBody> {
  const bytes = await read;
  if (body.md5 !== undefined && integrity.wants(mayBeCrc32) === 'md5') {
    const md5 = Buffer.from(await body.md5(bytes), 'hex');
    return { check: integrity.checkOf('md5', { crc32: 0, md5 }), payload: bytes, rethrow: nothing };
  }
  return { check: integrity.check(bytes, mayBeCrc32), payload: bytes, rethrow: nothing };
}

async function preparedSlices(
  size: number,
  slices: NonNullable<Body['slices']>,
  integrity: Integrity,
  { crc32: mayBeCrc32 = true, signed }: PrepareOptions,
): Promise<PreparedBody> {
  const wants = integrity.wants(mayBeCrc32);
  const md5 = wants === 'md5' ? createHash('md5') : undefined;
  const sha256 = signed ? createHash('sha256') : undefined;
  let crc = 0;
  for await (const slice of slices()) {
    if (wants === 'crc32') crc = crc32(slice, crc);
    md5?.update(slice);
    sha256?.update(slice);
  }
  let failure: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Buffer, void> {
    try {
      yield* slices();
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return {
    check: integrity.checkOf(wants, { crc32: crc, md5: md5?.digest() }),
    payload: { length: size, slices: watched, sha256: sha256?.digest('hex') },
    rethrow() {
      if (failure !== undefined) throw failure.error;
    },
  };
}

/** The payload's hash as a signature wants it. */
export function payloadHashOf(payload: Buffer | HashedSlices): string {
  return payload instanceof Uint8Array ? sha256Hex(payload) : (payload.sha256 ?? 'UNSIGNED-PAYLOAD');
}
