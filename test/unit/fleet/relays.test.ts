import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsRelay } from '../../../src/fleet/parts-relay.js';
import { rateRelay } from '../../../src/fleet/rate-relay.js';
import type { FollowRate, Run } from '../../../src/run/run.js';
import type { AroundParts, SendParts } from '../../../src/transfer/multipart/types.js';

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

test('parts are sent as the batch says that has the object', async () => {
  const relay = partsRelay();
  const sent: string[] = [];
  const sends =
    (name: string): SendParts =>
    async ({ key }) => {
      sent.push(`${name} ${key}`);
      return 0;
    };
  const around =
    (name: string): AroundParts =>
    () =>
      sends(name);
  const end = relay.add('run', ['a', 'b'], around('first'));
  relay.add('run', ['c'], around('second'));
  relay.add('other', ['d'], around('third'));
  const send = relay.of('run')(sends('engine'), {} as Run);
  const put = async (key: string) => send({ key } as never, {} as never, {} as never, {} as never);
  for (const key of ['a', 'c', 'd']) await put(key);
  end();
  await put('b');
  assert.deepEqual(sent, ['first a', 'second c', 'engine d', 'engine b']);
});
