import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchJob } from '../../../src/fleet/job.js';
import { refusals } from '../../../src/fleet/refusals.js';

const common = { version: '1', run: 'r', options: {} };
const put = (root: string): BatchJob => ({
  kind: 'put',
  ...common,
  root,
  rootStamp: { inode: 1, changedMs: 1 },
  files: [['a', 1, 1, 1]],
});

test('a batch goes to others until all connected workers have refused its directory for a while', () => {
  let now = 0;
  const account = refusals(1_000, () => now);
  assert.equal(account.refused(put('/a'), 'one', 1, ['one', 'two']), 'again');
  now = 2_000;
  assert.equal(account.refused(put('/a'), 'one', 2, ['one', 'two']), 'again', 'the other may be able to');
  assert.equal(account.refused(put('/a'), 'two', 3, ['one', 'two']), 'end');
});

test('workers that have only just been started are waited for', () => {
  let now = 0;
  const account = refusals(1_000, () => now);
  assert.equal(account.refused(put('/a'), 'one', 1, ['one']), 'again');
  now = 999;
  assert.equal(account.refused(put('/a'), 'one', 2, ['one']), 'again');
  now = 1_000;
  assert.equal(account.refused(put('/a'), 'one', 3, ['one']), 'end');
});

test('where a batch of the directory was done, batches fail, and after three of them the run ends', () => {
  const account = refusals(0, () => 0);
  account.done(put('/a'));
  assert.equal(account.refused(put('/a'), 'one', 1, ['one']), 'fail');
  assert.equal(account.refused(put('/a'), 'one', 1, ['one']), 'fail');
  assert.equal(account.refused(put('/b'), 'one', 1, ['one']), 'end', 'another directory');
  assert.equal(account.refused(put('/a'), 'one', 1, ['one']), 'end');
  account.done(put('/a'));
  assert.equal(account.refused(put('/a'), 'one', 1, ['one']), 'fail');
});

test('where it is unknown which workers there are, a batch is refused for long, and not for ever', () => {
  const account = refusals(0, () => 0);
  assert.equal(account.refused(put('/a'), 'one', 19, []), 'again');
  assert.equal(account.refused(put('/a'), 'one', 20, []), 'end');
});

test('a batch is refused by all where no other of its directory was ever done', () => {
  const account = refusals(0, () => 0);
  assert.equal(account.isRefusedByAll(put('/a')), false);
  account.refused(put('/a'), 'one', 1, ['one', 'two']);
  assert.equal(account.isRefusedByAll(put('/a')), false, 'the other may have it');
  account.refused(put('/a'), 'two', 1, ['one', 'two']);
  assert.equal(account.isRefusedByAll(put('/a')), true);
  assert.equal(account.isRefusedByAll(put('/b')), false);
  account.done(put('/b'));
  account.refused(put('/b'), 'one', 1, ['one']);
  assert.equal(account.isRefusedByAll(put('/b')), false, 'workers have done others');
});
