import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Verb } from 'fake-s3';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const deny = (...verbs: Verb[]) => ({ buckets: { site: { deny: verbs } } });

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${String(i).padStart(3, '0')}`, `${i}`]));

test('a denied listing asks every key by one HEAD, says so once, and puts what it cannot see', async (t) => {
  const server = await serverFor(t, deny('ListObjectsV2'));
  server.seed('site', 'same', 'same');
  server.seed('site', 'different', 'old!');
  const files = { same: 'same', different: 'new!', absent: 'x' };
  const { error, report, reasonOf, keys, events } = await run(server, { source: makeTree(t, files) });
  assert.equal(error, undefined);
  assert.deepEqual([keys('put'), keys('skip')], [['absent', 'different'], ['same']]);
  assert.equal(reasonOf('absent'), 'remote unreadable');
  assert.equal(reasonOf('different'), 'content differs');
  assert.deepEqual([server.count('ListObjectsV2'), server.count('HeadObject')], [1, 3]);
  assert.equal(report.warnings.length, 1);
  assert.match(report.warnings[0] ?? '', /s3:ListBucket/);
  assert.equal(events.filter((event) => event.type === 'warning').length, 1);
});

test('a listing that is denied from its second page on continues by HEADs', async (t) => {
  const server = await serverFor(t, { buckets: { site: { pageSize: 5 } } });
  const files = many(30);
  for (const [key, body] of Object.entries(files)) server.seed('site', key, body);
  server.fault({ verb: 'ListObjectsV2', occurrences: 2, type: 'status', status: 403, code: 'AccessDenied' });
  const { error, report } = await run(server, { source: makeTree(t, files) });
  assert.equal(error, undefined);
  assert.deepEqual([report.counts.skip, server.count('ListObjectsV2'), server.count('HeadObject')], [30, 2, 25]);
});

test('mode add where listing is denied puts only if absent, and overwrites nothing', async (t) => {
  const server = await serverFor(t, deny('ListObjectsV2'));
  server.seed('site', 'b', 'theirs');
  const { error, keys, reasonOf } = await run(server, { source: makeTree(t, { a: 'a', b: 'ours' }), mode: 'add' });
  assert.equal(error, undefined);
  assert.deepEqual([keys('put'), keys('skip')], [['a'], ['b']]);
  assert.equal(reasonOf('a'), 'remote unreadable');
  assert.deepEqual(
    server.requests.filter(({ verb }) => verb === 'PutObject').map(({ headers }) => headers['if-none-match']),
    ['*'],
  );
  assert.equal(server.object('site', 'b')?.body.toString(), 'theirs');
});

test('mode add where listing and HEAD are denied still overwrites nothing', async (t) => {
  const server = await serverFor(t, deny('ListObjectsV2', 'HeadObject', 'GetObject'));
  server.seed('site', 'b', 'theirs');
  const { error, keys, reasonOf } = await run(server, { source: makeTree(t, { a: 'a', b: 'ours' }), mode: 'add' });
  assert.equal(error, undefined);
  assert.deepEqual([keys('put'), keys('skip'), reasonOf('b')], [['a'], ['b'], 'appeared during the run']);
  assert.equal(server.object('site', 'b')?.body.toString(), 'theirs');
});

test('permission to put and nothing else is enough for mode stupid, which reads nothing', async (t) => {
  const server = await serverFor(t, deny('ListObjectsV2', 'HeadObject', 'GetObject', 'HeadBucket', 'ListBuckets'));
  const { error, report } = await run(server, { source: makeTree(t, many(20)), mode: 'stupid' });
  assert.equal(error, undefined);
  assert.deepEqual(new Set(server.requests.map(({ verb }) => verb)), new Set(['PutObject']));
  assert.deepEqual([server.count('PutObject'), report.counts.put, report.warnings], [20, 20, []]);
});

for (const mode of ['add', 'update', 'stupid'] as const) {
  test(`denied writes of three objects in mode ${mode} end with the one refusal that they all met`, async (t) => {
    const server = await serverFor(t, deny('PutObject'));
    const { error, report, outcomes } = await run(server, { source: makeTree(t, many(3)), mode });
    assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'AccessDenied']);
    assert.match(error?.hint ?? '', /s3:PutObject/);
    assert.deepEqual([report.counts.fail, report.notAttempted, server.count('PutObject')], [3, 0, 3]);
    assert.ok(
      outcomes.every(({ shared }) => shared === true),
      'the error is to be shown once',
    );
  });

  test(`denied writes of 300 objects in mode ${mode} end the run after about 8`, async (t) => {
    const server = await serverFor(t, deny('PutObject'));
    const { error, report, outcomes } = await run(server, { source: makeTree(t, many(300)), mode, concurrency: 4 });
    assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'AccessDenied']);
    assert.match(error?.message ?? '', /^PutObject s3:\/\/site\/f\d+: AccessDenied \(403, request \w+\)/);
    const puts = server.count('PutObject');
    // The eighth ends the run, whose error is the one of all these objects.
    assert.deepEqual([report.counts.fail, outcomes.length, report.notAttempted], [puts, puts, 300 - puts]);
    assert.ok(outcomes.every(({ action, shared }) => action === 'fail' && shared === true));
    assert.equal(report.complete, false);
    assert.ok(puts >= 8 && puts <= 8 + 8, `${puts} puts`);
  });
}

test('AccessDenied on one object of many is that failure and no more', async (t) => {
  const server = await serverFor(t);
  server.fault({
    verb: 'PutObject',
    key: 'f000',
    occurrences: 'all',
    type: 'status',
    status: 403,
    code: 'AccessDenied',
  });
  const { error, report } = await run(server, { source: makeTree(t, many(100)) });
  assert.equal(error?.name, 'PartialFailureError');
  assert.deepEqual([report.counts.put, report.counts.fail, report.notAttempted], [99, 1, 0]);
  assert.deepEqual(
    report.failures.map(({ key, code }) => [key, code]),
    [['f000', 'AccessDenied']],
  );
  assert.match(report.failures[0]?.hint ?? '', /s3:PutObject/);
});

test('a folder of twenty that is denied does not stop the others once one put has worked', async (t) => {
  const server = await serverFor(t);
  const denied = { verb: 'PutObject', occurrences: 'all', type: 'status', status: 403, code: 'AccessDenied' } as const;
  server.fault({ ...denied, key: /^f01/ });
  server.fault({ ...denied, key: /^f02/ });
  const { error, report } = await run(server, { source: makeTree(t, many(100)), concurrency: 1 });
  assert.equal(error?.name, 'PartialFailureError');
  assert.deepEqual([report.counts.put, report.counts.fail], [80, 20]);
});

const UNPROVEN = 'content unproven, HEAD is denied';

for (const mode of [{}, { kms: true }] as const) {
  const where = 'kms' in mode ? 'a KMS bucket' : 'a bucket';
  test(`in ${where} where HEAD is denied what changed is put, with a reason, one warning and no second asking`, async (t) => {
    const server = await serverFor(t, { buckets: { site: mode } });
    const files = many(40);
    for (const [key, body] of Object.entries(files)) server.seed('site', key, body);
    server.mode({ deny: ['HeadObject', 'GetObject'] }, 'site');
    const edited = { ...files, f003: 'x', f017: 'yy', f030: 'zz' };
    const { error, report, keys, reasonOf } = await run(server, { source: makeTree(t, edited) });
    assert.equal(error, undefined);
    // An object that a KMS key encrypts looks like one that differs.
    assert.deepEqual(keys('put'), 'kms' in mode ? Object.keys(files) : ['f003', 'f017', 'f030']);
    for (const [key, body] of Object.entries(edited)) assert.equal(server.object('site', key)?.body.toString(), body);
    assert.equal(reasonOf('f003'), UNPROVEN);
    assert.equal(report.warnings.length, 1);
    assert.match(report.warnings[0] ?? '', /s3:GetObject/);
    // With the checksum, and without: that alone might have been allowed.
    assert.equal(server.count('HeadObject'), 2);
    assert.deepEqual(report.requests.HeadObject, 2);
    assert.deepEqual(report.heads, { 'KMS or not': 1 });
  });
}

test('parts of unknown sizes whose HEAD is denied are put again', async (t) => {
  const server = await serverFor(t);
  const body = randomBytes(6 * 1024 * 1024);
  const names = ['a', 'b', 'c'];
  for (const key of names) server.seed('site', key, body, { partSizes: [5 * 1024 * 1024, 1024 * 1024] });
  server.mode({ deny: ['HeadObject'] }, 'site');
  const source = makeTree(t, Object.fromEntries(names.map((name) => [name, body])));
  const { error, keys, reasonOf } = await run(server, { source });
  assert.equal(error, undefined);
  assert.deepEqual([keys('put'), reasonOf('a'), server.count('HeadObject')], [names, UNPROVEN, 1]);
});

test('compressed or not, what a denied HEAD leaves open with gzip is put', async (t) => {
  const server = await serverFor(t);
  const css = 'p { color: red }\n'.repeat(200);
  const source = makeTree(t, { 'a.css': css, 'b.txt': 'short', 'same.css': css });
  await run(server, { source, gzip: true });
  server.clearRequests();
  server.mode({ deny: ['HeadObject'] }, 'site');
  const edited = makeTree(t, { 'a.css': css.replace('red', 'tan'), 'b.txt': 'SHORT', 'same.css': css });
  const { error, keys, reasonOf, report } = await run(server, { source: edited, gzip: true });
  assert.equal(error, undefined);
  assert.deepEqual([keys('put'), keys('skip')], [['a.css', 'b.txt'], ['same.css']]);
  assert.deepEqual([reasonOf('a.css'), reasonOf('b.txt')], [UNPROVEN, UNPROVEN]);
  assert.equal(server.object('site', 'b.txt')?.body.toString(), 'SHORT');
  assert.ok(server.count('HeadObject') <= 2);
  assert.equal(report.warnings.length, 1);
});

test('a HEAD that is denied for one key of many, once others were answered, costs that key a put', async (t) => {
  const server = await serverFor(t, { buckets: { site: { kms: true } } });
  const files = many(20);
  await run(server, { source: makeTree(t, files) });
  server.clearRequests();
  const denied = { verb: 'HeadObject', occurrences: 'all', type: 'status', status: 403, code: 'AccessDenied' } as const;
  server.fault({ ...denied, key: 'f011' });
  const { error, keys, reasonOf } = await run(server, { source: makeTree(t, files) });
  assert.equal(error, undefined);
  assert.deepEqual([keys('put'), reasonOf('f011')], [['f011'], UNPROVEN]);
  assert.equal(server.count('HeadObject'), 21);
});
