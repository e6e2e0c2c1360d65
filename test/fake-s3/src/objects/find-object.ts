import { S3Error } from '../http/error.js';
import type { S3Mode } from '../mode.js';
import type { StoredBucket, StoredObject } from '../store/store.js';

/** The object that a request reads, or one version of it. Throws S3's error if there is none. */
export function findObject(
  bucket: StoredBucket,
  mode: S3Mode,
  key: string,
  versionId: string | undefined,
): StoredObject {
  const object = versionId === undefined ? bucket.get(key) : bucket.version(key, versionId);
  if (object !== undefined) return object;
  // Without ListBucket permission S3 does not reveal that a key is missing.
  if (mode.deny.includes('ListObjectsV2')) throw new S3Error('AccessDenied');
  if (versionId !== undefined) throw new S3Error('NoSuchVersion', { Key: key, VersionId: versionId });
  throw new S3Error('NoSuchKey', { Key: key });
}

const ARCHIVED = ['GLACIER', 'DEEP_ARCHIVE'];

/** Archived objects have no bytes to read until they are restored, which seeded headers can say. */
export function checkReadable({ storageClass, headers }: StoredObject): void {
  const restored = headers['x-amz-restore']?.includes('ongoing-request="false"') ?? false;
  const archived = ARCHIVED.includes(storageClass) || headers['x-amz-archive-status'] !== undefined;
  if (archived && !restored) throw new S3Error('InvalidObjectState', { StorageClass: storageClass });
}
