import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { orAborted } from '../../../src/run/abort.js';

test('a wait that nothing else ends is ended by its signal, and a thousand of them listen once', async () => {
  const controller = new AbortController();
  const waits = Array.from({ length: 1_000 }, () => orAborted(new Promise<void>(() => {}), controller.signal));
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  controller.abort(new Error('enough'));
  for (const wait of waits) await assert.rejects(wait, /enough/);
  await assert.rejects(orAborted(Promise.resolve(1), controller.signal), /enough/);
});

test('what settles before is as it was', async () => {
  const { signal } = new AbortController();
  assert.equal(await orAborted(Promise.resolve(1), signal), 1);
  await assert.rejects(orAborted(Promise.reject(new Error('own')), signal), /own/);
});
