import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closestTo, editDistance } from '../../../src/model/edit-distance.js';

const ROWS: readonly (readonly [one: string, other: string, distance: number])[] = [
  ['', '', 0],
  ['a', '', 1],
  ['same', 'same', 0],
  ['kitten', 'sitting', 3],
  ['exclude', 'exlcude', 2],
  ['include', 'exclude', 2],
  ['cache-control', 'cache-contol', 1],
];
for (const [one, other, distance] of ROWS) {
  test(`"${one}" and "${other}" differ by ${distance}`, () => {
    assert.equal(editDistance(one, other), distance);
    assert.equal(editDistance(other, one), distance);
  });
}

test('each edit adds at most one to the distance', () => {
  const text = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(text, text, fc.nat(12), fc.string({ minLength: 1, maxLength: 1 }), (one, other, at, more) => {
      const edited = other.slice(0, at) + more + other.slice(at);
      assert.ok(Math.abs(editDistance(one, edited) - editDistance(one, other)) <= more.length);
    }),
  );
});

test('the first of the closest candidates is found, and none that is too far', () => {
  assert.equal(closestTo('tpye', ['size', 'type', 'tape'], 2), 'type');
  assert.equal(closestTo('abc', ['abd', 'abe'], 1), 'abd');
  assert.equal(closestTo('abc', ['xyz'], 2), undefined);
  assert.equal(closestTo('abc', [], 5), undefined);
});
