import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryBudget } from '../../../../src/run/memory.js';
import { nextPartLimit, type PartSlot, partQueue } from '../../../../src/transfer/multipart/part-queue.js';

const NEVER = new AbortController().signal;

test('a slow line gets fewer parts, so that each is through in 30 s, and a fast one more', () => {
  assert.equal(nextPartLimit(24, 24, 240_000), 3);
  assert.equal(nextPartLimit(3, 3, 400_000), 1);
  assert.equal(nextPartLimit(3, 3, 1_000), 4);
  assert.equal(nextPartLimit(8, 3, 1_000), 8, 'it was not full');
  assert.equal(nextPartLimit(8, 8, 20_000), 8);
});

test('the oldest object goes first, whoever asked first', async () => {
  const queue = partQueue(new MemoryBudget(100));
  const places: PartSlot[] = [];
  for (let count = 0; count < 4; count++) places.push(await queue.enter(5, 1, NEVER));
  const order: number[] = [];
  const asked = [7, 6, 9, 6].map(async (age) => {
    const place = await queue.enter(age, 1, NEVER);
    order.push(age);
    return place;
  });
  await nextTurn();
  assert.deepEqual(order, []);
  for (const place of places) place.leave();
  for (const place of await Promise.all(asked)) place.leave();
  assert.deepEqual(order, [6, 6, 7, 9]);
});

test('parts wait for memory, but never all of them', async () => {
  const memory = new MemoryBudget(10);
  const other = await memory.reserve(8, NEVER);
  const queue = partQueue(memory);
  const first = await queue.enter(0, 8, NEVER);
  let second = false;
  const waiting = queue.enter(0, 8, NEVER).then((place) => {
    second = true;
    return place;
  });
  await nextTurn();
  await nextTurn();
  assert.equal(second, false, 'one part is under way, so the next waits');
  first.leave();
  const place = await waiting;
  place.leave();
  other.release();
  assert.equal(memory.used, 0);
});

test('an abort ends the waiting, and nothing is held afterwards', async () => {
  const memory = new MemoryBudget(10);
  const queue = partQueue(memory);
  const places = [await queue.enter(0, 6, NEVER)];
  const controller = new AbortController();
  const waits = [1, 2].map((age) => queue.enter(age, 6, controller.signal));
  setImmediate(() => controller.abort(new Error('stop')));
  for (const wait of waits) await assert.rejects(wait, /stop/);
  for (const place of places) place.leave();
  assert.equal(memory.used, 0);
  (await queue.enter(3, 10, NEVER)).leave();
  assert.equal(memory.used, 0);
});
