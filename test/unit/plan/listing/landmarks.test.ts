import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Landmarks, landmarks } from '../../../../src/plan/listing/landmarks.js';

const key = (index: number): string => `k${String(index).padStart(5, '0')}`;
const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ key: key(from + index) }));

function marksOf(count: number): Landmarks {
  const marks = landmarks();
  for (const one of keys(0, count)) marks.see(one.key);
  return marks;
}

test('after a page with exactly the keys of the source each piece is such a page, and the last one has no end', () => {
  const guide = marksOf(4_000).guide(keys(0, 1_000), '');
  const ends: (string | undefined)[] = [];
  for (let after: string | undefined = key(999); after !== undefined; ) {
    after = guide?.next(after, '');
    ends.push(after);
  }
  assert.deepEqual(ends, [key(1_999), key(2_999), undefined]);
});

test('where a piece has more than a page, the next pieces have several', () => {
  const guide = marksOf(20_000).guide(keys(0, 1_000), '');
  guide?.overflow();
  assert.equal(guide?.next(key(1_999), ''), key(5_999));
});

test('after a page that lacks keys of the source a piece has several pages, by what this one shows', () => {
  const page = keys(0, 2_500).filter((_, index) => index % 5 < 2);
  const guide = marksOf(50_000).guide(page, '');
  // Nine landmarks a page.
  assert.equal(guide?.next(key(2_499), ''), key(2_499 + 4 * 9 * 250));
});

test('a page that has mostly other keys shows nothing', () => {
  const marks = marksOf(4_000);
  const others = keys(0, 400).flatMap((one) => [one, { key: `${one.key}x` }, { key: `${one.key}y` }]);
  assert.equal(marks.guide(others, ''), undefined);
  assert.equal(marks.guide([], ''), undefined);
  assert.equal(landmarks().guide(keys(0, 1_000), ''), undefined);
});

test('a key that no server may be given to start after is no end of a piece', () => {
  const marks = landmarks(1);
  for (const name of ['a', 'b', 'c/', 'd\u0001', 'e/../', 'f\u{1f600}', 'g', 'h']) marks.see(name);
  assert.equal(marks.guide([{ key: 'a' }], '')?.next('b', ''), 'g');
});
