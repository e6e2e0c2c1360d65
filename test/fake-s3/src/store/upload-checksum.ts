import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';
import { CHECKSUM_ALGORITHMS, type Checksum, type ChecksumType, checksumOf, combinedChecksum } from './checksum.js';

/** Which checksums the parts of an upload have, and the object that it will be. */
export interface UploadChecksum {
  /** As in a header's name. */
  readonly algorithm: string;
  readonly type: ChecksumType;
  /** The request that created the upload named it; otherwise S3 chose CRC64NVME, and listings do not show it. */
  readonly named: boolean;
}

const FULL_ONLY = ['crc64nvme'];
const COMPOSITE_ONLY = ['sha1', 'sha256'];

/** Reads the checksum headers of a CreateMultipartUpload. Throws S3's error for unknown algorithms and combinations. */
export function readUploadChecksum(request: S3Request, mode: S3Mode): UploadChecksum | undefined {
  if (mode.checksums !== 'supported') return undefined;
  const algorithm = header(request, 'x-amz-checksum-algorithm')?.toLowerCase();
  const type = header(request, 'x-amz-checksum-type')?.toUpperCase();
  if (type !== undefined && type !== 'FULL_OBJECT' && type !== 'COMPOSITE') {
    throw invalid('Value for x-amz-checksum-type header is invalid.');
  }
  if (algorithm === undefined) {
    if (type === undefined) return { algorithm: 'crc64nvme', type: 'FULL_OBJECT', named: false };
    throw invalid('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
  }
  if (!CHECKSUM_ALGORITHMS.includes(algorithm)) {
    const valid = CHECKSUM_ALGORITHMS.map((name) => name.toUpperCase()).join(', ');
    throw invalid(
      `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${valid}]`,
    );
  }
  const isWrong = type === 'COMPOSITE' ? FULL_ONLY.includes(algorithm) : COMPOSITE_ONLY.includes(algorithm);
  if (type !== undefined && isWrong) {
    throw invalid(`The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
  }
  return { algorithm, type: type ?? (FULL_ONLY.includes(algorithm) ? 'FULL_OBJECT' : 'COMPOSITE'), named: true };
}

/** The checksum to store with a part. Throws if it is not of the upload's algorithm, or if a required one is missing. */
export function partChecksum(upload: UploadChecksum, given: Checksum | undefined, body: Buffer): Checksum {
  // If the create named none, parts may have any: it is verified, but not stored.
  if (upload.named && given?.algorithm !== upload.algorithm) {
    if (given !== undefined || upload.type === 'COMPOSITE') throw mismatch(upload, given);
  }
  return given?.algorithm === upload.algorithm ? given : checksumOf(upload.algorithm, body);
}

/** The checksum of an object from those of its parts. */
export function objectChecksum(upload: UploadChecksum, parts: readonly { size: number; checksum: string }[]): Checksum {
  const { algorithm, type } = upload;
  if (type === 'FULL_OBJECT') return combinedChecksum(algorithm, parts);
  const digests = Buffer.concat(parts.map(({ checksum }) => Buffer.from(checksum, 'base64')));
  return { algorithm, value: `${checksumOf(algorithm, digests).value}-${parts.length}`, type };
}

export function mismatch(upload: UploadChecksum, given: Checksum | undefined): S3Error {
  return invalid(
    `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm}, actual checksum Type: ${given?.algorithm ?? 'null'}`,
  );
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidRequest', {}, { message });
}
