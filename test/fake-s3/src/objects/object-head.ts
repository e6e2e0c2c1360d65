import type { S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';
import { type ObjectAcl, readAcl } from './acl.js';
import { type Encryption, readEncryption } from './encryption.js';
import { readObjectHeaders, readStorageClass, readTags } from './object-headers.js';

/** An object without its bytes: everything that a PutObject or CreateMultipartUpload sets in its head. */
export interface ObjectHead extends ObjectAcl, Encryption {
  /** What HEAD and GET return of the put's headers; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly storageClass: string;
}

/** Reads it from a request; throws S3's error for invalid headers. */
export function readObjectHead(request: S3Request, mode: S3Mode): ObjectHead {
  return {
    ...readAcl(request, mode),
    headers: readObjectHeaders(request, mode),
    storageClass: readStorageClass(request),
    tags: readTags(request, mode),
    ...readEncryption(request, mode),
  };
}
