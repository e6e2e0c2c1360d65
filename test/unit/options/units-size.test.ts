import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.js';
import { parseSize } from '../../../src/options/units.js';
import { formatBytes } from '../../../src/report/format.js';

test('Sizes are bytes, or numbers with a unit', () => {
  const rows: [value: number | string, bytes: number][] = [
    [0, 0],
    [512, 512],
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    [' 512 ', 512],
    ['8MiB', 8_388_608],
    ['8 MiB', 8_388_608],
    ['8mib', 8_388_608],
    ['20MB', 20_000_000],
    ['20 mb', 20_000_000],
    ['1.5GiB', 1_610_612_736],
    ['1.3KiB', 1331],
    ['0.5KB', 500],
    ['5TiB', 5 * 2 ** 40],
    ['2TB', 2e12],
    ['10KB', 10_000],
  ];
  for (const [value, bytes] of rows) assert.equal(parseSize(value, 'minSize'), bytes, String(value));
});

test('What is no size is refused by option and value', () => {
  const rows: [value: number | string, hint: RegExp][] = [
    ['10k', /10KiB or 10KB/],
    ['8M', /8MiB or 8MB/],
    ['1.5', /unit missing/],
    [1.5, /unit missing/],
    [-1, /Write bytes/],
    ['-1', /Write bytes/],
    ['', /Write bytes/],
    ['big', /Write bytes/],
    ['8 parsecs', /Write bytes/],
    ['1,000', /Write bytes/],
    ['1e3', /Write bytes/],
    [Number.NaN, /Write bytes/],
    [Number.POSITIVE_INFINITY, /Write bytes/],
    [1e30, /Write bytes/],
    ['99999TiB', /too large/],
    ['99999999999999999999', /too large/],
  ];
  for (const [value, hint] of rows) {
    assert.throws(
      () => parseSize(value, '--min-size'),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.ok(error.message.startsWith('--min-size: '));
        assert.ok(error.message.includes(String(value)), error.message);
        assert.match(error.hint ?? '', hint);
        return true;
      },
      String(value),
    );
  }
});

test('Whole numbers of bytes come back unchanged', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      assert.equal(parseSize(bytes, 'x'), bytes);
      assert.equal(parseSize(`${bytes}`, 'x'), bytes);
    }),
  );
});

test('Bytes are shown in powers of 1,000 with one decimal', () => {
  const rows: [bytes: number, text: string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1550, '1.6 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [12_345_678, '12.3 MB'],
    [5e9, '5.0 GB'],
    [2.5e12, '2.5 TB'],
    [7e18, '7000.0 PB'],
    [0.4, '0 B'],
  ];
  for (const [bytes, text] of rows) assert.equal(formatBytes(bytes), text);
  fc.assert(fc.property(fc.nat({ max: 1e15 }), (bytes) => assert.doesNotMatch(formatBytes(bytes), /^1000/)));
});
