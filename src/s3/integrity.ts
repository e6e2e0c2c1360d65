import { createHash, hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32ToBase64 } from '../model/crc32.js';
import { isMd5 } from '../model/etag.js';
import type { ChecksumChoice } from '../options/types.js';
import type { OnEvent, Verified } from '../report/types.js';
import type { Body } from './bucket.js';
import type { ProfileFinder } from './endpoint-profile.js';
import type { SlicedBody } from './http/http-client.js';
import { sha256Hex } from './sign.js';

export type Kind = 'crc32' | 'md5' | 'none';

/** The check that one body is sent with. */
export interface SentCheck {
  readonly kind: Kind;
  /** What goes with the request, so that the server refuses a body that is not as it was here. */
  readonly headers: Readonly<Record<string, string>>;
  /** MD5 of the body, lower-case hex; computed when first asked for. Undefined where the body was too large to keep. */
  readonly md5: () => string | undefined;
}

interface Refusal {
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
}

/** A header of an answer, by its name in lower case. */
export type ResponseHeader = (name: string) => string | undefined;

/** Chooses how bodies are checked in one run, and judges what answers prove of them. */
export interface Integrity {
  /** @param crc32 whether that may be one; a multipart upload must have begun with it */
  check(bytes: Buffer, crc32?: boolean): SentCheck;
  /** How a body is checked now. @param crc32 whether that may be one */
  wants(crc32?: boolean): Kind;
  /** {@link check} of a body whose hashes are known; `md5` where it is wanted. */
  checkOf(kind: Kind, sums: { readonly crc32: number; readonly md5: Buffer | undefined }): SentCheck;
  /** Whether bodies are sent with CRC32 now. */
  readonly crc32: boolean;
  /** What the answer to a put proves. No request is made only to find out. */
  judge(sent: SentCheck, header: ResponseHeader): Verified | 'mismatch';
  /**
   * The server refused a request, perhaps for the check: then another one is used from now on, and the request can be tried again.
   * @param conditional the request had a condition, which a server may not know either
   */
  refused(sent: SentCheck, error: Refusal, conditional: boolean): boolean;
}

/**
 * CRC32 where the profile says that the server takes it, Content-MD5 elsewhere. An answer is compared by the checksum that it names; else by its
 * ETag, but only where that is an MD5: 32 hex digits, no KMS or customer key
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html), on a server known for it or whose ETag has matched before in this run.
 */
export function integrity(choice: ChecksumChoice, profile: ProfileFinder, onEvent: OnEvent): Integrity {
  let crcTaken = true;
  let md5Matched = false;
  let crcEchoed = false;

  function kindNow(): Kind {
    if (choice === 'off') return 'none';
    if (choice === 'md5' || !crcTaken) return 'md5';
    return choice === 'crc32' || profile.current.crc32 ? 'crc32' : 'md5';
  }

  function wants(crc32 = true): Kind {
    const now = kindNow();
    return now === 'crc32' && !crc32 ? 'md5' : now;
  }

  return {
    get crc32() {
      return kindNow() === 'crc32';
    },

    wants,
    checkOf,

    check(bytes, crc32 = true) {
      const kind = wants(crc32);
      if (kind === 'crc32')
        return { kind, headers: { [CRC32]: crc32Of(bytes) }, md5: once(() => hash('md5', bytes, 'hex')) };
      if (kind === 'none') return { kind, headers: {}, md5: once(() => hash('md5', bytes, 'hex')) };
      const digest = hash('md5', bytes, 'base64');
      return {
        kind,
        headers: { 'content-md5': digest },
        md5: () => Buffer.from(digest, 'base64').toString('hex'),
      };
    },

    judge(sent, header) {
      const echoed = header(CRC32);
      if (sent.kind === 'crc32' && echoed !== undefined && echoed !== '') {
        crcEchoed = true;
        return echoed === sent.headers[CRC32] ? 'crc32' : 'mismatch';
      }
      // A server that does not give the first one back has not looked at it either.
      if (sent.kind === 'crc32' && choice === 'auto' && !crcEchoed) crcTaken = false;
      if (sent.kind === 'none') return 'none';
      const etag = unquoted(header('etag'));
      if (etag === undefined || isEncrypted(header) || !isMd5(etag)) return 'none';
      const md5 = sent.md5();
      if (md5 === undefined) return 'none';
      if (etag.toLowerCase() === md5) {
        md5Matched = true;
        return 'md5';
      }
      return md5Matched || profile.current.etagIsMd5 ? 'mismatch' : 'none';
    },

    refused(sent, { code, status, message }, conditional) {
      if (sent.kind !== 'crc32') return false;
      // S3 names the header that it does not know. Where that is missing, a server that is known for CRC32 means the condition; without it the
      // answer will be plain.
      if (/if-none-match/i.test(message)) return false;
      if (conditional && profile.current.crc32 && !/checksum/i.test(message)) return false;
      const unknown = status === 501 || code === 'NotImplemented';
      if (!unknown && !(status === 400 && code === 'InvalidRequest' && /checksum/i.test(message))) return false;
      crcTaken = false;
      onEvent({
        type: 'warning',
        code: 'no-crc32',
        message: `This server refuses x-amz-checksum-crc32 (${code}): bodies are sent with Content-MD5 instead.`,
      });
      return true;
    },
  };
}

const CRC32 = 'x-amz-checksum-crc32';

/** Names the answer a KMS key, or a customer's? Then its ETag is not an MD5. */
export function isEncrypted(header: ResponseHeader): boolean {
  return isKms(header) || header('x-amz-server-side-encryption-customer-algorithm') !== undefined;
}

export function isKms(header: ResponseHeader): boolean {
  return header('x-amz-server-side-encryption')?.startsWith('aws:kms') ?? false;
}

/** An ETag without its quotes. */
export function unquoted(etag: string | undefined): string | undefined {
  if (etag === undefined || etag === '') return undefined;
  // Quicker than the pattern, for listings.
  if (etag.length > 1 && etag.startsWith('"') && etag.endsWith('"')) return etag.slice(1, -1);
  return etag.replace(/^(?:W\/)?"(.*)"$/, '$1');
}

function checkOf(kind: Kind, sums: { readonly crc32: number; readonly md5: Buffer | undefined }): SentCheck {
  const md5 = () => sums.md5?.toString('hex');
  if (kind === 'crc32') return { kind, headers: { [CRC32]: crc32ToBase64(sums.crc32) }, md5 };
  if (kind === 'none') return { kind, headers: {}, md5 };
  return { kind, headers: { 'content-md5': sums.md5?.toString('base64') ?? '' }, md5 };
}

function crc32Of(bytes: Buffer): string {
  return crc32ToBase64(crc32(bytes));
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

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
