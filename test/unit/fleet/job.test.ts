import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { readJob } from '../../../src/fleet/job.js';
import { VERSION } from '../../../src/model/version.js';

const base = { version: VERSION, run: 'r', options: {} };
const put = { ...base, kind: 'put', root: '/data', rootStamp: { inode: 1, changedMs: 2 } };

const upload = { key: 'a/b', uploadId: 'u', headers: {}, crc32: true, encrypted: false };
const onePut = { ...put, files: [['a/b', 100, 2, 3]] };
const oneCopy = { ...base, kind: 'copy', objects: [['a', 100, 'etag', null, null, null]] };
const range = {
  version: VERSION,
  run: 'r',
  kind: 'range',
  batch: onePut,
  upload,
  relayed: false,
  parts: [
    [1, 0, 50],
    [2, 50, 100],
  ],
};

test('a job that is whole is read', () => {
  const jobs = [
    { ...put, files: [['a/b', 1, 2, 3]] },
    { ...put, files: [['a/b.html', 1, 2, 3, 'a/b']] },
    { ...base, kind: 'copy', objects: [['a', 1, null, null, null, null]] },
    { ...base, kind: 'copy', objects: [['a', 1, 'etag', 2, 'GLACIER', 'v']] },
    range,
    { ...range, batch: oneCopy, relayed: true, upload: { ...upload, headers: { 'x-amz-request-payer': 'requester' } } },
  ];
  for (const job of jobs) assert.equal(readJob(job), job);
});

test('anything else is refused', () => {
  const others = [
    undefined,
    'text',
    {},
    { ...put, version: '0.0.1', files: [] },
    { ...put, options: null, files: [] },
    { ...put, kind: 'delete' },
    { ...put, root: 1, files: [] },
    { ...put, files: [['../../etc/passwd', 1, 2, 3]] },
    { ...put, files: [['/etc/passwd', 1, 2, 3]] },
    { ...put, files: [['a', '1', 2, 3]] },
    { ...base, kind: 'copy', objects: [['a']] },
  ];
  for (const job of others) assert.throws(() => readJob(job), UsageError);
  assert.throws(
    () => readJob({ ...base, version: '9.0.0', run: 'nightly' }),
    /nightly is one of s3-parallel-put 9\.0\.0/,
  );
});

test('a range that cannot be one of a run is refused', () => {
  const parts = (...all: unknown[]) => ({ ...range, parts: all });
  const others = [
    { ...range, version: '0.0.1' },
    { ...range, run: undefined },
    { ...range, relayed: undefined },
    { ...range, batch: undefined },
    { ...range, batch: range },
    { ...range, batch: { ...onePut, version: '0.0.1' } },
    { ...range, batch: { ...put, files: [] } },
    { ...range, batch: { ...put, files: [...onePut.files, ...onePut.files] } },
    { ...range, batch: { ...put, files: [['../b', 100, 2, 3]] } },
    { ...range, upload: undefined },
    { ...range, upload: { ...upload, key: '' } },
    { ...range, upload: { ...upload, uploadId: 1 } },
    { ...range, upload: { ...upload, headers: { a: 1 } } },
    { ...range, upload: { ...upload, headers: [] } },
    { ...range, upload: { ...upload, crc32: 'yes' } },
    { ...range, parts: 'all' },
    parts(),
    parts([0, 0, 1]),
    parts([10_000, 0, 1]),
    parts([1, -1, 1]),
    parts([1, 5, 5]),
    parts([1, 0, 101]),
    parts([1, 0, 1.5]),
    parts([1, 0]),
    parts([2, 0, 1], [1, 1, 2]),
    parts([1, 0, 1], [1, 1, 2]),
    parts(...Array.from({ length: 101 }, (_, at) => [at + 1, at % 100, (at % 100) + 1])),
  ];
  for (const job of others) assert.throws(() => readJob(job), UsageError, JSON.stringify(job));
});
