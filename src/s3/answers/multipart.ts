import type {
  CompleteMultipartUploadCommandOutput,
  ListMultipartUploadsCommandOutput,
  ListPartsCommandOutput,
} from '@aws-sdk/client-s3';
import type { CompletedUpload, PartsPage, UploadsMarker, UploadsPage } from '../bucket.js';
import { isComposite } from '../checksum.js';
import type { Call } from '../errors.js';
import { unquoted } from '../integrity.js';
import { unusable, urlDecoded } from './listing.js';

/** Four bytes in base64. */
const CRC32 = /^[A-Za-z0-9+/]{6}==$/;

/** What the answer to CompleteMultipartUpload says. Throws `S3RequestError` where it is no such answer. */
export function completedUpload(
  call: Call,
  { ETag, Key, Bucket, Location, ChecksumCRC32, ChecksumType }: CompleteMultipartUploadCommandOutput,
  encrypted: boolean,
): CompletedUpload {
  // Cut off, or a page of something else: what became of the upload nobody told.
  if ((ETag ?? Key ?? Bucket ?? Location) === undefined) throw unusable(call, 'is about no object');
  const whole = ChecksumType !== 'COMPOSITE' && ChecksumCRC32 !== undefined && !isComposite(ChecksumCRC32);
  return { etag: unquoted(ETag), crc32: whole ? ChecksumCRC32 : undefined, encrypted, attempts: 1 };
}

/** A page of ListParts. Throws `S3RequestError` where it cannot be relied on. */
export function partsPage(call: Call, answer: ListPartsCommandOutput, after: number | undefined): PartsPage {
  if (answer.UploadId === undefined && answer.Key === undefined) throw unusable(call, 'is not a list of parts');
  const parts = (answer.Parts ?? []).map(({ PartNumber = 0, Size = 0, ETag, ChecksumCRC32 }) => ({
    number: PartNumber,
    size: Size,
    etag: unquoted(ETag) ?? '',
    // Some servers write a word where there is none.
    crc32: ChecksumCRC32 !== undefined && CRC32.test(ChecksumCRC32) ? ChecksumCRC32 : undefined,
  }));
  if (answer.IsTruncated !== true) return { parts, next: undefined };
  const next = Number(answer.NextPartNumberMarker ?? parts.at(-1)?.number ?? 0);
  if (!(next > (after ?? 0))) throw unusable(call, 'ends without saying where to go on');
  return { parts, next };
}

/** A page of ListMultipartUploads. Throws `S3RequestError` where it cannot be relied on. */
export function uploadsPage(
  call: Call,
  answer: ListMultipartUploadsCommandOutput,
  after: UploadsMarker | undefined,
): UploadsPage {
  if (answer.Bucket === undefined && answer.MaxUploads === undefined && answer.Uploads === undefined)
    throw unusable(call, 'is not a list of uploads');
  const decode = answer.EncodingType === 'url' ? urlDecoded : (key: string) => key;
  try {
    const uploads = (answer.Uploads ?? []).map(({ Key = '', UploadId = '', Initiated }) => ({
      key: decode(Key),
      uploadId: UploadId,
      initiated: Initiated?.getTime(),
    }));
    if (answer.IsTruncated !== true) return { uploads, next: undefined };
    const key = decode(answer.NextKeyMarker ?? '');
    const uploadId = answer.NextUploadIdMarker === '' ? undefined : answer.NextUploadIdMarker;
    if (key === '' || (key === after?.key && uploadId === after.uploadId))
      throw unusable(call, 'ends without saying where to go on');
    return { uploads, next: { key, uploadId } };
  } catch (error) {
    throw error instanceof URIError ? unusable(call, 'names a key that cannot be decoded') : error;
  }
}
