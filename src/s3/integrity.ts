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

/** How the bytes of a request are protected. */
export type CheckKind = 'crc32' | 'md5' | 'none';

/** The integrity check that one body is sent with. */
export interface SentCheck {
  readonly kind: CheckKind;
  /** Headers of the request, by which the server refuses a body that was changed in transit. */
  readonly headers: Readonly<Record<string, string>>;
  /** The one header in them, and its value; empty where there is none. */
  readonly name: string;
  readonly value: string;
  /** MD5 of the body in lower-case hex, computed at the first call. Undefined if the body was too large to keep. */
  readonly md5: () => string | undefined;
}

interface Refusal {
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
}

/** Reads a header of a response, by its lower-case name. */
export type ResponseHeader = (name: string) => string | undefined;

/** Chooses how bodies are checked in one run, and judges what responses prove about them. */
export interface Integrity {
  /** The check of a body. @param crc32 whether it may be a CRC32; a part may have one only if its upload was created with CRC32 */
  check(bytes: Buffer, crc32?: boolean): SentCheck;
  /** The check of a body that S3 takes only with one: CRC32 where the profile knows that, else Content-MD5, also where none is chosen. */
  demanded(bytes: Buffer): SentCheck;
  /** How a body is checked now. @param crc32 whether it may be a CRC32 */
  kindFor(crc32?: boolean): CheckKind;
  /** {@link check} for a body whose hashes are known; `md5` only if `kind` needs it. */
  checkFromHashes(kind: CheckKind, hashes: { readonly crc32: number; readonly md5: Buffer | undefined }): SentCheck;
  /** Whether bodies are sent with CRC32 now. */
  readonly crc32: boolean;
  /** What the response to a put proves. No request is made only for this. */
  judge(sent: SentCheck, header: ResponseHeader): Verified | 'mismatch';
  /**
   * Handles a refused request. If the server does not support the check, another kind is used from now on, and the request can be retried.
   * @param conditional whether the request had a condition, which the server may not support either
   * @returns whether the check was the reason
   */
  handleRefusal(sent: SentCheck, error: Refusal, conditional: boolean): boolean;
}

/**
 * CRC32 if the profile says that the server supports it, else Content-MD5. A response is compared by its checksum if it has one; else by its ETag,
 * but only if that is an MD5: 32 hex digits, no KMS or customer key (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html), on a server
 * whose ETags are known to be MD5s or have matched before in this run.
 */
export function integrity(choice: ChecksumChoice, profile: ProfileFinder, onEvent: OnEvent): Integrity {
  let crcSupported = true;
  let md5Matched = false;
  let crcEchoed = false;

  function currentKind(): CheckKind {
    if (choice === 'off') return 'none';
    if (choice === 'md5' || !crcSupported) return 'md5';
    return choice === 'crc32' || profile.current.crc32 ? 'crc32' : 'md5';
  }

  function kindFor(crc32 = true): CheckKind {
    const current = currentKind();
    return current === 'crc32' && !crc32 ? 'md5' : current;
  }

  return {
    get crc32() {
      return currentKind() === 'crc32';
    },

    kindFor,
    checkFromHashes,

    check: (bytes, crc32 = true) => checkOf(kindFor(crc32), bytes),

    demanded(bytes) {
      const kind = currentKind();
      if (kind !== 'none') return checkOf(kind, bytes);
      return checkOf(crcSupported && profile.current.crc32 ? 'crc32' : 'md5', bytes);
    },

    judge(sent, header) {
      const echoed = header(CRC32);
      if (sent.kind === 'crc32' && echoed !== undefined && echoed !== '') {
        crcEchoed = true;
        return echoed === sent.value ? 'crc32' : 'mismatch';
      }
      // A server that does not return the first CRC32 has not verified it either.
      if (sent.kind === 'crc32' && choice === 'auto' && !crcEchoed) crcSupported = false;
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

    handleRefusal(sent, { code, status, message }, conditional) {
      if (sent.kind !== 'crc32') return false;
      // S3 names the header that it does not support. If the message names none, a server that is known to support CRC32 means the condition; if
      // CRC32 is also unsupported, the retry without the condition will show it.
      if (/if-(?:none-)?match/i.test(message)) return false;
      if (conditional && profile.current.crc32 && !/checksum|content-?md5/i.test(`${code} ${message}`)) return false;
      const isUnsupported = status === 501 || code === 'NotImplemented';
      // Older versions of some servers take DeleteObjects with Content-MD5 only.
      const demandsMd5 = status === 400 && /content-?md5/i.test(`${code} ${message}`);
      const isRefusal = status === 400 && code === 'InvalidRequest' && /checksum/i.test(message);
      if (!isUnsupported && !demandsMd5 && !isRefusal) return false;
      crcSupported = false;
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

/** Whether a response names a KMS or customer key; then its ETag is not an MD5. */
export function isEncrypted(header: ResponseHeader): boolean {
  return isKms(header) || header('x-amz-server-side-encryption-customer-algorithm') !== undefined;
}

export function isKms(header: ResponseHeader): boolean {
  return header('x-amz-server-side-encryption')?.startsWith('aws:kms') ?? false;
}

/** An ETag without its quotes. */
export function unquoted(etag: string | undefined): string | undefined {
  if (etag === undefined || etag === '') return undefined;
  // Faster than the pattern, for listings.
  if (etag.length > 1 && etag.startsWith('"') && etag.endsWith('"')) return etag.slice(1, -1);
  return etag.replace(/^(?:W\/)?"(.*)"$/, '$1');
}

function checkFromHashes(
  kind: CheckKind,
  hashes: { readonly crc32: number; readonly md5: Buffer | undefined },
): SentCheck {
  const md5 = () => hashes.md5?.toString('hex');
  if (kind === 'crc32') return sentCheck(kind, crc32ToBase64(hashes.crc32), md5);
  return sentCheck(kind, kind === 'none' ? '' : (hashes.md5?.toString('base64') ?? ''), md5);
}

function checkOf(kind: CheckKind, bytes: Buffer): SentCheck {
  if (kind === 'md5') {
    const digest = hash('md5', bytes, 'base64');
    return sentCheck(kind, digest, () => Buffer.from(digest, 'base64').toString('hex'));
  }
  const value = kind === 'crc32' ? crc32ToBase64(crc32(bytes)) : '';
  return sentCheck(
    kind,
    value,
    lazy(() => hash('md5', bytes, 'hex')),
  );
}

const CHECK_NAMES: Readonly<Record<CheckKind, string>> = { crc32: CRC32, md5: 'content-md5', none: '' };

function sentCheck(kind: CheckKind, value: string, md5: SentCheck['md5']): SentCheck {
  const name = CHECK_NAMES[kind];
  return { kind, headers: name === '' ? {} : { [name]: value }, name, value, md5 };
}

function lazy<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

/** A body that is too large for one buffer, with the hash that its signature needs. */
export interface HashedSlices extends SlicedBody {
  /** Lower-case hex; undefined if the payload is not signed. */
  readonly sha256: string | undefined;
}

/** What one attempt sends: the payload and its check. */
export interface PreparedBody {
  readonly check: SentCheck;
  readonly payload: Buffer | HashedSlices;
  /** Throws the error that reading the slices threw while they were being sent, if there was one. */
  readonly rethrow: () => void;
}

export interface PrepareOptions {
  /** Whether the check may be a CRC32. Default true. */
  readonly crc32?: boolean;
  /** Whether the payload is signed. */
  readonly signed: boolean;
}

/**
 * Reads a body for one attempt. A sliced body is read twice: here for the hashes in the request's head, and then to be sent. Throws what reading
 * throws.
 */
export function prepareBody(
  body: Body,
  integrity: Integrity,
  options: PrepareOptions,
): PreparedBody | Promise<PreparedBody> {
  if (body.slices !== undefined) return prepareSlices(body.size, body.slices, integrity, options);
  const { crc32: mayBeCrc32 = true } = options;
  const read = body.read();
  // Nearly all bodies are small files, for which each promise is expensive.
  if (read instanceof Promise || body.md5 !== undefined) return prepareBytes(read, body, integrity, mayBeCrc32);
  return { check: integrity.check(read, mayBeCrc32), payload: read, rethrow: nothing };
}

function nothing(): void {}

async function prepareBytes(
  read: Buffer | Promise<Buffer>,
  body: Body,
  integrity: Integrity,
  mayBeCrc32: boolean,
): Promise<PreparedBody> {
  const bytes = await read;
  if (body.md5 !== undefined && integrity.kindFor(mayBeCrc32) === 'md5') {
    const md5 = Buffer.from(await body.md5(bytes), 'hex');
    return { check: integrity.checkFromHashes('md5', { crc32: 0, md5 }), payload: bytes, rethrow: nothing };
  }
  return { check: integrity.check(bytes, mayBeCrc32), payload: bytes, rethrow: nothing };
}

async function prepareSlices(
  size: number,
  slices: NonNullable<Body['slices']>,
  integrity: Integrity,
  { crc32: mayBeCrc32 = true, signed }: PrepareOptions,
): Promise<PreparedBody> {
  const kind = integrity.kindFor(mayBeCrc32);
  const md5 = kind === 'md5' ? createHash('md5') : undefined;
  const sha256 = signed ? createHash('sha256') : undefined;
  let crc = 0;
  for await (const slice of slices()) {
    if (kind === 'crc32') crc = crc32(slice, crc);
    md5?.update(slice);
    sha256?.update(slice);
  }
  let failure: { readonly error: unknown } | undefined;
  async function* recordingFailure(): AsyncGenerator<Buffer, void> {
    try {
      yield* slices();
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return {
    check: integrity.checkFromHashes(kind, { crc32: crc, md5: md5?.digest() }),
    payload: { length: size, slices: recordingFailure, sha256: sha256?.digest('hex') },
    rethrow() {
      if (failure !== undefined) throw failure.error;
    },
  };
}

/** The hash of a payload for its signature. */
export function payloadHashOf(payload: Buffer | HashedSlices): string {
  return payload instanceof Uint8Array ? sha256Hex(payload) : (payload.sha256 ?? 'UNSIGNED-PAYLOAD');
}
