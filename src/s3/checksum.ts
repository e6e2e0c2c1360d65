import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Content } from '../model/content.js';
import { crc32Bytes } from '../model/crc32.js';

/** The cheapest to compute first. */
const ALGORITHMS = [
  'CRC32',
  'SHA256',
  'SHA1',
  'SHA512',
  'MD5',
  'CRC64NVME',
  'CRC32C',
  'XXHASH128',
  'XXHASH3',
  'XXHASH64',
] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/**
 * The checksum of the whole object in a response's headers, if there is one that can be computed here. A composite checksum, made from those of the
 * parts, ends in `-N` and cannot be compared without the parts.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function wholeChecksum(
  headers: Readonly<Record<string, string | undefined>>,
): { readonly algorithm: Algorithm; readonly value: string } | undefined {
  if (headers['x-amz-checksum-type'] === 'COMPOSITE') return undefined;
  for (const algorithm of ALGORITHMS) {
    const value = headers[`x-amz-checksum-${algorithm.toLowerCase()}`];
    if (value !== undefined && !isComposite(value)) return { algorithm, value };
  }
  return undefined;
}

/** Whether a checksum is made from the parts' checksums, so that it does not cover the whole object. */
export function isComposite(value: string): boolean {
  return /-\d+$/.test(value);
}

const SLICE_BYTES = 1024 * 1024;

/** The checksum of local bytes in base64, computed on this thread by slices, between which other work goes on; undefined for an algorithm that is not supported here. */
export async function checksumOf(
  algorithm: string,
  content: Content,
  signal: AbortSignal,
): Promise<string | undefined> {
  const hash = await hasher(algorithm);
  if (hash === undefined) return undefined;
  for (let start = 0; start < content.size; start += SLICE_BYTES) {
    signal.throwIfAborted();
    hash.update(await content.slice(start, Math.min(start + SLICE_BYTES, content.size)));
    if (start > 0) await nextTurn();
  }
  return Buffer.from(await hash.digest()).toString('base64');
}

interface Hasher {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array | Promise<Uint8Array>;
}

const IN_NODE: ReadonlySet<string> = new Set(['MD5', 'SHA1', 'SHA256', 'SHA512']);

async function xxhash(algorithm: string): Promise<Hasher | undefined> {
  // Older versions of the package lack it.
  const found = await import('@aws-sdk/checksums/xxh').catch(() => undefined);
  if (found === undefined) return undefined;
  const { Xxh64, Xxh3_64, Xxh3_128 } = found;
  if (algorithm === 'XXHASH64') return new Xxh64();
  if (algorithm === 'XXHASH3') return new Xxh3_64();
  return algorithm === 'XXHASH128' ? new Xxh3_128() : undefined;
}

async function hasher(algorithm: string): Promise<Hasher | undefined> {
  if (algorithm === 'CRC32') return crc32Hasher();
  if (IN_NODE.has(algorithm)) return createHash(algorithm.toLowerCase());
  if (algorithm.startsWith('XXHASH')) return xxhash(algorithm);
  if (algorithm !== 'CRC32C' && algorithm !== 'CRC64NVME') return undefined;
  const { Crc32c, Crc64Nvme } = await import('@aws-sdk/checksums/crc');
  return algorithm === 'CRC32C' ? new Crc32c() : new Crc64Nvme();
}

function crc32Hasher(): Hasher {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => crc32Bytes(value),
  };
}
