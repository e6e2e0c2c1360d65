import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descriptorLimit } from '../../../src/run/pacer.js';
import { makeTree } from '../../support/tree.js';

const HEAD = 'Limit                     Soft Limit           Hard Limit           Units     \n';

for (const [name, text, limit] of [
  ['the soft limit', `${HEAD}Max open files            256                  524288               files     \n`, 256],
  ['no limit', `${HEAD}Max open files            unlimited            unlimited            files     \n`, Infinity],
  ['assumed if the line is missing', HEAD, 1_024],
] as const) {
  test(`the descriptor limit is ${name}`, (t) => {
    assert.equal(descriptorLimit(`${makeTree(t, { limits: text })}/limits`), limit);
  });
}

test('the descriptor limit is assumed if the system does not provide it, and is never 0', () => {
  assert.equal(descriptorLimit('/nowhere/limits'), 1_024);
  assert.ok(descriptorLimit() > 0);
});
