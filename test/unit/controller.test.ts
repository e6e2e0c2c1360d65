import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { largestAuto, nextPace, type PaceState, type Sample, startingPace } from '../../src/transfer/controller.js';

const NOW = 100_000;
/** 64 slots, each with 10 requests a second: 640 work units per second. */
const SAMPLE: Sample = {
  now: NOW,
  seconds: 0.1,
  ended: 64,
  answered: 64,
  work: 64,
  slotSeconds: 6.4,
  roundTripMs: 100,
  throttled: false,
  exhausted: false,
  busy: 0.3,
  full: true,
  held: false,
};
const START = { ...startingPace('auto', 512, 0), at: NOW - 100 };
const FIXED = { ...startingPace(20, 512, 0), at: NOW - 100 };
const TRIAL = { ...START, limit: 128, trial: { from: 64, goodput: 640, strikes: 0 } };
const STRUCK = { ...TRIAL, trial: { ...TRIAL.trial, strikes: 1 } };
/** One slot still does 10 a second. */
const GAINED = { work: 64, slotSeconds: 6.4 };
/** One slot does little more than half of that. */
const NO_GAIN = { work: 64, slotSeconds: 12.4 };
/** Bodies of 9 units. */
const HEAVY = { work: 640 };
const RATE = { perSecond: 180, good: 200, doubted: false, thawedAt: NOW - 10_000, heldAt: NOW - 100 };

const TABLE: readonly (readonly [
  name: string,
  state: PaceState,
  sample: Partial<Sample>,
  expected: Partial<PaceState>,
])[] = [
  ['a full limit is doubled', START, {}, { limit: 128, trial: { from: 64, goodput: 640, strikes: 0 } }],
  ['a limit that was not reached stays', START, { full: false }, { limit: 64, trial: undefined }],
  [
    'a busy event loop keeps the limit, without waiting for the next probe',
    START,
    { busy: 0.9 },
    { limit: 64, raiseAt: 0 },
  ],
  ['the ceiling is never exceeded', { ...START, ceiling: 100 }, {}, { limit: 100 }],
  ['a fixed limit never grows', FIXED, {}, { limit: 20, trial: undefined }],
  ['a raise that brought a tenth is kept, and the next begins', TRIAL, GAINED, { limit: 256, recoverTo: 128 }],
  [
    'one that the loop is too busy for does not begin',
    TRIAL,
    { ...GAINED, busy: 0.9 },
    { limit: 128, trial: undefined },
  ],
  [
    'a raise is not judged while it is not used',
    TRIAL,
    { ...NO_GAIN, full: false },
    { limit: 128, trial: TRIAL.trial },
  ],
  ['a raise that brought nothing is looked at once more', TRIAL, NO_GAIN, { limit: 128, trial: STRUCK.trial }],
  [
    'a raise that brought nothing twice is taken back',
    STRUCK,
    NO_GAIN,
    { limit: 64, raiseAt: NOW + 1_000, patienceMs: 2_000 },
  ],
  [
    'the next probe waits twice as long',
    { ...STRUCK, patienceMs: 2_000 },
    NO_GAIN,
    { raiseAt: NOW + 2_000, patienceMs: 4_000 },
  ],
  ['in the end every 15 s', { ...STRUCK, patienceMs: 15_000 }, NO_GAIN, { raiseAt: NOW + 15_000, patienceMs: 15_000 }],
  ['before its time no probe begins', { ...START, raiseAt: NOW + 1 }, {}, { limit: 64 }],
  ['large bodies raise nothing before goodput is steady', START, HEAVY, { limit: 64, goodput: 6_400 }],
  ['nor while it rises by itself', { ...START, goodput: 5_000 }, HEAVY, { limit: 64, goodput: 6_400 }],
  ['but then they do', { ...START, goodput: 6_000 }, HEAVY, { limit: 128, goodput: undefined }],
  [
    'a throttle shrinks and freezes',
    START,
    { throttled: true, roundTripMs: 1 },
    { limit: 64 * 0.7, recoverTo: 64, frozenUntil: NOW + 5_000 },
  ],
  [
    'a throttle ends a trial, and recovery leads to where it began',
    TRIAL,
    { throttled: true, roundTripMs: 1 },
    { limit: 128 * 0.7, recoverTo: 64, trial: undefined },
  ],
  ['what the good rate needs stays', START, { throttled: true, answered: 57 }, { limit: 53 }],
  ['a few refusals among many bind no rate', START, { throttled: true }, { limit: 64 * 0.7, rate: undefined }],
  ['four stay whatever happens', { ...START, limit: 5 }, { throttled: true, answered: 0 }, { limit: 4 }],
  ['fewer stay where fewer were asked for', { ...FIXED, limit: 2, ceiling: 2 }, { throttled: true }, { limit: 2 }],
  [
    'an empty budget shrinks, without a bound on the rate',
    FIXED,
    { exhausted: true, answered: 0 },
    { limit: 14, rate: undefined, frozenUntil: NOW + 5_000 },
  ],
  ['nothing grows while it is frozen', { ...START, limit: 40, frozenUntil: NOW + 1 }, {}, { limit: 40 }],
  [
    'a shrunk limit recovers by a twentieth each second',
    { ...START, limit: 40 },
    { now: NOW + 900 },
    { limit: 43.2, raiseAt: NOW + 15_900 },
  ],
  ['and not beyond where it was', { ...FIXED, limit: 19.99 }, { now: NOW + 900 }, { limit: 20 }],
  ['only while it is used', { ...FIXED, limit: 10 }, { full: false }, { limit: 10 }],
  ['under a bound on the rate the limit is not raised', { ...START, rate: RATE }, {}, { limit: 64 }],
];

for (const [name, state, sample, expected] of TABLE) {
  test(`the controller: ${name}`, () => {
    const next = nextPace(state, { ...SAMPLE, ...sample });
    for (const [field, value] of Object.entries(expected)) {
      const got = next[field as keyof PaceState];
      if (typeof value === 'number')
        assert.ok(Math.abs((got as number) - value) < 1e-6, `${field} is ${got}, not ${value}`);
      else assert.deepEqual(got, value, field);
    }
  });
}

test('a throttle bounds the rate by 90 % of the good one, and once more from there', () => {
  const first = nextPace(START, { ...SAMPLE, throttled: true, answered: 49, seconds: 0.1 });
  assert.equal(first.rate?.perSecond, 450);
  const second = nextPace(first, { ...SAMPLE, now: NOW + 100, throttled: true, answered: 59, seconds: 0.1 });
  assert.equal(second.rate?.perSecond, 405);
  const third = nextPace(second, { ...SAMPLE, now: NOW + 200, throttled: true, answered: 19, seconds: 0.1 });
  assert.equal(third.rate?.perSecond, 180);
});

test('a server that refuses everything lowers the rate, but not the rate that growth leads back to', () => {
  let state = nextPace(START, { ...SAMPLE, throttled: true, ended: 200, answered: 99, seconds: 0.1 });
  for (let window = 1; window < 30; window++) {
    state = nextPace(state, { ...SAMPLE, now: NOW + window * 1_000, throttled: true, answered: 0, seconds: 1 });
  }
  assert.equal(state.rate?.perSecond, 1);
  assert.equal(state.rate?.good, 1_000);
  for (let window = 30; window < 45; window++) {
    state = nextPace(state, { ...SAMPLE, now: NOW + window * 1_000, held: true });
  }
  assert.ok((state.rate?.perSecond ?? 0) >= 890, `${state.rate?.perSecond} 10 s after it thawed`);
});

test('the rate stays for 5 s, then grows slowly, and is dropped once it has held nothing back for 5 s', () => {
  let state = nextPace(START, { ...SAMPLE, throttled: true, answered: 19, seconds: 0.1 });
  const rates: (number | undefined)[] = [];
  for (let second = 1; second <= 20; second++) {
    state = nextPace(state, { ...SAMPLE, now: NOW + second * 1_000, held: second <= 15, full: false });
    rates.push(state.rate?.perSecond);
  }
  assert.deepEqual(new Set(rates.slice(0, 4)), new Set([180]));
  assert.ok((rates[9] ?? 0) > 188 && (rates[9] ?? 0) < 205, `${rates[9]} after 10 s`);
  assert.ok((rates[18] ?? 0) > (rates[9] ?? 0));
  assert.equal(rates[19], undefined);
});

test('auto begins at 64, or lower where there are few descriptors, and reaches at most 512', () => {
  const table = [
    [10_000, 512],
    [Number.POSITIVE_INFINITY, 512],
    [400, 200],
    [100, 50],
    [1, 1],
  ] as const;
  for (const [descriptors, most] of table) {
    assert.equal(largestAuto(descriptors), most);
    assert.equal(startingPace('auto', most, 0).limit, Math.min(64, most));
  }
});

const chance = fc.double({ min: 0, max: 1, noNaN: true });
const samples = fc.array(
  fc.record({
    seconds: fc.double({ min: 0.001, max: 5, noNaN: true }),
    answered: fc.nat(500),
    failed: fc.nat(500),
    work: fc.nat(10_000),
    slotSeconds: fc.double({ min: 0, max: 500, noNaN: true }),
    roundTripMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
    throttled: chance.map((x) => x < 0.1),
    exhausted: chance.map((x) => x < 0.05),
    busy: chance,
    full: fc.boolean(),
    held: fc.boolean(),
  }),
  { maxLength: 200 },
);

test('whatever is sampled, the limit stays between 1 and its ceiling, the rate above 0, and a slowed window raises neither', () => {
  const concurrency = fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 2_000 }));
  fc.assert(
    fc.property(concurrency, fc.integer({ min: 1, max: 512 }), samples, (asked, most, windows) => {
      let state = startingPace(asked, most, 0);
      let now = 0;
      for (const { failed, ...window } of windows) {
        const before = state;
        now += window.seconds * 1_000;
        state = nextPace(state, { ...window, now, ended: window.answered + failed });
        assert.ok(state.limit >= 1 && state.limit <= (asked === 'auto' ? most : asked), `${state.limit}`);
        assert.ok(state.rate === undefined || state.rate.perSecond >= 0.9, `${state.rate?.perSecond}`);
        if (!window.throttled && !window.exhausted) continue;
        assert.ok(state.limit <= before.limit);
        assert.ok((state.rate?.perSecond ?? 0) <= (before.rate?.perSecond ?? Number.POSITIVE_INFINITY));
      }
    }),
  );
});
