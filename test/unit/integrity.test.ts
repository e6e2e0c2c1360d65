import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etagJudge } from '../../src/s3/integrity.js';

const MD5 = '0123456789abcdef0123456789abcdef';
const OTHER = 'f'.repeat(32);
const proof = (etag: string | undefined, encrypted = false) => ({ etag, encrypted, md5: MD5 });

const ROWS: readonly (readonly [
  string,
  string | undefined,
  boolean,
  string | undefined,
  'md5' | 'none' | 'mismatch',
])[] = [
  ['the MD5', MD5, false, undefined, 'md5'],
  ['the MD5 in capitals', MD5.toUpperCase(), false, undefined, 'md5'],
  ['another on S3', OTHER, false, 'AmazonS3', 'mismatch'],
  ['another on a server of which nothing is known', OTHER, false, 'SomeServer', 'none'],
  ['another where a KMS key encrypts', OTHER, true, 'AmazonS3', 'none'],
  ['none', undefined, false, 'AmazonS3', 'none'],
  ['one of parts', `${OTHER}-2`, false, 'AmazonS3', 'none'],
];

for (const [what, etag, encrypted, server, verdict] of ROWS) {
  test(`an ETag that is ${what} proves: ${verdict}`, () => {
    assert.equal(etagJudge()(proof(etag, encrypted), server), verdict);
  });
}

test('a server whose ETag was an MD5 once is held to it', () => {
  const judge = etagJudge();
  assert.equal(judge(proof(OTHER), 'SomeServer'), 'none');
  assert.equal(judge(proof(MD5), 'SomeServer'), 'md5');
  assert.equal(judge(proof(OTHER), 'SomeServer'), 'mismatch');
});
