import assert from 'node:assert/strict';
import { ListPartsCommand } from '@aws-sdk/client-s3';
import { create, listParts, md5, part, texts } from './multipart.js';
import { clientOf, isSince, serverTest } from './support.js';

const BEGAN = Date.now();

const CREATED = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' };
const hundred = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [2 * i + 1, `${i}`]));

serverTest('parts are listed by number with all that proves them', async (server) => {
  const uploadId = await create(server, { ...CREATED, 'x-amz-storage-class': 'STANDARD_IA' });
  for (const number of [10_000, 2, 11]) await part(server, uploadId, number);
  const answer = await listParts(server, uploadId);
  assert.equal(answer.status, 200);
  assert.deepEqual(texts(answer, 'PartNumber'), ['2', '11', '10000']);
  assert.deepEqual(new Set(texts(answer, 'ETag')), new Set([`&quot;${md5('hello')}&quot;`]));
  assert.deepEqual(texts(answer, 'Size'), ['5', '5', '5']);
  assert.deepEqual(texts(answer, 'ChecksumCRC32'), ['NhCmhg==', 'NhCmhg==', 'NhCmhg==']);
  assert.deepEqual(texts(answer, 'ChecksumAlgorithm'), ['CRC32']);
  assert.deepEqual(texts(answer, 'ChecksumType'), ['FULL_OBJECT']);
  assert.deepEqual(texts(answer, 'StorageClass'), ['STANDARD_IA']);
  assert.equal(texts(answer, 'ID').length, 2);
  for (const time of texts(answer, 'LastModified')) assert.ok(isSince(BEGAN, time), time);
  assert.deepEqual(texts(answer, 'IsTruncated'), ['false']);
  assert.deepEqual(texts(answer, 'NextPartNumberMarker'), ['10000']);
});

serverTest('checksums are listed only where the create named them', async (server) => {
  const uploadId = await create(server);
  await part(server, uploadId, 1, 'hello', { 'x-amz-checksum-crc32': 'NhCmhg==' });
  assert.doesNotMatch((await listParts(server, uploadId)).body, /Checksum/);
});

serverTest('an upload without parts lists none', async (server) => {
  const answer = await listParts(server, await create(server));
  assert.deepEqual(texts(answer, 'PartNumber'), []);
  assert.deepEqual(texts(answer, 'NextPartNumberMarker'), ['0']);
});

serverTest('a page starts after the marker, which need not be a part', async (server) => {
  const uploadId = server.seedUpload('site', 'a', { 1: 'a', 3: 'b', 4: 'c', 10000: 'd' });
  const cases = [
    ['max-parts=2&', '1 3', 'true', '3'],
    ['max-parts=2&part-number-marker=3&', '4 10000', 'false', '10000'],
    ['part-number-marker=2&', '3 4 10000', 'false', '10000'],
    ['part-number-marker=10000&', '', 'false', '0'],
    ['max-parts=0&', '', 'true', '0'],
    ['max-parts=5000&', '1 3 4 10000', 'false', '10000'],
  ] as const;
  for (const [query, numbers, truncated, next] of cases) {
    const answer = await listParts(server, uploadId, query);
    assert.equal(texts(answer, 'PartNumber').join(' '), numbers, query);
    assert.deepEqual(texts(answer, 'IsTruncated'), [truncated], query);
    assert.deepEqual(texts(answer, 'NextPartNumberMarker'), [next], query);
  }
  assert.deepEqual(texts(await listParts(server, uploadId, 'max-parts=5000&'), 'MaxParts'), ['1000']);
  server.mode({ partsAfterUnknownMarker: 'empty' });
  assert.deepEqual(texts(await listParts(server, uploadId, 'part-number-marker=2&'), 'PartNumber'), []);
  assert.deepEqual(texts(await listParts(server, uploadId, 'part-number-marker=3&'), 'PartNumber'), ['4', '10000']);
  assert.equal(texts(await listParts(server, uploadId), 'PartNumber').length, 4);
});

serverTest('a page holds 1,000 parts, or fewer if the mode says so', async (server) => {
  const many = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [i + 1, `${i}`]));
  const client = clientOf(server);
  for (const [parts, pageSize, pages] of [
    [many, 1000, 3],
    [hundred, 30, 4],
  ] as const) {
    server.mode({ pageSize });
    const UploadId = server.seedUpload('site', 'a', parts);
    const numbers: (number | undefined)[] = [];
    let PartNumberMarker: string | undefined;
    let count = 0;
    do {
      const page = await client.send(new ListPartsCommand({ Bucket: 'site', Key: 'a', UploadId, PartNumberMarker }));
      for (const { PartNumber } of page.Parts ?? []) numbers.push(PartNumber);
      PartNumberMarker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
      count += 1;
    } while (PartNumberMarker !== undefined);
    assert.deepEqual(numbers, Object.keys(parts).map(Number));
    assert.equal(count, pages);
  }
});

serverTest('parameters must be numbers, and the upload must be one of this key', async (server) => {
  const uploadId = await create(server);
  for (const query of ['max-parts=x&', 'max-parts=-1&', 'part-number-marker=x&', 'part-number-marker=-1&']) {
    const answer = await listParts(server, uploadId, query);
    assert.equal(answer.status, 400, query);
    assert.equal(answer.code, 'InvalidArgument');
  }
  assert.equal((await listParts(server, uploadId, '', 'b')).code, 'NoSuchUpload');
});
