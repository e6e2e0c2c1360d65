import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyServer, KIB, rangesCopied, requestsOf, runInOrder, seed, verbs } from '../support/copies.js';
import { runCopy } from '../support/engine.js';
import { etagOf, noise, PART, SMALL_PARTS } from '../support/parts.js';

const ONE_HEAD_AND_UPLOAD = { CreateMultipartUpload: 1, CompleteMultipartUpload: 1, ListMultipartUploads: 1 };

for (const [name, sizes, heads] of [
  ['even parts', [4, 4, 4, 4, 4, 2], 3],
  ['parts that are all of one size', [4, 4, 4], 3],
  ['uneven parts', [4, 5, 6, 2], 4],
  ['parts that only the last of which shows to be uneven', [4, 4, 3, 4, 1], 5],
  ['one part', [7], 1],
  ['two parts, the second the larger', [2, 6], 1],
] as const) {
  test(`an object of ${name} is copied in just these, so that its ETag stays`, async (t) => {
    const server = await copyServer(t);
    const partSizes = sizes.map((size) => size * KIB);
    const body = noise(partSizes.reduce((sum, size) => sum + size, 0));
    seed(server, 'big', body, { partSizes });
    const ran = await runCopy(server);
    assert.equal(ran.error, undefined);
    assert.ok(server.object('site', 'big')?.body.equals(body));
    assert.equal(server.object('site', 'big')?.etag, server.object('from', 'big')?.etag);
    assert.deepEqual(server.object('site', 'big')?.partSizes, partSizes);
    let start = 0;
    const ranges = partSizes.map((size, index) => {
      start += size;
      return [index + 1, sizes.length === 1 ? undefined : `bytes=${start - size}-${start - 1}`];
    });
    assert.deepEqual(rangesCopied(server), ranges);
    assert.deepEqual(verbs(server), {
      ...ONE_HEAD_AND_UPLOAD,
      ListObjectsV2: 2,
      HeadObject: heads,
      UploadPart: 1,
      UploadPartCopy: sizes.length,
    });
    const [outcome] = ran.outcomes;
    assert.deepEqual([outcome?.action, outcome?.verified, outcome?.bytes], ['copy', 'md5', body.length]);
    assert.match(outcome?.way ?? '', /^copied by the server, in \d parts? as the source$/);
    const counted = Object.values(ran.report.heads).reduce((sum, count) => sum + count, 0);
    assert.equal(counted, heads, 'the report counts the HEADs');
    server.clearRequests();
    const again = await runCopy(server);
    assert.deepEqual([again.error, again.keys('skip')], [undefined, ['big']]);
    assert.deepEqual(verbs(server), { ListObjectsV2: 2 });
    assert.deepEqual([server.keys('site'), server.uploads('site')], [['big'], []]);
  });
}

test('every request that copies is bound to the ETag of the source', async (t) => {
  const server = await copyServer(t);
  seed(server, 'big', noise(8 * KIB), { partSizes: [4 * KIB, 4 * KIB] });
  seed(server, 'small', 'x');
  assert.equal((await runCopy(server)).error, undefined);
  const copies = server.requests.filter(({ headers }) => headers['x-amz-copy-source'] !== undefined);
  assert.equal(copies.length, 3);
  for (const { headers, key } of copies)
    assert.equal(headers['x-amz-copy-source-if-match'], `"${server.object('from', key)?.etag}"`);
});

test('an object that came in one put is split above splitAbove only, and a rerun decides by one HEAD', async (t) => {
  const server = await copyServer(t);
  // From 5 MiB on, as the option has it.
  const part = 1024 * 1024;
  const body = noise(6 * part + 5);
  seed(server, 'big', body, { headers: { 'cache-control': 'no-store', 'x-amz-meta-own': 'kept' } });
  seed(server, 'five', body.subarray(0, 5 * part));
  const options = { concurrency: 1, splitAbove: '5MiB' };
  const internals = { ...SMALL_PARTS, partFloor: part };
  const ran = await runCopy(server, options, internals);
  assert.equal(ran.error, undefined);
  assert.deepEqual([server.count('CopyObject'), server.count('UploadPartCopy')], [1, 7]);
  const object = server.object('site', 'big');
  assert.ok(object?.body.equals(body));
  assert.equal(object?.etag, etagOf(body, part));
  assert.equal(object?.headers['x-amz-meta-s3pp-source'], server.object('from', 'big')?.etag);
  assert.deepEqual([object?.headers['cache-control'], object?.headers['x-amz-meta-own']], ['no-store', 'kept']);
  server.clearRequests();
  const again = await runCopy(server, options, internals);
  assert.deepEqual([again.error, again.keys('skip')], [undefined, ['big', 'five']]);
  assert.deepEqual(verbs(server), { ListObjectsV2: 2, HeadObject: 1 });
});

for (const [splitAbove, size, partSize, ranges] of [
  ['5MiB', 6, undefined, [5, 1]],
  ['5MiB', 11, undefined, [5, 5, 1]],
  ['63MiB', 64, undefined, [63, 1]],
  ['64MiB', 65, undefined, [64, 1]],
  ['256MiB', 257, undefined, [64, 64, 64, 64, 1]],
  ['5MiB', 12, '64MiB', [5, 5, 2]],
  ['10MiB', 12, '6MiB', [6, 6]],
] as const)
  test(`an object of ${size} MiB is split above ${splitAbove} into ranges that are no larger${partSize ? `, with a part size of ${partSize}` : ''}`, async (t) => {
    const server = await copyServer(t, { dropBodies: true });
    const mib = KIB * KIB;
    server.seedMany('from', 1, () => 'big', { size: size * mib, lastModified: new Date(Date.now() - 60_000) });
    const ran = await runCopy(server, { splitAbove, ...(partSize && { partSize }) });
    assert.equal(ran.error, undefined);
    assert.deepEqual(
      server.object('site', 'big')?.partSizes,
      ranges.map((one) => one * mib),
    );
  });

test('an object of more than 5 GiB is copied by ranges of 64 MiB', async (t) => {
  const server = await copyServer(t, { dropBodies: true });
  const size = 5 * 1024 ** 3 + 1;
  server.seedMany('from', 1, () => 'huge', { size, lastModified: new Date(Date.now() - 60_000) });
  server.seedMany('from', 1, () => 'most', { size: size - 1, etag: 'a'.repeat(32) });
  const ran = await runCopy(server);
  assert.equal(ran.error, undefined);
  assert.deepEqual([server.count('CopyObject'), server.count('UploadPartCopy')], [1, 81]);
  assert.deepEqual([server.object('site', 'huge')?.size, server.object('site', 'most')?.size], [size, size - 1]);
  const last = rangesCopied(server).at(-1);
  assert.deepEqual(last, [81, `bytes=${80 * 64 * 1024 ** 2}-${size - 1}`]);
  assert.ok(server.requests.every(({ bodyBytes, verb }) => bodyBytes < 1024 || verb === 'CompleteMultipartUpload'));
});

test('a source whose parts the server no longer reports is copied in ranges of our own, marked with its ETag', async (t) => {
  const server = await copyServer(t);
  const body = noise(3 * PART);
  // The ETag of parts, without their sizes: as on servers that do not know partNumber.
  seed(server, 'big', body, { etag: `${'ab'.repeat(16)}-2` });
  const ran = await runInOrder(server);
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'big')?.body.equals(body));
  assert.equal(server.object('site', 'big')?.headers['x-amz-meta-s3pp-source'], `${'ab'.repeat(16)}-2`);
  server.clearRequests();
  assert.deepEqual((await runInOrder(server)).keys('skip'), ['big']);
  assert.deepEqual(verbs(server), { ListObjectsV2: 2, HeadObject: 1 });
});

test('many objects in parts are copied at once, and nothing is left over', async (t) => {
  const server = await copyServer(t);
  for (let n = 0; n < 40; n++) seed(server, `k${n}`, noise(9 * KIB, n + 1), { partSizes: [4 * KIB, 4 * KIB, KIB] });
  const ran = await runCopy(server, {}, SMALL_PARTS);
  assert.equal(ran.error, undefined);
  for (const key of server.keys('from'))
    assert.equal(server.object('site', key)?.etag, server.object('from', key)?.etag);
  assert.equal(server.keys('site').length, 40);
  assert.deepEqual(server.uploads('site'), []);
  assert.equal(requestsOf(server, 'GetObject').length, 0);
});

test('parts that three HEADs take for even, though they are not, are found out before the object is made', async (t) => {
  const server = await copyServer(t);
  const partSizes = [4, 3, 4, 5, 2].map((size) => size * KIB);
  const body = noise(18 * KIB);
  seed(server, 'big', body, { partSizes });
  const ran = await runCopy(server);
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.object('site', 'big')?.partSizes, partSizes);
  assert.equal(server.object('site', 'big')?.etag, server.object('from', 'big')?.etag);
  assert.deepEqual([server.count('CompleteMultipartUpload'), server.count('AbortMultipartUpload')], [1, 1]);
  assert.deepEqual(server.uploads('site'), []);
});
