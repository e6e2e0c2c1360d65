import { randomBytes } from 'node:crypto';
import type { Answer } from '../http/answer.js';
import { checkLength } from '../http/body.js';
import type { S3Mode } from '../mode.js';
import type { BucketOperation, Call } from '../operation.js';
import { type Checksum, checkChecksum, defaultChecksum, givenChecksum } from '../store/checksum.js';
import type { StoredObject } from '../store/store.js';
import { versionHeaders } from '../store/versions.js';
import { checkWrite } from './conditions.js';
import { type Encryption, encryptionHeaders } from './encryption.js';
import { readObjectHead } from './object-head.js';
import { oldHeaders } from './object-headers.js';

export const putObject: BucketOperation = {
  check({ request, mode, maxObjectSize }) {
    checkLength(request, maxObjectSize);
    readObjectHead(request, mode);
  },

  run(call, bucket): Answer {
    const { request, mode } = call;
    const sent = objectOf(call);
    checkWrite(request, mode, bucket.get(request.key));
    const headers = { ...oldHeaders(bucket.get(request.key)?.headers, mode), ...sent.headers };
    const object = bucket.set(request.key, { ...sent, headers }, mode.versioning);
    return {
      status: 200,
      headers: {
        ...encryptionHeaders(object),
        ...checksumHeaders(object.checksum),
        ...versionHeaders(object, mode.versioning),
        etag: etagHeader(object, mode),
      },
    };
  },
};

function objectOf(call: Call): StoredObject {
  const { request, mode, body, md5 } = call;
  const head = readObjectHead(request, mode);
  return {
    body: call.dropBodies ? NO_BYTES : body,
    size: body.length,
    etag: etagOf(md5, head),
    ...head,
    checksum: readChecksum(call),
    lastModified: Math.floor(call.now / 1000) * 1000,
  };
}

/** Replaces a dropped body; a slice of the body would keep all of it in memory. */
export const NO_BYTES: Buffer = Buffer.alloc(0);

/** The ETag of a body that came in one request: its MD5, unless a KMS key encrypts it. */
export function etagOf(md5: string, { kmsKeyId }: Encryption): string {
  return kmsKeyId === undefined ? md5 : randomBytes(16).toString('hex');
}

function readChecksum({ request, mode, body, trailers }: Call): Checksum | undefined {
  if (mode.checksums !== 'supported') return undefined;
  const given = givenChecksum(request, trailers);
  if (given === undefined) return defaultChecksum(body);
  checkChecksum(body, given);
  return given;
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  const { algorithm, value, type = 'FULL_OBJECT' } = checksum;
  return { [`x-amz-checksum-${algorithm}`]: value, 'x-amz-checksum-type': type };
}

/** The ETag as a header value, or undefined on a server without ETags. */
export function etagHeader(object: StoredObject, mode: S3Mode): string | undefined {
  return mode.etags ? `"${object.etag}"` : undefined;
}
