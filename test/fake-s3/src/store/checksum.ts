import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import { crc32c, crc64nvme } from './crc.js';
import { CRC32, CRC32C, CRC64NVME, type Crc, combineCrc } from './crc-combine.js';

export interface Checksum {
  /** As in a header's name: `crc32` of `x-amz-checksum-crc32`. */
  readonly algorithm: string;
  /** Base64; a composite one ends with `-N`, the number of parts. */
  readonly value: string;
  /** What it is computed over: all bytes, or the checksums of the parts. Default: FULL_OBJECT. */
  readonly type?: ChecksumType;
}

export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

interface Algorithm {
  readonly bytes: number;
  readonly crc?: Crc;
  of(body: Buffer): string;
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  crc32: { bytes: 4, crc: CRC32, of: (body) => base64(crc32(body)) },
  crc32c: { bytes: 4, crc: CRC32C, of: (body) => base64(crc32c(body)) },
  crc64nvme: { bytes: 8, crc: CRC64NVME, of: (body) => base64(...crc64nvme(body)) },
  sha1: { bytes: 20, of: (body) => hash('sha1', body, 'base64') },
  sha256: { bytes: 32, of: (body) => hash('sha256', body, 'base64') },
};

export const CHECKSUM_ALGORITHMS: readonly string[] = Object.keys(ALGORITHMS);

function base64(...words: number[]): string {
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, i) => {
    bytes.writeUInt32BE(word, 4 * i);
  });
  return bytes.toString('base64');
}

/** The checksum that S3 adds to an object sent without one. */
export function defaultChecksum(body: Buffer): Checksum {
  return checksumOf('crc64nvme', body);
}

export function checksumOf(algorithm: string, body: Buffer): Checksum {
  return { algorithm, value: known(algorithm).of(body) };
}

/** An invented checksum for bytes that were dropped: the same for the same text, but not that of the bytes. */
export function inventedChecksum(algorithm: string, text: string): Checksum {
  return { algorithm, value: hash('sha512', text, 'buffer').subarray(0, known(algorithm).bytes).toString('base64') };
}

/** The checksum of all bytes, from the CRCs of parts that follow each other. */
export function combinedChecksum(
  algorithm: string,
  parts: readonly { readonly size: number; readonly checksum: string }[],
): Checksum {
  const { bytes, crc } = known(algorithm);
  if (crc === undefined) throw new Error(`${algorithm} cannot be combined`);
  let all = 0n;
  for (const { size, checksum } of parts) {
    all = combineCrc(crc, all, BigInt(`0x${Buffer.from(checksum, 'base64').toString('hex')}`), size);
  }
  const hex = all.toString(16).padStart(2 * bytes, '0');
  return { algorithm, value: Buffer.from(hex, 'hex').toString('base64') };
}

function known(algorithm: string): Algorithm {
  const found = ALGORITHMS[algorithm];
  if (found === undefined) throw new Error(`No checksum ${algorithm}`);
  return found;
}

/** The one checksum that a request gives, in a header or a trailer. Throws S3's error for several, or for a malformed one. */
export function givenChecksum(request: S3Request, trailers: ReadonlyMap<string, string>): Checksum | undefined {
  let given: Checksum | undefined;
  for (const algorithm in ALGORITHMS) {
    const name = `x-amz-checksum-${algorithm}`;
    const value = header(request, name) ?? trailers.get(name);
    if (value === undefined) continue;
    if (given !== undefined) {
      throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
    }
    if (!isWellFormed(algorithm, value)) throw invalid(`Value for ${name} header is invalid.`);
    given = { algorithm, value };
  }
  const sdk = header(request, 'x-amz-sdk-checksum-algorithm');
  if (sdk !== undefined && given?.algorithm !== sdk.toLowerCase()) {
    throw invalid(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  return given;
}

/** Whether a value is Base64 of the length that the algorithm produces. */
export function isWellFormed(algorithm: string, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === ALGORITHMS[algorithm]?.bytes && bytes.toString('base64') === value;
}

export function checkChecksum(body: Buffer, given: Checksum): void {
  if (ALGORITHMS[given.algorithm]?.of(body) !== given.value) throw badChecksum(given.algorithm);
}

export function badChecksum(algorithm: string): S3Error {
  const message = `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`;
  return new S3Error('BadDigest', {}, { message });
}

/** Whether a header belongs to the checksums of 2022 and later, which some servers refuse. */
export function isChecksumHeader(name: string): boolean {
  return name.startsWith('x-amz-checksum-') || name === 'x-amz-sdk-checksum-algorithm' || name === 'x-amz-trailer';
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidRequest', {}, { message });
}
