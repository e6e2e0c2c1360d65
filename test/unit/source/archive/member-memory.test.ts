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

test('leases share one buffer, and released memory is leased again', async () => {
  const memory = memberMemory(never, 100);
  const [a, b, c] = await Promise.all([memory(40), memory(40), memory(20)]);
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  a.bytes().fill('a');
  b.bytes().fill('b');
  c.bytes().fill('c');
  assert.deepEqual(
    [a, b, c].map((lease) => lease.bytes().toString()),
    ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(20)],
  );
  assert.equal(new Set([a, b, c].map((lease) => lease.bytes().buffer)).size, 1);
  b.release();
  const again = await memory(30);
  assert.equal(again.bytes().byteOffset, 40);
  assert.equal(again.bytes().buffer, a.bytes().buffer);
});

test('reservations wait for free memory in their order, until the run is aborted', async () => {
  const aborting = new AbortController();
  const memory = memberMemory(aborting.signal, 100);
  const first = await memory(80);
  const [patient, small] = [memory(30), memory(1)];
  assert.deepEqual(await Promise.all([patient, small].map(isSettled)), [false, false]);
  first.release();
  first.release();
  assert.deepEqual([(await patient).bytes().length, (await small).bytes().length], [30, 1]);
  const late = memory(100);
  aborting.abort(new Error('enough'));
  await assert.rejects(late, /enough/);
});

test('a member larger than the memory is alone in it, and an empty one needs none', async () => {
  const memory = memberMemory(never, 100);
  const small = await memory(10);
  const large = memory(1_000);
  assert.equal(await isSettled(large), false);
  small.release();
  const alone = await large;
  assert.equal(alone.bytes().length, 1_000);
  assert.equal((await memory(0)).bytes().length, 0);
  const next = memory(1);
  assert.equal(await isSettled(next), false);
  alone.release();
  assert.equal((await next).bytes().length, 1);
  // Only what is read takes memory: a header can name any size.
  (await next).release();
  (await memory(2 ** 50)).release();
});

test('leases never overlap, in any order of reservations and releases', async () => {
  const memory = memberMemory(never, 1_000);
  let random = 1;
  const next = (below: number): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((random / 2 ** 32) * below);
  };
  const leases: { readonly lease: MemberLease; readonly mark: number }[] = [];
  for (let turn = 0; turn < 2_000; turn++) {
    const wanted = memory(1 + next(300));
    while (!(await isSettled(wanted))) leases.splice(next(leases.length), 1)[0]?.lease.release();
    const lease = await wanted;
    const mark = turn % 251;
    lease.bytes().fill(mark);
    leases.push({ lease, mark });
    for (const { lease, mark } of leases) assert.ok(lease.bytes().every((byte) => byte === mark));
    if (next(3) === 0) leases.splice(next(leases.length), 1)[0]?.lease.release();
  }
});

test('only members get a lease', async () => {
  const skipped = { kind: 'unusable', action: 'skip', key: 'k', origin: 'o', reason: 'r' } as const;
  async function* found() {
    yield skipped;
  }
  for await (const unit of membersWithMemory(found(), memberMemory(never, 1))) assert.equal(unit, skipped);
});
