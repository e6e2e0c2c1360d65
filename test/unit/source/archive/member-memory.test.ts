import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MemberLease, memberMemory, membersWithMemory } from '../../../../src/source/archive/member-memory.js';

const never = new AbortController().signal;

/** Whether a promise has settled once everything that can go on has gone on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
}

test('places lie side by side in one buffer, and what is given back is lent again', async () => {
  const room = memberMemory(never, 100);
  const [a, b, c] = await Promise.all([room(40), room(40), room(20)]);
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  a.bytes().fill('a');
  b.bytes().fill('b');
  c.bytes().fill('c');
  assert.deepEqual(
    [a, b, c].map((place) => place.bytes().toString()),
    ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(20)],
  );
  assert.equal(new Set([a, b, c].map((place) => place.bytes().buffer)).size, 1);
  b.release();
  const again = await room(30);
  assert.equal(again.bytes().byteOffset, 40);
  assert.equal(again.bytes().buffer, a.bytes().buffer);
});

test('whoever finds no room waits for it, in turn, until the run is aborted', async () => {
  const aborting = new AbortController();
  const room = memberMemory(aborting.signal, 100);
  const held = await room(80);
  const [patient, small] = [room(30), room(1)];
  assert.deepEqual(await Promise.all([patient, small].map(isSettled)), [false, false]);
  held.release();
  held.release();
  assert.deepEqual([(await patient).bytes().length, (await small).bytes().length], [30, 1]);
  const late = room(100);
  aborting.abort(new Error('enough'));
  await assert.rejects(late, /enough/);
});

test('what is larger than the room is alone in it, and nothing needs no room', async () => {
  const room = memberMemory(never, 100);
  const small = await room(10);
  const large = room(1_000);
  assert.equal(await isSettled(large), false);
  small.release();
  const alone = await large;
  assert.equal(alone.bytes().length, 1_000);
  assert.equal((await room(0)).bytes().length, 0);
  const next = room(1);
  assert.equal(await isSettled(next), false);
  alone.release();
  assert.equal((await next).bytes().length, 1);
  // Only what is read takes memory: a header can name any size.
  (await next).release();
  (await room(2 ** 50)).release();
});

test('places never overlap, whatever comes and goes', async () => {
  const room = memberMemory(never, 1_000);
  let random = 1;
  const next = (below: number): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((random / 2 ** 32) * below);
  };
  const held: { readonly place: MemberLease; readonly mark: number }[] = [];
  for (let turn = 0; turn < 2_000; turn++) {
    const wanted = room(1 + next(300));
    while (!(await isSettled(wanted))) held.splice(next(held.length), 1)[0]?.place.release();
    const place = await wanted;
    const mark = turn % 251;
    place.bytes().fill(mark);
    held.push({ place, mark });
    for (const { place, mark } of held) assert.ok(place.bytes().every((byte) => byte === mark));
    if (next(3) === 0) held.splice(next(held.length), 1)[0]?.place.release();
  }
});

test('only members are given a place', async () => {
  const skipped = { kind: 'unusable', action: 'skip', key: 'k', origin: 'o', reason: 'r' } as const;
  async function* found() {
    yield skipped;
  }
  for await (const unit of membersWithMemory(found(), memberMemory(never, 1))) assert.equal(unit, skipped);
});
