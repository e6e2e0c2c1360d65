import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  descriptorsForRun,
  isShortage,
  onShortage,
  readDescriptors,
  tooFewToLoad,
  whenDescriptorFree,
} from '../../../src/run/descriptors.js';
import { makeTree } from '../../support/tree.js';

const HEAD = 'Limit                     Soft Limit           Hard Limit           Units     \n';

for (const [name, text, limit] of [
  ['the soft limit', `${HEAD}Max open files            256                  524288               files     \n`, 256],
  ['no limit', `${HEAD}Max open files            unlimited            unlimited            files     \n`, Infinity],
  ['assumed if the line is missing', HEAD, 1_024],
] as const) {
  test(`the descriptor limit is ${name}`, (t) => {
    const self = makeTree(t, { limits: text, 'fd/0': '', 'fd/1': '', 'fd/2': '' });
    assert.deepEqual(readDescriptors(self), { limit, open: 2 });
  });
}

test('descriptors are assumed if the system does not provide them', () => {
  assert.deepEqual(readDescriptors('/nowhere'), { limit: 1_024, open: 32 });
  const { limit, open } = readDescriptors();
  assert.ok(limit > open && open > 0);
});

for (const [limit, open, room] of [
  [1_024, 24, 992],
  [64, 22, 34],
  [40, 24, 8],
  [36, 24, 4],
  [35, 24, undefined],
  [24, 24, undefined],
  [24, 40, undefined],
  [Infinity, 24, Infinity],
] as const)
  test(`of ${limit} descriptors with ${open} open, a run may use ${room ?? 'none'}`, () => {
    assert.equal(descriptorsForRun({ limit, open }), room);
  });

test('too few descriptors to load the program are named with the limit and the fix', () => {
  assert.match(tooFewToLoad({ limit: 24, open: 20 }) ?? '', /only 24 files.*20 are open.*\n.*ulimit -n/);
  assert.equal(tooFewToLoad({ limit: 40, open: 20 }), undefined);
  assert.equal(tooFewToLoad({ limit: Infinity, open: 20 }), undefined);
});

const shortage = (code: string): Error => Object.assign(new Error(`${code}: too many open files`), { code });

/** Opens after so many failures. */
function opensAfter(failures: number, error: Error): () => string {
  let left = failures;
  return () => {
    if (left-- > 0) throw error;
    return 'open';
  };
}

test('a shortage of the process or of the system is waited for, and lowers the runs in progress', async () => {
  const run = new AbortController();
  let lowered = 0;
  const listener = {
    outOfDescriptors() {
      lowered += 1;
    },
  };
  onShortage(listener, run.signal);
  for (const code of ['EMFILE', 'ENFILE']) {
    assert.ok(isShortage(shortage(code)));
    assert.equal(await whenDescriptorFree(opensAfter(3, shortage(code))), 'open');
  }
  assert.equal(lowered, 6);
  const later = opensAfter(3, shortage('EMFILE'));
  assert.equal(await whenDescriptorFree(async () => later()), 'open');
  const other = shortage('EACCES');
  assert.equal(isShortage(other), false);
  await assert.rejects(whenDescriptorFree(opensAfter(1, other)), other);
  run.abort();
  const last = shortage('EMFILE');
  await assert.rejects(whenDescriptorFree(opensAfter(1, last)), last, 'without a run nothing gives descriptors back');
  assert.equal(lowered, 9);
});
