import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ChecksumAlgorithm, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { crc32c, crc64nvme } from '../src/store/crc.js';
import { clientOf, rejection, serverTest } from './support.js';

test('the CRCs give their published check values', () => {
  const check = Buffer.from('123456789');
  assert.equal(crc32c(check), 0xe3069283);
  assert.deepEqual(crc64nvme(check), [0xae8b1486, 0x0a799888]);
});

const put = (headers: Record<string, string>, body = 'hello') => ({ method: 'PUT', path: '/site/a', headers, body });
const md5 = (body: string) => createHash('md5').update(body).digest('base64');

serverTest('Content-MD5 is checked', async (server) => {
  assert.equal((await sendSigned(server, put({ 'content-md5': md5('hello') }))).status, 200);
  const wrong = await sendSigned(server, put({ 'content-md5': md5('other') }));
  assert.equal(wrong.status, 400);
  assert.equal(wrong.code, 'BadDigest');
  assert.match(wrong.body, new RegExp(`<ExpectedDigest>${md5('other')}</ExpectedDigest>`));
  for (const malformed of ['nonsense', '', `${md5('hello')}=`]) {
    assert.equal((await sendSigned(server, put({ 'content-md5': malformed }))).code, 'InvalidDigest');
  }
});

const ALGORITHMS: Readonly<Record<string, string>> = {
  crc32: 'NhCmhg==',
  crc32c: 'mnG7TA==',
  crc64nvme: 'M3eFcAZSQlc=',
  sha1: 'qvTGHdzF6KLavt4PO0gs2a6pQ00=',
  sha256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
};

serverTest('each checksum is checked, and returned by PUT and by HEAD on demand', async (server) => {
  for (const [algorithm, value] of Object.entries(ALGORITHMS)) {
    const name = `x-amz-checksum-${algorithm}`;
    const answer = await sendSigned(server, put({ [name]: value }));
    assert.equal(answer.status, 200, `${algorithm}: ${answer.body}`);
    assert.equal(answer.headers[name], value);
    const head = { method: 'HEAD', path: '/site/a' };
    const plain = await sendSigned(server, head);
    assert.equal(plain.headers[name], undefined);
    const full = await sendSigned(server, { ...head, headers: { 'x-amz-checksum-mode': 'ENABLED' } });
    assert.equal(full.headers[name], value);
    assert.equal(full.headers['x-amz-checksum-type'], 'FULL_OBJECT');
    const wrong = await sendSigned(server, put({ [name]: value }, 'hellO'));
    assert.equal(wrong.status, 400);
    assert.equal(wrong.code, 'BadDigest');
    assert.equal((await sendSigned(server, put({ [name]: 'AAAA' }))).code, 'InvalidRequest');
  }
});

serverTest('the SDK computes the same checksums', async (server) => {
  const client = clientOf(server);
  for (const algorithm of ['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const) {
    const input = { Bucket: 'site', Key: algorithm, Body: 'hello', ChecksumAlgorithm: ChecksumAlgorithm[algorithm] };
    const answer = await client.send(new PutObjectCommand(input));
    assert.equal(answer[`Checksum${algorithm}`], ALGORITHMS[algorithm.toLowerCase()]);
  }
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'site' }));
  const shown = Contents?.map((object) => [object.ChecksumAlgorithm?.[0], object.ChecksumType]);
  assert.deepEqual(shown, [
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'FULL_OBJECT'],
    ['SHA1', 'FULL_OBJECT'],
    ['SHA256', 'FULL_OBJECT'],
  ]);
});

serverTest('an object sent without a checksum gets a CRC64NVME', async (server) => {
  const client = clientOf(server, { requestChecksumCalculation: 'WHEN_REQUIRED' });
  const answer = await client.send(new PutObjectCommand({ Bucket: 'site', Key: 'a', Body: 'hello' }));
  assert.equal(answer.ChecksumCRC64NVME, ALGORITHMS.crc64nvme);
  const head = await client.send(new HeadObjectCommand({ Bucket: 'site', Key: 'a', ChecksumMode: 'ENABLED' }));
  assert.equal(head.ChecksumCRC64NVME, ALGORITHMS.crc64nvme);
});

serverTest('two checksums at once, and an announced one that is missing, are refused', async (server) => {
  const two = { 'x-amz-checksum-crc32': 'NhCmhg==', 'x-amz-checksum-crc32c': 'mnG7TA==' };
  assert.equal((await sendSigned(server, put(two))).code, 'InvalidRequest');
  const missing = await sendSigned(server, put({ 'x-amz-sdk-checksum-algorithm': 'CRC32' }));
  assert.equal(missing.code, 'InvalidRequest');
});

serverTest(
  'a server that refuses checksum headers responds with 501, one that ignores them does not return them',
  async (server) => {
    server.mode({ checksums: 'refused' });
    const client = clientOf(server);
    const input = { Bucket: 'site', Key: 'a', Body: 'hello' };
    const refused = await rejection(client.send(new PutObjectCommand(input)));
    assert.equal(refused.name, 'NotImplemented');
    assert.equal(refused.$metadata?.httpStatusCode, 501);
    const plain = clientOf(server, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    const answer = await plain.send(new PutObjectCommand(input));
    assert.equal(answer.ChecksumCRC64NVME, undefined);
    server.mode({ checksums: 'ignored' });
    const ignored = await sendSigned(server, put({ 'x-amz-checksum-crc32': 'AAAAAA==' }));
    assert.equal(ignored.status, 200);
    assert.equal(ignored.headers['x-amz-checksum-crc32'], undefined);
  },
);
