import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pays, threadStarter } from '../../../../src/transfer/threads/auto.js';
import { threadPool } from '../../../../src/transfer/threads/pool.js';

test('another thread pays only where the main one is busy with what threads take, and there is work for a while', () => {
  const span = (utilization: number, bytesPerMs = 30_000) => ({ utilization, bytesPerMs });
  assert.equal(pays([span(0.85), span(0.85)], 2000), true);
  assert.equal(pays([span(0.84), span(1)], Number.POSITIVE_INFINITY), false);
  assert.equal(pays([span(1), span(1)], 1999), false);
  assert.equal(pays([span(1)], Number.POSITIVE_INFINITY), false);
  assert.equal(pays([span(1), span(1, 29_999)], Number.POSITIVE_INFINITY), false);
});

test('nothing is watched once the run has ended', async () => {
  let looks = 0;
  let closed = false;
  const pool = {
    ...threadPool({ most: 2, warn: () => {} }),
    get closed() {
      looks += 1;
      return closed;
    },
  };
  const options = () => assert.fail('no thread is worth it');
  threadStarter(pool, { threads: 'auto', totalBytes: () => undefined }, options).sent(1);
  while (looks === 0) await sleep(10);
  closed = true;
  const before = looks;
  while (looks === before) await sleep(10);
  const last = looks;
  // Some more spans.
  await sleep(500);
  assert.equal(looks, last);
});
