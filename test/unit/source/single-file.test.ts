import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { renderOptionNames } from '../../../src/options/names.js';
import { keyLikePrefix } from '../../../src/source/single-file.js';
import { makeTree } from '../../support/tree.js';

const rows: readonly (readonly [source: string, prefix: string, warns: boolean])[] = [
  ['page.html', 'index.html/', true],
  ['page.html', 'docs/index.HTML/', true],
  ['page.html', 'docs/page.html/', true],
  ['data', 'data.json/', true],
  ['LICENSE', 'LICENSE/', true],
  ['app.v2', 'other.v2/', true],
  ['site.tar', 'site.tar/', true],
  ['site.tar', 'backup.tgz/', true],
  ['page.html', 'docs/', false],
  ['page.html', '', false],
  ['page.html', 'releases/v1.2/', false],
  ['page.html', 'example.com/', false],
  ['page.html', '.well-known/', false],
  ['page.html', 'index.html/docs/', false],
  ['page.html', 'ends-in-dot./', false],
  ['folder.html', 'index.html/', false],
  ['absent.html', 'index.html/', false],
];

test('one file and a destination that looks like its key is a warning', (t) => {
  const files = Object.fromEntries(['page.html', 'data', 'LICENSE', 'app.v2', 'site.tar'].map((name) => [name, '']));
  const root = makeTree(t, { ...files, 'folder.html/a': '' });
  const destination = { bucket: 'site', slashWritten: false, as: undefined };
  for (const [name, prefix, warns] of rows) {
    const sources = [path.join(root, name)];
    const text = keyLikePrefix({ ...destination, sources, prefix });
    assert.equal(text !== undefined, warns, `${name} to ${prefix}`);
    const meant: readonly Partial<Parameters<typeof keyLikePrefix>[0]>[] = [
      { slashWritten: true },
      { as: 'other' },
      { key: () => 'k' },
      { sources: [...sources, root] },
      { sources: [[]] },
    ];
    for (const one of meant)
      assert.equal(keyLikePrefix({ ...destination, sources, prefix, ...one }), undefined, JSON.stringify(one));
  }
});

test('the warning names the way as each face writes it', (t) => {
  const root = makeTree(t, { 'page.html': '', 'site.tar': '' });
  const to = (name: string, prefix: string) => {
    const sources = [path.join(root, name)];
    const text = keyLikePrefix({ sources, bucket: 'site', prefix, slashWritten: false, as: undefined });
    assert.ok(text !== undefined);
    return text;
  };
  const text = to('page.html', 'docs/index.html/');
  assert.match(renderOptionNames(text, 'cli'), /use the destination s3:\/\/site\/docs\/ with --as index\.html\./);
  assert.match(renderOptionNames(text, 'action'), /with as: index\.html\./);
  assert.match(renderOptionNames(text, 'api'), /with as: 'index\.html'\./);
  assert.match(renderOptionNames(to('page.html', 'a.html/'), 'cli'), /destination s3:\/\/site\/ with --as a\.html/);
  const archive = renderOptionNames(to('site.tar', 'site.tar/'), 'cli');
  assert.match(archive, /name the directory .* with --include site\.tar/);
  assert.doesNotMatch(archive, /--as/);
});
