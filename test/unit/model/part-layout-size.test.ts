import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  LARGEST_OBJECT,
  LARGEST_PART,
  MOST_PARTS,
  PART_FLOOR,
  partCount,
  partRange,
  partSizeFor,
  SMALLEST_PART,
} from '../../../src/model/part-layout.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;
const sizes = fc.oneof(fc.integer({ min: 1, max: 50e12 }), fc.integer({ min: 1, max: 300 * MIB }));
const wanted = fc.option(fc.integer({ min: SMALLEST_PART, max: LARGEST_PART }), { nil: undefined });

test('up to 50 TB parts are within the limits of S3, and cover the object without gap or overlap', () => {
  fc.assert(
    fc.property(sizes, wanted, (size, partSize) => {
      const part = partSizeFor(size, { partSize });
      const count = partCount(size, part);
      assert.ok(part >= SMALLEST_PART && part <= LARGEST_PART, `a part of ${part}`);
      assert.ok(count <= MOST_PARTS, `${count} parts`);
      const numbers = [1, Math.ceil(count / 2), count];
      for (const number of numbers) {
        const { start, end } = partRange(size, part, number);
        assert.equal(start, (number - 1) * part);
        assert.equal(end - start, number < count ? part : size - start);
        assert.ok(end > start);
        if (number < count) assert.equal(partRange(size, part, number + 1).start, end);
        else assert.equal(end, size);
      }
    }),
  );
});

test('without the option the part size is the smallest power of two from 8 MiB with at most 8,192 parts', () => {
  fc.assert(
    fc.property(sizes, (size) => {
      const part = partSizeFor(size);
      if (part === LARGEST_PART) return;
      assert.ok(Number.isInteger(Math.log2(part)) && part >= PART_FLOOR);
      assert.ok(partCount(size, part) <= 8_192);
      if (part > PART_FLOOR) assert.ok(partCount(size, part / 2) > 8_192);
    }),
  );
});

for (const [part, k] of [
  [8 * MIB, 2],
  [8 * MIB, 8_192],
  [16 * MIB, 8_192],
  [4096 * MIB, 8_192],
] as const) {
  test(`${k} parts of ${part / MIB} MiB: one byte less keeps their number, one more adds a part or doubles them`, () => {
    const size = part * k;
    assert.equal(partSizeFor(size), part);
    assert.equal(partCount(size, part), k);
    assert.equal(partCount(size - 1, part), k);
    assert.equal(partRange(size - 1, part, k).end, size - 1);
    assert.equal(partRange(size, part, k).end - partRange(size, part, k).start, part);
    assert.equal(partCount(size + 1, part), k + 1);
    assert.deepEqual(partRange(size + 1, part, k + 1), { number: k + 1, start: size, end: size + 1 });
    const above = partSizeFor(size + 1);
    assert.equal(above, k < 8_192 ? part : Math.min(part * 2, LARGEST_PART));
  });
}

test('a part size of the user is doubled where it would give more than 9,999 parts', () => {
  assert.equal(partSizeFor(5 * MIB * 9_999, { partSize: 5 * MIB }), 5 * MIB);
  assert.equal(partSizeFor(5 * MIB * 9_999 + 1, { partSize: 5 * MIB }), 10 * MIB);
  assert.equal(partSizeFor(49 * GIB, { partSize: 5 * MIB }), 10 * MIB);
  assert.equal(partSizeFor(626 * GIB, { partSize: 64 * MIB }), 128 * MIB);
  assert.equal(partSizeFor(40 * TIB, { partSize: 3 * GIB }), LARGEST_PART);
});

test('the largest object has 9,999 of the largest parts', () => {
  assert.equal(partCount(LARGEST_OBJECT, partSizeFor(LARGEST_OBJECT)), MOST_PARTS);
  assert.equal(partCount(0, PART_FLOOR), 1);
});

test('tests may begin with smaller parts', () => {
  assert.equal(partSizeFor(3_000 * 1024, { floor: 1024 }), 1024);
  assert.equal(partSizeFor(8_193 * 1024, { floor: 1024 }), 2048);
});
