import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MOST_IN_BLOCK } from '../../../../src/run/blocks.js';
import { readPolicy } from '../../../../src/source/file.js';
import type { Found } from '../../../../src/source/types.js';
import { walkTree } from '../../../../src/source/walk/directory.js';
import { type WalkRecord, walkRecord } from '../../../../src/source/walk/record.js';
import type { Tree } from '../../../../src/source/walk/tree.js';
import { makeTree } from '../../../support/tree.js';

const NEVER = new AbortController().signal;

function treeAt(path: string): Tree {
  return {
    path,
    keyPrefix: 'p/',
    fileKeyPrefix: 'p/',
    filter: { takes: () => true, opens: () => true },
    symlinks: 'inside',
    reads: readPolicy(true),
    folders: true,
  };
}

async function walked(path: string, record: WalkRecord): Promise<Found[]> {
  const found: Found[] = [];
  for await (const unit of walkTree(treeAt(path), NEVER, { record })) found.push(unit);
  return found;
}

/** What others see of a unit. */
const seen = (units: readonly Found[]): unknown[] =>
  units.map((unit) =>
    unit.kind === 'entry' ? [unit.key, unit.origin, unit.relativePath, unit.size, unit.file?.seen] : unit,
  );

function source(t: TestContext): string {
  const root = makeTree(t, { 'a.txt': 'a', 'b/c.txt': 'cc', 'b/d/e.txt': '', 'f.txt': 'ffff' });
  symlinkSync('a.txt', join(root, 'link'));
  return root;
}

test('a second walk finds what the first has found, without looking at files', async (t) => {
  const root = source(t);
  const record = walkRecord();
  assert.equal(record.kept(), undefined);
  const first = await walked(root, record);
  assert.ok(record.kept() !== undefined);
  // The times of a folder do not show that a file was written.
  writeFileSync(join(root, 'f.txt'), 'other bytes');
  const second = await walked(root, record);
  assert.deepEqual(seen(second), seen(first));
  assert.equal(second.find(({ key }) => key === 'p/a.txt')?.kind, 'entry');
});

test('what the record gives is read like what a walk gives', async (t) => {
  const root = source(t);
  const record = walkRecord();
  await walked(root, record);
  for (const unit of await walked(root, record)) {
    if (unit.kind !== 'entry') continue;
    const content = await unit.open(async () => {}, NEVER);
    assert.equal((await content.slice(0, content.size)).length, unit.size);
    await content.close();
  }
});

for (const [what, change] of [
  ['a new file', (root: string) => writeFileSync(join(root, 'b/new.txt'), 'new')],
  ['a removed file', (root: string) => rmSync(join(root, 'b/d/e.txt'))],
  ['a renamed folder', (root: string) => renameSync(join(root, 'b/d'), join(root, 'b/x'))],
  ['a removed folder', (root: string) => rmSync(join(root, 'b'), { recursive: true })],
  [
    'another folder in the place of one',
    (root: string) => {
      renameSync(join(root, 'b'), `${root}-away`);
      mkdirSync(join(root, 'b'));
    },
  ],
] as const)
  test(`after ${what} the tree is walked again`, async (t) => {
    const root = source(t);
    // The clock of file systems may be coarse.
    for (const folder of ['', 'b', 'b/d']) utimesSync(join(root, folder), 1, 1);
    const record = walkRecord();
    await walked(root, record);
    await new Promise((resolve) => setTimeout(resolve, 20));
    change(root);
    t.after(() => rmSync(`${root}-away`, { recursive: true, force: true }));
    const fresh = await walked(root, walkRecord());
    assert.deepEqual(seen(await walked(root, record)), seen(fresh));
  });

test('a tree with more than is kept is walked each time', async (t) => {
  const root = source(t);
  const record = walkRecord(3);
  const first = await walked(root, record);
  assert.equal(record.kept(), undefined);
  assert.deepEqual(seen(await walked(root, record)), seen(first));
});

test('a walk that does not come to its end is not kept', async (t) => {
  const root = makeTree(t, Object.fromEntries(Array.from({ length: 2 * MOST_IN_BLOCK }, (_, at) => [`${at}`, ''])));
  const record = walkRecord();
  for await (const _unit of walkTree(treeAt(root), NEVER, { record })) break;
  assert.equal(record.kept(), undefined);
});
