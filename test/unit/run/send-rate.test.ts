import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecentResponses } from '../../../src/run/recent-responses.js';
import { isOverloaded, nextRate, type Recent, type SendRate, startingRate } from '../../../src/run/send-rate.js';

const NOW = 100_000;
/** A second of 1,000 requests, all of them answered. */
const ALL: Recent = { now: NOW, seconds: 1, ended: 1_000, answered: 1_000, refused: 0, streak: 1_000, total: 5_000 };
const refusing = (ended: number, refused: number): Partial<Recent> => ({
  ended,
  refused,
  answered: ended - refused,
  streak: 0,
});

const FREE = startingRate(0);
const CUT: SendRate = {
  ...FREE,
  phase: 'cut',
  perSecond: 700,
  base: 700,
  since: NOW - 200,
  former: 1_000,
  trial: { from: undefined, share: 0.1, sure: true, first: 0.1, worst: 0.1 },
};
const UNSURE: SendRate = { ...CUT, trial: { from: undefined, share: 0.6, sure: false, first: 0.05, worst: 0.6 } };
const DOWN: SendRate = { ...CUT, trial: { from: undefined, share: 1, sure: true, first: 1, worst: 1 } };
const SETTLED: SendRate = { ...CUT, phase: 'settled' };
const MET = { at: NOW - 1_000, responses: 4_000 };
const KNOWN: SendRate = { ...SETTLED, trial: undefined, failed: MET };
const RETURNING: SendRate = { ...SETTLED, phase: 'returning', since: NOW - 400 };

const TABLE: readonly (readonly [
  name: string,
  rate: SendRate,
  recent: Partial<Recent>,
  expected: Partial<SendRate>,
])[] = [
  ['4.9 % refused cut nothing', FREE, refusing(1_000, 49), FREE],
  ['four refusals among few responses cut nothing', FREE, refusing(10, 4), FREE],
  ['five refusals among the first responses cut the rate', FREE, refusing(64, 5), { phase: 'cut' }],
  ['5 % refused cut the rate to 70 %', FREE, refusing(1_000, 50), { phase: 'cut', perSecond: 700, former: 1_000 }],
  ['half refused cut it to less than was accepted', FREE, refusing(999, 500), { phase: 'cut', perSecond: 399.6 }],
  ['everything refused cuts it to 70 %', FREE, refusing(1_000, 1_000), { phase: 'cut', perSecond: 700 }],
  ['nothing is cut while it rests', { ...FREE, restUntil: NOW + 1 }, refusing(1_000, 100), { phase: 'free' }],
  ['a cut is not judged by few responses', CUT, refusing(99, 10), { phase: 'cut', perSecond: 700 }],
  [
    'a cut that left two thirds of the share is undone, and none follows for 5 s',
    CUT,
    refusing(100, 7),
    { phase: 'free', perSecond: undefined, restUntil: NOW + 5_000 },
  ],
  ['a cut that left less holds', CUT, refusing(150, 6), { phase: 'settled', perSecond: 700 }],
  [
    'a share that rose is a limit that has begun to show',
    CUT,
    refusing(100, 20),
    { phase: 'cut', trial: { from: undefined, share: 0.2, sure: true, first: 0.1, worst: 0.2 } },
  ],
  ['if most is refused, 20 responses are enough', CUT, refusing(20, 10), { phase: 'cut', base: 293 + 1 / 3 }],
  ['a cut by few responses is never undone, but followed by another', UNSURE, refusing(100, 60), { phase: 'cut' }],
  ['a server that refuses everything is spared', DOWN, refusing(100, 100), { phase: 'cut', perSecond: 490 }],
  [
    'down to ten requests a second',
    { ...DOWN, perSecond: 11, base: 11 },
    refusing(100, 100),
    { phase: 'cut', perSecond: 10 },
  ],
  [
    'its first four answered requests in a row end that',
    DOWN,
    { ended: 30, answered: 4, refused: 26, streak: 4 },
    { phase: 'settled' },
  ],
  ['a share that comes back at the same rate was lower by chance', SETTLED, refusing(200, 14), { phase: 'free' }],
  [
    'at a higher rate it is a limit',
    { ...SETTLED, perSecond: 800 },
    refusing(200, 14),
    { phase: 'cut', trial: { from: 800, share: 0.07, sure: true, first: 0.07, worst: 0.07 } },
  ],
  ['hardly anything refused leads back to the former rate', SETTLED, {}, { phase: 'returning', base: 700, since: NOW }],
  ['but not soon after a failed return', KNOWN, {}, { phase: 'settled' }],
  [
    'unless the rate has doubled meanwhile',
    { ...KNOWN, perSecond: 1_400, former: 9_000 },
    {},
    { phase: 'returning', base: 1_400 },
  ],
  ['or 15 s and 1,000 responses have passed', KNOWN, { now: NOW + 15_000, total: 5_001 }, { phase: 'returning' }],
  [
    'a settled rate grows by the time since it was set',
    { ...KNOWN, since: NOW - 2_000 },
    refusing(100, 4),
    { perSecond: 720 },
  ],
  ['a return is half-way after half of its time', RETURNING, {}, { perSecond: 700 * (1_000 / 700) ** 0.5 }],
  ['and ends without a bound', { ...RETURNING, since: NOW - 800 }, {}, { phase: 'free', perSecond: undefined }],
  [
    'a return that fails falls below the rate at which it began',
    { ...RETURNING, perSecond: 900 },
    refusing(100, 15),
    { phase: 'cut', perSecond: 630, failed: { at: NOW, responses: 5_000 } },
  ],
  ['an outage is no limit', RETURNING, refusing(100, 95), { phase: 'cut', failed: undefined }],
  [
    'a limit that was met is doubted only after several cuts',
    { ...CUT, failed: MET },
    refusing(100, 7),
    { phase: 'cut', trial: { from: undefined, share: 0.07, sure: true, first: 0.1, worst: 0.1 } },
  ],
];

for (const [name, rate, recent, expected] of TABLE) {
  test(`the send rate: ${name}`, () => {
    const next = nextRate(rate, { ...ALL, ...recent });
    for (const [field, value] of Object.entries(expected)) {
      const got = next[field as keyof SendRate];
      if (typeof value === 'number')
        assert.ok(Math.abs((got as number) - value) <= 1e-6 * value, `${field} is ${got}, not ${value}`);
      else assert.deepEqual(got, value, field);
    }
  });
}

test('a server is overloaded if a limit was met or most was refused, and not while a first cut is on trial', () => {
  assert.equal(isOverloaded(FREE), false);
  assert.equal(isOverloaded(CUT), false);
  assert.equal(isOverloaded(KNOWN), true);
  assert.equal(isOverloaded(DOWN), true);
});

test('whatever is counted, a bound stays above 0 and below the rate at which the server first refused many requests', () => {
  const window = fc.record({
    ms: fc.integer({ min: 1, max: 3_000 }),
    ended: fc.nat(2_000),
    refusedShare: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(window, { maxLength: 200 }), (windows) => {
      let [rate, now, total] = [startingRate(0), 0, 0];
      for (const { ms, ended, refusedShare } of windows) {
        now += ms;
        total += ended;
        const refused = Math.round(ended * refusedShare);
        const answered = ended - refused;
        const streak = refused === 0 ? answered : 0;
        rate = nextRate(rate, { now, seconds: ms / 1_000, ended, answered, refused, streak, total });
        if (rate.perSecond === undefined) continue;
        assert.ok(rate.perSecond >= 1 && Number.isFinite(rate.perSecond), `${rate.perSecond}`);
        assert.ok(rate.perSecond <= Math.max(10, rate.former), `${rate.perSecond} of ${rate.former}`);
      }
    }),
  );
});

test('the last 100 responses, or those of the last second if these are more, are recent', () => {
  const few = new RecentResponses();
  for (let at = 0; at < 60_000; at += 100) few.add(at, 10, 'answered');
  assert.ok(few.sum(60_000, 1_000).ended >= 100 && few.sum(60_000, 1_000).ended <= 120);
  const many = new RecentResponses();
  for (let at = 0; at < 60_000; at += 1) many.add(at, 10, at >= 59_500 ? 'throttled' : 'answered');
  const { ended, refused, answered, seconds, streak, total } = many.sum(60_000, 1_000);
  assert.ok(ended >= 1_000 && ended <= 1_100, `${ended}`);
  assert.deepEqual([refused, answered, streak, total], [500, ended - 500, 0, 60_000]);
  assert.ok(seconds >= 1 && seconds <= 1.1);
});

test('requests that began before a change are not counted after it', () => {
  const recent = new RecentResponses();
  recent.add(1_000, 10, 'throttled');
  recent.restart(1_000);
  recent.add(1_005, 10, 'throttled');
  recent.add(1_020, 10, 'answered');
  assert.deepEqual([recent.sum(1_020, 1_000).ended, recent.sum(1_020, 1_000).total], [1, 3]);
});
