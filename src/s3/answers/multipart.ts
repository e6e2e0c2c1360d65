import type {
  CompleteMultipartUploadCommandOutput,
  ListMultipartUploadsCommandOutput,
  ListPartsCommandOutput,
} from '@aws-sdk/client-s3';
import type { CompletedUpload, PartsPage, UploadsMarker, UploadsPage } from '../bucket.js';
import { isComposite } from '../checksum.js';
import type { Call } from '../errors.js';
import { unquoted } from '../integrity.js';
import { unusableResponse, urlDecoded } from './listing.js';

/** Four bytes in base64. */
const CRC32 = /^[A-Za-z0-9+/]{6}==$/;

/** Reads the response to CompleteMultipartUpload. Throws `S3RequestError` if it is something else. */
export function completedUpload(
  call: Call,
  { ETag, Key, Bucket, Location, ChecksumCRC32, ChecksumType }: CompleteMultipartUploadCommandOutput,
  encrypted: boolean,
): CompletedUpload {
  // A truncated response or another document: the state of the upload is unknown.
  if ((ETag ?? Key ?? Bucket ?? Location) === undefined) throw unusableResponse(call, 'does not describe an object');
  const coversObject = ChecksumType !== 'COMPOSITE' && ChecksumCRC32 !== undefined && !isComposite(ChecksumCRC32);
  return { etag: unquoted(ETag), crc32: coversObject ? ChecksumCRC32 : undefined, encrypted, attempts: 1 };
}

/** Reads a page of ListParts. Throws `S3RequestError` if it is unusableResponse. */
export function partsPage(call: Call, response: ListPartsCommandOutput, after: number | undefined): PartsPage {
  if (response.UploadId === undefined && response.Key === undefined)
    throw unusableResponse(call, 'is not a list of parts');
  const parts = (response.Parts ?? []).map(({ PartNumber = 0, Size = 0, ETag, ChecksumCRC32 }) => ({
    number: PartNumber,
    size: Size,
    etag: unquoted(ETag) ?? '',
    // Some servers write a word such as `null` if there is no checksum.
    crc32: ChecksumCRC32 !== undefined && CRC32.test(ChecksumCRC32) ? ChecksumCRC32 : undefined,
  }));
  if (response.IsTruncated !== true) return { parts, next: undefined };
  const next = Number(response.NextPartNumberMarker ?? parts.at(-1)?.number ?? 0);
  if (!(next > (after ?? 0))) throw unusableResponse(call, 'is truncated without a usable marker of the next page');
  return { parts, next };
}

/** Reads a page of ListMultipartUploads. Throws `S3RequestError` if it is unusableResponse. */
export function uploadsPage(
  call: Call,
  response: ListMultipartUploadsCommandOutput,
  after: UploadsMarker | undefined,
): UploadsPage {
  if (response.Bucket === undefined && response.MaxUploads === undefined && response.Uploads === undefined)
    throw unusableResponse(call, 'is not a list of uploads');
  const decode = response.EncodingType === 'url' ? urlDecoded : (key: string) => key;
  try {
    const uploads = (response.Uploads ?? []).map(({ Key = '', UploadId = '', Initiated }) => ({
      key: decode(Key),
      uploadId: UploadId,
      initiated: Initiated?.getTime(),
    }));
    if (response.IsTruncated !== true) return { uploads, next: undefined };
    const key = decode(response.NextKeyMarker ?? '');
    const uploadId = response.NextUploadIdMarker === '' ? undefined : response.NextUploadIdMarker;
    if (key === '' || (key === after?.key && uploadId === after.uploadId))
      throw unusableResponse(call, 'is truncated without a usable marker of the next page');
    return { uploads, next: { key, uploadId } };
  } catch (error) {
    throw error instanceof URIError ? unusableResponse(call, 'names a key that cannot be decoded') : error;
  }
}
