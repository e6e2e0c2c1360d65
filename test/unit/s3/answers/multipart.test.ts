import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completedUpload, partsPage, uploadsPage } from '../../../../src/s3/answers/multipart.js';
import type { Call } from '../../../../src/s3/errors.js';

const call = (verb: Call['verb']): Call => ({ verb, bucket: 'site', key: 'k' });
const $metadata = {};
const TRUNCATED = { name: 'S3RequestError', code: 'TruncatedAnswer' };

test('a completed upload has an ETag, and a checksum only if that covers the whole object', () => {
  const of = (response: object) => completedUpload(call('CompleteMultipartUpload'), { $metadata, ...response }, false);
  assert.equal(of({ ETag: '"abc-2"', ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' }).crc32, 'AAAAAA==');
  assert.equal(of({ ETag: '"abc-2"', ChecksumCRC32: 'AAAAAA==' }).crc32, 'AAAAAA==');
  assert.equal(of({ ETag: '"abc-2"', ChecksumCRC32: 'AAAAAA==-2' }).crc32, undefined);
  assert.equal(of({ ETag: '"abc-2"', ChecksumCRC32: 'AAAAAA==', ChecksumType: 'COMPOSITE' }).crc32, undefined);
  assert.equal(of({ Key: 'k' }).etag, undefined);
  assert.throws(() => of({}), TRUNCATED);
});

test('the next page of parts begins at the marker or after the last part, and never repeats', () => {
  const of = (response: object, after?: number) =>
    partsPage(call('ListParts'), { $metadata, UploadId: 'u', ...response }, after);
  const Parts = [{ PartNumber: 3, Size: 5, ETag: '"e"', ChecksumCRC32: 'AAAAAA==' }];
  assert.deepEqual(of({ Parts }).parts, [{ number: 3, size: 5, etag: 'e', crc32: 'AAAAAA==' }]);
  assert.equal(of({ Parts: [{ ...Parts[0], ChecksumCRC32: 'null' }] }).parts[0]?.crc32, undefined);
  assert.equal(of({ Parts }).next, undefined);
  assert.equal(of({ Parts, IsTruncated: true, NextPartNumberMarker: '3' }).next, 3);
  assert.equal(of({ Parts, IsTruncated: true }).next, 3);
  assert.throws(() => of({ Parts, IsTruncated: true, NextPartNumberMarker: '3' }, 3), TRUNCATED);
  assert.throws(() => of({ UploadId: undefined }), TRUNCATED);
});

test('keys of uploads are decoded if the response says that they are encoded', () => {
  const of = (response: object) =>
    uploadsPage(call('ListMultipartUploads'), { $metadata, Bucket: 'site', ...response }, undefined);
  const Uploads = [{ Key: 'a%2Bb+c', UploadId: 'u', Initiated: new Date(5) }];
  assert.deepEqual(of({ Uploads, EncodingType: 'url' }).uploads, [{ key: 'a+b c', uploadId: 'u', initiated: 5 }]);
  assert.equal(of({ Uploads }).uploads[0]?.key, 'a%2Bb+c');
  const next = { IsTruncated: true, NextKeyMarker: 'a%2Bb', NextUploadIdMarker: 'u' };
  assert.deepEqual(of({ Uploads, EncodingType: 'url', ...next }).next, { key: 'a+b', uploadId: 'u' });
  assert.throws(() => of({ Uploads, IsTruncated: true }), TRUNCATED);
  assert.throws(() => of({ Uploads: [{ Key: '%' }], EncodingType: 'url' }), TRUNCATED);
  assert.throws(() => of({ Bucket: undefined }), TRUNCATED);
});
