import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { squarify } from '../../../../src/report/page/squarify.js';

test('boxes fill their box, do not overlap, and have areas in proportion to their weights', () => {
  const weights = fc
    .array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 60 })
    .map((all) => all.sort((one, other) => other - one));
  const sides = fc.integer({ min: 10, max: 2_000 });
  fc.assert(
    fc.property(weights, sides, sides, (all, width, height) => {
      const boxes = squarify(all, { x: 3, y: 4, width, height });
      const total = all.reduce((sum, weight) => sum + weight, 0);
      const close = (one: number, other: number): boolean => Math.abs(one - other) <= 1e-6 * (width * height + 1);
      assert.equal(boxes.length, all.length);
      for (const [index, box] of boxes.entries()) {
        assert.ok(close(box.width * box.height, ((all[index] ?? 0) / total) * width * height));
        assert.ok(box.x >= 3 - 1e-6 && box.y >= 4 - 1e-6);
        assert.ok(box.x + box.width <= 3 + width + 1e-6 && box.y + box.height <= 4 + height + 1e-6);
        for (const other of boxes.slice(index + 1)) {
          const across = Math.min(box.x + box.width, other.x + other.width) - Math.max(box.x, other.x);
          const down = Math.min(box.y + box.height, other.y + other.height) - Math.max(box.y, other.y);
          assert.ok(across <= 1e-6 || down <= 1e-6, 'no overlap');
        }
      }
    }),
  );
});

test('equal weights in a square give squares', () => {
  const boxes = squarify([1, 1, 1, 1], { x: 0, y: 0, width: 100, height: 100 });
  assert.deepEqual(
    boxes.map(({ width, height }) => [width, height]),
    [
      [50, 50],
      [50, 50],
      [50, 50],
      [50, 50],
    ],
  );
});
