import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { textFile } from '../../../src/action/text-file.js';
import { makeTree } from '../../support/tree.js';

test('many writers wait for the disk without a listener each, and nothing is lost', async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  const file = textFile(makeTree(t, {}), 'lines');
  const line = `${'x'.repeat(8 * 1024)}\n`;
  for (let round = 0; round < 3; round += 1)
    await Promise.all(Array.from({ length: 50 }, () => Promise.resolve(file.write(line))));
  assert.equal(await file.end('end'), undefined);
  assert.equal(readFileSync(file.path, 'utf8'), `${line.repeat(150)}end`);
  // Node emits its warnings in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(warnings, []);
});
