import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { checksumOf, combinedChecksum } from '../src/store/checksum.js';
import { complete, create, md5, part, SMALL_PARTS, texts } from './multipart.js';
import { serverTest } from './support.js';

const BODIES = ['first ', 'second ', 'third'];
const WHOLE = Buffer.from(BODIES.join(''));

function crcOf(body: Buffer | string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

test('the CRC of a whole follows from those of its parts', () => {
  const pieces = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(100_000, 'xyz'), Buffer.alloc(0), WHOLE];
  for (const algorithm of ['crc32', 'crc32c', 'crc64nvme']) {
    const parts = pieces.map((piece) => ({ size: piece.length, checksum: checksumOf(algorithm, piece).value }));
    assert.deepEqual(combinedChecksum(algorithm, parts), checksumOf(algorithm, Buffer.concat(pieces)));
  }
});

/** An upload of three parts with CRC32s where the create names them. */
async function begun(server: S3Server, type?: 'FULL_OBJECT' | 'COMPOSITE'): Promise<string> {
  const named = type !== undefined;
  const created = named ? { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': type } : {};
  const uploadId = await create(server, created);
  for (const [i, body] of BODIES.entries()) {
    await part(server, uploadId, i + 1, body, named ? { 'x-amz-checksum-crc32': crcOf(body) } : {});
  }
  return uploadId;
}

const plain = BODIES.map((body, i) => [i + 1, md5(body)] as const);
const withCrc = BODIES.map((body, i) => [i + 1, md5(body), `<ChecksumCRC32>${crcOf(body)}</ChecksumCRC32>`] as const);
const digestsOf = (bodies: readonly string[]) =>
  Buffer.concat(bodies.map((body) => Buffer.from(crcOf(body), 'base64')));
const FULL = { 'x-amz-checksum-crc32': crcOf(WHOLE), 'x-amz-checksum-type': 'FULL_OBJECT' };
const COMPOSITE = `${crcOf(digestsOf(BODIES))}-3`;
const WRONG = { 'x-amz-checksum-crc32': 'AAAAAA==' };

async function headOf(server: S3Server): Promise<(string | string[] | undefined)[]> {
  const path = '/site/a';
  const { headers } = await sendSigned(server, { method: 'HEAD', path, headers: { 'x-amz-checksum-mode': 'ENABLED' } });
  return [headers['x-amz-checksum-crc32'] ?? headers['x-amz-checksum-crc64nvme'], headers['x-amz-checksum-type']];
}

serverTest(
  'an object has the checksum that its upload began with, over all bytes or over its parts',
  async (server) => {
    const cases = [
      ['FULL_OBJECT', plain, FULL['x-amz-checksum-crc32'], 'CRC32'],
      ['FULL_OBJECT', withCrc, FULL['x-amz-checksum-crc32'], 'CRC32'],
      ['COMPOSITE', withCrc, COMPOSITE, 'CRC32'],
      [undefined, plain, checksumOf('crc64nvme', WHOLE).value, 'CRC64NVME'],
    ] as const;
    for (const [type, named, value, algorithm] of cases) {
      const answer = await complete(server, await begun(server, type), named);
      assert.equal(answer.status, 200, answer.body);
      assert.deepEqual(texts(answer, `Checksum${algorithm}`), [value]);
      assert.deepEqual(texts(answer, 'ChecksumType'), [type ?? 'FULL_OBJECT']);
      assert.deepEqual(await headOf(server), [value, type ?? 'FULL_OBJECT']);
      const list = await sendSigned(server, { path: '/site?list-type=2' });
      assert.deepEqual(texts(list, 'ChecksumType'), [type ?? 'FULL_OBJECT']);
    }
  },
  SMALL_PARTS,
);

serverTest(
  'checksums given on completion are compared, with their type',
  async (server) => {
    const composite = { 'x-amz-checksum-type': 'COMPOSITE' };
    const crc64 = { 'x-amz-checksum-crc64nvme': checksumOf('crc64nvme', WHOLE).value };
    const cases: ['FULL_OBJECT' | 'COMPOSITE' | undefined, Record<string, string>, string | undefined][] = [
      ['FULL_OBJECT', FULL, undefined],
      ['FULL_OBJECT', { ...FULL, ...WRONG }, 'BadDigest'],
      ['FULL_OBJECT', { ...FULL, 'x-amz-checksum-crc32': 'AAAA' }, 'InvalidRequest'],
      // A CRC32 without its type is taken for a composite one.
      ['FULL_OBJECT', { 'x-amz-checksum-crc32': FULL['x-amz-checksum-crc32'] }, 'InvalidRequest'],
      ['FULL_OBJECT', { ...FULL, ...composite }, 'InvalidRequest'],
      ['FULL_OBJECT', { 'x-amz-checksum-type': 'FULL_OBJECT', ...crc64 }, 'InvalidRequest'],
      ['FULL_OBJECT', { ...FULL, ...crc64 }, 'InvalidRequest'],
      ['COMPOSITE', { 'x-amz-checksum-crc32': COMPOSITE }, undefined],
      ['COMPOSITE', { 'x-amz-checksum-crc32': COMPOSITE.slice(0, -2), ...composite }, undefined],
      ['COMPOSITE', WRONG, 'BadDigest'],
      ['COMPOSITE', FULL, 'InvalidRequest'],
      // Where the create named none, S3 pays no heed to what completion gives.
      [undefined, WRONG, undefined],
      [undefined, composite, 'InvalidRequest'],
    ];
    for (const [type, headers, code] of cases) {
      const uploadId = await begun(server, type);
      const answer = await complete(server, uploadId, type === undefined ? plain : withCrc, headers);
      assert.equal(answer.code, code, JSON.stringify([type, headers]));
      if (code !== undefined) server.abortUpload('site', uploadId);
    }
  },
  SMALL_PARTS,
);

serverTest(
  'composite checksums want one for every part, and no gap between the parts',
  async (server) => {
    const uploadId = await begun(server, 'COMPOSITE');
    const missing = await complete(server, uploadId, [...withCrc.slice(0, 2), ...plain.slice(2)]);
    assert.equal(missing.code, 'InvalidRequest');
    assert.match(missing.body, /missing for part 3/);
    const gap = await complete(server, uploadId, withCrc.slice(1));
    assert.equal(gap.status, 500);
    const other = [...withCrc.slice(0, 2), [3, md5('third'), '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>'] as const];
    assert.equal((await complete(server, uploadId, other)).code, 'InvalidPart');
    const full = await begun(server, 'FULL_OBJECT');
    assert.equal((await complete(server, full, plain.slice(1))).status, 200);
    assert.equal(server.object('site', 'a')?.body.toString(), 'second third');
    assert.equal(server.object('site', 'a')?.checksum?.value, crcOf('second third'));
  },
  SMALL_PARTS,
);

serverTest(
  'the composite SHA-256 is that of the digests of the parts',
  async (server) => {
    const digest = (body: string | Buffer) => createHash('sha256').update(body).digest();
    const sha = (body: string) => digest(body).toString('base64');
    const uploadId = await create(server, { 'x-amz-checksum-algorithm': 'SHA256' });
    for (const [i, body] of BODIES.entries()) {
      await part(server, uploadId, i + 1, body, { 'x-amz-checksum-sha256': sha(body) });
    }
    const named = BODIES.map((body, i) => [i + 1, md5(body), `<ChecksumSHA256>${sha(body)}</ChecksumSHA256>`] as const);
    const answer = await complete(server, uploadId, named);
    const value = digest(Buffer.concat(BODIES.map(digest))).toString('base64');
    assert.deepEqual(texts(answer, 'ChecksumSHA256'), [`${value}-3`]);
  },
  SMALL_PARTS,
);

serverTest(
  'a server without checksums completes without',
  async (server) => {
    server.mode({ checksums: 'ignored' });
    const answer = await complete(server, await begun(server, 'FULL_OBJECT'), withCrc, WRONG);
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(texts(answer, 'ChecksumType'), []);
    assert.deepEqual(await headOf(server), [undefined, undefined]);
  },
  SMALL_PARTS,
);
