import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { readJob } from '../../../src/fleet/job.js';
import { VERSION } from '../../../src/version.js';

const base = { version: VERSION, run: 'r', options: {} };
const put = { ...base, kind: 'put', root: '/data', rootStamp: { inode: 1, changedMs: 2 } };

test('a job that is whole is read', () => {
  const jobs = [
    { ...put, files: [['a/b', 1, 2, 3]] },
    { ...put, files: [['a/b.html', 1, 2, 3, 'a/b']] },
    { ...base, kind: 'copy', objects: [['a', 1, null, null, null, null]] },
    { ...base, kind: 'copy', objects: [['a', 1, 'etag', 2, 'GLACIER', 'v']] },
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
