import assert from 'node:assert/strict';
import { linkSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { type OwnFiles, ownFiles, ownFilesWarning } from '../../../src/source/own-files.js';
import { addFiles, makeTree } from '../../support/tree.js';

const has = (own: OwnFiles | undefined, path: string): boolean | undefined =>
  own?.has(basename(path), path, statSync(path));

test('without own files a walk need not ask', () => {
  assert.equal(ownFiles([]), undefined);
  assert.equal(ownFilesWarning(undefined), undefined);
});

test('an own file is known by what it is, however a path leads to it', (t) => {
  const root = makeTree(t, { 'a/run.log': '1', 'b/run.log': '1', 'a/other.log': '1' });
  symlinkSync(join(root, 'a/run.log'), join(root, 'link.txt'));
  symlinkSync(join(root, 'a'), join(root, 'folder'));
  const own = ownFiles([join(root, 'a/run.log')]);
  const found = ['a/run.log', 'folder/run.log', 'link.txt', 'b/run.log', 'a/other.log'];
  assert.deepEqual(
    found.map((path) => has(own, join(root, path))),
    [true, true, true, false, false],
  );
  assert.deepEqual(
    [...(own?.found ?? [])],
    found.slice(0, 3).map((path) => join(root, path)),
  );
  const [code, message] = ownFilesWarning(own) ?? [];
  assert.equal(code, 'own-files');
  for (const path of found.slice(0, 3)) assert.ok(String(message).includes(join(root, path)));
});

test('a path may name an own file through a link', (t) => {
  const root = makeTree(t, { 'site/rules.yaml': '[]' });
  symlinkSync(join(root, 'site/rules.yaml'), join(root, 'rules.yaml'));
  assert.equal(has(ownFiles([join(root, 'rules.yaml')]), join(root, 'site/rules.yaml')), true);
});

test('another hard link to an own file is a file of the source', (t) => {
  const root = makeTree(t, { 'a.yaml': '[]' });
  linkSync(join(root, 'a.yaml'), join(root, 'b.yaml'));
  const own = ownFiles([join(root, 'a.yaml')]);
  assert.deepEqual([has(own, join(root, 'a.yaml')), has(own, join(root, 'b.yaml'))], [true, false]);
});

test('an own file may be made, or replaced, after the run has begun', (t) => {
  const root = makeTree(t, { 'old.log': '1' });
  const own = ownFiles([join(root, 'new.json'), join(root, 'old.log'), join(root, 'no/folder.log')]);
  addFiles(root, { 'new.json': '{}', next: '2' });
  renameSync(join(root, 'next'), join(root, 'old.log'));
  writeFileSync(join(root, 'folder.log'), 'x');
  assert.deepEqual(
    ['new.json', 'old.log', 'folder.log'].map((path) => has(own, join(root, path))),
    [true, true, false],
  );
});

test('all of several own files with one name are known', (t) => {
  const root = makeTree(t, { 'a/x.yaml': '1', 'b/x.yaml': '2', 'c/x.yaml': '3' });
  const own = ownFiles(['a', 'b'].map((folder) => join(root, folder, 'x.yaml')));
  assert.deepEqual(
    ['a', 'b', 'c'].map((folder) => has(own, join(root, folder, 'x.yaml'))),
    [true, true, false],
  );
});

test('a warning names the first twenty', (t) => {
  const files = Object.fromEntries(Array.from({ length: 23 }, (_, index) => [`${index + 10}.log`, 'x']));
  const root = makeTree(t, files);
  const paths = Object.keys(files).map((name) => join(root, name));
  const own = ownFiles(paths);
  for (const path of paths) assert.equal(has(own, path), true);
  assert.match(String(ownFilesWarning(own)?.[1]), /10\.log.*29\.log and 3 more\. Leave them out/);
});
