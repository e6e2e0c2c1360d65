import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseReportsBelow, targetPrefix, whyNotByJob } from '../../../src/batch/eligibility.js';
import { type CopyOptions, UsageError } from '../../../src/index.js';
import { copyPaths } from '../../../src/plan/copy-paths.js';
import { prepareCopy } from '../../../src/prepare-copy.js';

const GIB = 1024 ** 3;
const MD5 = '0123456789abcdef0123456789abcdef';

test('a job copies what one CopyObject copies and an ETag proves; the rest is copied from here', () => {
  const table: readonly (readonly [
    Partial<Parameters<typeof whyNotByJob>[0]>,
    number | undefined,
    RegExp | undefined,
  ])[] = [
    [{}, undefined, undefined],
    [{ size: 5 * GIB }, undefined, undefined],
    [{ size: 5 * GIB + 1 }, undefined, /larger than 5 GiB/],
    [{ size: GIB + 1 }, GIB, /split/],
    [{ size: GIB }, GIB, undefined],
    [{ size: 0 }, undefined, /redirect/],
    [{ etag: `${MD5}-2` }, undefined, /parts/],
    [{ etag: undefined }, undefined, /without an ETag/],
    [{ storageClass: 'STANDARD_IA' }, undefined, undefined],
    [{ storageClass: 'GLACIER_IR' }, undefined, undefined],
    [{ storageClass: 'GLACIER' }, undefined, /archived/],
    [{ storageClass: 'DEEP_ARCHIVE' }, undefined, /archived/],
  ];
  for (const [object, splitAbove, why] of table) {
    const found = whyNotByJob({ size: 1, etag: MD5, storageClass: undefined, ...object }, splitAbove);
    if (why === undefined) assert.equal(found, undefined, JSON.stringify(object));
    else assert.match(found ?? 'by a job', why);
  }
});

test('a job keeps whole source keys behind a prefix: other rows of the path table are usage errors that name the row', () => {
  const table: readonly (readonly [source: string, destination: string, prefix: string | RegExp])[] = [
    ['s3://one', 's3://two', ''],
    ['s3://one', 's3://two/foo', 'foo'],
    ['s3://one', 's3://two/foo/bar/', 'foo/bar'],
    ['s3://one/folder', 's3://two', ''],
    ['s3://one/p*', 's3://two/foo', 'foo'],
    ['s3://one/folder/*', 's3://two/folder', ''],
    ['s3://one/folder/*', 's3://two/x/folder', 'x'],
    ['s3://one/one/two', 's3://two/one', ''],
    ['s3://one/folder/*', 's3://two', /cannot copy s3:\/\/one\/folder\/\* → s3:\/\/two: that leaves "folder\/" out/],
    ['s3://one/folder/*', 's3://two/xfolder', /cannot copy/],
    ['s3://one/one/two', 's3://two', /cannot copy s3:\/\/one\/one\/two → s3:\/\/two: that leaves "one\/" out/],
  ];
  for (const [source, destination, expected] of table) {
    const paths = copyPaths({ source, destination, keys: undefined, prefixes: undefined });
    const find = (): string => targetPrefix(paths);
    if (typeof expected === 'string') assert.equal(find(), expected, `${source} ${destination}`);
    else assert.throws(find, (error) => error instanceof UsageError && expected.test(error.message));
  }
});

const ROLE = 'arn:aws:iam::111122223333:role/copy';
const BASE = { source: 's3://from', destination: 's3://site', batchOperations: true, batchRole: ROLE } as const;

test('options that no job can carry out are usage errors that name them', () => {
  const table: readonly (readonly [Partial<CopyOptions>, RegExp])[] = [
    [{ batchRole: undefined }, /batchOperations needs batchRole/],
    [{ batchRole: 'copy' }, /batchRole "copy" is not the ARN of a role/],
    [{ batchRole: 'arn:aws:iam::1234:role/copy' }, /not the ARN/],
    [{ batchOperations: false }, /batchRole is about batchOperations, which is off/],
    [{ batchJob: 'a b' }, /batchJob is "a b", which is no id/],
    [{ batchReports: 'logs' }, /batchReports "logs" is not a bucket/],
    [{ batchReports: 's3://' }, /The batchReports "s3:\/\/" names no bucket/],
    [{ batchReports: `s3://logs/${'x'.repeat(487)}` }, /prefix of batchReports has 488 characters .* at most 487\.$/],
    [{ mode: 'add' }, /mode: 'add' and batchOperations exclude each other/],
    [{ batchJob: 'job-1', dryRun: true }, /dryRun and batchJob exclude each other/],
    [{ batchJob: 'job-1', mode: 'stupid' }, /mode: 'stupid' and batchJob exclude each other/],
    [{ copyAcl: true }, /copyAcl and batchOperations exclude/],
    [{ annotations: 'exclude' }, /annotations and batchOperations exclude/],
    [{ headers: { 'x-amz-grant-read': 'id=1' } }, /x-amz-grant-read/],
    [{ headers: { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' } }, /customer-algorithm/],
    [{ storageClass: 'REDUCED_REDUNDANCY' }, /x-amz-storage-class: REDUCED_REDUNDANCY" and batchOperations/],
    [{ expires: '0' }, /expires: 0/],
    [{ destination: 's3://site--use1-az4--x-s3' }, /annotations|directory bucket/],
    [{ source: 's3://arn:aws:s3:us-east-1:111122223333:accesspoint/from' }, /access point/],
    [{ sourceEndpointUrl: 'http://127.0.0.1:1' }, /different endpoints/],
    [{ source: 's3://from/a/*' }, /cannot copy s3:\/\/from\/a\/\*/],
    [{ delete: true, destination: 's3://site/' }, /delete would delete the manifests and reports/],
  ];
  for (const [more, message] of table)
    assert.throws(
      () => prepareCopy({ ...BASE, ...more }),
      (error) => error instanceof UsageError && message.test(error.message),
      String(message),
    );
});

test('options that a job can carry out are taken', () => {
  for (const more of [
    {},
    { batchJob: ['5ba4a1c1-1b31-4a8c-8d6b-0c1ac1a0e1f2'], batchRole: undefined },
    { copyAcl: false, annotations: 'copy' },
    { requestPayer: true, expectedBucketOwner: '111122223333', expectedSourceBucketOwner: '111122223333' },
    { storageClass: 'GLACIER', acl: 'bucket-owner-full-control', tagging: { a: 'b' }, cacheControl: 'no-cache' },
    {
      headers: {
        'x-amz-object-lock-mode': 'GOVERNANCE',
        'x-amz-object-lock-retain-until-date': '2030-01-01T00:00:00Z',
      },
    },
    { batchReports: `s3://logs/${'x'.repeat(486)}` },
    { delete: true, destination: 's3://site/', batchReports: 's3://logs' },
    { delete: true, destination: 's3://site/docs' },
    { delete: true, destination: 's3://site/', protect: 's3-parallel-put-jobs/**' },
    { delete: true, destination: 's3://site/', exclude: 's3-parallel-put-jobs/**' },
  ] as const)
    assert.ok(prepareCopy({ ...BASE, ...more }).batch !== undefined);
  assert.deepEqual(prepareCopy(BASE).batch?.role, { arn: ROLE, partition: 'aws', account: '111122223333' });
  assert.deepEqual(prepareCopy({ ...BASE, batchReports: 's3://logs/copies/' }).batch?.reports, {
    bucket: 'logs',
    prefix: 'copies/',
  });
});

test('reports may be beside what is mirrored, in another bucket, or kept there', () => {
  const docs = { bucket: 'site', prefix: 'docs/' };
  const none = (): boolean => false;
  refuseReportsBelow({ bucket: 'logs', prefix: 'docs/' }, docs, none);
  refuseReportsBelow({ bucket: 'site', prefix: 'jobs/' }, docs, none);
  const below = { bucket: 'site', prefix: 'docs/jobs/' };
  assert.throws(() => refuseReportsBelow(below, docs, none), UsageError);
  refuseReportsBelow(below, docs, (key) => key.startsWith('docs/jobs/'));
  assert.throws(() => refuseReportsBelow(below, docs, (key) => key.endsWith('.csv')), UsageError);
});

test('reports may be where the source is only if filters leave them out', () => {
  const inside = { batchReports: 's3://from/jobs' };
  for (const more of [
    inside,
    { ...inside, exclude: 'jobs/*/*.csv' },
    { ...inside, fromPrefix: ['a', 'jo'] },
    { batchReports: 's3://from' },
    { source: 's3://from/jobs', batchReports: 's3://from/jobs/reports' },
    { source: 's3://site/s3-parallel-put-jobs', destination: 's3://site/old' },
  ])
    assert.throws(
      () => prepareCopy({ ...BASE, ...more }),
      (error) => error instanceof UsageError && /, which is inside the source: each run would copy/.test(error.message),
      JSON.stringify(more),
    );
  for (const more of [
    { ...inside, exclude: 'jobs/**' },
    { ...inside, include: '*.html' },
    { ...inside, source: 's3://from/docs' },
    { ...inside, key: ['jobs/a'] },
    { ...inside, fromPrefix: ['a'] },
    { ...inside, batchJob: '5ba4a1c1-1b31-4a8c-8d6b-0c1ac1a0e1f2' },
    { source: 's3://from/docs', batchReports: 's3://from/docs/jobs', exclude: 'jobs/**' },
  ])
    assert.ok(prepareCopy({ ...BASE, ...more }).batch !== undefined, JSON.stringify(more));
});
