import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Content } from '../model/content.js';
import { crc32Bytes } from '../model/crc32.js';

/** Cheapest to compute first. */
const ALGORITHMS = ['CRC32', 'CRC64NVME', 'SHA256', 'SHA1', 'CRC32C'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/**
 * The checksum that an answer's headers give for the whole object, if there is one that can be computed here. A composite one, of the parts'
 * checksums, ends in `-N` and says nothing without the parts.
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

/** Whether a checksum is one of the parts' checksums, which says nothing of the whole. */
export function isComposite(value: string): boolean {
  return /-\d+$/.test(value);
}

const SLICE = 1024 * 1024;

/** The checksum of local bytes in base64, by slices; undefined for an algorithm that cannot be computed here. */
export async function checksumOf(
  algorithm: string,
  content: Content,
  signal: AbortSignal,
): Promise<string | undefined> {
  const sum = await running(algorithm);
  if (sum === undefined) return undefined;
  for (let start = 0; start < content.size; start += SLICE) {
    signal.throwIfAborted();
    sum.update(await content.slice(start, Math.min(start + SLICE, content.size)));
  }
  return Buffer.from(await sum.digest()).toString('base64');
}

interface Running {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array | Promise<Uint8Array>;
}

async function running(algorithm: string): Promise<Running | undefined> {
  if (algorithm === 'CRC32') return runningCrc32();
  if (algorithm === 'SHA1' || algorithm === 'SHA256') return createHash(algorithm.toLowerCase());
  if (algorithm !== 'CRC32C' && algorithm !== 'CRC64NVME') return undefined;
  const { Crc32c, Crc64Nvme } = await import('@aws-sdk/checksums/crc');
  return algorithm === 'CRC32C' ? new Crc32c() : new Crc64Nvme();
}

function runningCrc32(): Running {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => crc32Bytes(value),
  };
}
