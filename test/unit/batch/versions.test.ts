import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Candidate } from '../../../src/batch/candidates.js';
import { withVersions } from '../../../src/batch/versions.js';
import { S3RequestError } from '../../../src/errors.js';
import type { Bucket } from '../../../src/s3/bucket.js';
import type { ObjectVersion } from '../../../src/s3/object-versions.js';

type Listed = readonly [key: string, versionId: string, etag: string];

/** A bucket that lists one version a page. */
function bucketOf(all: readonly Listed[]): Bucket {
  const listVersions: Bucket['listVersions'] = async (prefix, after) => {
    const listed: readonly ObjectVersion[] = all
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, versionId, etag]) => ({ key, versionId, etag, size: 1, isLatest: false }));
    const start = after === undefined ? 0 : listed.findIndex(({ versionId }) => versionId === after.versionId) + 1;
    const page = listed.slice(start, start + 1);
    const [last] = page;
    return { versions: page, next: start + 1 < listed.length && last !== undefined ? last : undefined };
  };
  return { name: 'from', listVersions } as unknown as Bucket;
}

const candidateOf = (sourceKey: string, named?: string): Candidate =>
  ({
    planned: { entry: { sourceKey, etag: 'listed', size: 1, versionId: named } },
    versionId: named,
    headers: {},
  }) as unknown as Candidate;

async function versionsOf(
  bucket: Bucket,
  prefixes: readonly string[],
  candidates: readonly Candidate[],
  warn: (code: string) => void = assert.fail,
): Promise<(readonly [string, string | undefined])[]> {
  const run = { record: { warn }, signal: new AbortController().signal };
  const found: (readonly [string, string | undefined])[] = [];
  for await (const { planned, versionId } of withVersions(run as never, bucket, prefixes, candidates))
    found.push([planned.entry.sourceKey, versionId]);
  return found;
}

test('each object gets the newest version that has its bytes, and none where that one has no id', async () => {
  const bucket = bucketOf([
    ['a/before', 'v0', 'listed'],
    ['changed', 'v3', 'newer'],
    ['changed', 'v2', 'listed'],
    ['changed', 'v1', 'listed'],
    ['named', 'v5', 'listed'],
    ['named', 'v4', 'listed'],
    ['other', 'v6', 'other'],
    // Versioning was suspended: an older version with the same bytes may have other headers.
    ['suspended', 'null', 'listed'],
    ['suspended', 'v7', 'listed'],
  ]);
  const candidates = [
    candidateOf('absent'),
    candidateOf('changed'),
    candidateOf('named', 'v4'),
    candidateOf('other'),
    candidateOf('suspended'),
    candidateOf('z'),
  ];
  assert.deepEqual(await versionsOf(bucket, [''], candidates), [
    ['absent', undefined],
    ['changed', 'v2'],
    ['named', 'v4'],
    ['other', undefined],
    ['suspended', undefined],
    ['z', undefined],
  ]);
});

test('keys that begin with each other are found by listings that overlap', async () => {
  const bucket = bucketOf(['a', 'aa', 'ab', 'b'].map((key) => [key, `v-${key}`, 'listed'] as const));
  const keys = ['a', 'ab', 'b'];
  assert.deepEqual(
    await versionsOf(
      bucket,
      keys,
      keys.map((key) => candidateOf(key)),
    ),
    keys.map((key) => [key, `v-${key}`]),
  );
});

test('where versions cannot be listed, a warning says so, and what is current is copied', async () => {
  const listVersions = async (): Promise<never> => {
    throw new S3RequestError('denied', {
      code: 'AccessDenied',
      status: 403,
      verb: 'ListObjectVersions',
      bucket: 'from',
    });
  };
  const warned: string[] = [];
  const bucket = { name: 'from', listVersions } as unknown as Bucket;
  const found = await versionsOf(bucket, [''], [candidateOf('a'), candidateOf('b')], (code) => warned.push(code));
  assert.deepEqual(found, [
    ['a', undefined],
    ['b', undefined],
  ]);
  assert.deepEqual(warned, ['versions-denied']);
});
