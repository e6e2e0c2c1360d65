import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { orAborted } from '../../../src/run/abort.js';

test('an abort ends pending waits, and a thousand of them share one listener', async () => {
  const controller = new AbortController();
  const waits = Array.from({ length: 1_000 }, () => orAborted(new Promise<void>(() => {}), controller.signal));
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  controller.abort(new Error('enough'));
  for (const wait of waits) await assert.rejects(wait, /enough/);
  await assert.rejects(orAborted(Promise.resolve(1), controller.signal), /enough/);
});

test('a promise that settles before the abort keeps its result', async () => {
  const { signal } = new AbortController();
  assert.equal(await orAborted(Promise.resolve(1), signal), 1);
  await assert.rejects(orAborted(Promise.reject(new Error('own')), signal), /own/);
});
