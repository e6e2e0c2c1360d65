import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packShares } from '../../../src/fleet/rate-shares.js';
import { shareOf, type WorkerRateOptions, workerRate } from '../../../src/fleet/worker-rate.js';
import { until } from '../../support/until.js';

const JOB = { run: 'r', options: { maxRequestRate: 100 } };
const never = new AbortController().signal;

const shares = (perWorker: number, ...admitted: string[]): string =>
  packShares({ perWorker, admitted, own: 0, seen: new Map() });

/** A worker whose Redis is a variable. */
function fakeRedis(times: Partial<WorkerRateOptions['times']> = {}) {
  const redis = { stored: null as string | null, away: false, connected: 1, reads: 0 };
  const answer = async <T>(value: () => T): Promise<T> => {
    if (redis.away) await until(() => !redis.away);
    return value();
  };
  const rate = workerRate({
    name: 'a',
    read: async () => {
      redis.reads += 1;
      return answer(() => redis.stored);
    },
    connected: () => answer(() => redis.connected),
    times: { shareMs: 5, uncountedMs: 60_000, ...times },
  });
  return { redis, rate };
}

/** Begins a batch, which works until it is ended. */
function batch(rate: ReturnType<typeof workerRate>, job: Parameters<typeof rate.bounded>[0] = JOB, signal = never) {
  const set: (number | undefined)[] = [];
  let began = false;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const done = rate.bounded(job, signal, async (follow) => {
    began = true;
    const close = follow?.((share) => set.push(share));
    await ended;
    close?.();
    return follow === undefined ? 'unbounded' : 'bounded';
  });
  return { set, done, end, began: () => began };
}

test('a run without a rate begins at once, and reads nothing', async () => {
  const { redis, rate } = fakeRedis();
  const one = batch(rate, { run: 'r', options: {} });
  assert.equal(one.began(), true);
  one.end();
  assert.equal(await one.done, 'unbounded');
  assert.equal(redis.reads, 0);
});

test('a batch waits until the worker is counted, and follows its share to the end', async () => {
  const { redis, rate } = fakeRedis();
  redis.stored = shares(100, 'b');
  const one = batch(rate);
  await until(() => redis.reads > 3);
  assert.equal(one.began(), false);
  redis.stored = shares(50, 'a', 'b');
  await until(() => one.set.length > 0);
  redis.stored = shares(25, 'a', 'b', 'c', 'd');
  await until(() => one.set.includes(25));
  one.end();
  await one.done;
  const reads = redis.reads;
  assert.deepEqual([...new Set(one.set)], [50, 25]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.ok(redis.reads <= reads + 1, 'nothing is read between two batches');
});

test('a share is kept while Redis is away, also for the next batch of the run, and not for another run', async () => {
  const { redis, rate } = fakeRedis();
  redis.stored = shares(20, 'a');
  const first = batch(rate);
  await until(() => first.began());
  redis.away = true;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual([...new Set(first.set)], [20]);
  first.end();
  await first.done;
  const second = batch(rate);
  await until(() => second.began());
  assert.deepEqual(second.set, [20]);
  second.end();
  await second.done;
  const other = batch(rate, { ...JOB, run: 'other' });
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(other.began(), false);
  redis.away = false;
  await until(() => other.began());
  other.end();
  await other.done;
});

test('a worker that no coordinator counts sends as much as each of those that are connected', async () => {
  const { redis, rate } = fakeRedis({ uncountedMs: 1 });
  redis.connected = 4;
  const one = batch(rate);
  await until(() => one.began());
  assert.equal(one.set[0], 25);
  redis.connected = 5;
  await until(() => one.set.includes(20));
  redis.stored = shares(90, 'a');
  await until(() => one.set.includes(90));
  one.end();
  await one.done;
});

test('no share is above the rate of the job', async () => {
  const { redis, rate } = fakeRedis();
  redis.stored = shares(1_000, 'a');
  const one = batch(rate);
  await until(() => one.began());
  assert.equal(one.set[0], 100);
  one.end();
  await one.done;
});

test('a worker that is to stop does not wait for a share', async () => {
  const { rate } = fakeRedis();
  const stop = new AbortController();
  const one = batch(rate, JOB, stop.signal);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(one.began(), false);
  stop.abort();
  await until(() => one.began());
  one.end();
  assert.equal(await one.done, 'bounded');
  const late = batch(rate, JOB, stop.signal);
  await until(() => late.began());
  late.end();
  await late.done;
});

test('the share by what is stored and what is known', () => {
  const known = {
    name: 'a',
    share: undefined,
    before: undefined,
    waitedMs: 0,
    alone: false,
    stored: undefined,
    times: { uncountedMs: 10_000 },
  } as const;
  const counted = { perWorker: 10, workers: ['a', 'b'] };
  const others = { perWorker: 10, workers: ['b'] };
  const rows: readonly (readonly [string, Partial<Parameters<typeof shareOf>[0]>, ReturnType<typeof shareOf>])[] = [
    ['it is counted', { stored: counted }, 10],
    ['it is counted, after it was alone', { stored: counted, alone: true, share: 3 }, 10],
    ['it is not counted yet', { stored: others }, 'wait'],
    ['it had a share, and others have taken it', { stored: others, before: 20 }, 'wait'],
    ['it works, and is not counted any more', { stored: others, share: 20 }, 10],
    ['it works with less', { stored: others, share: 5 }, 5],
    ['the coordinator is lost', { share: 20 }, 20],
    ['the coordinator was lost since the last batch', { before: 20 }, 20],
    ['it comes, and there is no coordinator', {}, 'wait'],
    ['it has waited', { waitedMs: 10_000 }, 'uncounted'],
    ['it has waited for one that does not count it', { waitedMs: 10_000, stored: others }, 'uncounted'],
    ['it is alone', { alone: true, share: 3, waitedMs: 20_000 }, 'uncounted'],
  ];
  for (const [name, facts, expected] of rows) assert.equal(shareOf({ ...known, ...facts }), expected, name);
});
