import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Link } from '../../../src/s3/http/link.js';

test('patience is what was asked for on a line that has nothing to carry', () => {
  assert.equal(new Link().patience(1_000), 1_000);
});

test('before anything is known a line is taken to carry 32 KiB a second', () => {
  const link = new Link();
  link.began(64 * 1024);
  assert.equal(link.patience(30_000), 32_000);
});

test('patience grows by ten times at most', () => {
  const link = new Link();
  link.began(1024 ** 3);
  assert.equal(link.patience(30_000), 330_000);
});

test('what answers have shown of the line counts, and a silence after them changes nothing', async () => {
  const link = new Link();
  link.began(10_000_000);
  await sleep(100);
  link.ended(10_000_000, true);
  link.began(10_000_000);
  const known = link.patience(30_000);
  assert.ok(known > 30_050 && known < 31_500, `${known}`);
  await sleep(100);
  assert.equal(link.patience(30_000), known);
  link.ended(10_000_000, false);
  assert.equal(link.patience(30_000), 30_000);
});
