import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  evenLayout,
  fits,
  isEven,
  type Layout,
  outgrowsEqualParts,
  type Part,
  streamPartSize,
  unevenLayout,
} from '../../../src/model/part-layout.js';
import { partsProvenByDate } from '../../../src/transfer/copy/source.js';

function assertCovers(layout: Layout, size: number): void {
  let at = 0;
  for (let number = 1; number <= layout.count; number++) {
    const range = layout.range(number);
    assert.deepEqual([range.number, range.start], [number, at]);
    at = range.end;
  }
  assert.deepEqual([at, layout.size], [size, size]);
}

test('parts of one size abut and cover the object', () => {
  const size = fc.integer({ min: 1, max: 10_000 });
  fc.assert(fc.property(size, size, (bytes, part) => assertCovers(evenLayout(bytes, part), bytes)));
});

test('parts of given sizes abut and cover the object, in their order', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(sizes, (all) => {
      const layout = unevenLayout(all);
      assertCovers(
        layout,
        all.reduce((sum, one) => sum + one, 0),
      );
      assert.equal(layout.count, all.length);
    }),
  );
});

const part = (number: number, size: number): readonly [number, Part] => [number, { number, size, etag: 'e' } as Part];

for (const [name, parts, expected] of [
  ['no parts', [], true],
  ['some parts where they lie', [part(1, 4), part(3, 2)], true],
  ['the mark besides', [part(2, 4), part(10_000, 99)], true],
  ['a part of another size', [part(1, 3)], false],
  ['a last part that is longer', [part(3, 4)], false],
  ['a part more', [part(4, 4)], false],
] as const)
  test(`${name} ${expected ? 'fit' : 'do not fit'} a layout of 4, 4 and 2 bytes`, () => {
    assert.equal(fits(evenLayout(10, 4), new Map(parts)), expected);
    assert.equal(fits(unevenLayout([4, 4, 2]), new Map(parts)), expected);
  });

const MARK = { bytes: Buffer.from('mark'), md5: 'ab'.repeat(16), crc32: 'AAAAAA==' };

for (const [name, modified, begunAt, marked, trusted] of [
  ['an upload that began 5 s after the last change', 10_000, 15_000, true, true],
  ['an upload that began sooner', 10_000, 14_999, true, false],
  ['an upload that began before', 10_000, 1_000, true, false],
  ['an upload of somebody else', 10_000, 99_000, false, false],
  ['a source without a date', undefined, 99_000, true, false],
  ['an upload without a date', 10_000, undefined, true, false],
] as const)
  test(`the parts of ${name} are ${trusted ? '' : 'not '}trusted`, () => {
    const parts = new Map([part(1, 4), [10_000, { number: 10_000, size: 4, etag: MARK.md5 } as Part]]);
    const proven = partsProvenByDate({ modified }, { parts, mark: MARK, marked, begunAt });
    assert.equal(proven !== undefined, trusted);
    if (proven === undefined) return;
    assert.deepEqual([[...proven.parts.keys()], proven.crc32, proven.encrypted], [[1], false, false]);
  });

test('a mark whose ETag is not its MD5 shows that a key encrypts', () => {
  const parts = new Map([[10_000, { number: 10_000, size: 4, etag: 'f'.repeat(32), crc32: 'AAAAAA==' } as Part]]);
  const proven = partsProvenByDate({ modified: 0 }, { parts, mark: MARK, marked: true, begunAt: 9_000 });
  assert.deepEqual([proven?.encrypted, proven?.crc32], [true, true]);
});

for (const [sizes, even] of [
  [[5], true],
  [[5, 5, 5], true],
  [[5, 5, 2], true],
  [[5, 5, 6], false],
  [[2, 6], false],
  [[5, 4, 5], false],
] as const)
  test(`parts of ${sizes.join(', ')} bytes ${even ? 'have' : 'do not have'} one size`, () => {
    assert.equal(isEven(unevenLayout(sizes)), even);
  });

test('a stream has larger parts after 32 GiB, unless all of them must have one size', () => {
  const mib = 1024 ** 2;
  assert.deepEqual([streamPartSize(4_096), streamPartSize(4_097)], [8 * mib, 64 * mib]);
  assert.deepEqual([streamPartSize(4_096, {}, true), streamPartSize(4_097, {}, true)], [8 * mib, 8 * mib]);
  assert.equal(streamPartSize(4_097, { partSize: 9 * mib }, true), 9 * mib);
  assert.deepEqual(
    [4_096, 4_097, 4_098].map((number) => outgrowsEqualParts(number, {})),
    [false, true, false],
  );
  assert.equal(outgrowsEqualParts(4_097, { partSize: 9 * mib }), false);
});
