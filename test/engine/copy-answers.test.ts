import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyServer, KIB, seed } from '../support/copies.js';
import { runCopy } from '../support/engine.js';
import { noise } from '../support/parts.js';
import { until } from '../support/until.js';

test('a copy whose ETag is not its source’s is made once more, and fails where it stays so', async (t) => {
  const server = await copyServer(t);
  seed(server, 'a', 'a');
  server.fault({ verb: 'CopyObject', type: 'wrong-etag', occurrences: 1 });
  assert.equal((await runCopy(server)).error, undefined);
  assert.equal(server.count('CopyObject'), 2);

  server.clearRequests();
  server.fault({ verb: 'CopyObject', type: 'wrong-etag', occurrences: 'all' });
  const ran = await runCopy(server, { mode: 'stupid' });
  assert.deepEqual(ran.keys('fail'), ['a']);
  assert.equal(ran.report.failures[0]?.code, 'ETagMismatch');
  assert.equal(server.count('CopyObject'), 2);
});

test('another ETag is right where a KMS key encrypts the source, which takes one HEAD', async (t) => {
  const server = await copyServer(t, { from: { kms: true } });
  for (let at = 0; at < 20; at++) seed(server, `${at}`, `text ${at}`);
  const ran = await runCopy(server, { concurrency: 1 });
  assert.equal(ran.error, undefined);
  assert.equal(ran.keys('copy').length, 20);
  assert.ok(server.count('HeadObject') <= 4, `${server.count('HeadObject')} HEADs`);
});

test('tags that an object has are sent on, whatever they hold', async (t) => {
  const server = await copyServer(t);
  const partSizes = [4 * KIB, 4 * KIB];
  server.seed('from', 'big', noise(8 * KIB), { partSizes, tags: { t1: 'v 1+&=' } });
  const ran = await runCopy(server);
  assert.equal(ran.error, undefined);
  assert.deepEqual({ ...server.object('site', 'big')?.tags }, { t1: 'v 1+&=' });
});

test('a prefix without objects is reported among others', async (t) => {
  const server = await copyServer(t);
  seed(server, 'a/1', '1');
  const ran = await runCopy(server, { fromPrefix: ['a/', 'b/', 'c/'] });
  assert.equal(ran.error, undefined);
  assert.deepEqual(ran.report.warnings, ['No key begins with "b/", "c/".']);
});

for (const [rule, name] of [
  ['error', 'RefusedError'],
  ['warn', undefined],
  ['ignore', undefined],
] as const)
  test(`an empty list of keys selects nothing (${rule})`, async (t) => {
    const server = await copyServer(t);
    seed(server, 'a', 'a');
    const ran = await runCopy(server, { key: [], ifNoFilesFound: rule });
    assert.equal(ran.error?.name, name);
    assert.equal(server.count('CopyObject'), 0);
    assert.equal(ran.report.warnings.length, rule === 'warn' ? 1 : 0);
  });

test('copies in flight when a run is aborted are unknown', async (t) => {
  const server = await copyServer(t);
  for (let at = 0; at < 4; at++) seed(server, `${at}`, `text ${at}`);
  server.fault({ verb: 'CopyObject', type: 'stall', occurrences: 'all' });
  const controller = new AbortController();
  void until(() => server.count('CopyObject') === 4).then(() => controller.abort());
  const ran = await runCopy(server, { signal: controller.signal });
  assert.equal(ran.error?.name, 'AbortError');
  assert.deepEqual([ran.keys('unknown'), ran.report.counts.fail], [['0', '1', '2', '3'], 0]);
});

test('an upload into a bucket of KMS keys has the mark, so that a cleanup finds its owner', async (t) => {
  const server = await copyServer(t, { site: { kms: true } });
  const partSizes = [4 * KIB, 4 * KIB, 4 * KIB];
  server.seed('from', 'big', noise(12 * KIB), { partSizes });
  await runCopy(server);
  const marks = server.requests.filter(({ verb, query }) => verb === 'UploadPart' && query.partNumber === '10000');
  assert.equal(marks.length, 1);
});
