import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JobQueue } from '../../src/fleet/queue.js';
import { openQueue, sharesKey } from '../../src/fleet/queue.js';
import { readShares } from '../../src/fleet/rate-shares.js';
import { runWorker, type WorkerEnd, type WorkerTimes } from '../../src/fleet/worker.js';
import { VERSION } from '../../src/model/version.js';
import { serverFor } from '../support/engine.js';
import { QUICK, runFleetCopy, runFleetPut, startWorker } from '../support/fleet.js';
import { startRedis, type TestRedis, withoutRedis } from '../support/redis.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const tree = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${String(index).padStart(3, '0')}`, `${index}`]));

const QUICK_WORKER: Partial<WorkerTimes> = { lockMs: 1_000, stalledMs: 300, shareMs: 20, uncountedMs: 60_000 };

/** What is stored of the shares of a run now. */
async function sharesOf(redis: TestRedis, run: string) {
  return readShares(await redis.client.get(sharesKey(run)));
}

/** Waits for shares that are so. */
async function sharesWhere(redis: TestRedis, run: string, met: (perWorker: number, workers: number) => boolean) {
  let found = await sharesOf(redis, run);
  while (found === undefined || !met(found.perWorker, found.workers.length)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    found = await sharesOf(redis, run);
  }
  return found;
}

/** A worker in this process that holds its batches, and records the rates that its engine would keep to. */
function holdingWorker(t: TestContext, redis: TestRedis, times: Partial<WorkerTimes> = {}) {
  const rates: (number | undefined)[] = [];
  const [stop, stopNow] = [new AbortController(), new AbortController()];
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const state = { batches: 0 };
  const ended: Promise<WorkerEnd> = runWorker({
    queue: redis.url,
    times: { ...QUICK_WORKER, ...times },
    stop: stop.signal,
    stopNow: stopNow.signal,
    onEvent: () => {},
    runRange: () => Promise.reject(new Error('no object here is sent in ranges')),
    async runBatch(job, signal, { followRate }) {
      state.batches += 1;
      const close = followRate?.((rate) => rates.push(rate));
      await Promise.race([
        released,
        new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
      ]);
      close?.();
      const size = job.kind === 'put' ? job.files.length : job.objects.length;
      const counts = { requests: {}, heads: {}, retries: 0, throttles: 0, conflicts: 0, warnings: [] };
      return { state: 'back', outcomes: new Array(size).fill(undefined), counts };
    },
  });
  const end = async (): Promise<void> => {
    release();
    stop.abort();
    await ended;
  };
  t.after(() => stopNow.abort());
  return { rates, state, release, end };
}

test('the share of a worker halves when a second one comes, and is whole again once that is killed', {
  skip: withoutRedis,
}, async (t) => {
  const redis = await startRedis(t);
  const server = await serverFor(t);
  const source = makeTree(t, tree(40));
  const first = holdingWorker(t, redis);
  const running = runFleetPut(server, redis, { source, mode: 'stupid', maxRequestRate: 1_000 }, QUICK, 'shared');
  await sharesWhere(redis, 'shared', (perWorker, workers) => perWorker === 1_000 && workers === 1);
  await until(() => first.rates.includes(1_000));

  // It needs hours for its first batch, of which it keeps the half.
  const second = startWorker(t, redis, server, { own: { concurrency: 1 }, times: { shareMs: 20 } });
  await sharesWhere(redis, 'shared', (perWorker, workers) => perWorker === 500 && workers >= 1);
  await until(() => first.rates.at(-1) === 500);
  await second.kill('SIGKILL');
  await sharesWhere(redis, 'shared', (perWorker) => perWorker === 1_000);
  await until(() => first.rates.at(-1) === 1_000);

  const others = [startWorker(t, redis, server), startWorker(t, redis, server)];
  await first.end();
  const { error, report } = await running;
  assert.equal(error, undefined);
  assert.equal(report.counts.put, 40);
  assert.equal(await redis.client.exists(sharesKey('shared')), 0);
  for (const one of others) await one.kill('SIGTERM');
  assert.deepEqual(await redis.client.keys('s3pp:rate:*'), []);
});

test('workers put and copy with their shares, and the coordinator lists with its own', {
  skip: withoutRedis,
}, async (t) => {
  const redis = await startRedis(t);
  const server = await serverFor(t, { buckets: ['from', 'site'] });
  const source = makeTree(t, tree(60));
  for (let index = 0; index < 2; index++) startWorker(t, redis, server, { times: { shareMs: 20 } });
  const put = await runFleetPut(server, redis, { source, bucket: 'from', maxRequestRate: 500 });
  assert.equal(put.error, undefined);
  assert.equal(put.report.counts.put, 60);
  const copied = await runFleetCopy(server, redis, { maxRequestRate: 500 });
  assert.equal(copied.error, undefined);
  assert.equal(copied.report.counts.copy, 60);
  assert.deepEqual(await redis.client.keys('s3pp:rate:*'), []);
});

test('a run without the option has no shares, and its workers wait for none', { skip: withoutRedis }, async (t) => {
  const redis = await startRedis(t);
  const server = await serverFor(t);
  const worker = holdingWorker(t, redis);
  const running = runFleetPut(server, redis, { source: makeTree(t, tree(5)) }, QUICK, 'free');
  await until(() => worker.state.batches > 0);
  assert.deepEqual(await redis.client.keys('s3pp:rate:*'), []);
  assert.deepEqual(worker.rates, []);
  startWorker(t, redis, server);
  await worker.end();
  const { error } = await running;
  assert.equal(error, undefined);
});

/** A queue with one batch of a run whose coordinator is this test. */
async function queueWithBatch(t: TestContext, redis: TestRedis, holdMs: number): Promise<JobQueue> {
  const queue = await openQueue(redis.url, 'lone', { holdMs });
  t.after(() => queue.close());
  const options = { maxRequestRate: 90 };
  const files = [['a', 1, 1, 1]] as const;
  const job = {
    kind: 'put',
    version: VERSION,
    run: 'lone',
    options,
    root: '/',
    rootStamp: { inode: 1, changedMs: 1 },
    files,
  };
  await queue.add([{ id: 'lone-0', job: job as never }]);
  return queue;
}

test('shares expire with the coordinator, and a worker that nobody counts takes an equal part', {
  skip: withoutRedis,
}, async (t) => {
  const redis = await startRedis(t);
  const queue = await queueWithBatch(t, redis, 300);
  await queue.storeShares('{"perWorker":90,"workers":["somebody"]}');
  const left = await redis.client.pttl(sharesKey('lone'));
  assert.ok(left > 0 && left <= 300, `${left}`);
  const workers = [holdingWorker(t, redis, { uncountedMs: 1 }), holdingWorker(t, redis, { uncountedMs: 1 })];
  // One of them has the batch, and both are connected.
  await until(() => workers.some(({ rates }) => rates.at(-1) === 45));
  while ((await redis.client.exists(sharesKey('lone'))) === 1) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const worker of workers) await worker.end();
});

test('jobs say which worker has them', { skip: withoutRedis }, async (t) => {
  const redis = await startRedis(t);
  const queue = await queueWithBatch(t, redis, 10_000);
  const worker = holdingWorker(t, redis);
  let name: string | undefined;
  while (name === undefined) [name] = (await queue.states(['lone-0'])).map((status) => status?.worker);
  await queue.storeShares(JSON.stringify({ perWorker: 30, workers: [name] }));
  await until(() => worker.rates.includes(30));
  // A Redis that is empty changes nothing.
  await redis.client.del(sharesKey('lone'));
  await queue.storeShares(JSON.stringify({ perWorker: 10, workers: [name] }));
  await until(() => worker.rates.at(-1) === 10);
  assert.deepEqual([...new Set(worker.rates)], [30, 10]);
  await worker.end();
});
