import { S3Error } from '../http/error.js';
import { decode, header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';
import type { Call } from '../operation.js';
import type { StoredObject } from '../store/store.js';
import { versionOf } from '../store/versions.js';
import { checkCopySource } from './conditions.js';
import { refuseCustomerKeys } from './encryption.js';
import { checkReadable, findObject } from './find-object.js';
import { invalidArgument } from './listing-parameters.js';

const HEADER = 'x-amz-copy-source';

/** The source of a copy. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly object: StoredObject;
  /** Mode of its bucket. */
  readonly mode: S3Mode;
  /** Whether the request names a version. */
  readonly isVersion: boolean;
}

interface Named {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** Finds the source of a copy; checks the read permission of its signer and the conditions. Throws S3's error. */
export function readCopySource({ request, store, mayUse }: Call): CopySource {
  refuseCustomerKeys(request, 'x-amz-copy-source-');
  const { bucket: name, key, versionId } = parseCopySource(request);
  const bucket = store.buckets.get(name);
  if (bucket === undefined) throw new S3Error('NoSuchBucket', { BucketName: name });
  const mode = store.modeOf(name);
  if (!mayUse(name) || mode.deny.includes('GetObject')) throw new S3Error('AccessDenied');
  checkAccount(request, mode);
  const object = findObject(bucket, mode, key, versionId);
  checkCopySource(request, object);
  checkReadable(object);
  return { bucket: name, key, object, mode, isVersion: versionId !== undefined };
}

/** `/bucket/key` or `bucket/key`, encoded once, then `?versionId=`; a question mark within the key is encoded. */
function parseCopySource(request: S3Request): Named {
  const text = header(request, HEADER) ?? '';
  const [path = '', query, ...more] = text.split('?');
  const versionId = /^versionId=([^&]+)$/.exec(query ?? '')?.[1];
  if (more.length > 0 || (query !== undefined && versionId === undefined)) {
    throw invalidArgument(HEADER, text, 'Unsupported copy source parameter.');
  }
  let decoded: string;
  try {
    decoded = decode(path).replace(/^\//, '');
  } catch {
    throw invalidArgument(HEADER, text, 'Invalid copy source encoding.');
  }
  const slash = decoded.indexOf('/');
  if (slash <= 0 || slash === decoded.length - 1) {
    const message = 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey';
    throw invalidArgument(HEADER, text, message);
  }
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1), versionId };
}

function checkAccount(request: S3Request, mode: S3Mode): void {
  const owner = header(request, 'x-amz-source-expected-bucket-owner');
  if (owner !== undefined && owner !== mode.owner) throw new S3Error('AccessDenied');
  if (mode.requesterPays && header(request, 'x-amz-request-payer') !== 'requester') throw new S3Error('AccessDenied');
}

/** Response header with the copied version. */
export function sourceVersionHeaders({ object, mode }: CopySource): Record<string, string> {
  if (object.versionId === undefined && !mode.versioning) return {};
  return { 'x-amz-copy-source-version-id': versionOf(object) };
}

export function tooLarge(maxSize: number): S3Error {
  const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${maxSize}`;
  return new S3Error('InvalidRequest', {}, { message });
}
