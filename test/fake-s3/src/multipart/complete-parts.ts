import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';
import type { StoredPart, StoredUpload } from '../store/uploads.js';
import type { NamedPart } from './complete-document.js';

/** The parts that a completion names. Throws if one is missing, was replaced, or is too small. */
export function chooseParts(upload: StoredUpload, named: readonly NamedPart[], mode: S3Mode): StoredPart[] {
  const parts = named.map((part) => choosePart(upload, part));
  if (mode.unlistedParts === 'refused' && parts.length < upload.parts.size) {
    throw new S3Error('InvalidPart', { UploadId: upload.uploadId });
  }
  if (mode.partSizes === 'equal') checkEqual(upload, parts);
  for (const { number, size, etag } of parts.slice(0, -1)) {
    if (size >= mode.minPartSize) continue;
    throw new S3Error('EntityTooSmall', {
      ProposedSize: String(size),
      MinSizeAllowed: String(mode.minPartSize),
      PartNumber: String(number),
      ETag: etag,
    });
  }
  return parts;
}

/** R2 completes an upload only if all parts have one size; the last one may be smaller. */
function checkEqual({ uploadId }: StoredUpload, parts: readonly StoredPart[]): void {
  const size = parts[0]?.size ?? 0;
  const last = parts.at(-1)?.size ?? 0;
  if (last <= size && parts.slice(0, -1).every((part) => part.size === size)) return;
  throw new S3Error(
    'InvalidPart',
    { UploadId: uploadId },
    { message: 'All non-trailing parts must have the same length.' },
  );
}

function choosePart({ uploadId, parts, checksum }: StoredUpload, named: NamedPart): StoredPart {
  const part = parts.get(named.number);
  const isSame =
    part !== undefined &&
    part.etag === named.etag &&
    // If the create named no algorithm, a given checksum never matches.
    (named.checksum === undefined || checksum === undefined || isChecksumOf(part, named, checksum.named));
  if (isSame) return part;
  throw new S3Error('InvalidPart', { UploadId: uploadId, PartNumber: String(named.number), ETag: named.etag });
}

function isChecksumOf({ checksum }: StoredPart, named: NamedPart, wasNamed: boolean): boolean {
  return wasNamed && checksum?.algorithm === named.checksum?.algorithm && checksum?.value === named.checksum?.value;
}

/** `x-amz-mp-object-size`, if given, must equal the sum of the parts. */
export function checkObjectSize(request: S3Request, size: number): void {
  const given = header(request, 'x-amz-mp-object-size');
  if (given === undefined || given === String(size)) return;
  const message = `The provided 'x-amz-mp-object-size' header value ${given} does not match what was computed: ${size}`;
  throw new S3Error('InvalidRequest', {}, { message });
}
