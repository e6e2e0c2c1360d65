import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { RunEvent } from '../../../src/index.js';
import type { ChecksumChoice } from '../../../src/options/types.js';
import { profileFinder } from '../../../src/s3/endpoint-profile.js';
import { integrity, type SentCheck } from '../../../src/s3/integrity.js';

const BYTES = Buffer.from('what is sent');
const MD5 = createHash('md5').update(BYTES).digest('hex');
const OTHER = 'f'.repeat(32);
const CRC = (() => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(BYTES));
  return sum.toString('base64');
})();
const CRC_HEADER = 'x-amz-checksum-crc32';
const S3 = 's3.us-east-1.amazonaws.com';
const ELSEWHERE = 's3.example.com';

function setUp(choice: ChecksumChoice, host: string) {
  const events: RunEvent[] = [];
  const profile = profileFinder(host);
  const { judge, ...rest } = integrity(choice, profile, (event) => events.push(event));
  const judgeHeaders = (sent: SentCheck, headers: Readonly<Record<string, string>>) =>
    judge(sent, (name) => headers[name]);
  return { events, profile, ...rest, judge: judgeHeaders };
}

type Row = readonly [what: string, headers: Readonly<Record<string, string>>, host: string, verdict: string];
const UNKNOWN = { code: 'NotImplemented', status: 501, message: 'no such header' };
const quoted = (etag: string) => `"${etag}"`;
const KMS = { 'x-amz-server-side-encryption': 'aws:kms:dsse' };
const SSE_C = { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' };

const ETAGS: readonly Row[] = [
  ['the MD5', { etag: quoted(MD5) }, S3, 'md5'],
  ['the MD5 in capitals', { etag: quoted(MD5.toUpperCase()) }, S3, 'md5'],
  ['another on S3', { etag: quoted(OTHER) }, S3, 'mismatch'],
  ['another on an unknown server', { etag: quoted(OTHER), server: 'Some' }, ELSEWHERE, 'none'],
  ['another on MinIO', { etag: quoted(OTHER), server: 'MinIO' }, ELSEWHERE, 'mismatch'],
  ['another where a KMS key encrypts', { etag: quoted(OTHER), ...KMS }, S3, 'none'],
  ['another where a customer key encrypts', { etag: quoted(OTHER), ...SSE_C }, S3, 'none'],
  ['none', {}, S3, 'none'],
  ['one of parts', { etag: quoted(`${OTHER}-2`) }, S3, 'none'],
];
for (const [what, headers, host, verdict] of ETAGS) {
  test(`an ETag that is ${what} proves: ${verdict}`, () => {
    const { check, judge, profile } = setUp('md5', host);
    profile.learn(headers.server);
    assert.equal(judge(check(BYTES), headers), verdict);
  });
}

const SUMS: readonly Row[] = [
  ['that is ours', { [CRC_HEADER]: CRC, etag: quoted(OTHER) }, S3, 'crc32'],
  ['that is another', { [CRC_HEADER]: 'AAAAAA==', etag: quoted(MD5) }, S3, 'mismatch'],
  ['that is ours although a KMS key encrypts', { [CRC_HEADER]: CRC, etag: quoted(OTHER), ...KMS }, S3, 'crc32'],
  ['that is missing beside an ETag that is the MD5', { etag: quoted(MD5) }, S3, 'md5'],
  ['that is missing beside an ETag that is not', { etag: quoted(OTHER) }, S3, 'mismatch'],
];
for (const [what, headers, host, verdict] of SUMS) {
  test(`a CRC32 in the response ${what} proves: ${verdict}`, () => {
    const { check, judge } = setUp('auto', host);
    const sent = check(BYTES);
    assert.deepEqual([sent.kind, sent.headers], ['crc32', { [CRC_HEADER]: CRC }]);
    assert.equal(judge(sent, headers), verdict);
  });
}

test('after one ETag that is the MD5, another ETag is a mismatch', () => {
  const { check, judge } = setUp('md5', ELSEWHERE);
  assert.equal(judge(check(BYTES), { etag: quoted(OTHER) }), 'none');
  assert.equal(judge(check(BYTES), { etag: quoted(MD5) }), 'md5');
  assert.equal(judge(check(BYTES), { etag: quoted(OTHER) }), 'mismatch');
});

test('bodies are checked by MD5 until the first response names a server that supports CRC32', () => {
  const { check, profile } = setUp('auto', ELSEWHERE);
  assert.equal(check(BYTES).kind, 'md5');
  profile.learn('VERSITYGW');
  assert.equal(check(BYTES).kind, 'crc32');
});

test('if the first response does not return the CRC32, the rest of the run uses MD5, unless CRC32 is configured', () => {
  for (const [choice, after] of [
    ['auto', 'md5'],
    ['crc32', 'crc32'],
  ] as const) {
    const { check, judge } = setUp(choice, S3);
    assert.equal(judge(check(BYTES), { etag: quoted(MD5) }), 'md5');
    assert.equal(check(BYTES).kind, after);
  }
});

test('a server that refuses the CRC32 gets MD5 from then on, with a warning', () => {
  const { check, handleRefusal, events } = setUp('crc32', ELSEWHERE);
  const sent = check(BYTES);
  assert.equal(handleRefusal(sent, { code: 'AccessDenied', status: 403, message: 'no' }, false), false);
  assert.equal(
    handleRefusal(sent, { code: 'InvalidRequest', status: 400, message: 'the part is wrong' }, false),
    false,
  );
  assert.equal(check(BYTES).kind, 'crc32');
  assert.equal(handleRefusal(sent, UNKNOWN, false), true);
  assert.equal(check(BYTES).kind, 'md5');
  assert.equal(handleRefusal(check(BYTES), UNKNOWN, false), false);
  assert.deepEqual(
    events.map((event) => event.type === 'warning' && event.code),
    ['no-crc32'],
  );
});

test('a conditional put that S3 itself refuses is not blamed on the CRC32', () => {
  const { check, handleRefusal, events } = setUp('auto', S3);
  assert.equal(handleRefusal(check(BYTES), UNKNOWN, true), false);
  assert.equal(check(BYTES).kind, 'crc32');
  assert.deepEqual(events, []);
});

test('with checksum off, no check is sent and nothing is proved', () => {
  const { check, judge } = setUp('off', S3);
  assert.deepEqual(check(BYTES).headers, {});
  assert.equal(judge(check(BYTES), { etag: quoted(MD5) }), 'none');
});
