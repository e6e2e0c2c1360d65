import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findVersions } from '../../../src/batch/versions.js';
import type { Bucket } from '../../../src/s3/bucket.js';
import type { ObjectVersion } from '../../../src/s3/object-versions.js';

const run = { record: {}, signal: new AbortController().signal } as unknown as Parameters<typeof findVersions>[0];

function bucketOf(versions: readonly (readonly [string, string, string])[]): Bucket {
  const page: readonly ObjectVersion[] = versions.map(([key, versionId, etag]) => {
    return { key, versionId, etag, size: 1, isLatest: false };
  });
  const listVersions: Bucket['listVersions'] = async () => ({ versions: page, next: undefined });
  return { listVersions } as unknown as Bucket;
}

test('each object gets the newest version that has its bytes, and none where that one has no id', async () => {
  const object = (sourceKey: string) => {
    return { sourceKey, etag: 'listed', size: 1, versionId: undefined as string | undefined };
  };
  const objects = new Map(['changed', 'suspended'].map((key) => [key, object(key)]));
  const bucket = bucketOf([
    ['changed', 'v3', 'newer'],
    ['changed', 'v2', 'listed'],
    ['changed', 'v1', 'listed'],
    // Versioning was suspended: an older version with the same bytes may have other headers.
    ['suspended', 'null', 'listed'],
    ['suspended', 'v1', 'listed'],
  ]);
  await findVersions(run, bucket, [''], objects);
  assert.deepEqual(
    [...objects.values()].map(({ versionId }) => versionId),
    ['v2', undefined],
  );
});
