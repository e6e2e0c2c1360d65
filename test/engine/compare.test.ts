import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { Xxh3_64, Xxh3_128, Xxh64 } from '@aws-sdk/checksums/xxh';
import type { S3Mode } from 'fake-s3';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const MIB = 1024 * 1024;
const bucket = (mode: Partial<S3Mode>) => ({ buckets: { site: mode } });

/** `count` parts of one size, the last with the rest. */
function parts(total: number, size: number): number[] {
  return Array.from({ length: Math.ceil(total / size) }, (_, index) => Math.min(size, total - index * size));
}

test('an object that was put in parts is unchanged, whatever their size, and one that differs is put', async (t) => {
  const server = await serverFor(t);
  const body = randomBytes(17 * MIB + 13);
  const other = Buffer.from(body);
  other[16 * MIB] = (other[16 * MIB] ?? 0) ^ 1;
  for (const [key, size] of Object.entries({ own: 8 * MIB, five: 5 * MIB, sixteen: 16 * MIB, odd: 7_000_000 })) {
    server.seed('site', key, body, { partSizes: parts(body.length, size) });
    server.seed('site', `${key}-changed`, other, { partSizes: parts(body.length, size) });
  }
  const names = server.keys('site');
  const ran = await run(server, { source: makeTree(t, Object.fromEntries(names.map((name) => [name, body]))) });
  assert.deepEqual(ran.keys('skip'), ['five', 'odd', 'own', 'sixteen']);
  assert.deepEqual(ran.keys('put'), ['five-changed', 'odd-changed', 'own-changed', 'sixteen-changed']);
  assert.equal(ran.reasonOf('own-changed'), 'content differs');
  // Only the layout of foreign parts needs a request; that of ours where the ETag differs.
  assert.equal(server.count('HeadObject'), 7);
  assert.deepEqual(ran.report.heads, { 'multipart ETag': 7 });
  assert.ok(server.requests.every(({ verb, query }) => verb !== 'HeadObject' || query?.partNumber === '1'));
});

test('parts of uneven sizes cannot be computed again, and are put again', async (t) => {
  const server = await serverFor(t);
  const body = randomBytes(13 * MIB);
  server.seed('site', 'a', body, { partSizes: [5 * MIB, 6 * MIB, 2 * MIB] });
  const ran = await run(server, { source: makeTree(t, { a: body }) });
  assert.deepEqual(ran.keys('put'), ['a']);
});

test('foreign parts with a checksum of the whole object are compared by that', async (t) => {
  const server = await serverFor(t);
  const body = randomBytes(13 * MIB);
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(body));
  const checksum = { algorithm: 'crc32', value: value.toString('base64') };
  server.seed('site', 'a', body, { partSizes: [5 * MIB, 6 * MIB, 2 * MIB], checksum });
  const ran = await run(server, { source: makeTree(t, { a: body }) });
  assert.deepEqual(ran.keys('skip'), ['a']);
  assert.equal(server.count('HeadObject'), 1);
});

for (const [algorithm, checksumOf] of [
  ['md5', (bytes: Buffer) => createHash('md5').update(bytes).digest('base64')],
  ['sha512', (bytes: Buffer) => createHash('sha512').update(bytes).digest('base64')],
  ['xxhash64', async (bytes: Buffer) => digestOf(new Xxh64(), bytes)],
  ['xxhash3', async (bytes: Buffer) => digestOf(new Xxh3_64(), bytes)],
  ['xxhash128', async (bytes: Buffer) => digestOf(new Xxh3_128(), bytes)],
  ['crc64nvme', async (bytes: Buffer) => digestOf(new Crc64Nvme(), bytes)],
  ['crc32c', async (bytes: Buffer) => digestOf(new Crc32c(), bytes)],
] as const)
  for (const size of [100, 3 * MIB])
    test(`${size} bytes that a KMS key encrypts are compared by their ${algorithm}`, async (t) => {
      const server = await serverFor(t, bucket({ kms: true }));
      const [same, before, now] = [randomBytes(size), randomBytes(size), randomBytes(size)];
      const seeded = async (key: string, body: Buffer) =>
        server.seed('site', key, body, { checksum: { algorithm, value: await checksumOf(body) } });
      await seeded('same', same);
      await seeded('changed', before);
      const ran = await run(server, { source: makeTree(t, { same, changed: now }) });
      assert.deepEqual([ran.keys('skip'), ran.keys('put')], [['same'], ['changed']]);
    });

async function digestOf(
  hash: { update(bytes: Uint8Array): unknown; digest(): Promise<Uint8Array> },
  bytes: Buffer,
): Promise<string> {
  hash.update(bytes);
  return Buffer.from(await hash.digest()).toString('base64');
}

test('a second run of 100 KMS objects asks for each and sends nothing; one that changed is put', async (t) => {
  const server = await serverFor(t, bucket({ kms: true }));
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, `body ${index}`]));
  assert.equal((await run(server, { source: makeTree(t, files) })).report.counts.put, 100);
  server.clearRequests();
  const second = await run(server, { source: makeTree(t, files) });
  assert.equal(second.report.counts.skip, 100);
  assert.equal(server.count('PutObject'), 0);
  assert.equal(server.count('HeadObject'), 100);
  assert.equal(second.report.heads['KMS or not'], 100);
  server.clearRequests();
  const third = await run(server, { source: makeTree(t, { ...files, f7: 'BODY 7' }) });
  assert.deepEqual(third.keys('put'), ['f7']);
});

test('a bucket without KMS gets one HEAD a run, however many objects changed', async (t) => {
  const server = await serverFor(t);
  const names = Array.from({ length: 80 }, (_, index) => `f${index}`);
  for (const name of names) server.seed('site', name, name.toUpperCase());
  const ran = await run(server, { source: makeTree(t, Object.fromEntries(names.map((name) => [name, name]))) });
  assert.equal(ran.report.counts.put, 80);
  assert.equal(server.count('HeadObject'), 1);
});

test('a HEAD that may not return the checksum is sent without it, and what stays unproven is put', async (t) => {
  const server = await serverFor(t, bucket({ kms: true }));
  server.seed('site', 'a', 'same');
  server.fault({ verb: 'HeadObject', occurrences: 1, type: 'status', status: 403 });
  const ran = await run(server, { source: makeTree(t, { a: 'same' }) });
  assert.match(ran.reasonOf('a') ?? '', /^content unproven, a KMS key/);
  assert.equal(server.count('HeadObject'), 2);
});

test('parts that a KMS key encrypts are put again with the reason that nothing proves them, or skipped by a checksum', async (t) => {
  const server = await serverFor(t, bucket({ kms: true }));
  const body = randomBytes(13 * MIB);
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(body));
  const checksum = { algorithm: 'crc32', value: value.toString('base64') };
  server.seed('site', 'own', body, { partSizes: parts(body.length, 8 * MIB) });
  server.seed('site', 'foreign', body, { partSizes: parts(body.length, 5 * MIB) });
  server.seed('site', 'checked', body, { partSizes: parts(body.length, 5 * MIB), checksum });
  const ran = await run(server, { source: makeTree(t, { own: body, foreign: body, checked: body }) });
  assert.deepEqual([ran.keys('put'), ran.keys('skip')], [['foreign', 'own'], ['checked']]);
  for (const key of ['own', 'foreign'])
    assert.match(ran.reasonOf(key) ?? '', /^content unproven, a KMS key encrypts it/);
  assert.equal(server.count('HeadObject'), 3);
});
