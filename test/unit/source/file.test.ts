import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFileBy, readPolicy, readWhole } from '../../../src/source/file.js';
import { makeTree } from '../../support/tree.js';

test('reads go through the thread pool once eight of them were slow, and stay there', () => {
  const reads = readPolicy(true);
  for (let i = 0; i < 7; i++) reads.recordRead(5);
  assert.equal(reads.sync, true);
  reads.recordRead(5);
  assert.equal(reads.sync, false);
  for (let i = 0; i < 1_000; i++) reads.recordRead(0.01);
  assert.equal(reads.sync, false);
});

test('an occasional slow read does not count', () => {
  const reads = readPolicy(true);
  for (let i = 0; i < 1_000; i++) reads.recordRead(i % 5 === 0 ? 50 : 0.01);
  assert.equal(reads.sync, true);
});

test('no file is read synchronously where the option is off', () => {
  assert.equal(readPolicy(false).sync, false);
});

for (const sync of [true, false]) {
  test(`a file is the same read ${sync ? 'synchronously' : 'through the thread pool'}, by any range`, async (t) => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    const path = join(makeTree(t, { a: bytes }), 'a');
    const content = await openFileBy(readPolicy(sync), { path });
    assert.equal(content.size, bytes.length);
    for (const [start, end] of [
      [0, 300_000],
      [5, 5],
      [299_999, 300_000],
      [1, 262_145],
    ] as const)
      assert.ok((await content.slice(start, end)).equals(bytes.subarray(start, end)));
    assert.equal(await content.unchanged(), true);
    writeFileSync(path, 'other');
    assert.equal(await content.unchanged(), false);
    await content.close();
    await assert.rejects(openFileBy(readPolicy(sync), { path: join(path, 'none') }), { code: 'ENOTDIR' });
    await assert.rejects(openFileBy(readPolicy(sync), { path: join(path, '..') }), { code: 'NotAFile' });
  });
}

test('a small file is read into the memory that is lent for it and one byte more', (t) => {
  const path = join(makeTree(t, { a: 'bytes' }), 'a');
  const memory = Buffer.alloc(10, 'x');
  const lent: number[] = [];
  const bytes = readWhole({ path }, readPolicy(true), {
    lend(length) {
      lent.push(length);
      return memory;
    },
  });
  assert.deepEqual([bytes?.toString(), bytes?.buffer === memory.buffer, lent], ['bytes', true, [6]]);
});
