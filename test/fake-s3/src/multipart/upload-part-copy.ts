import { hash } from 'node:crypto';
import type { Answer } from '../http/answer.js';
import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import { document, hasBytes } from '../objects/copy-object.js';
import { readCopySource, sourceVersionHeaders, tooLarge } from '../objects/copy-source.js';
import { encryptionHeaders } from '../objects/encryption.js';
import { invalidArgument } from '../objects/listing-parameters.js';
import { etagOf, NO_BYTES } from '../objects/put-object.js';
import type { BucketOperation } from '../operation.js';
import { checksumOf, inventedChecksum } from '../store/checksum.js';
import type { StoredObject } from '../store/store.js';
import type { StoredPart, StoredUpload } from '../store/uploads.js';
import { findUpload } from './find-upload.js';
import { readPartNumber } from './upload-part.js';

interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** UploadPartCopy: stores a range of an object, or all of it, as a part of an upload. */
export const uploadPartCopy: BucketOperation = {
  run(call, bucket): Answer {
    const { request, mode, now } = call;
    const number = readPartNumber(request);
    const upload = findUpload(call);
    const source = readCopySource(call);
    const range = readRange(request, source.object, mode.minPartSize);
    if (range.end - range.start > call.maxObjectSize) throw tooLarge(call.maxObjectSize);
    const bytes = bytesOf(source.object, range, upload);
    const part: StoredPart = {
      ...bytes,
      number,
      body: call.dropBodies ? NO_BYTES : bytes.body,
      size: range.end - range.start,
      etag: etagOf(bytes.md5, upload.head),
      lastModified: Math.floor(now / 1000) * 1000,
    };
    bucket.uploads.setPart(upload.uploadId, part);
    const headers = {
      'content-type': 'application/xml',
      ...encryptionHeaders(upload.head),
      ...sourceVersionHeaders(source),
    };
    // The response has only a checksum that the create named.
    const shown = upload.checksum?.named === true ? part : { ...part, checksum: undefined };
    return { status: 200, headers, body: document('CopyPartResult', shown, mode) };
  },
};

/** If the bytes were dropped, invents hashes from the known facts about them. */
function bytesOf(
  source: StoredObject,
  { start, end }: Range,
  { checksum: kind }: StoredUpload,
): Pick<StoredPart, 'body' | 'md5' | 'checksum'> {
  if (!hasBytes(source)) {
    const text = `${source.etag} ${start}-${end}`;
    const checksum = kind === undefined ? undefined : inventedChecksum(kind.algorithm, text);
    return { body: NO_BYTES, md5: hash('md5', text), checksum };
  }
  const body = source.body.subarray(start, end);
  return { body, md5: hash('md5', body), checksum: kind === undefined ? undefined : checksumOf(kind.algorithm, body) };
}

const HEADER = 'x-amz-copy-source-range';

function readRange(request: S3Request, { size }: StoredObject, minSize: number): Range {
  const text = header(request, HEADER);
  if (text === undefined) return { start: 0, end: size };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(text) ?? [];
  const range: Range = { start: Number(first), end: Number(last) + 1 };
  if (first === undefined || range.end <= range.start) {
    const message =
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy';
    throw invalidArgument(HEADER, text, message);
  }
  if (range.end > size)
    throw invalidArgument(HEADER, text, `Range specified is not valid for source object of size: ${size}`);
  // "You can copy a range only if the source object is greater than 5 MB."
  if (size <= minSize) {
    const message = 'The specified copy source is not supported as a byte-range copy source';
    throw new S3Error('InvalidRequest', {}, { message });
  }
  return range;
}
