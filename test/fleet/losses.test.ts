import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { putByFleet } from '../../src/fleet.js';
import type { RunEvent } from '../../src/index.js';
import { preparePut } from '../../src/prepare-put.js';
import { connection, follow, type Ran, serverFor } from '../support/engine.js';
import { faketimeLibrary, QUICK, runFleetPut, startMember, startWorker } from '../support/fleet.js';
import { startRedis, type TestRedis, withoutRedis } from '../support/redis.js';
import { makeTree, type TreeFiles } from '../support/tree.js';
import { until } from '../support/until.js';

const COUNT = 45;
const files: TreeFiles = Object.fromEntries(
  Array.from({ length: COUNT }, (_, at) => [`f${at % 4}/name-${String(at).padStart(4, '0')}.txt`, `content ${at}`]),
);
/** In the second batch. */
const HELD = 'f1/name-0009.txt';

/** Every file is in the bucket with its bytes, and has exactly one outcome, which is no failure. */
function assertAllStored(server: S3Server, { error, outcomes, report }: Ran): void {
  assert.equal(error, undefined);
  assert.equal(report.complete, true);
  assert.deepEqual(outcomes.map(({ key }) => key).sort(), Object.keys(files).sort());
  assert.equal(report.counts.put + report.counts.skip, COUNT);
  for (const [key, text] of Object.entries(files)) assert.equal(String(server.object('site', key)?.body), text);
}

async function nothingLeft(redis: TestRedis): Promise<void> {
  assert.deepEqual(await redis.client.keys('s3pp:batches:run*'), []);
}

test('kill -9 of two workers with the same batch loses nothing', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 'all' });
  const running = runFleetPut(server, redis, { source: makeTree(t, files) });
  for (const hits of [1, 2]) {
    const worker = startWorker(t, redis, server);
    await until(() => hold.hits >= hits);
    await worker.kill('SIGKILL');
  }
  hold.clear();
  startWorker(t, redis, server);
  assertAllStored(server, await running);
  await nothingLeft(redis);
});

test('a batch that has lost three workers is cut in two', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 'all' });
  const running = runFleetPut(server, redis, { source: makeTree(t, files) });
  for (const hits of [1, 2, 3]) {
    const worker = startWorker(t, redis, server);
    await until(() => hold.hits >= hits);
    await worker.kill('SIGKILL');
  }
  hold.clear();
  const last = startWorker(t, redis, server);
  await last.said('-1 cut');
  assertAllStored(server, await running);
  await last.said('-1.2 done');
  await nothingLeft(redis);
});

test('kill -9 of the coordinator: a run of the same name goes on', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const source = makeTree(t, files);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 'all' });
  startWorker(t, redis, server);
  const options = { bucket: 'site', source, ...connection(server) };
  const first = startMember(t, { role: 'put', queue: redis.url, queueRun: 'run.a', options, internals: QUICK });
  await until(() => hold.hits >= 1);
  await first.kill('SIGKILL');
  const running = runFleetPut(server, redis, { source }, QUICK, 'run.a');
  hold.clear();
  assertAllStored(server, await running);
  await nothingLeft(redis);
});

test('a run that goes on takes no batch of another plan for its own', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const source = makeTree(t, files);
  const other = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b' });
  const options = { bucket: 'site', source: other, ...connection(server) };
  const first = startMember(t, { role: 'put', queue: redis.url, queueRun: 'run.a', options, internals: QUICK });
  while ((await redis.client.exists('s3pp:batches:run.a-0')) === 0) await new Promise((go) => setTimeout(go, 20));
  await first.kill('SIGKILL');
  startWorker(t, redis, server);
  assertAllStored(server, await runFleetPut(server, redis, { source }, QUICK, 'run.a'));
});

test('a run that goes on with other options writes after what workers still have of it', {
  skip: withoutRedis,
}, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const source = makeTree(t, files);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 1 });
  const worker = startWorker(t, redis, server, { times: { lockMs: 30_000 } });
  const options = { bucket: 'site', source, ...connection(server) };
  const old = { ...options, cacheControl: 'max-age=1', mode: 'stupid' } as const;
  const first = startMember(t, { role: 'put', queue: redis.url, queueRun: 'run.a', options: old, internals: QUICK });
  await until(() => hold.hits >= 1);
  await first.kill('SIGKILL');
  startWorker(t, redis, server, { times: { lockMs: 30_000 } });
  const given = { ...options, cacheControl: 'max-age=2', mode: 'stupid', signal: redis.over } as const;
  let waits = false;
  let over = false;
  const running = follow((onEvent) => {
    const see = (event: RunEvent): void => {
      waits ||= event.type === 'warning' && event.code === 'earlier-run';
      onEvent(event);
    };
    return putByFleet(preparePut(given), given, { queue: redis.url, queueRun: 'run.a' }, see, QUICK);
  });
  void running.finally(() => (over = true));
  await until(() => waits || over);
  hold.clear();
  assertAllStored(server, await running);
  await worker.said('batch run.a-1 done');
  for (const key of Object.keys(files))
    assert.equal(server.object('site', key)?.headers['cache-control'], 'max-age=2', key);
  await nothingLeft(redis);
});

test('Redis killed and restarted with its file loses nothing', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 'all' });
  startWorker(t, redis, server);
  startWorker(t, redis, server);
  const running = runFleetPut(server, redis, { source: makeTree(t, files) });
  await until(() => hold.hits >= 1);
  await redis.restart();
  hold.clear();
  assertAllStored(server, await running);
  await nothingLeft(redis);
});

test('the coordinator adds again what Redis has lost', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 'all' });
  startWorker(t, redis, server);
  const running = runFleetPut(server, redis, { source: makeTree(t, files) });
  await until(() => hold.hits >= 1);
  await redis.client.flushall();
  hold.clear();
  assertAllStored(server, await running);
});

const library = faketimeLibrary();
const withoutFaketime =
  withoutRedis || (library === undefined && 'faketime is not installed (Debian: apt-get install faketime)');

for (const faketime of ['+1h', '-1h'])
  test(`a worker whose clock is off by ${faketime} does its batches`, { skip: withoutFaketime }, async (t) => {
    const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
    const odd = startWorker(t, redis, server, { env: { LD_PRELOAD: library ?? '', FAKETIME: faketime } });
    const running = runFleetPut(server, redis, { source: makeTree(t, files) });
    await odd.said('batch');
    startWorker(t, redis, server);
    assertAllStored(server, await running);
  });

test('a worker that is asked to stop gives its batch back', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 'all' });
  const running = runFleetPut(server, redis, { source: makeTree(t, files) });
  const first = startWorker(t, redis, server, { times: { graceMs: 100 } });
  await until(() => hold.hits >= 1);
  await first.kill('SIGTERM');
  assert.match(first.lines.join('\n'), /-1 back\n[\s\S]*end $/m);
  hold.clear();
  startWorker(t, redis, server);
  assertAllStored(server, await running);
});

test('a worker that is asked to stop finishes its batch where there is time', { skip: withoutRedis }, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: HELD, occurrences: 'all' });
  const running = runFleetPut(server, redis, { source: makeTree(t, files) });
  const first = startWorker(t, redis, server);
  await until(() => hold.hits >= 1);
  first.child.kill('SIGTERM');
  // Else it may take another batch first.
  await first.said('stopping');
  hold.clear();
  await first.ended;
  assert.match(first.lines.join('\n'), /-1 done\n[\s\S]*end $/m);
  startWorker(t, redis, server);
  assertAllStored(server, await running);
});

test('a worker without a batch that is asked to stop waits for no Redis that is gone', {
  skip: withoutRedis,
}, async (t) => {
  const [server, redis] = await Promise.all([serverFor(t), startRedis(t)]);
  const worker = startWorker(t, redis, server, { times: { graceMs: 3_600_000 } });
  const { error } = await runFleetPut(server, redis, { source: makeTree(t, files) });
  assert.equal(error, undefined);
  await redis.stop();
  await worker.kill('SIGTERM');
  assert.match(worker.lines.join('\n'), /^end $/m);
});
