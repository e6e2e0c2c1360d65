import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotaOf, usableCores } from '../../../../src/transfer/threads/cores.js';

test('a quota of a control group counts in whole cores, and at least one', () => {
  const of: readonly (readonly [text: string, cores: number | undefined])[] = [
    ['max 100000\n', undefined],
    ['', undefined],
    ['200000 100000\n', 2],
    ['150000 100000', 1],
    ['140000 100000', 1],
    ['20000 100000', 1],
    ['-1 100000', undefined],
  ];
  for (const [text, cores] of of) assert.equal(quotaOf(text), cores, text);
  assert.ok(usableCores() >= 1 && usableCores() <= 8);
});
