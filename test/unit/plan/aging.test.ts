import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Aging, agingOf, STRAY_TAG, tagsWithout } from '../../../src/plan/aging.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.parse('2026-11-29T12:00:00Z');
type Tags = Readonly<Record<string, string>>;

const stray = (value: string, others: Tags = {}): Tags => ({ ...others, [STRAY_TAG]: value });
const many = (count: number): Tags => Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, 'v']));
const tagged = (value: string, until: string, others: Tags = {}): Aging => ({
  action: 'tag',
  until,
  tags: stray(value, others),
});

/** What is tested, the tags, the time, how long strays are kept, and what follows. */
const TABLE: readonly (readonly [string, Tags, string, number, Aging])[] = [
  ['no tag', {}, '2026-11-29T12:00:00Z', 7 * DAY, tagged('2026-11-29', '2026-12-07')],
  ['no tag, just before midnight', {}, '2026-11-29T23:59:59Z', 7 * DAY, tagged('2026-11-29', '2026-12-07')],
  ['no tag, at midnight', {}, '2026-11-30T00:00:00Z', DAY, tagged('2026-11-30', '2026-12-02')],
  ['no tag, at the end of a year', {}, '2026-12-31T12:00:00Z', DAY, tagged('2026-12-31', '2027-01-02')],
  ['no tag, and hours', {}, '2026-11-29T12:00:00Z', 12 * HOUR, tagged('2026-11-29T12:00:00Z', '2026-11-30')],
  [
    'no tag, and part of a second',
    {},
    '2026-11-29T12:00:00.001Z',
    HOUR,
    tagged('2026-11-29T12:00:01Z', '2026-11-29T13:00:01Z'),
  ],
  ['no tag, and no time at all', {}, '2026-11-29T12:00:00Z', 0, tagged('2026-11-29T12:00:00Z', '2026-11-29T12:00:00Z')],
  ['other tags', { team: 'web' }, '2026-11-29T12:00:00Z', DAY, tagged('2026-11-29', '2026-12-01', { team: 'web' })],
  [
    'a tag of AWS, which cannot be written',
    { 'aws:x': '1', team: 'web' },
    '2026-11-29T12:00:00Z',
    DAY,
    tagged('2026-11-29', '2026-12-01', { team: 'web' }),
  ],
  ['a date', stray('2026-11-29'), '2026-12-06T23:59:59Z', 7 * DAY, { action: 'keep', until: '2026-12-07' }],
  ['a date that is over', stray('2026-11-29'), '2026-12-07T00:00:00Z', 7 * DAY, { action: 'delete' }],
  [
    'a date, and hours',
    stray('2026-11-29'),
    '2026-11-30T11:59:59Z',
    12 * HOUR,
    { action: 'keep', until: '2026-11-30T12:00:00Z' },
  ],
  [
    'a time',
    stray('2026-11-29T12:00:00Z'),
    '2026-12-06T11:59:59Z',
    7 * DAY,
    { action: 'keep', until: '2026-12-06T12:00:00Z' },
  ],
  ['a time that is over', stray('2026-11-29T12:00:00Z'), '2026-12-06T12:00:00Z', 7 * DAY, { action: 'delete' }],
  ['a date to come', stray('2027-01-01'), '2026-11-29T12:00:00Z', DAY, { action: 'keep', until: '2027-01-03' }],
  ['no date', stray('yes'), '2026-11-29T12:00:00Z', DAY, tagged('2026-11-29', '2026-12-01')],
  ['an empty value', stray(''), '2026-11-29T12:00:00Z', DAY, tagged('2026-11-29', '2026-12-01')],
  ['a month that is none', stray('2026-13-01'), '2026-11-29T12:00:00Z', DAY, tagged('2026-11-29', '2026-12-01')],
  ['nine others', many(9), '2026-11-29T12:00:00Z', DAY, tagged('2026-11-29', '2026-12-01', many(9))],
  ['ten others', many(10), '2026-11-29T12:00:00Z', DAY, { action: 'full' }],
  [
    'nine others and no date',
    stray('x', many(9)),
    '2026-11-29T12:00:00Z',
    DAY,
    tagged('2026-11-29', '2026-12-01', many(9)),
  ],
  [
    'a time beyond all dates',
    stray('2026-11-29'),
    '2026-11-29T12:00:00Z',
    Number.MAX_SAFE_INTEGER,
    { action: 'keep', until: '+275760-09-13' },
  ],
];

for (const [what, tags, now, after, expected] of TABLE)
  test(`a stray with ${what}, kept for ${after / HOUR} h, at ${now}: ${expected.action}`, () => {
    assert.deepEqual(agingOf(tags, Date.parse(now), after), expected);
  });

test('no stray is deleted earlier than it was tagged plus the time, and each is in the end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 * DAY }),
      fc.oneof(
        fc.integer({ min: 0, max: 30 }).map((days) => days * DAY),
        fc.integer({ min: 0, max: 30 * DAY }),
      ),
      fc.integer({ min: 0, max: 60 * DAY }),
      (start, after, later) => {
        const first = agingOf({}, NOON + start, after);
        assert.ok(first.action === 'tag');
        const second = agingOf(first.tags, NOON + start + later, after);
        if (later < after) assert.equal(second.action, 'keep');
        if (later >= after + DAY) assert.equal(second.action, 'delete');
        // The date that is shown is the one that counts.
        const shown = Date.parse(first.until);
        assert.equal(agingOf(first.tags, shown - 1_000, after).action, 'keep');
        assert.equal(agingOf(first.tags, shown, after).action, 'delete');
      },
    ),
  );
});

test('a key that the source has again loses only that tag', () => {
  assert.equal(tagsWithout({}), undefined);
  assert.equal(tagsWithout({ team: 'web' }), undefined);
  assert.deepEqual(tagsWithout(stray('2026-11-29')), {});
  assert.deepEqual(tagsWithout(stray('whatever', { team: 'web', 'aws:x': '1' })), { team: 'web' });
  const odd = Object.fromEntries([['__proto__', 'x']]) as Tags;
  assert.deepEqual(Object.keys(tagsWithout(stray('1', odd)) ?? {}), ['__proto__']);
});
