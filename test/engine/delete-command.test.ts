import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import { AbortError, PartialFailureError, RefusedError, RunStoppedError } from '../../src/errors.js';
import { type DeleteObjectsOptions, type DeletionPlan, deleteObjects, UsageError } from '../../src/index.js';
import { connection, runDeleteObjects, serverFor } from '../support/engine.js';

/** Keys that are near to those below `pr-4/`. */
const NEAR = ['index.html', 'pr-4', 'pr-4.html', 'pr-42/index.html', 'other/pr-4/index.html', 'pr-3/x'];
const BELOW = ['pr-4/', 'pr-4/a/b.css', 'pr-4/index.html'];

async function seeded(t: TestContext, keys: readonly string[], mode: Partial<S3Mode> = {}): Promise<S3Server> {
  const server = await serverFor(t, { mode });
  for (const key of keys) server.seed('site', key, key);
  return server;
}

const many = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `pr-4/${String(i).padStart(5, '0')}.js`);

const writes = (server: S3Server): number => server.count('DeleteObjects') + server.count('DeleteObject');

describe('wrong options are refused before any request', () => {
  const rows: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ bucket: 's3://site' }, /All objects of the bucket "site" would be deleted.*s3:\/\/site\/pr-42\//],
    [{ bucket: 's3://site/' }, /All objects/],
    [{ bucket: 's3://site//' }, /All objects.*is the variable empty/],
    [{ bucket: 'site' }, /All objects/],
    [{ bucket: 'site', prefix: '' }, /All objects/],
    [{ bucket: 'site', prefix: '/' }, /All objects/],
    [{ bucket: 'site', prefix: '///' }, /All objects/],
    [{ bucket: 's3://site/a', prefix: 'b' }, /given twice/],
    [{ bucket: 's3://site/pr-4/*' }, /ends in "\*".*s3:\/\/site\/pr-4\/,/],
    [{ bucket: 's3://site/*' }, /ends in "\*"/],
    [{ bucket: 's3://site/a/../b' }, /holds the segment "\.\."/],
    [{ bucket: 's3://site/.' }, /holds the segment "\."/],
    [{ bucket: '' }, /No bucket/],
    [{ bucket: 7 }, /No bucket/],
    [{ prefix: 7 }, /prefix is number/],
    [{ confirm: true }, /confirm is boolean; it must be a function/],
    [{ yes: true }, /Unknown option "yes"/],
    [{ delete: true }, /Unknown option "delete"/],
    [{ source: '.' }, /Unknown option "source"/],
    [{ exclude: 'x' }, /Unknown option "exclude"/],
    [{ maxDelete: 'many' }, /maxDelete is "many"/],
    [{ maxDelete: -1 }, /maxDelete is -1/],
    [{ protect: 7 }, /protect must be a glob/],
    [{ concurrency: 0 }, /concurrency is 0/],
    [{ retryDelay: 'never' }, /retryDelay/],
    [{ dryRun: 'yes' }, /dryRun is "yes"/],
  ];
  for (const [wrong, message] of rows)
    test(JSON.stringify(wrong), async (t) => {
      const server = await seeded(t, BELOW);
      const options = { bucket: 's3://site/pr-4/', ...connection(server), ...wrong } as DeleteObjectsOptions;
      if (wrong.prefix !== undefined && wrong.bucket === undefined) Object.assign(options, { bucket: 'site' });
      assert.throws(
        () => deleteObjects(options),
        (error) => {
          assert.ok(error instanceof UsageError, String(error));
          assert.match(`${error.message} ${error.hint ?? ''}`, message);
          return true;
        },
      );
      assert.deepEqual(server.requests, []);
    });
});

for (const place of [
  { bucket: 's3://site/pr-4/' },
  { bucket: 's3://site/pr-4' },
  { bucket: 'site', prefix: 'pr-4' },
  { bucket: 's3://site', prefix: '/pr-4/' },
])
  test(`${JSON.stringify(place)} deletes what is below pr-4/, and nothing beside it`, async (t) => {
    const server = await seeded(t, [...NEAR, ...BELOW]);
    const { report, error, keys, events, outcomes } = await runDeleteObjects(server, place);
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site').toSorted(), NEAR.toSorted());
    assert.deepEqual(keys('delete'), BELOW.toSorted());
    assert.deepEqual(report.reasons, { 'below the prefix': 3 });
    assert.deepEqual(report.phases, [
      { phase: 'deletes', planned: 3, done: 3, failed: 0, unknown: 0, notAttempted: 0 },
    ]);
    assert.deepEqual([report.complete, report.notAttempted, report.strays], [true, 0, undefined]);
    assert.equal(outcomes[0]?.origin, `s3://site/${outcomes[0]?.key}`);
    const phases = events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));
    assert.deepEqual(phases, ['plan', 'deletes']);
    const start = events.find(({ type }) => type === 'start');
    assert.ok(start?.type === 'start');
    assert.deepEqual([start.from, start.to, start.dryRun], [[], 's3://site/pr-4', false]);
  });

test('2,500 keys are three pages and three batches, and nothing else is requested', async (t) => {
  const server = await seeded(t, [...many(2_500), ...NEAR]);
  const { report, error } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/' });
  assert.equal(error, undefined);
  assert.deepEqual(report.requests, { ListObjectsV2: 3, DeleteObjects: 3 });
  assert.equal(report.counts.delete, 2_500);
  assert.equal(server.keys('site').length, NEAR.length);
});

test('a slash more is a part of the prefix, as it is of the keys', async (t) => {
  const server = await seeded(t, ['a/x', 'a//x', '/a/x']);
  await runDeleteObjects(server, { bucket: 's3://site/a//' });
  assert.deepEqual(server.keys('site').toSorted(), ['/a/x', 'a/x']);
  await runDeleteObjects(server, { bucket: 's3://site//a' });
  assert.deepEqual(server.keys('site'), ['a/x']);
});

test('an empty prefix has nothing to delete, which a warning says', async (t) => {
  const server = await seeded(t, NEAR);
  const confirm = () => assert.fail('nothing to confirm');
  const { report, error, events } = await runDeleteObjects(server, { bucket: 's3://site/pr-5', confirm });
  assert.equal(error, undefined);
  assert.deepEqual([report.complete, report.counts.delete], [true, 0]);
  assert.deepEqual(report.requests, { ListObjectsV2: 1 });
  assert.match(report.warnings.join(), /No key begins with "pr-5\/"/);
  assert.ok(!events.some((event) => event.type === 'phase' && event.phase === 'deletes'));
});

test('what protect matches, relative to the prefix, stays', async (t) => {
  const server = await seeded(t, [...NEAR, ...BELOW, 'pr-4/keep/x', 'pr-4/a/keep']);
  const { report } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/', protect: ['keep/**', '/index.html'] });
  assert.equal(report.counts.delete, 3);
  assert.deepEqual(
    server.keys('site').filter((key) => key.startsWith('pr-4/')),
    ['pr-4/index.html', 'pr-4/keep/x'],
  );
});

test('there is no limit, unless maxDelete is one: then all stays, and the error has the list and the number to write', async (t) => {
  const server = await seeded(t, many(300));
  for (const maxDelete of [299, '99%']) {
    const { error, report } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/', maxDelete });
    assert.ok(error instanceof RefusedError);
    assert.equal(error.code, 'TooManyDeletes');
    assert.match(error.message, /300 of 300 keys.*\n {2}pr-4\/00000\.js\n/);
    assert.match(error.hint ?? '', /maxDelete: '300'/);
    assert.equal(report.complete, false);
    assert.equal(writes(server), 0);
  }
  const { report } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/', maxDelete: 300 });
  assert.equal(report.counts.delete, 300);
});

test('confirm gets what is about to be deleted, once and before the first delete', async (t) => {
  const server = await seeded(t, many(2_000));
  const plans: DeletionPlan[] = [];
  const { report } = await runDeleteObjects(server, {
    bucket: 's3://site/pr-4/',
    protect: '*0.js',
    async confirm(plan) {
      plans.push(plan);
      assert.equal(writes(server), 0);
      return true;
    },
  });
  assert.equal(plans.length, 1);
  const [{ count, bytes, address, examples }] = plans as [DeletionPlan];
  assert.deepEqual([count, bytes, address], [1_800, 1_800 * 'pr-4/00000.js'.length, 's3://site/pr-4/']);
  assert.equal(examples.length, 10);
  assert.equal(examples[0], 'pr-4/00001.js');
  assert.equal(report.counts.delete, 1_800);
});

test('without confirmation nothing is deleted, and all is reported as not attempted', async (t) => {
  const server = await seeded(t, BELOW);
  const { report, error } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/', confirm: () => false });
  assert.equal(error, undefined);
  assert.deepEqual([report.complete, report.notAttempted, report.counts.delete], [false, 3, 0]);
  assert.deepEqual(report.phases, [{ phase: 'deletes', planned: 3, done: 0, failed: 0, unknown: 0, notAttempted: 3 }]);
  assert.equal(writes(server), 0);
});

test('an error of confirm ends the run before the first delete', async (t) => {
  const server = await seeded(t, BELOW);
  const confirm = async () => {
    throw new Error('no terminal');
  };
  const { error, report } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/', confirm });
  assert.equal(error?.message, 'no terminal');
  assert.equal(report.counts.delete, 0);
  assert.equal(writes(server), 0);
});

test('a dry run lists, asks nothing, and says what would be deleted', async (t) => {
  const server = await seeded(t, BELOW);
  const confirm = () => assert.fail('a dry run asks nothing');
  const { report, keys } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/', dryRun: true, confirm });
  assert.deepEqual(keys('delete'), BELOW.toSorted());
  assert.deepEqual([report.dryRun, report.complete], [true, true]);
  assert.deepEqual(report.requests, { ListObjectsV2: 1 });
  assert.equal(server.keys('site').length, 3);
});

test('a listing that is denied deletes nothing, and the error names s3:ListBucket', async (t) => {
  const server = await seeded(t, BELOW, { deny: ['ListObjectsV2'] });
  const { error } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/' });
  assert.ok(error instanceof RunStoppedError);
  assert.match(error.hint ?? '', /s3:ListBucket/);
  assert.equal(writes(server), 0);
});

test('a listing that ends early deletes nothing', async (t) => {
  const server = await seeded(t, many(2_500));
  server.fault({ verb: 'ListObjectsV2', occurrences: [2, 3, 4, 5, 6, 7, 8, 9, 10], type: 'status', status: 500 });
  const { error } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/', maxAttempts: 3 });
  assert.ok(error instanceof RunStoppedError);
  assert.equal(writes(server), 0);
  assert.equal(server.keys('site').length, 2_500);
});

test('a listing in another order than that of UTF-8 is read to its end', async (t) => {
  const odd = ['pr-4/\uff5e', 'pr-4/\u{1f600}', 'pr-4/\uffee', 'pr-4/\u{10fffd}'];
  const keys = odd.flatMap((key) => Array.from({ length: 300 }, (_, i) => `${key}${i}`));
  const server = await seeded(t, [...keys, ...NEAR], { order: 'utf16', pageSize: 100 });
  const { report } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/' });
  assert.equal(report.counts.delete, 1_200);
  assert.equal(server.keys('site').length, NEAR.length);
});

test('an object that another writer changes after the listing stays, and counts as a conflict', async (t) => {
  const server = await seeded(t, BELOW);
  const { report, keys, reasonOf } = await runDeleteObjects(server, {
    bucket: 's3://site/pr-4/',
    confirm() {
      server.seed('site', 'pr-4/index.html', 'rewritten');
      return true;
    },
  });
  assert.deepEqual(keys('skip'), ['pr-4/index.html']);
  assert.equal(reasonOf('pr-4/index.html'), 'changed during the run');
  assert.deepEqual([report.conflicts, report.counts.delete], [1, 2]);
  assert.deepEqual(server.keys('site'), ['pr-4/index.html']);
});

test('a bucket with versions is said once', async (t) => {
  const server = await seeded(t, many(1_200), { versioning: true });
  const { report } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/' });
  assert.equal(report.counts.delete, 1_200);
  assert.equal(report.warnings.filter((warning) => /has versions/.test(warning)).length, 1);
});

test('a server without DeleteObjects gets a delete for each key', async (t) => {
  const server = await seeded(t, many(50), { batchDeletes: false });
  const { report, error } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/' });
  assert.equal(error, undefined);
  assert.deepEqual([report.counts.delete, server.count('DeleteObject')], [50, 50]);
});

test('keys that may not be deleted fail by themselves, and make the run fail', async (t) => {
  const server = await seeded(t, BELOW, { deny: [{ verb: 'DeleteObject', key: /css$/ }] });
  const { report, error } = await runDeleteObjects(server, { bucket: 's3://site/pr-4/' });
  assert.ok(error instanceof PartialFailureError);
  assert.deepEqual([report.counts.fail, report.counts.delete], [1, 2]);
  assert.deepEqual(report.phases, [{ phase: 'deletes', planned: 3, done: 2, failed: 1, unknown: 0, notAttempted: 0 }]);
});

for (const verb of ['ListObjectsV2', 'DeleteObjects'] as const)
  test(`an abort during ${verb} begins no further delete`, async (t) => {
    const server = await seeded(t, many(9_500));
    const abort = new AbortController();
    server.fault({ verb, occurrences: 'all', type: 'stall' });
    const poll = setInterval(() => {
      if (server.count(verb) >= 1) abort.abort();
    }, 5);
    t.after(() => clearInterval(poll));
    const { error, report } = await runDeleteObjects(server, {
      bucket: 's3://site/pr-4/',
      concurrency: 1,
      signal: abort.signal,
    });
    assert.ok(error instanceof AbortError);
    assert.equal(report.counts.delete, 0);
    assert.ok(writes(server) <= 1);
  });
