import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Mode } from 'fake-s3';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const bucket = (mode: Partial<S3Mode>) => ({ buckets: { site: mode } });
const FILES = { a: 'a', 'b/c': 'c', d: '' };

test('a server without ETags is compared by its checksums, and by nothing where it has none', async (t) => {
  const server = await serverFor(t, bucket({ etags: false }));
  const source = makeTree(t, FILES);
  const first = await run(server, { source });
  assert.equal(first.error, undefined);
  for (const { verified, etag } of first.outcomes) assert.deepEqual([verified, etag], ['crc32', undefined]);
  assert.deepEqual((await run(server, { source })).report.reasons, { 'same content': 3 });
  for (const [key, body] of Object.entries(FILES)) server.seed('site', key, body);
  assert.deepEqual((await run(server, { source })).report.reasons, { 'content unproven, its ETag is no digest': 3 });
  assert.deepEqual((await run(server, { source, compare: 'size' })).report.reasons, { 'same size': 3 });
});

test('three files among 10,000 foreign keys cost two LISTs and three HEADs at most', async (t) => {
  const server = await serverFor(t);
  for (let i = 0; i < 10_000; i++) server.seed('site', `k${String(i).padStart(5, '0')}`, 'x');
  const source = makeTree(t, { k00500: 'x', k05000: 'y', k09999: 'x', 'k09999.new': 'n' });
  const { keys: keysOf, error } = await run(server, { source, exclude: '*.new' });
  assert.equal(error, undefined);
  assert.deepEqual([keysOf('put'), keysOf('skip')], [['k05000'], ['k00500', 'k09999']]);
  const [lists, heads] = [server.count('ListObjectsV2'), server.count('HeadObject')];
  assert.ok(lists <= 2 && heads <= 3, `${lists} LISTs, ${heads} HEADs`);
  assert.equal(server.count('PutObject'), 1);
  assert.ok(
    server.requests.every(({ verb, key }) => verb !== 'HeadObject' || key in { k00500: 1, k05000: 1, k09999: 1 }),
  );
});

test('update of 250 keys with one changed file lists three pages of 100, asks once for KMS, and puts that file alone', async (t) => {
  const server = await serverFor(t, bucket({ pageSize: 100 }));
  const files = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`k${String(i).padStart(5, '0')}`, 'x']));
  for (const one of Object.keys(files)) server.seed('site', one, one === 'k00123' ? 'y' : 'x');
  const { keys: keysOf, error, reasonOf } = await run(server, { source: makeTree(t, files) });
  assert.equal(error, undefined);
  assert.deepEqual([keysOf('put'), reasonOf('k00123')], [['k00123'], 'content differs']);
  assert.deepEqual(server.requests.map(({ verb }) => verb).sort(), [
    'HeadObject',
    ...Array(3).fill('ListObjectsV2'),
    'PutObject',
  ]);
});
