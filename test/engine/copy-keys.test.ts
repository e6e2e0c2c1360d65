import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyServer, KIB, requestsOf, runInOrder, seed, verbs } from '../support/copies.js';
import { noise } from '../support/parts.js';

test('keys that are named are copied below the destination, without the path of the source', async (t) => {
  const server = await copyServer(t);
  for (const key of ['p/a', 'p/b', 'p/c/d', 'a']) seed(server, key, key);
  const ran = await runInOrder(server, { source: 's3://from/p', destination: 's3://site/q', key: ['c/d', 'a'] });
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.keys('site'), ['q/a', 'q/c/d']);
  assert.equal(server.object('site', 'q/a')?.body.toString(), 'p/a');
  assert.equal(server.count('HeadObject'), 2, 'the HEAD of a named key returns all that a copy needs');
  assert.equal(requestsOf(server, 'ListObjectsV2').filter(({ bucket }) => bucket === 'from').length, 0);
});

test('prefixes and keys are copied together, each object once', async (t) => {
  const server = await copyServer(t);
  for (const key of ['2024/a', '2024/b', '2025/c', '2026/d', 'x']) seed(server, key, key);
  const ran = await runInOrder(server, { fromPrefix: ['2024', '2025/', '2024/b'], key: ['x', '2025/c', 'x'] });
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.keys('site'), ['2024/a', '2024/b', '2025/c', 'x']);
  assert.equal(server.count('CopyObject'), 4);
});

test('a key that is missing fails by name, and the others are copied', async (t) => {
  const server = await copyServer(t);
  for (const key of ['a', 'z']) seed(server, key, key);
  const ran = await runInOrder(server, { key: ['a', 'missing', 'z'] });
  assert.equal(ran.error?.name, 'PartialFailureError');
  assert.deepEqual([ran.keys('copy'), ran.keys('fail')], [['a', 'z'], ['missing']]);
  const [failure] = ran.report.failures;
  assert.deepEqual([failure?.code, failure?.origin], ['NoSuchKey', 's3://from/missing']);
});

test('a version that is named is copied, also in parts and where it is not the one in force', async (t) => {
  const server = await copyServer(t, { from: { versioning: true } });
  const bodies = { small: ['first', 'second'], big: [noise(3 * KIB, 1), noise(3 * KIB, 2)] } as const;
  const of = (key: string) => (key === 'big' ? { partSizes: [2 * KIB, KIB] } : {});
  const versions: { key: string; versionId: string }[] = [];
  for (const [key, [first, second]] of Object.entries(bodies)) {
    seed(server, key, first, of(key));
    versions.push({ key, versionId: server.object('from', key)?.versionId ?? '' });
    seed(server, key, second, of(key));
  }
  const ran = await runInOrder(server, { key: versions });
  assert.equal(ran.error, undefined);
  for (const [key, [first]] of Object.entries(bodies))
    assert.ok(server.object('site', key)?.body.equals(Buffer.from(first)));
  assert.match(ran.outcomes[0]?.origin ?? '', /^s3:\/\/from\/\w+ \(version .+\)$/);
  const sources = server.requests.flatMap(({ headers }) => headers['x-amz-copy-source'] ?? []);
  assert.equal(sources.length, 3);
  assert.ok(sources.every((text) => text.includes('?versionId=')));
  server.clearRequests();
  assert.equal((await runInOrder(server, { key: versions })).keys('skip').length, 2);
  const none = await runInOrder(server, { key: { key: 'small', versionId: 'nothing' } });
  assert.deepEqual([none.keys('fail'), none.keys('copy')], [['small'], []]);
});

const SPECIAL = [
  'a b/c+d',
  '100%/x%20y',
  'q?versionId=3',
  'h#a&b=c',
  'quote\'"(1)!*',
  'ümläut/日本語/😀',
  'back\\slash|^`{}~',
  'a//b',
  './dot/../x',
  '/leading',
  'tab\tand\u0001',
  'trailing ',
  'semi;colon,comma:@$',
];

for (const partSizes of [undefined, [2 * KIB, KIB]])
  test(`keys of special characters are copied as they are (${partSizes ? 'parts' : 'one piece'})`, async (t) => {
    const server = await copyServer(t);
    for (const [n, key] of SPECIAL.entries()) seed(server, key, noise(3 * KIB, n + 1), partSizes ? { partSizes } : {});
    const ran = await runInOrder(server);
    assert.equal(ran.error, undefined);
    assert.deepEqual(server.keys('site'), server.keys('from'));
    for (const key of SPECIAL) assert.equal(server.object('site', key)?.etag, server.object('from', key)?.etag, key);
    server.clearRequests();
    assert.equal((await runInOrder(server)).keys('skip').length, SPECIAL.length);
    assert.deepEqual(verbs(server), { ListObjectsV2: 2 });
    const named = await runInOrder(server, { key: SPECIAL, destination: 's3://site/named' });
    assert.equal(named.error, undefined);
    for (const key of SPECIAL)
      assert.equal(server.object('site', `named/${key}`)?.etag, server.object('from', key)?.etag);
  });

test('a named key that another one is copied onto, within one bucket, fails by name rather than by chance', async (t) => {
  const server = await copyServer(t);
  server.seed('site', 'x', 'one');
  server.seed('site', 'foo/x', 'two');
  const ran = await runInOrder(server, { source: 's3://site', destination: 's3://site/foo', key: ['x', 'foo/x'] });
  assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [['foo/x'], ['foo/foo/x']]);
  assert.equal(server.object('site', 'foo/foo/x')?.body.toString(), 'two');
  assert.equal(server.object('site', 'foo/x')?.body.toString(), 'two');
});
