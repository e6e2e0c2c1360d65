import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HashedFiles, hashedFiles } from '../../../src/site/hashed-files.js';
import { lowestHeaders, presetHeaders } from '../../../src/site/preset.js';
import type { Entry } from '../../../src/source/types.js';

const entry = (relativePath: string, size: number | undefined): Entry => ({
  kind: 'entry',
  key: relativePath,
  origin: relativePath,
  relativePath,
  size,
  open: () => Promise.reject(new Error('nothing is opened')),
});

/** What is known after these documents were read. */
async function after(documents: Readonly<Record<string, string>>): Promise<HashedFiles> {
  const files = hashedFiles();
  await files.load();
  for (const [path, text] of Object.entries(documents)) {
    const one = entry(path, text.length);
    assert.equal(files.wants(one), true, path);
    const reader = files.reader(one);
    reader.write(Buffer.from(text));
    reader.end();
  }
  return files;
}

const IN_FOLDERS: readonly (readonly [path: string, hashed: boolean])[] = [
  ['_astro/hoisted.js', true],
  ['docs/_astro/user-settings.js', true],
  ['_next/static/chunks/main-app.js', true],
  ['_next/static/media/font-s.p.woff2', true],
  ['_next/static/build-id/_buildManifest.js', false],
  ['_next/static/build-id/_ssgManifest.js', false],
  ['_next/static/build-id/_clientMiddlewareManifest.json', false],
  ['_next/image.png', false],
  ['_app/immutable/chunks/scheduler.js', true],
  ['_app/immutable/chunks/scheduler.js.gz', true],
  ['_app/version.json', false],
  ['_app/env.js', false],
  ['_nuxt/entry.css', true],
  ['_nuxt/builds/latest.json', false],
  ['_nuxt/builds/meta/3f2504e0-4f89-11d3-9a0c-0305e82c3301.json', false],
  ['_astro/hoisted.js.map', false],
  ['my_next/static/app.js', false],
  ['app_astro/app.js', false],
];

for (const [path, hashed] of IN_FOLDERS) {
  test(`${path} is ${hashed ? '' : 'not '}hashed, by its folder`, async () => {
    assert.equal((await after({})).hashedBy(path) !== undefined, hashed);
  });
}

test('a name that ends in a hash counts where a page or style names it, and the reason says which', async () => {
  const { hashedBy } = await after({
    'index.html':
      '<script src="/a/index-DGapdVzH.js?x#y"></script><img src="hero-portrait.jpg"><img src="My%20photo-1a2b3c4d.jpg"><a href=%zz>',
    'about.HTM': '<script src="/a/index-DGapdVzH.js"></script>',
    'a/style.css': '@font-face { src: url(inter-Di8DUHzh.woff2) }',
  });
  assert.equal(hashedBy('a/index-DGapdVzH.js'), 'its name ends in a hash, and index.html names it');
  assert.equal(hashedBy('a/index-DGapdVzH.js.br'), 'its name ends in a hash, and index.html names it');
  assert.equal(hashedBy('a/inter-Di8DUHzh.woff2'), 'its name ends in a hash, and a/style.css names it');
  assert.equal(hashedBy('My photo-1a2b3c4d.jpg'), 'its name ends in a hash, and index.html names it');
  for (const path of [
    'hero-portrait.jpg',
    'a/index-BakPCtu0.css',
    'a/index-DGapdVzH.js.map',
    'a/index-DGapdVzH.js/x.png',
  ])
    assert.equal(hashedBy(path), undefined, path);
});

test('a name counts where a build manifest names it as hashed, even one that does not look like it', async () => {
  const { hashedBy } = await after({
    'manifest.json': '{"main.js":"/js/main.99468578.js","favicon.ico":"/favicon.ico"}',
  });
  assert.equal(hashedBy('js/main.99468578.js'), 'manifest.json says that its name has a hash');
  assert.equal(hashedBy('favicon.ico'), undefined);
});

test('only pages, styles and manifests of some size are read', async () => {
  const files = hashedFiles();
  for (const path of ['app.js', 'logo.svg', 'about', 'page.html.gz', 'data.json'])
    assert.equal(files.wants(entry(path, 10)), false, path);
  assert.equal(files.wants(entry('page.xhtml', 10_000_000_000)), true);
  assert.equal(files.wants(entry('manifest.json', 4 * 1024 * 1024)), true);
  assert.equal(files.wants(entry('manifest.json', 4 * 1024 * 1024 + 1)), false);
  assert.equal(files.wants(entry('page.html', undefined)), false);
});

test('the preset: entry documents first, then names with a hash, then all else', () => {
  const hashedBy = (path: string): string | undefined => (path.includes('hashed') ? 'why' : undefined);
  assert.deepEqual(presetHeaders('hashed.html', hashedBy), {
    headers: { 'cache-control': 'no-cache' },
    why: 'an entry document',
    hashed: false,
  });
  assert.deepEqual(presetHeaders('hashed.js', hashedBy), {
    headers: { 'cache-control': 'public, max-age=31536000, immutable' },
    why: 'why',
    hashed: true,
  });
  assert.deepEqual(presetHeaders('a.js', hashedBy), {
    headers: { 'cache-control': 'public, max-age=600' },
    why: 'any other file',
    hashed: false,
  });
  assert.deepEqual(lowestHeaders('hashed.js', hashedBy).whenChanged, { 'cache-control': 'public, max-age=600' });
  for (const path of ['hashed.html', 'a.js']) assert.equal(lowestHeaders(path, hashedBy).whenChanged, undefined);
});
