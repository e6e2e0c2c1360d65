import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerSet } from '../../../src/batch/operation.js';

test('headers of a copy are fields of a job', () => {
  assert.deepEqual(headerSet({}), { fields: { MetadataDirective: 'COPY' } });
  assert.deepEqual(headerSet({ 'x-amz-storage-class': 'STANDARD_IA', 'x-amz-acl': 'private' }), {
    fields: { MetadataDirective: 'COPY', StorageClass: 'STANDARD_IA', CannedAccessControlList: 'private' },
  });
  assert.deepEqual(
    headerSet({
      'x-amz-metadata-directive': 'REPLACE',
      'content-type': 'text/html',
      'cache-control': 'no-cache',
      expires: 'Thu, 01 Jan 2026 00:00:00 GMT',
      'x-amz-meta-a': '1',
      'x-amz-tagging-directive': 'REPLACE',
      'x-amz-tagging': 'a=1&b=2%203',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key',
    }),
    {
      fields: {
        MetadataDirective: 'REPLACE',
        NewObjectMetadata: {
          ContentType: 'text/html',
          CacheControl: 'no-cache',
          HttpExpiresDate: new Date('2026-01-01T00:00:00Z'),
          UserMetadata: { a: '1' },
          SSEAlgorithm: 'KMS',
        },
        NewObjectTagging: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2 3' },
        ],
        SSEAwsKmsKeyId: 'key',
      },
    },
  );
});

test('headers that no field of a job can hold are named', () => {
  for (const headers of [
    { 'x-amz-metadata-directive': 'REPLACE', expires: '0' },
    { 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    { 'x-amz-server-side-encryption': 'aws:kms:dsse' },
    { 'x-amz-object-annotation-directive': 'EXCLUDE' },
    { 'content-type': 'text/html' },
  ])
    assert.match(headerSet(headers).why ?? '', new RegExp(Object.keys(headers).at(-1) ?? ''));
});
