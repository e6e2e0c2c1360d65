import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectSlots } from '../../../src/run/pacer.js';

/** How many of `count` slots are taken immediately. */
function takenImmediately(limit: number, most: number, count: number): number {
  const stop = new AbortController();
  const slots = objectSlots({ limit }, most, stop.signal);
  let free = 0;
  for (let index = 0; index < count; index += 1) {
    const turn = slots.take();
    if (turn === undefined) free += 1;
    else turn.catch(() => {});
  }
  stop.abort();
  return free;
}

test('there are two slots per request in flight, at least 128 and at most the maximum', () => {
  for (const [limit, most, free] of [
    [64, 1024, 128],
    [1, 1024, 128],
    [200, 1024, 400],
    [512, 1024, 1024],
    [512, 300, 300],
    [1, 2, 2],
  ] as const)
    assert.equal(takenImmediately(limit, most, 1100), free, `${limit} in flight, ${most} at most`);
});

test('the number of slots follows the limit up and down', async () => {
  const requests = { limit: 64 };
  const slots = objectSlots(requests, 1024, new AbortController().signal);
  for (let count = 0; count < 128; count += 1) assert.equal(slots.take(), undefined);
  const turn = slots.take();
  assert.ok(turn !== undefined);
  requests.limit = 65;
  slots.release();
  await turn;
  requests.limit = 1;
  slots.release();
  assert.equal(slots.take(), undefined);
  assert.ok(slots.take() !== undefined);
});

test('an abort ends the wait for a slot', async () => {
  const stop = new AbortController();
  const slots = objectSlots({ limit: 1 }, 1, stop.signal);
  slots.take();
  const turn = slots.take();
  stop.abort(new Error('over'));
  await assert.rejects(turn ?? assert.fail('there was a free slot'), /over/);
  assert.throws(() => slots.take(), /over/);
});
