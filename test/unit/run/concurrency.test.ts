import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { largestAuto, nextPace, type PaceState, type Sample, startingPace } from '../../../src/run/concurrency.js';

const NOW = 100_000;
/** 64 slots, each with 10 requests a second: 640 work units per second. */
const SAMPLE: Sample = {
  now: NOW,
  ended: 64,
  answered: 64,
  work: 64,
  slotSeconds: 6.4,
  exhausted: false,
  busy: 0.3,
  inFlight: 64,
  full: true,
  bounded: false,
};
const START = { ...startingPace('auto', 512, 0), at: NOW - 100 };
const FIXED = { ...startingPace(20, 512, 0), at: NOW - 100 };
const TRIAL = { ...START, limit: 128, trial: { from: 64, goodput: 640, windows: 1 } };
const NEW_TRIAL = { ...TRIAL, trial: { ...TRIAL.trial, windows: 0 } };
const LAST_TRIAL = { ...TRIAL, trial: { ...TRIAL.trial, windows: 2 } };
/** One of 128 slots still does 10 a second. */
const GAINED = { inFlight: 128, work: 64, slotSeconds: 6.4 };
/** One slot does little more than half of that. */
const NO_GAIN = { inFlight: 128, work: 64, slotSeconds: 12.4 };
/** One slot does two thirds of that. */
const GAINED_A_THIRD = { inFlight: 128, work: 64, slotSeconds: 9.6 };
/** Bodies of 9 units. */
const HEAVY = { work: 640 };

const TABLE: readonly (readonly [
  name: string,
  state: PaceState,
  sample: Partial<Sample>,
  expected: Partial<PaceState>,
])[] = [
  ['a full limit is doubled', START, {}, { limit: 128, trial: { from: 64, goodput: 640, windows: 0 } }],
  ['a limit that was not reached stays', START, { full: false }, { limit: 64, trial: undefined }],
  [
    'a busy event loop keeps the limit, without waiting for the next probe',
    START,
    { busy: 0.9 },
    { limit: 64, raiseAt: 0 },
  ],
  ['the ceiling is never exceeded', { ...START, ceiling: 100 }, {}, { limit: 100 }],
  ['a fixed limit never grows', FIXED, {}, { limit: 20, trial: undefined }],
  ['a raise that gained a tenth is kept, and the next begins', TRIAL, GAINED, { limit: 256, recoverTo: 128 }],
  ['the first window of a raise does not count', NEW_TRIAL, GAINED, { limit: 128, trial: TRIAL.trial, recoverTo: 64 }],
  ['a gain of a third is kept', TRIAL, GAINED_A_THIRD, { limit: 256, recoverTo: 128 }],
  [
    'but not while the event loop is busy: requests become quicker by themselves as code is compiled',
    LAST_TRIAL,
    { ...GAINED_A_THIRD, busy: 0.6 },
    { limit: 64, recoverTo: 64 },
  ],
  [
    'an event loop that was busy for long keeps the limit',
    { ...START, busy: 0.9 },
    {},
    { limit: 64, trial: undefined },
  ],
  [
    'the next does not begin while the event loop is busy',
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
  ['a raise that gained nothing gets a second window', TRIAL, NO_GAIN, { limit: 128, trial: LAST_TRIAL.trial }],
  [
    'a raise that gained nothing twice is taken back',
    LAST_TRIAL,
    NO_GAIN,
    { limit: 64, raiseAt: NOW + 1_000, raiseDelayMs: 2_000 },
  ],
  [
    'the next probe waits twice as long',
    { ...LAST_TRIAL, raiseDelayMs: 2_000 },
    NO_GAIN,
    { raiseAt: NOW + 2_000, raiseDelayMs: 4_000 },
  ],
  [
    'in the end every 15 s',
    { ...LAST_TRIAL, raiseDelayMs: 15_000 },
    NO_GAIN,
    { raiseAt: NOW + 15_000, raiseDelayMs: 15_000 },
  ],
  ['before its time no probe begins', { ...START, raiseAt: NOW + 1 }, {}, { limit: 64 }],
  ['large bodies raise nothing before goodput is steady', START, HEAVY, { limit: 64, goodput: 6_400 }],
  ['nor while it rises by itself', { ...START, goodput: 5_000 }, HEAVY, { limit: 64, goodput: 6_400 }],
  ['but then they do', { ...START, goodput: 6_000 }, HEAVY, { limit: 128, goodput: undefined }],
  ['under a bound on the rate the limit is not raised', START, { bounded: true }, { limit: 64 }],
  ['nor is a raise judged', LAST_TRIAL, { ...NO_GAIN, bounded: true }, { limit: 128, trial: LAST_TRIAL.trial }],
  [
    'an empty budget lowers the limit if most requests fail',
    FIXED,
    { exhausted: true, answered: 31 },
    { limit: 14, recoverTo: 20 },
  ],
  ['but not if most succeed', FIXED, { exhausted: true, answered: 32 }, { limit: 20 }],
  [
    'a limit that is lowered during a trial recovers to the value before the trial',
    TRIAL,
    { exhausted: true, answered: 0 },
    { limit: 128 * 0.7, recoverTo: 64, trial: undefined, raiseAt: NOW + 15_000 },
  ],
  ['it is never lowered below four', { ...START, limit: 5 }, { exhausted: true, answered: 0 }, { limit: 4 }],
  ['a limit below four stays', { ...FIXED, limit: 2, ceiling: 2 }, { exhausted: true, answered: 0 }, { limit: 2 }],
  ['a lowered limit recovers within a second', { ...START, limit: 40 }, {}, { limit: 46.4 }],
  ['and not above its former value', { ...FIXED, limit: 19.99 }, {}, { limit: 20 }],
  ['only while hardly anything fails', { ...START, limit: 40 }, { answered: 63 }, { limit: 40 }],
  ['only while it is used', { ...FIXED, limit: 10 }, { full: false }, { limit: 10 }],
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

test('auto begins at 64, or lower with few descriptors, and reaches at most 512', () => {
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
    exhausted: chance.map((x) => x < 0.05),
    busy: chance,
    full: fc.boolean(),
    bounded: fc.boolean(),
    inFlight: fc.integer({ min: 1, max: 512 }),
  }),
  { maxLength: 200 },
);

test('whatever is sampled, the limit stays between 1 and its ceiling, and a window with an empty budget and mostly failures never raises it', () => {
  const concurrency = fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 2_000 }));
  fc.assert(
    fc.property(concurrency, fc.integer({ min: 1, max: 512 }), samples, (configured, most, windows) => {
      let state = startingPace(configured, most, 0);
      let now = 0;
      for (const { failed, seconds, ...window } of windows) {
        const before = state;
        now += seconds * 1_000;
        state = nextPace(state, { ...window, now, ended: window.answered + failed });
        assert.ok(state.limit >= 1 && state.limit <= (configured === 'auto' ? most : configured), `${state.limit}`);
        if (window.exhausted && window.answered < failed) assert.ok(state.limit <= before.limit);
      }
    }),
  );
});
