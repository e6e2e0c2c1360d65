import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  nextShares,
  packShares,
  type RateShares,
  rateSharing,
  readShares,
  startingShares,
  type WorkersCounted,
} from '../../../src/fleet/rate-shares.js';
import { runs } from '../../support/runs.js';

const count = (before: RateShares, counted: Partial<WorkersCounted> & Pick<WorkersCounted, 'now'>): RateShares =>
  nextShares(100, before, { active: [], connected: undefined, used: undefined, ...counted });

test('the first workers share the rate at once, and one that comes later waits until the others have less', () => {
  const first = count(startingShares(100, false), { now: 0, active: ['a'], connected: 5 });
  assert.deepEqual([first.perWorker, first.admitted], [100, ['a']]);
  const second = count(first, { now: 2_000, active: ['a', 'b'], connected: 5 });
  assert.deepEqual([second.perWorker, second.admitted], [50, ['a']]);
  const third = count(second, { now: 4_000, active: ['a', 'b'], connected: 5 });
  assert.deepEqual([third.perWorker, third.admitted], [50, ['a', 'b']]);
});

test('a worker keeps its share between two batches, and loses it with its connection or after 10 s with other runs', () => {
  const both = count(startingShares(100, false), { now: 0, active: ['a', 'b'], connected: 2 });
  assert.deepEqual([both.perWorker, both.admitted], [50, ['a', 'b']]);
  const between = count(both, { now: 2_000, active: ['a'], connected: 2 });
  assert.deepEqual([between.perWorker, between.admitted], [50, ['a', 'b']]);
  // The batch of a lost worker still names it.
  assert.equal(count(between, { now: 4_000, active: ['a', 'b'], connected: 1 }).perWorker, 100);
  const elsewhere = count(between, { now: 10_000, active: ['a'], connected: 2 });
  assert.deepEqual([elsewhere.perWorker, elsewhere.admitted], [100, ['a']]);
});

test('workers of other runs take nothing from the rate of this one', () => {
  const shares = count(startingShares(100, false), { now: 0, active: ['a', 'b'], connected: 40 });
  assert.equal(shares.perWorker, 50);
});

test('the coordinator keeps what its listing uses, and nothing after it', () => {
  const used = (before: RateShares, share: number) =>
    count(before, { now: 0, active: ['a'], connected: 1, used: share * before.own });
  let shares = used(startingShares(100, true), 1);
  assert.deepEqual([shares.own, shares.perWorker], [50, 50]);
  for (let index = 0; index < 10; index++) shares = used(shares, 0.1);
  assert.deepEqual([shares.own, shares.perWorker], [2, 98]);
  shares = used(shares, 0.6);
  assert.equal(shares.own, 2);
  shares = used(used(shares, 1), 0.9);
  assert.deepEqual([shares.own, shares.perWorker], [8, 92]);
  shares = count(shares, { now: 0, active: ['a'], connected: 1 });
  assert.deepEqual([shares.own, shares.perWorker], [0, 100]);
});

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const step = fc.record({
  active: fc.subarray(NAMES),
  used: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  ms: fc.integer({ min: 0, max: 12_000 }),
});

test('whatever comes and goes, all together never have more than the rate, also while some have only read the shares before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, lists) => {
      let shares = startingShares(100, lists);
      let now = 0;
      for (const { active, used, ms } of steps) {
        now += ms;
        const before = shares;
        const own = used === undefined ? undefined : used * before.own;
        shares = count(before, { now, active, connected: NAMES.length, used: own });
        const held = active
          .filter((name) => shares.admitted.includes(name))
          .map((name) => Math.max(shares.perWorker, before.admitted.includes(name) ? before.perWorker : 0));
        const total = held.reduce((sum, share) => sum + share, Math.min(before.own, shares.own));
        assert.ok(total <= 100 + 1e-9, `${total}`);
        assert.ok(shares.perWorker > 0);
      }
    }),
    runs(500),
  );
});

test('shares are read as they were stored, and anything else is none', () => {
  const shares = count(startingShares(100, false), { now: 0, active: ['a', 'b'] });
  assert.deepEqual(readShares(packShares(shares)), { perWorker: 50, workers: ['a', 'b'] });
  for (const text of [null, '', '3', 'null', '{}', '[]', '{"perWorker":0,"workers":[]}', '{"perWorker":1}', 'x'])
    assert.equal(readShares(text), undefined, String(text));
});

test('the coordinator stores shares at each count, and lowers its own limit before it raises it', async () => {
  let at = 0;
  const stored: string[] = [];
  const limiter = { maxRate: 100 as number | undefined, started: 0 };
  const store = async (text: string) => void stored.push(text);
  const sharing = rateSharing({ rate: 100, lists: true, limiter, store, now: () => at });
  assert.equal(limiter.maxRate, 50);
  const look = (active: readonly string[], connected?: number, listing = true) =>
    sharing.share({ active, connected, listing });
  await look([]);
  assert.equal(stored.length, 0, 'nobody is there yet');
  at = 200;
  await look(['a']);
  assert.deepEqual(readShares(stored.at(-1) ?? ''), { perWorker: 75, workers: ['a'] });
  assert.equal(limiter.maxRate, 25);
  await look(['a', 'b']);
  assert.equal(stored.length, 1, 'the others are counted in their time');
  at = 2_200;
  limiter.started = 50;
  await look(['a', 'b'], 2);
  assert.deepEqual(readShares(stored.at(-1) ?? ''), { perWorker: (100 - 100 / 3) / 2, workers: ['a'] });
  assert.equal(limiter.maxRate, 25, 'the workers have not read yet that they have less');
  at = 4_200;
  limiter.started = 100;
  await look(['a', 'b'], 2);
  assert.deepEqual(readShares(stored.at(-1) ?? ''), { perWorker: (100 - 100 / 3) / 2, workers: ['a', 'b'] });
  assert.equal(limiter.maxRate, 100 / 3);
  at = 6_200;
  await look(['a', 'b'], 2, false);
  assert.deepEqual(readShares(stored.at(-1) ?? ''), { perWorker: 50, workers: ['a', 'b'] });
});

test('shares that could not be stored count as before', async () => {
  let fails = true;
  const stored: string[] = [];
  const store = async (text: string) => {
    if (fails) throw new Error('Redis is away');
    stored.push(text);
  };
  const limiter = { maxRate: 10, started: 0 };
  const sharing = rateSharing({ rate: 10, lists: false, limiter, store, now: () => 0 });
  const counted = { active: ['a'], connected: 1, listing: true };
  await assert.rejects(sharing.share(counted), /away/);
  fails = false;
  await sharing.share(counted);
  fails = true;
  await assert.rejects(sharing.share({ ...counted, active: ['a', 'b'], connected: 2 }));
  fails = false;
  await sharing.share({ ...counted, active: ['a', 'b'], connected: 2 });
  assert.deepEqual(
    stored.map((text) => readShares(text)),
    [
      { perWorker: 10, workers: ['a'] },
      { perWorker: 5, workers: ['a'] },
    ],
  );
  assert.equal(limiter.maxRate, 10);
});
