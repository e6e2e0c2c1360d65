import { randomBytes } from 'node:crypto';
import type { Answer } from '../http/answer.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import { encryptionHeaders } from '../objects/encryption.js';
import { readObjectHead } from '../objects/object-head.js';
import type { BucketOperation } from '../operation.js';
import { readUploadChecksum } from '../store/upload-checksum.js';

/** CreateMultipartUpload: takes every header that PutObject takes, and which checksums the parts will have. */
export const createUpload: BucketOperation = {
  check({ request, mode }) {
    readObjectHead(request, mode);
    readUploadChecksum(request, mode);
  },

  run({ request, mode, now }, bucket): Answer {
    const head = readObjectHead(request, mode);
    const checksum = readUploadChecksum(request, mode);
    const uploadId = newUploadId();
    bucket.uploads.begin({ uploadId, key: request.key, initiated: now, head, checksum });
    const names = checksum?.named === true ? checksum : undefined;
    return {
      status: 200,
      headers: {
        'content-type': 'application/xml',
        ...encryptionHeaders(head),
        'x-amz-checksum-algorithm': names?.algorithm.toUpperCase(),
        'x-amz-checksum-type': names?.type,
      },
      body: [
        `${XML_HEAD}<InitiateMultipartUploadResult xmlns="${XML_NAMESPACE}">`,
        element('Bucket', bucket.name),
        element('Key', request.key),
        element('UploadId', uploadId),
        '</InitiateMultipartUploadResult>',
      ].join(''),
    };
  },
};

/** A long opaque id of letters, digits, `.`, `_` and `-`, as S3's are. */
export function newUploadId(): string {
  const text = randomBytes(94).toString('base64url');
  return `${text.slice(0, 60)}.${text.slice(60)}`;
}
