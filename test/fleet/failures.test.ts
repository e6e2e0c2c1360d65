import assert from 'node:assert/strict';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_COUNTS, packResult, passError } from '../../src/fleet/result.js';
import { PartialFailureError, UsageError } from '../../src/index.js';
import { serverFor } from '../support/engine.js';
import { QUICK, runFleetCopy, runFleetPut, startWorker } from '../support/fleet.js';
import { startRedis, withoutRedis } from '../support/redis.js';
import { makeTree } from '../support/tree.js';

const DENIED = { accessKeyId: 'denied-key', secretAccessKey: 'denied-secret' };
const files = { 'a.txt': 'a', 'b.txt': 'bb', 'c.txt': 'ccc' };

test('a worker without permission stops, and another one does its batch', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  server.addCredentials(DENIED, { buckets: [] });
  const running = runFleetPut(server, redis, { source: makeTree(t, files) });
  const denied = startWorker(t, redis, server, { own: { credentials: DENIED } });
  await denied.said('end ');
  assert.match(denied.lines.join('\n'), /-0 ended\nend .*AccessDenied/);
  startWorker(t, redis, server);
  const { error, report } = await running;
  assert.equal(error, undefined);
  assert.equal(report.counts.put, 3);
  assert.match(report.warnings.join('\n'), /The worker .* stopped a batch: .*AccessDenied/);
});

test('objects whose workers all lack the permission fail by key', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  server.addCredentials(DENIED, { buckets: [] });
  for (let count = 0; count < 3; count++) startWorker(t, redis, server, { own: { credentials: DENIED } });
  const { error, report, keys } = await runFleetPut(server, redis, { source: makeTree(t, files) });
  assert.ok(error instanceof PartialFailureError);
  assert.deepEqual(keys('fail'), Object.keys(files));
  assert.equal(report.failures[0]?.code, 'AccessDenied');
  assert.equal(report.failures[0]?.status, 403);
});

test('a worker that goes on after a permission was refused is not said to have stopped', {
  skip: withoutRedis,
}, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  startWorker(t, redis, server);
  const source = makeTree(t, Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${at}.txt`, 'text'])));
  await runFleetPut(server, redis, { source });
  const denied = { source, mode: 'stupid', expectedBucketOwner: '123456789012' } as const;
  const { report, outcomes } = await runFleetPut(server, redis, denied, { ...QUICK, batchSize: 30 });
  assert.equal(report.counts.fail, 30);
  const text = [...report.warnings, ...outcomes.map(({ reason }) => reason)].join('\n');
  assert.match(text, /The worker \S+ stopped a batch: .*AccessDenied/);
  assert.match(text, /^all workers that took the batch of this object stopped it: .*AccessDenied/m);
  const next = await runFleetPut(server, redis, { source, prefix: 'next' });
  assert.equal(next.report.counts.put, 30);
});

test('a run ends when its only worker was stopped by an error', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  server.addCredentials(DENIED, { buckets: [] });
  startWorker(t, redis, server, { own: { credentials: DENIED } });
  const { error, report } = await runFleetPut(
    server,
    redis,
    { source: makeTree(t, files) },
    { ...QUICK, patienceMs: 300 },
  );
  assert.equal(error?.name, 'RunStoppedError');
  assert.equal(error?.code, 'AccessDenied');
  assert.equal(report.notAttempted, 3);
});

for (const [what, options, code] of [
  ['a bucket that does not exist', { bucket: 'missing' }, 'NoSuchBucket'],
  ['an ACL for a bucket that has none', { acl: 'public-read' }, 'AccessControlListNotSupported'],
] as const) {
  test(`${what} ends its run, and not the worker`, { skip: withoutRedis }, async (t) => {
    const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
    const worker = startWorker(t, redis, server);
    const source = makeTree(t, files);
    const times = { ...QUICK, patienceMs: 300 };
    const { error, report } = await runFleetPut(server, redis, { source, ...options }, times);
    assert.equal(error?.name, 'RunStoppedError');
    assert.equal(error?.code, code);
    assert.equal(report.counts.put, 0);
    assert.equal(report.complete, false);
    const gone = worker.ended.then(() => assert.fail('the worker has ended'));
    const next = await Promise.race([runFleetPut(server, redis, { source }), gone]);
    assert.equal(next.error, undefined);
    assert.equal(next.report.counts.put, 3);
  });
}

test('a copy from or to a bucket that does not exist ends with that error', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: ['from', 'site'] }), startRedis(t)]);
  server.seed('from', 'a', 'a');
  startWorker(t, redis, server);
  for (const options of [{ source: 's3://missing' }, { destination: 's3://missing' }]) {
    const { error, report } = await runFleetCopy(server, redis, options);
    assert.equal(error?.name, 'RunStoppedError');
    assert.equal(error?.code, 'NoSuchBucket');
    assert.equal(report.complete, false);
  }
});

test('single objects that fail have their errors in the report', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  server.mode({ deny: [{ verb: 'PutObject', key: /b\.txt$/ }] }, 'site');
  startWorker(t, redis, server);
  const { error, report, keys } = await runFleetPut(server, redis, { source: makeTree(t, files) });
  assert.ok(error instanceof PartialFailureError);
  assert.deepEqual(keys('put'), ['a.txt', 'c.txt']);
  const [failure] = report.failures;
  assert.equal(failure?.key, 'b.txt');
  assert.equal(failure?.code, 'AccessDenied');
  assert.match(failure?.message ?? '', /b\.txt/);
  assert.ok(failure?.requestId);
});

test('a file that is another one on the worker fails by key', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const source = makeTree(t, { ...files, 'd.txt': 'dd', 'e.txt': 'e', 'f.txt': 'f', 'g/h.txt': 'h' });
  const running = runFleetPut(server, redis, { source });
  while ((await redis.client.llen('s3pp:batches:wait')) === 0) await new Promise((go) => setTimeout(go, 20));
  writeFileSync(join(source, 'b.txt'), 'longer');
  utimesSync(join(source, 'c.txt'), 1_000, 1_000);
  rmSync(join(source, 'd.txt'));
  rmSync(join(source, 'f.txt'));
  mkdirSync(join(source, 'f.txt'));
  rmSync(join(source, 'g'), { recursive: true });
  writeFileSync(join(source, 'g'), 'a file by now');
  startWorker(t, redis, server);
  const { report, keys, reasonOf } = await running;
  assert.deepEqual(keys('put'), ['a.txt', 'e.txt']);
  assert.deepEqual(keys('fail'), ['b.txt', 'c.txt', 'd.txt', 'f.txt', 'g/h.txt']);
  assert.match(reasonOf('b.txt') ?? '', /its size is 6 bytes, and was 2/);
  assert.match(reasonOf('c.txt') ?? '', /it was last written at 1970-01-01T00:16:40.000Z/);
  for (const key of ['d.txt', 'g/h.txt'])
    assert.match(reasonOf(key) ?? '', /does not exist on this worker .*, but the run has found it/);
  assert.match(reasonOf('f.txt') ?? '', /is a directory by now/);
  assert.equal(report.failures.length, 5);
});

test('a worker refuses a job of another version by name', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const { Queue } = await import('bullmq');
  const queue = new Queue('batches', { connection: { url: redis.url }, prefix: 's3pp' });
  t.after(() => queue.close());
  await queue.add('put', { kind: 'put', version: '99.0.0', run: 'other' }, { jobId: 'other-0' });
  const worker = startWorker(t, redis, server);
  await worker.said('end ');
  assert.match(worker.lines.join('\n'), /The run other is one of s3-parallel-put 99\.0\.0, and this worker is/);
});

test('a run whose only worker has another version ends with that reason', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const { Worker } = await import('bullmq');
  const error = passError(new UsageError('The run is one of 1.0.0, and this worker is 2.0.0.', 'Install the same.'));
  // As that of another version does, it gives the batch back, and leaves.
  const worker = new Worker(
    'batches',
    async () => {
      void worker.close();
      return packResult({ state: 'back', worker: 'newer', outcomes: [], counts: NO_COUNTS, error });
    },
    { connection: { url: redis.url, maxRetriesPerRequest: null }, prefix: 's3pp', name: 'newer' },
  );
  t.after(() => worker.close());
  const source = makeTree(t, files);
  const ran = await runFleetPut(server, redis, { source }, { ...QUICK, patienceMs: 300 });
  assert.equal(ran.error?.name, 'UsageError');
  assert.match(ran.error?.message ?? '', /one of 1\.0\.0, and this worker is 2\.0\.0/);
  assert.match(ran.report.warnings.join(), /The worker newer stopped: The run is one of 1\.0\.0/);
});

test('a queue that may drop jobs is refused', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t, ['--maxmemory-policy', 'allkeys-lru'])]);
  const { error } = await runFleetPut(server, redis, { source: makeTree(t, files) });
  assert.ok(error instanceof UsageError);
  assert.match(error.message, /maxmemory-policy allkeys-lru/);
});

test('a user whom the queue refuses sees neither stack nor password', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t, ['--requirepass', 'right-password'])]);
  const url = redis.url.replace('//', '//:wrong-password@');
  const { error } = await runFleetPut(server, { ...redis, url }, { source: makeTree(t, files) });
  assert.ok(error instanceof UsageError);
  assert.match(error.message, /refuses the user/);
  assert.doesNotMatch(`${error.message} ${error.hint}`, /wrong-password/);
});
