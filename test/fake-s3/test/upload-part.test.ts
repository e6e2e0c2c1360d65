import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { UploadPartCommand } from '@aws-sdk/client-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { abort, create, md5, part } from './multipart.js';
import { clientOf, rejection, serverTest } from './support.js';

const CRC32 = { 'x-amz-checksum-crc32': 'NhCmhg==' };
const contentMd5 = (body: string) => ({ 'content-md5': createHash('md5').update(body).digest('base64') });

serverTest('a part has the MD5 of its bytes as its ETag, and replaces one of its number', async (server) => {
  const uploadId = await create(server);
  const first = await part(server, uploadId, 1);
  assert.equal(first.status, 200);
  assert.equal(first.headers.etag, `"${md5('hello')}"`);
  assert.equal(first.headers['x-amz-server-side-encryption'], 'AES256');
  assert.equal(first.headers['x-amz-checksum-type'], undefined);
  await part(server, uploadId, 1, 'other');
  await part(server, uploadId, 10_000, '');
  const parts = [...(server.uploads('site')[0]?.parts.values() ?? [])];
  assert.deepEqual(
    parts.map(({ number, size, body, etag }) => [number, size, `${body}`, etag]),
    [
      [1, 5, 'other', md5('other')],
      [10_000, 0, '', md5('')],
    ],
  );
});

serverTest('part numbers go from 1 to 10,000', async (server) => {
  const uploadId = await create(server);
  for (const number of ['0', '10001', '-1', 'x', '1.5', '']) {
    const answer = await part(server, uploadId, number);
    assert.equal(answer.status, 400, number);
    assert.equal(answer.code, 'InvalidArgument');
  }
  const none = await sendSigned(server, { method: 'PUT', path: `/site/a?uploadId=${uploadId}`, body: 'x' });
  assert.equal(none.code, 'InvalidArgument');
  assert.equal(server.uploads('site')[0]?.parts.size, 0);
});

serverTest('a part needs its upload, of its key, when it comes and when it has come', async (server) => {
  const uploadId = await create(server);
  assert.equal((await part(server, 'nonsense', 1)).code, 'NoSuchUpload');
  assert.equal((await part(server, uploadId, 1, 'hello', {}, 'b')).code, 'NoSuchUpload');
  server.mode({ bytesPerSecond: 100_000 });
  const slow = part(server, uploadId, 1, Buffer.alloc(20_000));
  while (server.count('UploadPart') < 3) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal((await abort(server, uploadId)).status, 204);
  assert.equal((await slow).code, 'NoSuchUpload');
});

serverTest('Content-MD5 and checksums of a part are checked, and a part refused is not kept', async (server) => {
  const crc = { 'x-amz-checksum-algorithm': 'CRC32' };
  const cases: [Record<string, string>, Record<string, string>, string | undefined][] = [
    [{}, contentMd5('hello'), undefined],
    [{}, contentMd5('other'), 'BadDigest'],
    [{}, { 'content-md5': 'nonsense' }, 'InvalidDigest'],
    [crc, CRC32, undefined],
    [crc, { 'x-amz-checksum-crc32': 'AAAAAA==' }, 'BadDigest'],
    [crc, { 'x-amz-checksum-crc32': 'AAAA' }, 'InvalidRequest'],
    [crc, { 'x-amz-checksum-crc32c': 'mnG7TA==' }, 'InvalidRequest'],
    [crc, { ...CRC32, 'x-amz-checksum-crc32c': 'mnG7TA==' }, 'InvalidRequest'],
    [crc, {}, 'InvalidRequest'],
    [{}, CRC32, undefined],
    [{}, { 'x-amz-checksum-crc32': 'AAAAAA==' }, 'BadDigest'],
    [{ ...crc, 'x-amz-checksum-type': 'FULL_OBJECT' }, {}, undefined],
  ];
  for (const [created, sent, code] of cases) {
    const uploadId = await create(server, created);
    const answer = await part(server, uploadId, 1, 'hello', sent);
    assert.equal(answer.code, code, JSON.stringify([created, sent]));
    assert.equal(server.uploads('site')[0]?.parts.size, code === undefined ? 1 : 0);
    server.abortUpload('site', uploadId);
  }
});

serverTest('the checksum of a part is echoed, computed where it was not sent', async (server) => {
  for (const [created, sent, name, value] of [
    [{ 'x-amz-checksum-algorithm': 'CRC32' }, CRC32, 'crc32', 'NhCmhg=='],
    [{ 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' }, {}, 'crc32', 'NhCmhg=='],
    [{}, {}, 'crc64nvme', 'M3eFcAZSQlc='],
    [{}, CRC32, 'crc32', 'NhCmhg=='],
  ] as const) {
    const { headers } = await part(server, await create(server, created), 1, 'hello', sent);
    assert.equal(headers[`x-amz-checksum-${name}`], value);
  }
});

serverTest('a part sent by the SDK in chunks is decoded', async (server) => {
  const uploadId = await create(server, { 'x-amz-checksum-algorithm': 'CRC32' });
  const input = { Bucket: 'site', Key: 'a', UploadId: uploadId, PartNumber: 1, Body: 'hello' };
  const answer = await clientOf(server).send(new UploadPartCommand(input));
  assert.equal(answer.ETag, `"${md5('hello')}"`);
  assert.equal(answer.ChecksumCRC32, 'NhCmhg==');
  const gone = { ...input, UploadId: 'nonsense' };
  assert.equal((await rejection(clientOf(server).send(new UploadPartCommand(gone)))).name, 'NoSuchUpload');
});

serverTest('under KMS the ETag of a part is no MD5, and the same bytes get another', async (server) => {
  server.mode({ kms: true });
  const uploadId = await create(server);
  const etags = [await part(server, uploadId, 1), await part(server, uploadId, 1)].map(({ headers }) => headers.etag);
  for (const etag of etags) assert.match(etag ?? '', /^"[0-9a-f]{32}"$/);
  assert.equal(new Set([...etags, `"${md5('hello')}"`]).size, 3);
});

serverTest(
  'a part must not be too large',
  async (server) => {
    const answer = await part(server, await create(server), 1, 'x'.repeat(11));
    assert.equal(answer.code, 'EntityTooLarge');
  },
  { maxObjectSize: 10 },
);

serverTest('a server without checksums neither checks nor names those of parts', async (server) => {
  server.mode({ checksums: 'ignored' });
  const uploadId = await create(server, { 'x-amz-checksum-algorithm': 'CRC32' });
  const { status, headers } = await part(server, uploadId, 1, 'hello', { 'x-amz-checksum-crc32': 'AAAAAA==' });
  assert.equal(status, 200);
  assert.equal(headers['x-amz-checksum-crc32'], undefined);
  server.mode({ checksums: 'refused' });
  assert.equal((await part(server, uploadId, 1, 'hello', CRC32)).status, 501);
  const refused = { method: 'POST', path: '/site/a?uploads=', headers: { 'x-amz-checksum-algorithm': 'CRC32' } };
  assert.equal((await sendSigned(server, { ...refused, body: '' })).status, 501);
});

serverTest('a server may name no ETag for a part; ListParts does', async (server) => {
  server.mode({ etags: false });
  const uploadId = await create(server);
  assert.equal((await part(server, uploadId, 1)).headers.etag, undefined);
  const { body } = await sendSigned(server, { path: `/site/a?uploadId=${uploadId}` });
  assert.match(body, new RegExp(`<ETag>&quot;${md5('hello')}&quot;</ETag>`));
});
