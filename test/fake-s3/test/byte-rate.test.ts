import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteRate } from '../src/http/byte-rate.js';

test('readers of one rate wait for what all of them have read, and for nothing after a pause', () => {
  let now = 1_000;
  const rate = new ByteRate(() => now);
  // 20 ms are made up for, as timers are late.
  assert.equal(rate.wait(500_000, 4_000_000), 105);
  assert.equal(rate.wait(500_000, 4_000_000), 230);
  now += 230;
  assert.equal(rate.wait(500_000, 4_000_000), 125);
  now += 10_000;
  assert.equal(rate.wait(80_000, 4_000_000), 0);
  assert.equal(rate.wait(80_000, 4_000_000), 20);
  assert.equal(rate.wait(1e12, Number.POSITIVE_INFINITY), 0);
});
