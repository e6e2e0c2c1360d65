import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';
import { readAcl } from './acl.js';
import type { CopySource } from './copy-source.js';
import { readEncryption } from './encryption.js';
import { invalidArgument } from './listing-parameters.js';
import type { ObjectHead } from './object-head.js';
import { REDIRECT, readObjectHeaders, readRedirect, readStorageClass, readTags } from './object-headers.js';

/** What a copy has besides its bytes. Class, ACL, encryption and redirect are never the source's: they are given, or the bucket's. */
export function readCopyHead(request: S3Request, mode: S3Mode, source: CopySource): ObjectHead {
  return {
    ...readAcl(request, mode),
    headers: readDirective(request, 'metadata') === 'REPLACE' ? readObjectHeaders(request) : kept(request, source),
    storageClass: readStorageClass(request),
    tags: readDirective(request, 'tagging') === 'REPLACE' ? readTags(request) : tagsOf(source),
    ...readEncryption(request, mode),
  };
}

/** Headers of the request are not looked at, but for the redirect. */
function kept(request: S3Request, { object }: CopySource): Record<string, string> {
  const { [REDIRECT]: _, ...headers } = object.headers;
  return { ...headers, ...readRedirect(request) };
}

/** To copy tags takes the permission to read them, where there are any. */
function tagsOf({ object, mode }: CopySource): ObjectHead['tags'] {
  const hasTags = Object.keys(object.tags).length > 0;
  if (hasTags && mode.deny.includes('GetObjectTagging')) throw new S3Error('AccessDenied');
  return object.tags;
}

function readDirective(request: S3Request, what: 'metadata' | 'tagging'): 'COPY' | 'REPLACE' {
  const name = `x-amz-${what}-directive`;
  const directive = header(request, name) ?? 'COPY';
  if (directive === 'COPY' || directive === 'REPLACE') return directive;
  throw invalidArgument(name, directive, `Unknown ${what} directive.`);
}

const CHANGES = [
  'x-amz-storage-class',
  REDIRECT,
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-checksum-algorithm',
];

/** Refuses to copy an object onto itself when nothing changes by it; an old version may come back so. */
export function checkChanges(request: S3Request, { bucket, key, isVersion }: CopySource): void {
  if (isVersion || bucket !== request.bucket || key !== request.key) return;
  if (readDirective(request, 'metadata') === 'REPLACE') return;
  if (CHANGES.some((name) => header(request, name) !== undefined)) return;
  const message =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
  throw new S3Error('InvalidRequest', {}, { message });
}
