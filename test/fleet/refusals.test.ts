import assert from 'node:assert/strict';
import { mkdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { type PackedResult, unpackResult } from '../../src/fleet/result.js';
import { PartialFailureError, UsageError } from '../../src/index.js';
import { VERSION } from '../../src/model/version.js';
import { connection, type Ran, serverFor } from '../support/engine.js';
import { QUICK, runFleetCopy, runFleetPut, startWorker } from '../support/fleet.js';
import { startRedis, type TestRedis, withoutRedis } from '../support/redis.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const files = { 'a.txt': 'a', 'b.txt': 'bb' };

async function queued(redis: TestRedis): Promise<void> {
  while ((await redis.client.llen('s3pp:batches:wait')) === 0) await new Promise((go) => setTimeout(go, 20));
}

/** A run whose directory goes away before a worker sees it; another directory may take its place. */
async function putOfMoved(server: S3Server, redis: TestRedis, source: string, inItsPlace: boolean): Promise<Ran> {
  const running = runFleetPut(server, redis, { source });
  await queued(redis);
  renameSync(source, `${source}-moved`);
  if (inItsPlace) mkdirSync(source);
  return running;
}

test('a worker that may not read a directory leaves it to one that may, and goes on', {
  skip: withoutRedis,
}, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: ['site', 'other'] }), startRedis(t)]);
  const [source, other] = [makeTree(t, files), makeTree(t, files)];
  const running = runFleetPut(server, redis, { source }, { ...QUICK, refusedMs: 60_000 });
  const narrow = startWorker(t, redis, server, { allowSource: [other] });
  await narrow.said('refused');
  startWorker(t, redis, server);
  const { error, report } = await running;
  assert.equal(error, undefined);
  assert.equal(report.counts.put, 2);
  assert.match(report.warnings.join('\n'), /The worker .* has refused a batch: it may not read .*--allow-source/);
  const next = await runFleetPut(server, redis, { source: other, bucket: 'other' });
  assert.equal(next.report.counts.put, 2);
  assert.equal(narrow.child.exitCode, null);
});

test('a run that all workers refuse ends with the reason, and they go on', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: ['site', 'from'] }), startRedis(t)]);
  const source = makeTree(t, files);
  const { endpointUrl } = connection(server);
  const own = { ...connection(server), endpointUrl };
  const allowed = { allowSource: [source, 's3://from/docs'], allowDestination: ['s3://site/docs'] };
  startWorker(t, redis, server, { own, ...allowed });
  server.seed('from', 'docs/a', 'a');
  server.seed('from', 'secret', 'a');
  for (const [run, message] of [
    [runFleetPut(server, redis, { source }), /may not write s3:\/\/site\/a\.txt: its --allow-destination/],
    [runFleetPut(server, redis, { source: makeTree(t, files), prefix: 'docs' }), /may not read .*--allow-source/],
    [runFleetCopy(server, redis, { destination: 's3://site/docs' }), /may not read s3:\/\/from\/secret/],
  ] as const) {
    const { error, report } = await run;
    assert.ok(error instanceof UsageError, String(error));
    assert.match(error.message, /No worker can do the run. The worker \S+:\d+:\w+ has refused it/);
    assert.match(error.message, message);
    assert.equal(report.complete, false);
  }
  assert.deepEqual(server.keys('site'), []);
  const put = await runFleetPut(server, redis, { source, prefix: 'docs' });
  assert.equal(put.error, undefined);
  const copy = await runFleetCopy(server, redis, { source: 's3://from/docs', destination: 's3://site/docs' });
  assert.equal(copy.error, undefined);
  assert.deepEqual(server.keys('site'), ['docs/a.txt', 'docs/b.txt', 'docs/docs/a']);
});

test('a worker with an allowed destination uses no endpoint of the queue', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  startWorker(t, redis, server, { allowDestination: ['s3://site'] });
  const many = Object.fromEntries(Array.from({ length: 75 }, (_, at) => [`n${at}.txt`, 'n']));
  const { error, report } = await runFleetPut(server, redis, { source: makeTree(t, many) });
  // The worker keeps what it refuses for a while, and none of it is stored.
  assert.equal(report.counts.unknown, 0);
  assert.equal(report.notAttempted, 75);
  assert.match(error?.message ?? '', /may use no endpoint that the queue names \(http:\/\/127\.0\.0\.1:\d+/);
});

for (const [what, inItsPlace, message] of [
  ['is missing', false, /it cannot read the directory .* \(ENOENT\)/],
  ['is an empty mount point', true, /its directory .* has none of the 2 files of the batch/],
] as const)
  test(`a source that ${what} on all workers ends the run, and no worker`, { skip: withoutRedis }, async (t) => {
    const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
    const running = putOfMoved(
      server,
      redis,
      join(makeTree(t, { 'data/a.txt': 'a', 'data/b.txt': 'bb' }), 'data'),
      inItsPlace,
    );
    const worker = startWorker(t, redis, server);
    const { error, report } = await running;
    assert.ok(error instanceof UsageError, String(error));
    assert.match(error.message, /The worker \S+:\d+:\w+ has refused it/);
    assert.match(error.message, message);
    assert.match(error.hint ?? '', /All workers need the source at the same path/);
    assert.equal(report.counts.put, 0);
    const next = await runFleetPut(server, redis, { source: makeTree(t, files) });
    assert.equal(next.report.counts.put, 2);
    assert.equal(worker.child.exitCode, null);
  });

test('a source that goes away during the run fails what is left by key', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const names = Array.from({ length: 35 }, (_, at) => `n${String(at).padStart(2, '0')}.txt`);
  const tree = makeTree(t, Object.fromEntries(names.map((name) => [`data/${name}`, name])));
  const source = join(tree, 'data');
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: /n[01]9/, occurrences: 'all' });
  const running = runFleetPut(server, redis, { source });
  startWorker(t, redis, server);
  // It has two batches at a time.
  await until(() => hold.hits >= 2);
  renameSync(source, `${source}-moved`);
  hold.clear();
  const { error, keys, reasonOf } = await running;
  assert.ok(error instanceof PartialFailureError, String(error));
  assert.deepEqual(keys('fail').slice(-15), names.slice(20));
  assert.match(
    reasonOf('n34.txt') ?? '',
    /the worker \S+:\d+:\w+ has refused it: it cannot read the directory .*ENOENT/,
  );
});

interface Injected {
  readonly root: string;
  readonly files: readonly (readonly [string, number, number, number])[];
  readonly options: object;
}

/** What a worker answers to a job that is none of a run. */
async function resultOf(t: TestContext, redis: TestRedis, server: S3Server, { root, files, options }: Injected) {
  const { Queue } = await import('bullmq');
  const queue = new Queue('batches', { connection: { url: redis.url }, prefix: 's3pp' });
  t.after(() => queue.close());
  const { endpointUrl, region } = connection(server);
  const { ino, ctimeMs } = statSync(root);
  const places = { bucket: 'site', prefix: '', endpointUrl, region };
  const job = { kind: 'put', version: VERSION, run: 'odd', options: { ...places, ...options }, root, files };
  await queue.add('put', { ...job, rootStamp: { inode: ino, changedMs: Math.trunc(ctimeMs) } }, { jobId: 'odd-0' });
  const worker = startWorker(t, redis, server, { allowSource: [root] });
  const keys = files.map(([path]) => path);
  await worker.said('batch odd-0');
  const value = async (): Promise<PackedResult> => {
    const job = await queue.getJob('odd-0');
    // It was read before it was known to be completed.
    if ((await job?.isCompleted()) === true) return (await queue.getJob('odd-0'))?.returnvalue as PackedResult;
    await new Promise((go) => setTimeout(go, 20));
    return value();
  };
  return { member: worker, result: unpackResult(await value(), { keys, origins: keys }) };
}

test('a job that the queue makes up reads nothing through a symlink of the directory', {
  skip: withoutRedis,
}, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const root = makeTree(t, files);
  const outside = makeTree(t, { 'secret.txt': 'secret' });
  symlinkSync(outside, join(root, 'link'));
  const { size, mtimeMs, ino } = statSync(join(outside, 'secret.txt'));
  const file = ['link/secret.txt', size, Math.trunc(mtimeMs), ino] as const;
  const { result } = await resultOf(t, redis, server, { root, files: [file], options: {} });
  assert.equal(result.outcomes[0]?.action, 'fail');
  assert.deepEqual(server.keys('site'), []);
});

test('a job that the queue makes up has no options but those of objects', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  server.seed('site', 'kept', 'x');
  const odd = { root: makeTree(t, files), files: [['a.txt', 1, 1, 1]] as const, options: { delete: true } };
  const { member, result } = await resultOf(t, redis, server, odd);
  assert.equal(result.state, 'back');
  await member.said('end The queue holds a job that cannot be read: its option "delete"');
  assert.deepEqual(server.keys('site'), ['kept']);
});
