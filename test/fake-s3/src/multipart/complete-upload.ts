import { hash, randomBytes } from 'node:crypto';
import type { Answer } from '../http/answer.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import { checkWrite } from '../objects/conditions.js';
import { encryptionHeaders } from '../objects/encryption.js';
import { NO_BYTES } from '../objects/put-object.js';
import type { BucketOperation, Call } from '../operation.js';
import type { StoredObject } from '../store/store.js';
import type { StoredPart, StoredUpload } from '../store/uploads.js';
import { versionHeaders } from '../store/versions.js';
import { completedChecksum } from './complete-checksum.js';
import { readCompleteDocument } from './complete-document.js';
import { checkObjectSize, chooseParts } from './complete-parts.js';
import { findUpload } from './find-upload.js';

/** CompleteMultipartUpload: the named parts become the object, and the others are dropped. */
export const completeUpload: BucketOperation = {
  run(call, bucket): Answer {
    const { request, mode } = call;
    if (mode.repeatedComplete === 'same') {
      const before = bucket.uploads.completionOf(request.key, request.query.get('uploadId') ?? '');
      if (before !== undefined) return before;
    }
    const upload = findUpload(call);
    const named = readCompleteDocument(call.body.toString());
    const parts = chooseParts(upload, named, mode);
    const checksum = completedChecksum(request, upload.checksum, named, parts);
    const made: StoredObject = { ...completedObject(call, upload, parts), checksum };
    checkObjectSize(request, made.size);
    checkWrite(request, mode, bucket.get(request.key));
    const object = bucket.set(request.key, made, mode.versioning);
    const answer = answerFor(call, object);
    bucket.uploads.end(upload.uploadId, answer);
    return answer;
  },
};

function completedObject(
  call: Call,
  { head }: StoredUpload,
  parts: readonly StoredPart[],
): Omit<StoredObject, 'checksum'> {
  const partSizes = parts.map(({ size }) => size);
  return {
    ...head,
    body: call.dropBodies ? NO_BYTES : Buffer.concat(parts.map(({ body }) => body)),
    size: partSizes.reduce((sum, size) => sum + size, 0),
    etag: head.kmsKeyId === undefined ? etagInParts(parts) : `${randomBytes(16).toString('hex')}-${parts.length}`,
    partSizes,
    lastModified: Math.floor(call.now / 1000) * 1000,
  };
}

/** The MD5 of the parts' MD5s, and how many there are. */
function etagInParts(parts: readonly StoredPart[]): string {
  const digests = Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, 'hex')));
  return `${hash('md5', digests)}-${parts.length}`;
}

function answerFor({ request, mode }: Call, object: StoredObject): Answer {
  const { checksum } = object;
  const body = [
    `${XML_HEAD}<CompleteMultipartUploadResult xmlns="${XML_NAMESPACE}">`,
    element('Location', `http://${request.headers.host}${request.rawPath}`),
    element('Bucket', request.bucket),
    element('Key', request.key),
    mode.etags ? element('ETag', `"${object.etag}"`) : '',
    checksum === undefined ? '' : element(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value),
    checksum === undefined ? '' : element('ChecksumType', checksum.type ?? 'FULL_OBJECT'),
    '</CompleteMultipartUploadResult>',
  ];
  const headers = {
    'content-type': 'application/xml',
    ...encryptionHeaders(object),
    ...versionHeaders(object, mode.versioning),
  };
  return { status: 200, headers, body: body.join('') };
}
