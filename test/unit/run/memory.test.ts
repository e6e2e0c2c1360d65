import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { MemoryBudget } from '../../../src/run/memory.js';
import { runs } from '../../support/runs.js';

const MIB = 1024 * 1024;
const never = new AbortController().signal;

/** Whether a promise has settled after the pending work is done. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  promise.then(
    () => (pending = false),
    () => (pending = false),
  );
  await nextTurn();
  return pending;
}

test('reservations wait for free memory in order', async () => {
  const memory = new MemoryBudget(100);
  const first = await memory.reserve(60, never);
  const second = memory.reserve(60, never);
  const small = memory.reserve(10, never);
  assert.ok(await isPending(second));
  assert.ok(await isPending(small), 'a small one does not overtake');
  first.release();
  await Promise.all([second, small]);
  assert.equal(memory.used, 70);
});

test('shrinking a reservation lets others start, and bytes are never returned twice', async () => {
  const memory = new MemoryBudget(100);
  const first = await memory.reserve(100, never);
  const second = memory.reserve(60, never);
  first.shrink(50);
  assert.ok(await isPending(second));
  first.shrink(40);
  await second;
  first.shrink(70);
  assert.equal(memory.used, 100, 'shrinking never grows');
  first.release();
  first.release();
  assert.equal(memory.used, 60);
});

test('a reservation larger than the budget waits until it is the only one', async () => {
  const memory = new MemoryBudget(100);
  const first = await memory.reserve(1, never);
  const large = memory.reserve(500, never);
  const after = memory.reserve(1, never);
  assert.ok(await isPending(large));
  first.release();
  const held = await large;
  assert.equal(memory.used, 500);
  assert.ok(await isPending(after));
  held.release();
  (await after).release();
  assert.equal(memory.used, 0);
});

test('a second release returns nothing', async () => {
  const memory = new MemoryBudget(100);
  const [a, b] = [await memory.reserve(40, never), await memory.reserve(40, never)];
  a.release();
  a.release();
  assert.equal(memory.used, 40);
  b.release();
  assert.equal(memory.used, 0);
});

test('only one stream of unknown length grows at a time; the next begins when it has settled', async () => {
  const memory = new MemoryBudget(16 * MIB);
  const first = await memory.reserveGrowing(never);
  await first.grow(12 * MIB, never);
  const second = memory.reserveGrowing(never);
  assert.ok(await isPending(second));
  first.settle();
  const growing = (await second).grow(8 * MIB, never);
  assert.ok(await isPending(growing), 'it waits for free memory');
  first.release();
  await growing;
  assert.ok(memory.used <= 16 * MIB);
});

test('an abort frees the position in the queue, also while waiting for a turn to grow', async () => {
  const memory = new MemoryBudget(100);
  const held = await memory.reserve(100, never);
  const controller = new AbortController();
  const turn = await memory.reserveGrowing(never);
  const growing = memory.reserveGrowing(controller.signal);
  const waiting = memory.reserve(100, controller.signal);
  const after = memory.reserve(50, never);
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(await isPending(growing), false, 'it still waits for its turn');
  await assert.rejects(growing, /enough/);
  await assert.rejects(memory.reserve(1, controller.signal), /enough/);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  turn.release();
  held.release();
  (await after).release();
  assert.equal(memory.used, 0);
});

const CAPACITY = 32 * MIB;
const holder = fc.record({
  /** Bytes reserved at once, or the sizes that a stream reaches. */
  bytes: fc.oneof(fc.nat({ max: 48 * MIB }), fc.array(fc.nat({ max: 40 * MIB }), { minLength: 1, maxLength: 5 })),
  turns: fc.nat({ max: 3 }),
  abortAt: fc.option(fc.nat({ max: 20 }), { nil: undefined, freq: 3 }),
  startAt: fc.nat({ max: 5 }),
});

test('under random growth and aborts the budget holds, except for a single large reservation, and no reservation waits for ever', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(holder, { maxLength: 20 }), async (holders) => {
      const memory = new MemoryBudget(CAPACITY);
      const holding = new Set<object>();
      const check = () =>
        // Bytes are reserved a moment before the promise of the reservation resolves.
        assert.ok(memory.used <= CAPACITY || holding.size <= 1, `${holding.size} hold ${memory.used}`);
      const all = holders.map(async ({ bytes, turns, abortAt, startAt }) => {
        const controller = new AbortController();
        void turnsPass(abortAt ?? 0).then(() => abortAt !== undefined && controller.abort(new Error('aborted')));
        await turnsPass(startAt);
        const me = {};
        let release = () => {};
        try {
          if (typeof bytes === 'number') {
            ({ release } = await memory.reserve(bytes, controller.signal));
            if (bytes > 0) holding.add(me);
            check();
          } else {
            const growing = await memory.reserveGrowing(controller.signal);
            release = growing.release;
            for (const size of [...bytes].sort((a, b) => a - b)) {
              await growing.grow(size, controller.signal);
              if (size > 0) holding.add(me);
              check();
              await nextTurn();
            }
            growing.settle();
          }
          await turnsPass(turns);
        } catch (error) {
          assert.equal((error as Error).message, 'aborted');
        } finally {
          holding.delete(me);
          release();
        }
        assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
      });
      const done = await Promise.race([Promise.all(all), sleep(300_000, 'deadlock', { ref: false })]);
      assert.notEqual(done, 'deadlock');
      assert.equal(memory.used, 0);
    }),
    runs(200),
  );
});

async function turnsPass(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await nextTurn();
}
