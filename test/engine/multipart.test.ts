import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { serverFor } from '../support/engine.js';
import { etagOf, noise, PART, partsSent, runInParts, SMALL_PARTS } from '../support/parts.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const SMALL = { minPartSize: 1024 };
const BIG = noise(10 * PART + 17);

for (const [name, mode, verified] of [
  ['CRC32', {}, 'crc32'],
  ['Content-MD5', { serverHeader: undefined }, 'md5'],
] as const) {
  test(`a large file goes up in parts that are checked by ${name}, and is skipped by the next run`, async (t) => {
    const server = await serverFor(t, { buckets: { site: { ...SMALL, ...mode } } });
    const source = makeTree(t, { 'big.bin': BIG, small: 'small' });
    const options = { source, concurrency: 8 };
    const ran = await runInParts(server, options);
    assert.equal(ran.error, undefined);
    assert.ok(server.object('site', 'big.bin')?.body.equals(BIG));
    assert.equal(server.object('site', 'big.bin')?.etag, etagOf(BIG, PART));
    assert.deepEqual(partsSent(server), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const outcome = ran.outcomes.find(({ key }) => key === 'big.bin');
    assert.deepEqual([outcome?.verified, outcome?.bytes, outcome?.etag], [verified, BIG.length, etagOf(BIG, PART)]);
    assert.equal(server.count('HeadObject'), 0);
    assert.deepEqual(server.uploads('site'), []);
    const complete = server.requests.find(({ verb }) => verb === 'CompleteMultipartUpload');
    const size = verified === 'crc32' ? String(BIG.length) : undefined;
    assert.equal(complete?.headers['x-amz-mp-object-size'], size);
    assert.equal(complete?.headers['x-amz-checksum-crc32'] !== undefined, verified === 'crc32');
    for (const [verb, count] of Object.entries(ran.report.requests))
      assert.equal(count, server.count(verb as 'PutObject'), verb);

    server.clearRequests();
    const again = await runInParts(server, options);
    assert.deepEqual(again.keys('skip'), ['big.bin', 'small']);
    assert.deepEqual(Object.keys(again.report.requests), ['ListObjectsV2']);
  });
}

for (const [what, size, count] of [
  ['as many parts as fit', 6 * PART, 6],
  ['a byte less', 6 * PART - 1, 6],
  ['a byte more', 6 * PART + 1, 7],
] as const) {
  test(`parts end with the object: ${what}`, async (t) => {
    const server = await serverFor(t, { buckets: { site: SMALL } });
    const bytes = noise(size);
    const ran = await runInParts(server, { source: makeTree(t, { big: bytes }) });
    assert.equal(ran.error, undefined);
    assert.equal(partsSent(server).length, count);
    assert.ok(server.object('site', 'big')?.body.equals(bytes));
  });
}

test('the threshold itself and nothing at all are plain puts', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const source = makeTree(t, { edge: noise(5 * PART), empty: '' });
  const ran = await runInParts(server, { source });
  assert.deepEqual(ran.keys('put'), ['edge', 'empty']);
  assert.equal(server.count('CreateMultipartUpload'), 0);
});

test('create carries every header of a put, and parts carry none', async (t) => {
  const server = await serverFor(t, { buckets: { site: { ...SMALL, acl: 'allowed' } } });
  const ran = await runInParts(server, {
    source: makeTree(t, { 'big.txt': BIG }),
    acl: 'public-read',
    storageClass: 'STANDARD_IA',
    cacheControl: 'max-age=60',
    metadata: { owner: 'docs' },
    tagging: { team: 'web' },
    sse: 'AES256',
    requestPayer: true,
    headers: { 'content-disposition': 'inline' },
  });
  assert.equal(ran.error, undefined);
  const [create] = server.requests.filter(({ verb }) => verb === 'CreateMultipartUpload');
  const wanted = {
    'x-amz-acl': 'public-read',
    'x-amz-storage-class': 'STANDARD_IA',
    'cache-control': 'max-age=60',
    'x-amz-meta-owner': 'docs',
    'x-amz-tagging': 'team=web',
    'x-amz-server-side-encryption': 'AES256',
    'content-disposition': 'inline',
    // Noise is not UTF-8.
    'content-type': 'text/plain',
    'x-amz-checksum-algorithm': 'CRC32',
    'x-amz-checksum-type': 'FULL_OBJECT',
  };
  for (const [name, value] of Object.entries(wanted)) assert.equal(create?.headers[name], value, name);
  for (const { verb, headers } of server.requests) {
    assert.equal(headers['x-amz-request-payer'], 'requester', verb);
    if (verb !== 'UploadPart') continue;
    for (const name of Object.keys(wanted)) if (name !== 'content-type') assert.equal(headers[name], undefined, name);
  }
  const stored = server.object('site', 'big.txt');
  assert.deepEqual([stored?.acl, stored?.storageClass], ['public-read', 'STANDARD_IA']);
});

test('another part size gives another layout, which the next run with it knows again', async (t) => {
  const server = await serverFor(t);
  const bytes = noise(13 * 1024 * 1024);
  const options = { source: makeTree(t, { big: bytes }), partSize: '6MiB' };
  const ran = await runInParts(server, options);
  assert.equal(ran.error, undefined);
  assert.equal(server.object('site', 'big')?.etag, etagOf(bytes, 6 * 1024 * 1024));
  server.clearRequests();
  const again = await runInParts(server, options);
  assert.deepEqual(again.keys('skip'), ['big']);
  assert.equal(server.requests.length, 1);
});

test('a key that encrypts the bucket leaves the checksum to prove what is stored', async (t) => {
  const server = await serverFor(t, { buckets: { site: { ...SMALL, kms: true } } });
  const source = makeTree(t, { big: BIG });
  const ran = await runInParts(server, { source });
  assert.deepEqual(
    ran.outcomes.map(({ verified }) => verified),
    ['crc32'],
  );
  const again = await runInParts(server, { source });
  assert.deepEqual(again.keys('skip'), ['big']);
});

test('memory contents go up in parts too', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const source = [
    { key: 'buffer', body: BIG },
    { key: 'blob', body: new Blob([BIG]) },
  ];
  const ran = await runInParts(server, { source, memory: 4 * PART });
  assert.equal(ran.error, undefined);
  for (const key of ['buffer', 'blob']) assert.ok(server.object('site', key)?.body.equals(BIG), key);
});

test('thousands of parts are sent, listed and completed', async (t) => {
  const server = await serverFor(t, { buckets: { site: { minPartSize: 1, pageSize: 100 } } });
  const bytes = noise(5 * PART + 256);
  const options = { source: makeTree(t, { big: bytes }), mode: 'stupid' as const };
  const parts = { ...SMALL_PARTS, partFloor: 256 };
  const ran = await runInParts(server, options, parts);
  assert.equal(ran.error, undefined);
  assert.equal(partsSent(server).length, 2561);
  assert.equal(server.object('site', 'big')?.etag, etagOf(bytes, 256));
});

for (const name of ['site.tar', 'site.tar.gz']) {
  test(`large members of ${name} go up in parts, small ones beside them, and are not sent again`, async (t) => {
    const server = await serverFor(t, { buckets: { site: SMALL } });
    const bytes = makeTar([
      { name: 'a', body: 'small' },
      { name: 'big1', body: BIG },
      { name: 'big2', body: noise(7 * PART, 3) },
      { name: 'z', body: Buffer.alloc(100_000, 'z') },
    ]);
    const source = `${makeTree(t, { [name]: name.endsWith('gz') ? gzipSync(bytes) : bytes })}/${name}`;
    const ran = await runInParts(server, { source, memory: 6 * PART });
    assert.deepEqual([ran.error, ran.keys('put')], [undefined, ['a', 'big1', 'big2', 'z']]);
    assert.ok(server.object('site', 'big1')?.body.equals(BIG));
    assert.equal(partsSent(server, 'big1').length, 11);
    const again = await runInParts(server, { source });
    assert.deepEqual(again.keys('skip'), ['a', 'big1', 'big2', 'z']);
  });
}
