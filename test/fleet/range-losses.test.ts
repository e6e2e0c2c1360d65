import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Server } from 'fake-s3';
import { openQueue } from '../../src/fleet/queue.js';
import { PartialFailureError } from '../../src/index.js';
import { connection, type Ran, serverFor } from '../support/engine.js';
import { runFleetPut, startMember } from '../support/fleet.js';
import { etagOf, PART, partsSent } from '../support/parts.js';
import {
  allSend,
  assertClean,
  BIG,
  BUCKETS,
  holdParts,
  LONG_LOCKS,
  leaderOf,
  QUICK_RANGES,
  sendersOf,
  startNamed,
} from '../support/ranges.js';
import { startRedis, type TestRedis, withoutRedis } from '../support/redis.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const DENIED = { accessKeyId: 'denied-key', secretAccessKey: 'denied-secret' };

async function started(t: TestContext): Promise<{ server: S3Server; redis: TestRedis; source: string }> {
  const [server, redis] = await Promise.all([serverFor(t, { buckets: BUCKETS }), startRedis(t)]);
  return { server, redis, source: makeTree(t, { 'big.bin': BIG }) };
}

function put(server: S3Server, redis: TestRedis, source: string, signal?: AbortSignal): Promise<Ran> {
  return runFleetPut(server, redis, { source, ...(signal !== undefined && { signal }) }, QUICK_RANGES);
}

/** The object is there, with one outcome: it is unchanged for a worker that takes it after another one has put it. */
function assertPut(server: S3Server, { error, report, outcomes }: Ran): void {
  assert.equal(error, undefined);
  assert.equal(report.complete, true);
  assert.equal(outcomes.length, 1);
  assert.equal(report.counts.put + report.counts.skip, 1);
  assert.ok(server.object('site', 'big.bin')?.body.equals(BIG));
  assert.equal(server.object('site', 'big.bin')?.etag, etagOf(BIG, PART));
}

/** The same, by one upload. */
function assertOneUpload(server: S3Server, ran: Ran): void {
  assertPut(server, ran);
  assert.equal(server.count('CreateMultipartUpload'), 1);
}

async function waitingRanges({ client }: TestRedis): Promise<string[]> {
  return (await client.lrange('s3pp:batches:wait', 0, -1)).filter((id) => /\.r[0-9a-f]{16}\./.test(id));
}

/** Changes the file in all ranges that wait, once all are there: a leader may take one back meanwhile, so nothing is written then. */
async function changeFiles(
  redis: TestRedis,
  change: (file: [path: string, size: number, mtimeMs: number]) => void,
): Promise<void> {
  const { client } = redis;
  for (;;) {
    await client.watch('s3pp:batches:wait');
    const ids = await waitingRanges(redis);
    // The first range is added last.
    const all = await client.keys('s3pp:batches:run*.r????????????????.1');
    const jobs = await Promise.all(ids.map((id) => client.hget(`s3pp:batches:${id}`, 'data')));
    const writes = client.multi();
    for (const [index, id] of ids.entries()) {
      const job = JSON.parse(jobs[index] ?? '{"batch":{"files":[[]]}}');
      change(job.batch.files[0]);
      writes.hset(`s3pp:batches:${id}`, 'data', JSON.stringify(job));
    }
    if (all.length > 0 && ids.length > 0 && (await writes.exec()) !== null) return;
    await client.unwatch();
    await sleep(5);
  }
}

test('kill -9 of a worker that has a range loses nothing', { skip: withoutRedis }, async (t) => {
  const { server, redis, source } = await started(t);
  const workers = ['one', 'two'].map((name) => startNamed(t, redis, server, name));
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, workers);
  const { others } = leaderOf(server, workers);
  await others[0]?.kill('SIGKILL');
  hold.clear();
  assertOneUpload(server, await running);
  await assertClean(server, redis);
});

test('kill -9 of the worker that has the object: another one goes on with its upload', {
  skip: withoutRedis,
}, async (t) => {
  const { server, redis, source } = await started(t);
  const workers = ['one', 'two', 'three'].map((name) => startNamed(t, redis, server, name));
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, workers);
  const { leader } = leaderOf(server, workers);
  await leader.kill('SIGKILL');
  hold.clear();
  assertOneUpload(server, await running);
  await assertClean(server, redis);
});

test('kill -9 of all workers in the middle of an object: new ones go on with its upload', {
  skip: withoutRedis,
}, async (t) => {
  const { server, redis, source } = await started(t);
  const workers = ['one', 'two'].map((name) => startNamed(t, redis, server, name));
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, workers);
  for (const worker of workers) await worker.kill('SIGKILL');
  hold.clear();
  for (const name of ['three', 'four']) startNamed(t, redis, server, name);
  assertOneUpload(server, await running);
  await assertClean(server, redis);
});

for (const [what, lose] of [
  ['killed and restarted with its file', (redis: TestRedis) => redis.restart()],
  ['emptied', (redis: TestRedis) => redis.client.flushall()],
] as const)
  test(`Redis ${what} in the middle of an object loses nothing`, { skip: withoutRedis }, async (t) => {
    const { server, redis, source } = await started(t);
    const workers = ['one', 'two'].map((name) => startNamed(t, redis, server, name));
    const hold = holdParts(server);
    const running = put(server, redis, source);
    await allSend(server, workers);
    await lose(redis);
    hold.clear();
    assertPut(server, await running);
    await assertClean(server, redis);
  });

test('without Redis a worker finishes its object alone, and reports it later', { skip: withoutRedis }, async (t) => {
  const { server, redis, source } = await started(t);
  const workers = ['one', 'two'].map((name) => startNamed(t, redis, server, name));
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, workers);
  await redis.stop();
  hold.clear();
  await until(() => server.object('site', 'big.bin') !== undefined);
  await redis.restart();
  const ran = await running;
  assert.equal(ran.error, undefined);
  assert.equal(ran.outcomes.length, 1);
  assert.equal(ran.report.complete, true);
  assert.equal(server.object('site', 'big.bin')?.etag, etagOf(BIG, PART));
  await assertClean(server, redis);
});

test('kill -9 of the coordinator: a run of the same name goes on with the upload', {
  skip: withoutRedis,
}, async (t) => {
  const { server, redis, source } = await started(t);
  const workers = ['one', 'two'].map((name) => startNamed(t, redis, server, name));
  const hold = holdParts(server);
  const options = { bucket: 'site', source, ...connection(server) };
  const first = startMember(t, {
    role: 'put',
    queue: redis.url,
    queueRun: 'run.a',
    options,
    internals: QUICK_RANGES,
  });
  await allSend(server, workers);
  await first.kill('SIGKILL');
  const running = runFleetPut(server, redis, { source }, QUICK_RANGES, 'run.a');
  hold.clear();
  assertOneUpload(server, await running);
  await assertClean(server, redis);
});

test('a worker that is asked to stop gives its range back', { skip: withoutRedis }, async (t) => {
  const { server, redis, source } = await started(t);
  const workers = ['one', 'two'].map((name) => startNamed(t, redis, server, name, { times: { graceMs: 100 } }));
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, workers);
  const [other] = leaderOf(server, workers).others;
  other?.child.kill('SIGTERM');
  await other?.said('back');
  await other?.ended;
  assert.match(other?.lines.join('\n') ?? '', /^range \S+ back\nend $/m);
  hold.clear();
  assertOneUpload(server, await running);
  await assertClean(server, redis);
});

test('a worker that is asked to stop gives its object back, and takes its ranges out of the queue', {
  skip: withoutRedis,
}, async (t) => {
  const { server, redis, source } = await started(t);
  const first = startNamed(t, redis, server, 'one', { times: { graceMs: 100 } });
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, [first]);
  await until(async () => (await waitingRanges(redis)).length > 0);
  first.child.kill('SIGTERM');
  await first.ended;
  assert.deepEqual(await waitingRanges(redis), []);
  hold.clear();
  startNamed(t, redis, server, 'two');
  const ran = await running;
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'big.bin')?.body.equals(BIG));
  await assertClean(server, redis);
});

test('a run that is stopped takes its ranges back', { skip: withoutRedis }, async (t) => {
  const { server, redis, source } = await started(t);
  const only = startNamed(t, redis, server, 'one');
  const hold = holdParts(server);
  const abort = new AbortController();
  const running = put(server, redis, source, abort.signal);
  await allSend(server, [only]);
  await until(async () => (await waitingRanges(redis)).length > 0);
  abort.abort();
  const { keys } = await running;
  assert.deepEqual(keys('unknown'), ['big.bin']);
  assert.deepEqual(await waitingRanges(redis), []);
  hold.clear();
  await until(() => /^batch \S+ done/m.test(only.lines.join('\n')));
  assert.deepEqual(await waitingRanges(redis), []);
  assert.deepEqual(
    (await redis.client.keys('s3pp:batches:run*')).filter((key) => /\.r[0-9a-f]{16}\./.test(key)),
    [],
  );
  assert.ok(server.object('site', 'big.bin')?.body.equals(BIG));
});

test('a worker without permission stops, and the object is put without it', { skip: withoutRedis }, async (t) => {
  const { server, redis, source } = await started(t);
  startNamed(t, redis, server, 'one');
  let last = Number.POSITIVE_INFINITY;
  const hold = holdParts(server, 'UploadPart', (connection) => connection <= last);
  const running = put(server, redis, source);
  // As many as this worker sends at once.
  await until(() => hold.hits >= 4);
  last = Math.max(...server.requests.map(({ connection: one }) => one));
  server.addCredentials(DENIED, { buckets: [] });
  const denied = startNamed(t, redis, server, 'two', { own: { credentials: DENIED } });
  await denied.said('end ');
  assert.match(denied.lines.join('\n'), /^range \S+ ended\nend .*AccessDenied/m);
  hold.clear();
  const ran = await running;
  assertOneUpload(server, ran);
  await assertClean(server, redis);
});

test('a part that S3 refuses fails the object by its key, and its upload can be resumed', {
  skip: withoutRedis,
}, async (t) => {
  const { server, redis, source } = await started(t);
  const workers = ['one', 'two'].map((name) => startNamed(t, redis, server, name));
  const hold = holdParts(server);
  const refused = server.fault({
    type: 'status',
    verb: 'UploadPart',
    occurrences: [9, 10, 11],
    status: 400,
    code: 'InvalidArgument',
  });
  const running = put(server, redis, source);
  await allSend(server, workers);
  hold.clear();
  const { error, report } = await running;
  assert.ok(error instanceof PartialFailureError);
  assert.equal(report.failures.length, 1);
  assert.deepEqual([report.failures[0]?.key, report.failures[0]?.code], ['big.bin', 'InvalidArgument']);
  assert.match(report.warnings.join('\n'), /is unfinished: \d+ of 41 parts/);
  assert.deepEqual(await redis.client.keys('s3pp:batches:run*'), []);
  assert.equal(server.uploads('site').length, 1);
  refused.clear();
  assertOneUpload(server, await put(server, redis, source));
  await assertClean(server, redis);
});

test('a worker that has another file fails the object by its key, and its upload is aborted', {
  skip: withoutRedis,
}, async (t) => {
  const { server, redis, source } = await started(t);
  const first = startNamed(t, redis, server, 'one');
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, [first]);
  // As if the run had found another one than this machine has.
  await changeFiles(redis, (file) => {
    file[2] -= 5_000;
  });
  const second = startNamed(t, redis, server, 'two');
  await second.said(' failed');
  hold.clear();
  const { error, report } = await running;
  assert.ok(error instanceof PartialFailureError);
  assert.deepEqual([report.failures[0]?.key, report.failures[0]?.code], ['big.bin', 'SourceDiffers']);
  assert.match(report.failures[0]?.message ?? '', /big\.bin is not the file that the run has found/);
  await assertClean(server, redis);
});

test('a file that is written meanwhile is put as it is then, by a new upload', { skip: withoutRedis }, async (t) => {
  const { server, redis, source } = await started(t);
  const workers = ['one', 'two'].map((name) => startNamed(t, redis, server, name));
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, workers);
  const other = Buffer.concat([BIG.subarray(100), Buffer.from('other')]);
  writeFileSync(join(source, 'big.bin'), other);
  hold.clear();
  const { error, keys } = await running;
  assert.equal(error, undefined);
  assert.deepEqual(keys('put'), ['big.bin']);
  assert.ok(server.object('site', 'big.bin')?.body.equals(other));
  assert.equal(server.count('CreateMultipartUpload'), 2);
  await assertClean(server, redis);
});

test('a worker refuses a range that it cannot read, and the object is put', { skip: withoutRedis }, async (t) => {
  const { server, redis, source } = await started(t);
  const first = startNamed(t, redis, server, 'one');
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, [first]);
  await changeFiles(redis, (file) => {
    file[0] = '../../etc/passwd';
  });
  const second = startNamed(t, redis, server, 'two');
  await second.said('end ');
  assert.match(second.lines.join('\n'), /end The queue holds a job that cannot be read: its files/);
  hold.clear();
  assertOneUpload(server, await running);
  assert.deepEqual(sendersOf(server, 'UploadPart'), ['one']);
  assert.equal(partsSent(server).length, 41);
  await assertClean(server, redis);
});

test('a range that comes back after its object is done is removed by the worker that takes it', {
  skip: withoutRedis,
}, async (t) => {
  const { server, redis, source } = await started(t);
  const only = startNamed(t, redis, server, 'one', LONG_LOCKS);
  const hold = holdParts(server);
  const running = put(server, redis, source);
  await allSend(server, [only]);
  let id: string | undefined;
  let data: string | null = null;
  await until(async () => {
    [id] = await waitingRanges(redis);
    data = id === undefined ? null : await redis.client.hget(`s3pp:batches:${id}`, 'data');
    return data !== null;
  });
  hold.clear();
  assertOneUpload(server, await running);
  await assertClean(server, redis);
  const queue = await openQueue(redis.url, 'late');
  t.after(() => queue.close());
  // As from an older state of Redis.
  const late = `late-0.r0123456789abcdef.${id?.split('.').at(-1)}`;
  await queue.add([{ id: late, job: JSON.parse(data ?? '') }]);
  await only.said(`range ${late}`);
  await assertClean(server, redis);
  await until(async () => (await redis.client.keys('s3pp:batches:late*')).length === 0);
});
