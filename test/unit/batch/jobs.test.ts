import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupJobs, jobDollars, jobToken } from '../../../src/batch/jobs.js';

const [ETAG, OTHER] = ['0123456789abcdef0123456789abcdef', 'ffffffffffffffffffffffffffffffff'];

test('each large set of headers is a group, with versions apart, and small ones are left', () => {
  const [one, two, three] = [{ StorageClass: 'STANDARD_IA' }, { StorageClass: 'GLACIER_IR' }, {}] as const;
  const objects = [
    ...Array.from({ length: 3 }, () => ({ fields: one, versionId: undefined })),
    ...Array.from({ length: 2 }, () => ({ fields: { ...one }, versionId: 'v' })),
    ...Array.from({ length: 2 }, () => ({ fields: two, versionId: undefined })),
    { fields: three, versionId: undefined },
  ];
  const { groups, others } = groupJobs(objects, { least: 2, most: 20 });
  assert.deepEqual(
    groups.map(({ fields, versioned, objects: own }) => [fields.StorageClass, versioned, own.length]),
    [
      ['STANDARD_IA', false, 3],
      ['STANDARD_IA', true, 2],
      ['GLACIER_IR', false, 2],
    ],
  );
  assert.equal(others.length, 1);
  assert.equal(groupJobs(objects, { least: 2, most: 1 }).groups.length, 1);
  assert.equal(groupJobs(objects.slice(-1), { least: 100, most: 20 }).groups.length, 1);
});

test('a token depends on the run, the manifest and the headers, and is short enough for S3', () => {
  const token = jobToken('run', ETAG, {});
  assert.equal(token, jobToken('run', ETAG, {}));
  for (const other of [
    jobToken('other', ETAG, {}),
    jobToken('run', OTHER, {}),
    jobToken('run', ETAG, { StorageClass: 'GLACIER_IR' }),
  ])
    assert.notEqual(token, other);
  assert.match(token, /^[0-9a-f]{64}$/);
});

test('a job of a million objects costs its price, a dollar, and its copies', () => {
  assert.equal(jobDollars(1_000_000).toFixed(2), '6.25');
});
