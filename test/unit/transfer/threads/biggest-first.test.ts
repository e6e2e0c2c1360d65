import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { biggestFirst } from '../../../../src/transfer/threads/biggest-first.js';
import { runs } from '../../../support/runs.js';

/** Work that ends when it is released, and what has begun so far. */
function work() {
  const begun: number[] = [];
  const releases: (() => void)[] = [];
  return {
    begun,
    of: (size: number) => () =>
      new Promise<number>((resolve) => {
        begun.push(size);
        releases.push(() => resolve(size));
      }),
    release: () => releases.shift()?.(),
  };
}

test('of what waits, the biggest is next, whatever came first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      async (sizes, atOnce) => {
        const { begun, of, release } = work();
        const turns = biggestFirst(atOnce, new AbortController().signal);
        const ended = sizes.map((size) => turns.run(size, of(size)));
        for (let ends = 0; ends < sizes.length; ends += 1) {
          await nextTurn();
          assert.equal(begun.length, Math.min(sizes.length, atOnce + ends));
          release();
        }
        assert.deepEqual(await Promise.all(ended), sizes);
        const rest = sizes.slice(atOnce).sort((a, b) => b - a);
        assert.deepEqual(begun, [...sizes.slice(0, atOnce), ...rest]);
      },
    ),
    runs(50),
  );
});

test('work that fails gives its turn to the next', async () => {
  const turns = biggestFirst(1, new AbortController().signal);
  const first = turns.run(1, () => Promise.reject(new Error('no')));
  const second = turns.run(1, async () => 'yes');
  await assert.rejects(first, /no/);
  assert.equal(await second, 'yes');
});

test('after an abort what waits is refused, and what runs ends', async () => {
  const { of, release } = work();
  const controller = new AbortController();
  const turns = biggestFirst(1, controller.signal);
  const running = turns.run(1, of(1));
  const waiting = turns.run(2, of(2));
  controller.abort(new Error('stopped'));
  await assert.rejects(waiting, /stopped/);
  await assert.rejects(turns.run(3, of(3)), /stopped/);
  release();
  assert.equal(await running, 1);
});
