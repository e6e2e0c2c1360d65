import type { Answer } from '../http/answer.js';
import { checkLength } from '../http/body.js';
import type { S3Request } from '../http/request.js';
import { encryptionHeaders } from '../objects/encryption.js';
import { invalidArgument } from '../objects/listing-parameters.js';
import { etagOf, NO_BYTES } from '../objects/put-object.js';
import type { BucketOperation } from '../operation.js';
import { checkChecksum, givenChecksum } from '../store/checksum.js';
import { partChecksum } from '../store/upload-checksum.js';
import { findUpload } from './find-upload.js';

/** UploadPart: stores a part of an upload, and replaces one with the same number. */
export const uploadPart: BucketOperation = {
  check(head) {
    checkLength(head.request, head.maxObjectSize);
    readPartNumber(head.request);
    findUpload(head);
  },

  run(call, bucket): Answer {
    const { request, mode, body, md5 } = call;
    // Checked again: the upload may have ended while the body arrived.
    const upload = findUpload(call);
    const given = upload.checksum === undefined ? undefined : givenChecksum(request, call.trailers);
    const checksum = upload.checksum === undefined ? undefined : partChecksum(upload.checksum, given, body);
    if (given !== undefined) checkChecksum(body, given);
    const echoed = given ?? checksum;
    const etag = etagOf(md5, upload.head);
    bucket.uploads.setPart(upload.uploadId, {
      number: readPartNumber(request),
      body: call.dropBodies ? NO_BYTES : body,
      size: body.length,
      etag,
      md5,
      checksum,
      lastModified: Math.floor(call.now / 1000) * 1000,
    });
    return {
      status: 200,
      headers: {
        ...encryptionHeaders(upload.head),
        ...(echoed !== undefined && { [`x-amz-checksum-${echoed.algorithm}`]: echoed.value }),
        etag: mode.etags ? `"${etag}"` : undefined,
      },
    };
  },
};

export function readPartNumber({ query }: S3Request): number {
  const text = query.get('partNumber') ?? '';
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 10_000) return Number(text);
  throw invalidArgument('partNumber', text, 'Part number must be an integer between 1 and 10000, inclusive');
}
