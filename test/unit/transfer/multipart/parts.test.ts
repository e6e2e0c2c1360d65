import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  isMarked,
  isMarkedBy,
  isSamePart,
  judgeWhole,
  markFor,
  type PartRecord,
  wholeOf,
} from '../../../../src/transfer/multipart/parts.js';

const base64 = (bytes: Buffer) => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
};
const [ONE, TWO] = [Buffer.from('one'), Buffer.from('second')];
const record = (number: number, bytes: Buffer, more: Partial<PartRecord> = {}): PartRecord => ({
  number,
  size: bytes.length,
  etag: hash('md5', bytes),
  crc32: base64(bytes),
  md5: undefined,
  verified: 'crc32',
  ...more,
});
const PARTS = [record(1, ONE), record(2, TWO)];
const ETAG = `${hash('md5', Buffer.concat([ONE, TWO].map((part) => hash('md5', part, 'buffer'))))}-2`;

test('parts give the size, the CRC32 and the ETag of the whole', () => {
  const whole = wholeOf(PARTS, false);
  assert.deepEqual(whole, { size: 9, crc32: base64(Buffer.concat([ONE, TWO])), etag: ETAG });
  assert.equal(wholeOf(PARTS, true).etag, undefined, 'under KMS an ETag is no MD5');
  assert.equal(wholeOf([record(1, ONE, { crc32: undefined }), record(2, TWO)], false).crc32, undefined);
});

test('the whole is judged by its checksum first, then by its ETag', () => {
  const whole = wholeOf(PARTS, false);
  const answer = { etag: ETAG, crc32: whole.crc32, encrypted: false };
  const other = 'AAAAAA==';
  assert.equal(judgeWhole(answer, whole, PARTS, true), 'crc32');
  assert.equal(judgeWhole({ ...answer, crc32: other }, whole, PARTS, true), 'mismatch');
  assert.equal(judgeWhole({ ...answer, crc32: undefined }, whole, PARTS, true), 'crc32');
  const md5s = [record(1, ONE, { md5: hash('md5', ONE) }), record(2, TWO, { md5: hash('md5', TWO) })];
  assert.equal(judgeWhole({ ...answer, crc32: undefined }, whole, md5s, true), 'md5');
  const wrong = { etag: ETAG.replace(/^./, 'x'), crc32: undefined, encrypted: false };
  assert.equal(judgeWhole({ ...wrong, etag: `${'0'.repeat(32)}-2` }, whole, PARTS, true), 'mismatch');
  assert.equal(judgeWhole({ ...wrong, etag: `${'0'.repeat(32)}-2` }, whole, PARTS, false), 'none');
  assert.equal(judgeWhole({ ...wrong, encrypted: true }, whole, PARTS, true), 'none');
  const unverified = PARTS.map((part) => ({ ...part, verified: 'none' as const }));
  assert.equal(judgeWhole({ ...answer, crc32: undefined }, whole, unverified, true), 'none');
});

test('a listed part is the one that was sent by its checksum, or its ETag where none is listed', () => {
  const sent = record(1, ONE);
  const listed = { number: 1, size: 3, etag: hash('md5', ONE), crc32: base64(ONE) };
  assert.equal(isSamePart(listed, sent), true);
  assert.equal(isSamePart({ ...listed, etag: 'random' }, sent), true);
  assert.equal(isSamePart({ ...listed, crc32: base64(TWO) }, sent), false);
  assert.equal(isSamePart({ ...listed, crc32: undefined }, sent), true);
  assert.equal(isSamePart({ ...listed, crc32: undefined, etag: hash('md5', TWO) }, sent), false);
  assert.equal(isSamePart({ ...listed, size: 4 }, sent), false);
  assert.equal(isSamePart(undefined, sent), false);
});

test('a mark tells of the headers and the checksum, in whatever order they come', () => {
  const headers = { 'content-type': 'text/plain', 'x-amz-meta-a': '1' };
  const mark = markFor(headers, true);
  const part = { number: 10_000, size: mark.bytes.length, etag: mark.md5, crc32: mark.crc32 };
  const parts = new Map([[10_000, part]]);
  assert.equal(isMarkedBy(parts, markFor({ 'x-amz-meta-a': '1', 'content-type': 'text/plain' }, true)), true);
  assert.equal(isMarkedBy(parts, markFor({ ...headers, 'x-amz-acl': 'private' }, true)), false);
  assert.equal(isMarkedBy(parts, markFor(headers, false)), false);
  assert.equal(isMarkedBy(new Map([[10_000, { ...part, crc32: undefined }]]), mark), true);
  assert.equal(
    isMarkedBy(new Map([[10_000, { ...part, etag: 'random' }]]), mark),
    true,
    'under KMS the checksum proves it',
  );
  assert.equal(isMarkedBy(new Map(), mark), false);
  assert.equal(isMarked(parts), true);
  assert.equal(isMarked(new Map([...parts, [9_999, { ...part, number: 9_999 }]])), false);
});
