import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import { AbortError, RunStoppedError } from '../../src/errors.js';
import type { KeyToDelete } from '../../src/transfer/delete.js';
import { runDelete } from '../support/deletes.js';
import { serverFor } from '../support/engine.js';

const md5 = (text: string): string => hash('md5', text);

/** A key as it was listed; its object holds its own name. */
const listed = (key: string): KeyToDelete => ({ key, etag: md5(key), size: key.length });

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${String(i).padStart(5, '0')}`);

/** A server with objects that hold their own names, and one more, `stays`. */
async function seeded(t: TestContext, keys: readonly string[], mode: Partial<S3Mode> = {}): Promise<S3Server> {
  const server = await serverFor(t, { mode });
  for (const key of [...keys, 'stays']) server.seed('site', key, key);
  return server;
}

const warned = (report: { readonly warnings: readonly string[] }, text: RegExp): number =>
  report.warnings.filter((warning) => text.test(warning)).length;

for (const lane of ['wire', 'sdk'] as const)
  test(`${lane}: keys are deleted 1,000 by one request, bound to the listed ETag, with an outcome for each`, async (t) => {
    const keys = names(2_500);
    const server = await seeded(t, keys);
    const { outcomes, report, error } = await runDelete(server, keys.map(listed), { lane });
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['stays']);
    assert.equal(server.count('DeleteObjects'), 3);
    assert.equal(server.count('DeleteObject'), 0);
    assert.equal(report.requests.DeleteObjects, 3);
    assert.equal(report.counts.delete, 2_500);
    assert.deepEqual(report.reasons, { 'not in the source': 2_500 });
    assert.deepEqual([report.bytes, report.warnings, report.conflicts], [0, [], 0]);
    const { startedAt, durationMs, ...first } = outcomes[0] ?? { startedAt: undefined, durationMs: undefined };
    assert.ok(startedAt instanceof Date && durationMs !== undefined);
    assert.deepEqual(first, {
      action: 'delete',
      reason: 'not in the source',
      origin: 's3://site/k00000',
      key: 'k00000',
      bytes: 0,
      sourceBytes: 0,
      verified: 'none',
      attempts: 1,
      replacedBytes: 6,
    });
  });

test('a dry run makes no request, and says what would be deleted', async (t) => {
  const keys = names(1_500);
  const server = await seeded(t, keys);
  const { report } = await runDelete(server, keys.map(listed), { dryRun: true });
  assert.equal(report.counts.delete, 1_500);
  assert.equal(server.requests.length, 0);
});

const ODD = [
  'a&b',
  '<c>',
  '"d"',
  "e'",
  'f g',
  'ü/𝄞',
  'g\u2028',
  'h+%20',
  'tab\t',
  'line\r\nend',
  'nul\u0001',
  'x\u001fy',
  'z\uffff',
];

for (const lane of ['wire', 'sdk'] as const)
  test(`${lane}: keys with any characters are deleted; those that XML has not, by a request of their own`, async (t) => {
    const server = await seeded(t, ODD);
    const { report, error } = await runDelete(server, ODD.map(listed), { lane });
    assert.equal(error, undefined);
    assert.equal(report.counts.delete, ODD.length);
    assert.deepEqual(server.keys('site'), ['stays']);
    assert.deepEqual([server.count('DeleteObjects'), server.count('DeleteObject')], [1, 3]);
  });

for (const checksum of ['auto', 'crc32', 'md5', 'off'] as const)
  for (const checksums of ['supported', 'refused', 'ignored'] as const)
    test(`checksum ${checksum}: a server whose checksums are ${checksums} gets one that it takes`, async (t) => {
      const keys = names(3);
      const server = await seeded(t, keys, { checksums, serverHeader: checksums === 'supported' ? 'AmazonS3' : 'x' });
      const { error } = await runDelete(server, keys.map(listed), { checksum });
      // A server that ignores what an option demands cannot be helped.
      if (checksum === 'crc32' && checksums === 'ignored') return;
      assert.equal(error, undefined);
      assert.deepEqual(server.keys('site'), ['stays']);
    });

test('an object that another writer has changed stays, and is reported', async (t) => {
  const keys = names(5);
  const server = await seeded(t, keys);
  server.seed('site', 'k00002', 'rewritten');
  const { report, error, reasonOf, keys: of } = await runDelete(server, keys.map(listed));
  assert.equal(error, undefined);
  assert.deepEqual(of('skip'), ['k00002']);
  assert.equal(reasonOf('k00002'), 'changed during the run');
  assert.equal(report.conflicts, 1);
  assert.equal(report.counts.delete, 4);
  assert.equal(warned(report, /s3:\/\/site\/k00002 was changed/), 1);
  assert.deepEqual(server.keys('site'), ['k00002', 'stays']);
});

test('a key that is gone meanwhile counts as deleted', async (t) => {
  const keys = names(3);
  const server = await seeded(t, keys.slice(1));
  for (const batchDeletes of [true, false]) {
    server.mode({ batchDeletes });
    const { report } = await runDelete(server, keys.map(listed));
    assert.equal(report.counts.delete, 3);
  }
});

test('a server that honours conditions of single deletes only gets these', async (t) => {
  const keys = names(20);
  const server = await seeded(t, keys, { serverHeader: 'VERSITYGW' });
  server.seed('site', 'k00007', 'rewritten');
  const { report } = await runDelete(server, keys.map(listed));
  assert.deepEqual([server.count('DeleteObjects'), server.count('DeleteObject')], [0, 20]);
  assert.deepEqual([report.counts.delete, report.counts.skip, report.conflicts], [19, 1, 1]);
});

test('a server that is not known to honour conditions gets none', async (t) => {
  const keys = names(3);
  const server = await seeded(t, keys, { serverHeader: 'MinIO', conditions: 'refused' });
  const { report } = await runDelete(server, keys.map(listed));
  assert.deepEqual([report.counts.delete, report.warnings.length, server.count('DeleteObjects')], [3, 0, 1]);
});

for (const [conditions, batchDeletes, text] of [
  ['denied', true, /s3:GetObject/],
  ['denied', false, /s3:GetObject/],
  ['refused', true, /does not take deletes/],
  ['refused-400', true, /does not take deletes/],
  ['refused', false, /does not take deletes/],
  ['never-met', true, /the very ETag/],
  ['never-met', false, /the very ETag/],
] as const)
  test(`conditions ${conditions}, batches ${batchDeletes}: deleted without them, said once`, async (t) => {
    const keys = names(batchDeletes ? 1_200 : 60);
    const server = await seeded(t, keys, { conditions, batchDeletes });
    const { report, error } = await runDelete(server, keys.map(listed), { concurrency: 4 });
    assert.equal(error, undefined);
    assert.equal(report.counts.delete, keys.length);
    assert.deepEqual(server.keys('site'), ['stays']);
    assert.equal(warned(report, text), 1);
    assert.equal(report.warnings.length, 1);
  });

test('where deletes are denied too, the failure names s3:DeleteObject, and nothing warns', async (t) => {
  const keys = names(3);
  const server = await seeded(t, keys, { deny: ['DeleteObject'], conditions: 'denied' });
  const { report, error } = await runDelete(server, keys.map(listed));
  assert.ok(error instanceof RunStoppedError);
  assert.match(error.hint ?? '', /s3:DeleteObject/);
  assert.equal(report.warnings.length, 0);
  assert.equal(server.keys('site').length, 4);
});

for (const mode of [
  { deny: ['DeleteObject'] },
  { deny: ['DeleteObjects'] },
  { deny: ['DeleteObject'], batchDeletes: false },
] as const)
  test(`denied by ${JSON.stringify(mode)}: one error ends the run`, async (t) => {
    const keys = names('batchDeletes' in mode ? 1_500 : 9_500);
    const server = await seeded(t, [], mode);
    const { error, report, outcomes } = await runDelete(server, keys.map(listed), { concurrency: 1 });
    assert.ok(error instanceof RunStoppedError);
    assert.equal(error.code, 'AccessDenied');
    assert.equal(outcomes.filter(({ action, shared }) => action === 'fail' && shared !== true).length, 0);
    assert.ok(server.count('DeleteObjects') < 20);
    assert.equal(report.complete, false);
  });

test('single keys that are denied fail by themselves', async (t) => {
  const keys = ['a/1', 'b/1', 'b/2'];
  const server = await seeded(t, keys, { deny: [{ verb: 'DeleteObject', key: /^b/ }] });
  const { report, keys: of } = await runDelete(server, keys.map(listed));
  assert.deepEqual(of('fail'), ['b/1', 'b/2']);
  assert.deepEqual(of('delete'), ['a/1']);
  assert.deepEqual(
    report.failures.map(({ key, code, status }) => [key, code, status]),
    [
      ['b/1', 'AccessDenied', 403],
      ['b/2', 'AccessDenied', 403],
    ],
  );
  assert.match(report.failures[0]?.message ?? '', /s3:\/\/site\/b\/1/);
  assert.equal(report.warnings.length, 0);
});

for (const batchDeletes of [false, 'not-allowed'] as const)
  test(`a server without DeleteObjects (${batchDeletes}) gets a DeleteObject for each key`, async (t) => {
    const keys = names(1_050);
    const server = await seeded(t, keys, { batchDeletes });
    server.seed('site', 'k00001', 'rewritten');
    const { report } = await runDelete(server, keys.map(listed), { concurrency: 8 });
    assert.deepEqual(server.keys('site'), ['k00001', 'stays']);
    assert.deepEqual([report.counts.delete, report.conflicts], [1_049, 1]);
    assert.ok(server.count('DeleteObjects') <= 6);
    assert.equal(warned(report, /./), 1);
  });

test('a versioned bucket is said once', async (t) => {
  const keys = names(1_100);
  const server = await seeded(t, keys, { versioning: true });
  const { report } = await runDelete(server, keys.map(listed));
  assert.equal(report.counts.delete, 1_100);
  assert.equal(report.warnings.length, 1);
  assert.equal(warned(report, /has versions/), 1);
});

for (const fault of [
  { type: 'status', status: 503 },
  { type: 'reset' },
  { type: 'reset', stored: true },
  { type: 'truncate' },
  { type: 'twice' },
  { type: 'error-in-200', code: 'InternalError' },
] as const)
  for (const batchDeletes of [true, false])
    test(`${JSON.stringify(fault)}, batches ${batchDeletes}: every key is deleted, and none is called changed`, async (t) => {
      const keys = names(30);
      const server = await seeded(t, keys, { batchDeletes });
      const verb = batchDeletes ? 'DeleteObjects' : 'DeleteObject';
      server.fault({ verb, occurrences: batchDeletes ? [1, 2] : [1, 2, 5, 9], ...fault });
      const { report, error } = await runDelete(server, keys.map(listed));
      assert.equal(error, undefined);
      assert.deepEqual([report.counts.delete, report.conflicts], [30, 0]);
      assert.deepEqual(server.keys('site'), ['stays']);
    });

test('a batch whose every attempt fails is a failure of each of its keys', async (t) => {
  const keys = names(5);
  const server = await seeded(t, keys);
  server.fault({ verb: 'DeleteObjects', occurrences: 'all', type: 'error-in-200', code: 'InternalError' });
  const { report } = await runDelete(server, keys.map(listed), { maxAttempts: 2 });
  assert.equal(report.counts.fail, 5);
  assert.match(report.failures[4]?.message ?? '', /s3:\/\/site\/k00004/);
  assert.equal(server.count('DeleteObjects'), 2);
});

test('an abort leaves it unknown what was in flight, and begins nothing more', async (t) => {
  const keys = names(9_000);
  const server = await seeded(t, keys.slice(0, 10));
  const abort = new AbortController();
  server.fault({ verb: 'DeleteObjects', occurrences: 'all', type: 'stall' });
  const poll = setInterval(() => {
    if (server.count('DeleteObjects') === 2) abort.abort();
  }, 5);
  t.after(() => clearInterval(poll));
  const { report, error } = await runDelete(server, keys.map(listed), { concurrency: 2, signal: abort.signal });
  assert.ok(error instanceof AbortError);
  assert.equal(server.count('DeleteObjects'), 2);
  assert.equal(report.counts.unknown, 2_000);
  assert.equal(report.counts.delete + report.counts.fail, 0);
});

test('with failFast nothing begins after the first failure', async (t) => {
  const keys = names(9_000);
  const server = await seeded(t, keys, { deny: [{ verb: 'DeleteObject', key: /^k00000$/ }] });
  const { report } = await runDelete(server, keys.map(listed), { concurrency: 1, failFast: true });
  assert.equal(report.counts.fail, 1);
  assert.ok(server.keys('site').length > 1);
  assert.ok(server.count('DeleteObjects') < 9);
});

test('no more keys are read than there is room for', async (t) => {
  const server = await seeded(t, []);
  let read = 0;
  function* endless(): Generator<KeyToDelete, void> {
    for (const key of names(30_000)) {
      read += 1;
      yield listed(key);
    }
  }
  const hold = server.fault({ verb: 'DeleteObjects', occurrences: 'all', type: 'hold' });
  const poll = setInterval(() => {
    if (server.count('DeleteObjects') < 8) return;
    clearInterval(poll);
    assert.ok(read <= 10_000, `${read}`);
    hold.clear();
  }, 5);
  t.after(() => clearInterval(poll));
  const { report } = await runDelete(server, endless());
  assert.equal(report.counts.delete, 30_000);
});
