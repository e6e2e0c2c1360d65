import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  completedUpload,
  createdUpload,
  parseCompleted,
  parseParts,
  parseUploads,
  partsPage,
  uploadsPage,
} from '../../../../src/s3/answers/multipart.js';
import type { Call } from '../../../../src/s3/errors.js';

const call = (verb: Call['verb']): Call => ({ verb, bucket: 'site', key: 'k' });
const TRUNCATED = { name: 'S3RequestError', code: 'TruncatedAnswer' };

test('a completed upload has an ETag, and a checksum only if that covers the whole object', () => {
  const of = (response: object) => completedUpload(call('CompleteMultipartUpload'), response, false);
  assert.equal(of({ ETag: '"abc-2"', ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' }).crc32, 'AAAAAA==');
  assert.equal(of({ ETag: '"abc-2"', ChecksumCRC32: 'AAAAAA==' }).crc32, 'AAAAAA==');
  assert.equal(of({ ETag: '"abc-2"', ChecksumCRC32: 'AAAAAA==-2' }).crc32, undefined);
  assert.equal(of({ ETag: '"abc-2"', ChecksumCRC32: 'AAAAAA==', ChecksumType: 'COMPOSITE' }).crc32, undefined);
  assert.equal(of({ Key: 'k' }).etag, undefined);
  assert.throws(() => of({}), TRUNCATED);
});

test('the next page of parts begins at the marker or after the last part, and never repeats', () => {
  const of = (response: object, after?: number) => partsPage(call('ListParts'), { UploadId: 'u', ...response }, after);
  const Parts = [{ PartNumber: '3', Size: '5', ETag: '"e"', ChecksumCRC32: 'AAAAAA==' }];
  assert.deepEqual(of({ Parts }).parts, [{ number: 3, size: 5, etag: 'e', crc32: 'AAAAAA==' }]);
  assert.equal(of({ Parts: [{ ...Parts[0], ChecksumCRC32: 'null' }] }).parts[0]?.crc32, undefined);
  assert.equal(of({ Parts }).next, undefined);
  assert.equal(of({ Parts, IsTruncated: 'true', NextPartNumberMarker: '3' }).next, 3);
  assert.equal(of({ Parts, IsTruncated: 'true' }).next, 3);
  assert.throws(() => of({ Parts, IsTruncated: 'true', NextPartNumberMarker: '3' }, 3), TRUNCATED);
  assert.throws(() => of({ UploadId: undefined }), TRUNCATED);
});

test('keys of uploads are decoded if the response says that they are encoded', () => {
  const of = (response: object) =>
    uploadsPage(call('ListMultipartUploads'), { Bucket: 'site', ...response }, undefined);
  const Uploads = [{ Key: 'a%2Bb+c', UploadId: 'u', Initiated: '1970-01-01T00:00:00.005Z' }];
  assert.deepEqual(of({ Uploads, EncodingType: 'url' }).uploads, [{ key: 'a+b c', uploadId: 'u', initiated: 5 }]);
  assert.equal(of({ Uploads }).uploads[0]?.key, 'a%2Bb+c');
  const next = { IsTruncated: 'true', NextKeyMarker: 'a%2Bb', NextUploadIdMarker: 'u' };
  assert.deepEqual(of({ Uploads, EncodingType: 'url', ...next }).next, { key: 'a+b', uploadId: 'u' });
  assert.throws(() => of({ Uploads, IsTruncated: 'true' }), TRUNCATED);
  assert.throws(() => of({ Uploads: [{ Key: '%' }], EncodingType: 'url' }), TRUNCATED);
  assert.throws(() => of({ Bucket: undefined }), TRUNCATED);
});

test('the documents of uploads are read by any name of their root, with or without namespaces', () => {
  const inside =
    '<P:Bucket>site</P:Bucket><P:IsTruncated>True</P:IsTruncated><P:NextKeyMarker>k</P:NextKeyMarker>' +
    '<P:Upload><P:Key>k</P:Key><P:UploadId>u</P:UploadId><P:Owner><P:ID>x</P:ID></P:Owner><P:Initiated>2024-02-29T10:11:12Z</P:Initiated></P:Upload>';
  for (const prefix of ['', 'ns0:']) {
    const xml = `\uFEFF<?xml version="1.0"?><P:ListMultipartUploadsResult>${inside}</P:ListMultipartUploadsResult>\n`;
    const { uploads, next } = uploadsPage(
      call('ListMultipartUploads'),
      parseUploads(xml.replaceAll('P:', prefix)),
      undefined,
    );
    assert.deepEqual(uploads, [{ key: 'k', uploadId: 'u', initiated: Date.UTC(2024, 1, 29, 10, 11, 12) }]);
    assert.deepEqual(next, { key: 'k', uploadId: undefined });
  }
  assert.equal(createdUpload(call('CreateMultipartUpload'), '<x:A><x:UploadId>u&amp;</x:UploadId></x:A>'), 'u&');
  const { ETag } = parseCompleted('<a:Out xmlns:a="b"><a:ETag><![CDATA["e-2"]]></a:ETag></a:Out>');
  assert.equal(ETag, '"e-2"');
});

test('something else where a number of a part is due is no list of parts, and a date that is none is unknown', () => {
  const of = (inside: string) =>
    partsPage(
      call('ListParts'),
      parseParts(`<ListPartsResult><UploadId>u</UploadId>${inside}</ListPartsResult>`),
      undefined,
    );
  assert.deepEqual(of('<Part><PartNumber> 7 </PartNumber><Size>0</Size><ETag>e</ETag></Part>').parts[0]?.number, 7);
  for (const bad of [
    '<Part><PartNumber>one</PartNumber></Part>',
    '<Part><PartNumber>0</PartNumber></Part>',
    '<Part><PartNumber>10001</PartNumber></Part>',
    '<Part><PartNumber>1.5</PartNumber></Part>',
    '<Part><PartNumber>1</PartNumber><Size>-1</Size></Part>',
    '<Part><PartNumber>1</PartNumber><Size>9007199254740993</Size></Part>',
    '<IsTruncated>true</IsTruncated><NextPartNumberMarker>x</NextPartNumberMarker>',
  ])
    assert.throws(() => of(bad), SyntaxError, bad);
  assert.throws(
    () => of('<IsTruncated>true</IsTruncated><NextPartNumberMarker>20000</NextPartNumberMarker>'),
    TRUNCATED,
  );
  const undated = { Bucket: 'site', Uploads: [{ Key: 'k', UploadId: 'u', Initiated: 'soon' }] };
  assert.equal(uploadsPage(call('ListMultipartUploads'), undated, undefined).uploads[0]?.initiated, undefined);
});
