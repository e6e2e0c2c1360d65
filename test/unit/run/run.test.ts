import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FollowRate, startRun } from '../../../src/run/run.js';

const OPTIONS = { concurrency: 4, dryRun: false, memory: 1024, failFast: false } as const;

test('a run has no limit of its rate, or the one that is given', async () => {
  assert.equal(await startRun(OPTIONS, async ({ limiter }) => limiter.maxRate), undefined);
  assert.equal(await startRun({ ...OPTIONS, maxRequestRate: 0.5 }, async ({ limiter }) => limiter.maxRate), 0.5);
});

test('a rate that a run follows changes its limit to its end, and never exceeds the one that is given', async () => {
  for (const [maxRequestRate, expected] of [
    [undefined, [10, 100, undefined, 20]],
    [50, [10, 50, 50, 20]],
  ] as const) {
    let set: Parameters<FollowRate>[0] | undefined;
    let closed = 0;
    const followRate: FollowRate = (change) => {
      set = change;
      change(10);
      return () => {
        closed += 1;
      };
    };
    const seen = await startRun({ ...OPTIONS, maxRequestRate, followRate }, async ({ limiter }) => {
      const rates = [limiter.maxRate];
      for (const rate of [100, undefined, 20]) {
        set?.(rate);
        rates.push(limiter.maxRate);
      }
      assert.equal(closed, 0);
      return rates;
    });
    assert.deepEqual([seen, closed], [expected, 1]);
  }
});
