import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  beforeCompression,
  formatBytes,
  number,
  printable,
  rateText,
  secondsText,
} from '../../../src/report/format.js';

describe('numbers and names for people', () => {
  const rows: readonly (readonly [string, string])[] = [
    [number(0), '0'],
    [number(999), '999'],
    [number(1_000), '1,000'],
    [number(1_234_567), '1,234,567'],
    [secondsText(0), '0.00 s'],
    [secondsText(0.094), '0.09 s'],
    [secondsText(0.096), '0.1 s'],
    [secondsText(9.94), '9.9 s'],
    [secondsText(9.96), '10.0 s'],
    [secondsText(59.9), '59.9 s'],
    [secondsText(59.96), '1 min 0 s'],
    [secondsText(125), '2 min 5 s'],
    [secondsText(3_780), '1 h 3 min'],
    [formatBytes(999), '999 B'],
    [formatBytes(999.6), '1.0 kB'],
    [formatBytes(999_950), '1.0 MB'],
    [formatBytes(12_300_000), '12.3 MB'],
    [beforeCompression(3_400, 9_900), ' (9.9 kB before compression)'],
    [beforeCompression(3_400, 3_420), ''],
    [rateText(0.04), '0.0'],
    [rateText(9.94), '9.9'],
    [rateText(9.96), '10'],
    [rateText(12_345.6), '12,346'],
    [printable('näme 中 🎉'), 'näme 中 🎉'],
    [printable('a\tb\u0000\u007f\u0085\u2028\u061c'), 'a\\tb\\x00\\x7f\\x85\\u2028\\u061c'],
  ];
  for (const [actual, expected] of rows) test(expected, () => assert.equal(actual, expected));
});
