import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rateRelay } from '../../../src/fleet/rate-relay.js';
import type { FollowRate } from '../../../src/run/run.js';

/** A rate that a test changes. */
function rateOf(first: number): { readonly follow: FollowRate; set(rate: number): void; readonly followed: boolean } {
  let listener: ((rate: number) => void) | undefined;
  let rate = first;
  return {
    follow(set) {
      listener = set;
      set(rate);
      return () => (listener = undefined);
    },
    set(next) {
      rate = next;
      listener?.(rate);
    },
    get followed() {
      return listener !== undefined;
    },
  };
}

const job = { run: 'a', options: { maxRequestRate: 100 } };

test('runs of the engine have equal parts of the share of their run, and follow it', () => {
  const relay = rateRelay();
  const rate = rateOf(40);
  const leave = relay.feed('a', rate.follow);
  const rates = new Map<string, number | undefined>();
  const follow = (name: string) => relay.of(job)?.((set) => rates.set(name, set));
  const one = follow('one');
  assert.equal(rates.get('one'), 40);
  const two = follow('two');
  assert.deepEqual([...rates.values()], [20, 20]);
  rate.set(60);
  assert.deepEqual([...rates.values()], [30, 30]);
  two?.();
  assert.equal(rates.get('one'), 60);
  leave();
  assert.equal(rate.followed, false);
  one?.();
});

test('a run that stays open follows the share of each of its batches', () => {
  const relay = rateRelay();
  const first = rateOf(40);
  const leave = relay.feed('a', first.follow);
  const rates: (number | undefined)[] = [];
  relay.of(job)?.((set) => rates.push(set));
  leave();
  first.set(1);
  const second = rateOf(70);
  relay.feed('a', second.follow);
  relay.feed('b', rateOf(5).follow);
  assert.deepEqual(rates, [40, 70]);
});

test('a run without a rate follows nothing', () => {
  const relay = rateRelay();
  relay.feed('a', undefined)();
  assert.equal(relay.of({ run: 'a', options: {} }), undefined);
});
