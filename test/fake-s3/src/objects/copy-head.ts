import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';
import { readAcl } from './acl.js';
import type { CopySource } from './copy-source.js';
import { readEncryption } from './encryption.js';
import { invalidArgument } from './listing-parameters.js';
import type { ObjectHead } from './object-head.js';
import {
  isLock,
  REDIRECT,
  readLocks,
  readObjectHeaders,
  readRedirect,
  readStorageClass,
  readTags,
} from './object-headers.js';

/** The head of a copy. Class, ACL, encryption and redirect never come from the source: the request sets them, or the bucket. */
export function readCopyHead(request: S3Request, mode: S3Mode, source: CopySource): ObjectHead {
  const replaces = readDirective(request, 'metadata') === 'REPLACE' && mode.metadataDirective === 'supported';
  return {
    ...readAcl(request, mode),
    headers: replaces ? readObjectHeaders(request, mode) : kept(request, source),
    storageClass: readStorageClass(request),
    tags: readDirective(request, 'tagging') === 'REPLACE' ? readTags(request, mode) : tagsOf(source),
    ...readEncryption(request, mode),
  };
}

/** Ignores the headers of the request, except for the redirect and locks. */
function kept(request: S3Request, { object }: CopySource): Record<string, string> {
  const { [REDIRECT]: _, ...headers } = object.headers;
  const unlocked = Object.entries(headers).filter(([name]) => !isLock(name));
  return { ...Object.fromEntries(unlocked), ...readLocks(request), ...readRedirect(request) };
}

/** Copying tags needs the permission to read them, if there are any. */
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

/** Refuses to copy an object onto itself without a change; restoring an old version is allowed. */
export function checkChanges(request: S3Request, { bucket, key, isVersion }: CopySource): void {
  if (isVersion || bucket !== request.bucket || key !== request.key) return;
  if (readDirective(request, 'metadata') === 'REPLACE') return;
  if (CHANGES.some((name) => header(request, name) !== undefined)) return;
  const message =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
  throw new S3Error('InvalidRequest', {}, { message });
}
