import { randomBytes } from 'node:crypto';
import { readAcl } from './acl.js';
import type { Answer } from './answer.js';
import { checkLength } from './body.js';
import { type Checksum, checkChecksum, defaultChecksum, givenChecksum } from './checksum.js';
import { checkWrite } from './conditions.js';
import { encryptionHeaders, readEncryption } from './encryption.js';
import type { S3Mode } from './mode.js';
import { readObjectHeaders, readStorageClass, readTags } from './object-headers.js';
import type { BucketOperation, Call } from './operation.js';
import type { StoredObject } from './store.js';

export const putObject: BucketOperation = {
  check({ request, mode, maxObjectSize }) {
    checkLength(request, maxObjectSize);
    readAcl(request, mode);
    readObjectHeaders(request);
    readStorageClass(request);
    readTags(request);
    readEncryption(request, mode);
  },

  run(call, bucket): Answer {
    const { request, mode } = call;
    const object = objectOf(call);
    checkWrite(request, mode, bucket.get(request.key));
    bucket.set(request.key, object);
    return {
      status: 200,
      headers: {
        ...encryptionHeaders(object),
        ...checksumHeaders(object.checksum),
        etag: etagHeader(object, mode),
      },
    };
  },
};

function objectOf(call: Call): StoredObject {
  const { request, mode, body, md5 } = call;
  const encryption = readEncryption(request, mode);
  return {
    body: call.dropBodies ? body.subarray(0, 0) : body,
    size: body.length,
    etag: encryption.kmsKeyId === undefined ? md5 : randomBytes(16).toString('hex'),
    headers: readObjectHeaders(request),
    ...readAcl(request, mode),
    tags: readTags(request),
    storageClass: readStorageClass(request),
    ...encryption,
    checksum: checksumOf(call),
    lastModified: Math.floor(call.now / 1000) * 1000,
  };
}

function checksumOf({ request, mode, body, trailers }: Call): Checksum | undefined {
  if (mode.checksums !== 'supported') return undefined;
  const given = givenChecksum(request, trailers);
  if (given === undefined) return defaultChecksum(body);
  checkChecksum(body, given);
  return given;
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

/** The ETag as a header says it, or undefined on a server that names none. */
export function etagHeader(object: StoredObject, mode: S3Mode): string | undefined {
  return mode.etags ? `"${object.etag}"` : undefined;
}
