import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import { badChecksum, CHECKSUM_ALGORITHMS, type Checksum, isWellFormed } from '../store/checksum.js';
import { mismatch, objectChecksum, type UploadChecksum } from '../store/upload-checksum.js';
import type { StoredPart } from '../store/uploads.js';
import type { NamedPart } from './complete-document.js';

/** The checksum of the completed object. Throws if the request gives another one, or another type than the upload's. */
export function completedChecksum(
  request: S3Request,
  upload: UploadChecksum | undefined,
  named: readonly NamedPart[],
  parts: readonly StoredPart[],
): Checksum | undefined {
  if (upload === undefined) return undefined;
  if (upload.named && upload.type === 'COMPOSITE') checkComposite(upload, named);
  const given = givenFor(request, upload);
  const computed = objectChecksum(
    upload,
    parts.map(({ size, checksum }) => ({ size, checksum: checksum?.value ?? '' })),
  );
  if (given !== undefined && given !== computed.value.split('-')[0]) throw badChecksum(upload.algorithm);
  return computed;
}

/** Composite checksums need one for every part, and parts from 1 on without a gap: S3 responds with 500 to others. */
function checkComposite({ algorithm }: UploadChecksum, named: readonly NamedPart[]): void {
  for (const { number, checksum } of named) {
    if (checksum !== undefined) continue;
    throw invalid(
      `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    );
  }
  if (named.at(-1)?.number !== named.length) throw new S3Error('InternalError');
}

/** The object's checksum in the request, for comparison. */
function givenFor(request: S3Request, upload: UploadChecksum): string | undefined {
  const given = CHECKSUM_ALGORITHMS.filter((name) => header(request, `x-amz-checksum-${name}`) !== undefined);
  if (given.length > 1) {
    throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  const [algorithm] = given;
  // A checksum without a type has the default type of its algorithm.
  const usual = algorithm === undefined || algorithm === 'crc64nvme' ? undefined : 'COMPOSITE';
  const type = header(request, 'x-amz-checksum-type')?.toUpperCase() ?? (upload.named ? usual : undefined);
  if (type !== undefined && type !== upload.type) {
    throw invalid(
      `The upload was created using the ${upload.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  // S3 ignores them if the upload began without an algorithm.
  if (algorithm === undefined || !upload.named) return undefined;
  const text = header(request, `x-amz-checksum-${algorithm}`) ?? '';
  const value = upload.type === 'COMPOSITE' ? text.replace(/-\d+$/, '') : text;
  if (!isWellFormed(algorithm, value)) throw invalid(`Value for x-amz-checksum-${algorithm} header is invalid.`);
  if (algorithm !== upload.algorithm) throw mismatch(upload, { algorithm, value });
  return value;
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidRequest', {}, { message });
}
