import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineRate } from '../../../../src/s3/http/watchdog.js';

test('a line that never moved has no rate', () => {
  const line = new LineRate(1_000);
  line.restart(0);
  line.measure(5_000);
  assert.equal(line.msFor(1), undefined);
});

test('the rate is the bytes moved per time since the last measurement, including silence in between', () => {
  const line = new LineRate(1_000);
  line.restart(0);
  line.moved(100_000);
  line.measure(500);
  assert.equal(line.msFor(1), undefined);
  line.measure(2_000);
  assert.equal(line.msFor(100_000), 2_000);
});

test('a silence after a measurement changes nothing', () => {
  const line = new LineRate(1_000);
  line.restart(0);
  line.moved(100_000);
  line.measure(1_000);
  line.measure(60_000);
  assert.equal(line.msFor(100_000), 1_000);
});

test('the newest measurement counts for half', () => {
  const line = new LineRate(1_000);
  line.restart(0);
  line.moved(100_000);
  line.measure(1_000);
  line.moved(300_000);
  line.measure(2_000);
  assert.equal(line.msFor(200_000), 1_000);
});

test('a line whose measurement restarts has no rate', () => {
  const line = new LineRate(1_000);
  line.moved(100_000);
  line.measure(1_000);
  line.restart(2_000);
  assert.equal(line.msFor(1), undefined);
});
