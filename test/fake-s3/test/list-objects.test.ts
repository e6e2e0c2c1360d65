import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import { compareUtf8, type S3Server, startS3Server } from 'fake-s3';
import { sendSigned } from 'fake-s3/raw-request';
import fc from 'fast-check';
import { runs } from '../../support/runs.js';
import { SortedKeys } from '../src/store/key-order.js';
import { clientOf, serverTest } from './support.js';

/** All pages of a listing, and what is on them together. */
async function listAll(server: S3Server, input: Partial<ListObjectsV2CommandInput> = {}) {
  const client = clientOf(server);
  const pages: ListObjectsV2CommandOutput[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket: 'site', ...input, ContinuationToken }));
    pages.push(page);
    ContinuationToken = page.NextContinuationToken;
    assert.equal(page.IsTruncated, ContinuationToken !== undefined);
    assert.equal(page.KeyCount, (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
  } while (ContinuationToken !== undefined);
  const keys = pages.flatMap((page) => page.Contents ?? []).map((object) => object.Key);
  const prefixes = pages.flatMap((page) => page.CommonPrefixes ?? []).map((common) => common.Prefix);
  return { pages, keys, prefixes };
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

serverTest('pages are as large as the server lets them be, and no entry is lost between them', async (server) => {
  const keys = Array.from({ length: 25 }, (_, i) => `k${String(i).padStart(2, '0')}`);
  for (const key of keys.toReversed()) server.seed('site', key, key);
  server.mode({ pageSize: 10 });
  const listed = await listAll(server);
  assert.deepEqual(listed.keys, keys);
  assert.deepEqual(
    listed.pages.map((page) => page.KeyCount),
    [10, 10, 5],
  );
  const small = await listAll(server, { MaxKeys: 5 });
  assert.deepEqual(
    small.pages.map((page) => page.KeyCount),
    [5, 5, 5, 5, 5],
  );
  assert.deepEqual(small.keys, keys);
  const none = await listAll(server, { MaxKeys: 0 });
  assert.deepEqual(none.keys, []);
  assert.equal(server.count('ListObjectsV2'), 3 + 5 + 1);
});

serverTest('an entry says size, ETag, class and time of an object', async (server) => {
  const lastModified = new Date('2020-01-02T03:04:05Z');
  server.seed('site', 'a', 'hello', { headers: { 'x-amz-storage-class': 'GLACIER_IR' }, lastModified });
  server.seed('site', 'b', 'hello', { etag: 'd41d8cd98f00b204e9800998ecf8427e-2' });
  const { pages } = await listAll(server);
  const [a, b] = pages[0]?.Contents ?? [];
  const etag = '"5d41402abc4b2a76b9719d911017c592"';
  assert.deepEqual(a, { Key: 'a', Size: 5, ETag: etag, StorageClass: 'GLACIER_IR', LastModified: lastModified });
  assert.equal(b?.ETag, '"d41d8cd98f00b204e9800998ecf8427e-2"');
  const raw = await sendSigned(server, { path: '/site?list-type=2' });
  assert.match(raw.body, /<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;<\/ETag>/);
  assert.equal(raw.headers['x-amz-bucket-region'], 'us-east-1');
});

serverTest('a prefix is a string, not a folder', async (server) => {
  for (const key of ['docs', 'docs-old/a', 'docs/a', 'docs/b/c', 'x']) server.seed('site', key, '');
  assert.deepEqual((await listAll(server, { Prefix: 'docs' })).keys, ['docs', 'docs-old/a', 'docs/a', 'docs/b/c']);
  assert.deepEqual((await listAll(server, { Prefix: 'docs/' })).keys, ['docs/a', 'docs/b/c']);
  assert.deepEqual((await listAll(server, { Prefix: 'none' })).keys, []);
});

serverTest('a delimiter rolls keys up into common prefixes, on pages of any size', async (server) => {
  for (const key of ['a', 'b/1', 'b/2', 'b/c/3', 'd', 'e/', 'e/1', 'f//g']) server.seed('site', key, '');
  for (const pageSize of [1, 2, 3, 1000]) {
    server.mode({ pageSize });
    const top = await listAll(server, { Delimiter: '/' });
    assert.deepEqual(top.keys, ['a', 'd']);
    assert.deepEqual(top.prefixes, ['b/', 'e/', 'f/']);
    const below = await listAll(server, { Delimiter: '/', Prefix: 'b/' });
    assert.deepEqual(below.keys, ['b/1', 'b/2']);
    assert.deepEqual(below.prefixes, ['b/c/']);
    const marker = await listAll(server, { Delimiter: '/', Prefix: 'e/' });
    assert.deepEqual(marker.keys, ['e/', 'e/1']);
  }
});

serverTest('start-after is exclusive, need not be a key, and works within a prefix', async (server) => {
  for (const key of ['a', 'b', 'c/1', 'c/2', 'd']) server.seed('site', key, '');
  assert.deepEqual((await listAll(server, { StartAfter: 'b' })).keys, ['c/1', 'c/2', 'd']);
  assert.deepEqual((await listAll(server, { StartAfter: 'bb' })).keys, ['c/1', 'c/2', 'd']);
  assert.deepEqual((await listAll(server, { StartAfter: 'c/1', Prefix: 'c/' })).keys, ['c/2']);
  assert.deepEqual((await listAll(server, { StartAfter: 'a', Prefix: 'c/' })).keys, ['c/1', 'c/2']);
  assert.deepEqual((await listAll(server, { StartAfter: 'd' })).keys, []);
  assert.deepEqual((await listAll(server, { StartAfter: 'c/1', Delimiter: '/' })).prefixes, ['c/']);
  server.mode({ pageSize: 1 });
  const paged = await listAll(server, { StartAfter: 'a' });
  assert.deepEqual(paged.keys, ['b', 'c/1', 'c/2', 'd']);
  assert.equal(paged.pages[0]?.StartAfter, 'a');
});

serverTest('encoding-type=url encodes as S3 does, also what XML cannot say', async (server) => {
  const keys = ["a b+c%~*-_.'()!", 'é/😀', 'line\r\nbreak', '\u0001\uffff', '<&>"'];
  for (const key of keys) server.seed('site', key, '');
  const { pages } = await listAll(server, { EncodingType: 'url', Prefix: '' });
  const shown = pages.flatMap((page) => page.Contents ?? []).map((object) => object.Key ?? '');
  assert.equal(pages[0]?.EncodingType, 'url');
  assert.deepEqual(
    new Set(shown),
    new Set([
      'a+b%2Bc%25%7E*-_.%27%28%29%21',
      '%C3%A9/%F0%9F%98%80',
      'line%0D%0Abreak',
      '%01%EF%BF%BF',
      '%3C%26%3E%22',
    ]),
  );
  const decoded = shown.map((key) => decodeURIComponent(key.replaceAll('+', ' ')));
  assert.deepEqual(decoded, keys.toSorted(byBytes));
  const raw = await sendSigned(server, { path: '/site?list-type=2' });
  assert.match(raw.body, /<Key>&#x1;&#xffff;<\/Key>/);
  const odd = await sendSigned(server, { path: '/site?list-type=2&encoding-type=base64' });
  assert.equal(odd.code, 'InvalidArgument');
});

serverTest('a foreign continuation token and odd max-keys are refused', async (server) => {
  for (const query of ['continuation-token=a', 'max-keys=x', 'max-keys=-1']) {
    const answer = await sendSigned(server, { path: `/site?list-type=2&${query}` });
    assert.equal(answer.status, 400, query);
    assert.equal(answer.code, 'InvalidArgument');
  }
  assert.equal((await sendSigned(server, { path: '/site' })).status, 501);
});

test('any keys list back once each in order of UTF-8 bytes, from any start, on pages of any size', async () => {
  const server = await startS3Server();
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', 'é', '\uffee', '😀'), minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(
    fc.uniqueArray(key, { maxLength: 30 }),
    key,
    fc.integer({ min: 1, max: 7 }),
    async (keys, StartAfter, pageSize) => {
      server.createBucket('site', { pageSize });
      for (const each of keys) server.seed('site', each, '');
      const wanted = keys.toSorted(byBytes);
      assert.deepEqual(server.keys('site'), wanted);
      assert.deepEqual((await listAll(server)).keys, wanted);
      const later = wanted.filter((each) => byBytes(each, StartAfter) > 0);
      assert.deepEqual((await listAll(server, { StartAfter })).keys, later);
    },
  );
  try {
    await fc.assert(property, runs(15));
  } finally {
    await server.close();
  }
});

test('keys stay in order whatever is added and removed between listings', () => {
  const step = fc.tuple(fc.constantFrom('add', 'remove', 'list'), fc.constantFrom('a', 'b', '\uffee', '😀', 'é'));
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const keys = new SortedKeys();
    const model = new Set<string>();
    for (const [what, key] of steps) {
      if (what === 'add' && !model.has(key)) keys.add(key);
      if (what === 'add') model.add(key);
      if (what === 'remove' && model.delete(key)) keys.remove(key);
      if (what === 'list') assert.deepEqual(keys.inOrder(compareUtf8), [...model].sort(byBytes));
    }
    assert.deepEqual(keys.inOrder(compareUtf8), [...model].sort(byBytes));
  });
  fc.assert(property);
});

serverTest('a server may list in UTF-16 order instead', async (server) => {
  for (const key of ['\uffee', '😀', 'z']) server.seed('site', key, '');
  assert.deepEqual((await listAll(server)).keys, ['z', '\uffee', '😀']);
  server.mode({ order: 'utf16', pageSize: 1 });
  assert.deepEqual((await listAll(server)).keys, ['z', '😀', '\uffee']);
  assert.deepEqual(server.keys('site'), ['z', '\uffee', '😀']);
});

serverTest('10,000 keys list page by page while more are put', async (server) => {
  for (let i = 0; i < 10_000; i++) server.seed('site', `dir-${i % 100}/file-${i}.html`, '');
  let token = '';
  for (let page = 0; page < 10; page++) {
    const { body } = await sendSigned(server, { path: `/site?list-type=2${token}` });
    server.seed('site', `new-${page}`, '');
    const next = /<NextContinuationToken>([^<]+)</.exec(body)?.[1];
    token = next === undefined ? '' : `&continuation-token=${encodeURIComponent(next)}`;
  }
  assert.match(token, /^&continuation-token=/);
});
