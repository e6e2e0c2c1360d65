import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectSlots } from '../../../src/run/pacer.js';

/** Places that are taken at once, of so many asked for. */
function taken(limit: number, most: number, asked: number): number {
  const stop = new AbortController();
  const places = objectSlots({ limit }, most, stop.signal);
  let free = 0;
  for (let count = 0; count < asked; count += 1) {
    const turn = places.take();
    if (turn === undefined) free += 1;
    else turn.catch(() => {});
  }
  stop.abort();
  return free;
}

test('there are two places for each request in flight, at least 128 and at most as many as there may be', () => {
  for (const [limit, most, free] of [
    [64, 1024, 128],
    [1, 1024, 128],
    [200, 1024, 400],
    [512, 1024, 1024],
    [512, 300, 300],
    [1, 2, 2],
  ] as const)
    assert.equal(taken(limit, most, 1100), free, `${limit} in flight, ${most} at most`);
});

test('places follow the limit up and down', async () => {
  const requests = { limit: 64 };
  const places = objectSlots(requests, 1024, new AbortController().signal);
  for (let count = 0; count < 128; count += 1) assert.equal(places.take(), undefined);
  const turn = places.take();
  assert.ok(turn !== undefined);
  requests.limit = 65;
  places.release();
  await turn;
  requests.limit = 1;
  places.release();
  assert.equal(places.take(), undefined);
  assert.ok(places.take() !== undefined);
});

test('a stop ends the wait for a place', async () => {
  const stop = new AbortController();
  const places = objectSlots({ limit: 1 }, 1, stop.signal);
  places.take();
  const turn = places.take();
  stop.abort(new Error('over'));
  await assert.rejects(turn ?? assert.fail('there was a place'), /over/);
  assert.throws(() => places.take(), /over/);
});
