import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Limiter, SlotGroup } from '../../../src/run/limiter.js';

const never = new AbortController().signal;

/** A limiter of a group, and how many of its requests have started. */
function member(group: SlotGroup, limit: number, signal: AbortSignal = never) {
  const limiter = new Limiter(limit, signal, undefined, group);
  let started = 0;
  return {
    limiter,
    get started() {
      return started;
    },
    ask: () =>
      limiter.takeThen(
        () => (started += 1),
        () => {},
      ),
  };
}

test('limiters of a group have no more requests in flight than the group, and each not more than its own limit', () => {
  const step = fc.record({ who: fc.nat(2), ask: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
      const group = new SlotGroup(limit);
      const members = [2, 3, 10].map((own) => member(group, own));
      for (const { who, ask } of steps) {
        const one = members[who] as (typeof members)[number];
        if (ask) one.ask();
        else if (one.limiter.inFlight > 0) one.limiter.release();
        const inFlight = members.map(({ limiter }) => limiter.inFlight);
        assert.ok(inFlight.reduce((sum, own) => sum + own, 0) <= limit);
        assert.ok(inFlight.every((own, at) => own <= ([2, 3, 10][at] ?? 0)));
      }
      // All that ever asked starts, once those in flight end.
      for (let left = 1_000; left > 0; left -= 1)
        members.find(({ limiter }) => limiter.inFlight > 0)?.limiter.release();
      const asked = members.map((_, at) => steps.filter(({ who, ask }) => ask && who === at).length);
      assert.deepEqual(
        members.map(({ started }) => started),
        asked,
      );
    }),
  );
});

test('a slot that is given back goes to the members in turn', () => {
  const group = new SlotGroup(1);
  const [one, two] = [member(group, 5), member(group, 5)];
  for (let count = 0; count < 4; count += 1) {
    one.ask();
    two.ask();
  }
  for (let count = 0; count < 4; count += 1) [one, two].find(({ limiter }) => limiter.inFlight > 0)?.limiter.release();
  assert.ok(one.started >= 2 && two.started >= 2, `${one.started} and ${two.started}`);
});

test('a member whose run is over leaves its slots to the others, and gives back those in flight', () => {
  const group = new SlotGroup(2);
  const over = new AbortController();
  const [ending, other] = [member(group, 2, over.signal), member(group, 2)];
  ending.ask();
  ending.ask();
  other.ask();
  over.abort();
  assert.equal(other.started, 0);
  ending.limiter.release();
  assert.equal(other.started, 1);
});
