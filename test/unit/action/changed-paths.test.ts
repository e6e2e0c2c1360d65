import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { changedPathsFile, urlPathsOf } from '../../../src/action/changed-paths.js';
import { makeTree } from '../../support/tree.js';
import { failed, put } from './samples.js';

const PATHS: readonly (readonly [key: string, paths: readonly string[]])[] = [
  ['app.js', ['/app.js']],
  ['docs/über uns.html', ['/docs/%C3%BCber%20uns.html']],
  ['docs/u\u0308.html', ['/docs/u%CC%88.html']],
  ['a#b?c%d.html', ['/a%23b%3Fc%25d.html']],
  ['100%25.html', ['/100%2525.html']],
  ["a+b&c=d;e@f,g!(h)*'~$.js", ["/a+b&c=d;e@f,g!(h)*'~$.js"]],
  ['pages/[slug]-1a2b.js', ['/pages/%5Bslug%5D-1a2b.js']],
  ['a\\b"<c>`{d}|^.js', ['/a%5Cb%22%3Cc%3E%60%7Bd%7D%7C%5E.js']],
  ['line\nbreak', ['/line%0Abreak']],
  ['🎉', ['/%F0%9F%8E%89']],
  ['\ud800', ['/%EF%BF%BD']],
  ['a//b', ['/a//b']],
  ['folder/', ['/folder/']],
  ['index.html', ['/index.html', '/']],
  ['docs/über/index.html', ['/docs/%C3%BCber/index.html', '/docs/%C3%BCber/']],
  ['docs/my-index.html', ['/docs/my-index.html']],
  ['index.html/a', ['/index.html/a']],
];
for (const [key, paths] of PATHS)
  test(`the key ${JSON.stringify(key)} is requested as ${paths.join(' and ')}`, () => {
    assert.deepEqual(urlPathsOf(key), paths);
  });

test('a path is one line, leads back to its key, and stays as it is in a browser', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.{1,2}$|\//.test(text));
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
      const key = segments.join('/');
      const [path = ''] = urlPathsOf(key);
      assert.match(path, /^\/[!-~]+$/);
      assert.equal(decodeURIComponent(path), `/${key}`);
      const url = new URL(`https://example.com${path}`);
      assert.deepEqual([url.pathname, url.search, url.hash], [path, '', '']);
    }),
  );
});

test('the file has what changed the bucket, and what may have, in the order of the outcomes', async (t) => {
  const file = changedPathsFile(makeTree(t, {}), 'paths');
  for (const outcome of [
    put('docs/b.html'),
    put('same', { action: 'skip', reason: 'same content' }),
    put('docs/index.html', { action: 'delete', reason: 'not in the source' }),
    failed('bad', 'AccessDenied'),
    put('a.html', { action: 'metadata' }),
    put('c', { action: 'copy' }),
    put('perhaps', { action: 'unknown' }),
  ])
    await file.add(outcome);
  assert.equal(await file.end(), undefined);
  assert.equal(readFileSync(file.path, 'utf8'), '/docs/b.html\n/docs/index.html\n/docs/\n/a.html\n/c\n/perhaps\n');
});

test('the page of a folder by clean URLs has the path of the folder, once; its marker has none', async (t) => {
  const file = changedPathsFile(makeTree(t, {}), 'paths');
  for (const outcome of [
    put('docs/'),
    put('docs/index.html'),
    put('about'),
    put('gone/', { action: 'delete', replacedBytes: 5 }),
    put('marker/', { action: 'delete', replacedBytes: 0 }),
    put('blog/index.html'),
    put('blog/'),
  ])
    await file.add(outcome);
  assert.equal(await file.end(), undefined);
  assert.equal(readFileSync(file.path, 'utf8'), '/docs/\n/docs/index.html\n/about\n/gone/\n/blog/index.html\n/blog/\n');
});

test('where nothing changed the file is empty', async (t) => {
  const file = changedPathsFile(makeTree(t, {}), 'paths');
  assert.equal(await file.end(), undefined);
  assert.equal(readFileSync(file.path, 'utf8'), '');
});

test('a file that cannot be written ends with the error, and holds up nothing', async (t) => {
  const file = changedPathsFile(`${makeTree(t, {})}/none`, 'paths');
  for (let index = 0; index < 10_000; index += 1) await file.add(put(`page-${index}.html`));
  assert.match((await file.end())?.message ?? '', /ENOENT/);
});
