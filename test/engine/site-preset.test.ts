import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import { BUILT_SITE } from '../support/built-site.js';
import { type Ran, run, serverFor } from '../support/engine.js';
import { makeTar } from '../support/tar.js';
import { addFiles, makeTree, type TreeFiles } from '../support/tree.js';

const FOREVER = 'public, max-age=31536000, immutable';
const TEN_MINUTES = 'public, max-age=600';

function cacheOf(server: S3Server, key: string): string | undefined {
  return server.object('site', key)?.headers['cache-control'];
}

/** The keys with each Cache-Control. */
function keysByCache(server: S3Server, keys: readonly string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const key of keys) {
    const value = cacheOf(server, key) ?? 'none';
    found[value] = [...(found[value] ?? []), key];
  }
  return found;
}

const warningsOf = ({ events }: Ran, code: string): string[] =>
  events.flatMap((event) => (event.type === 'warning' && event.code === code ? [event.message] : []));

const VITE: TreeFiles = {
  '.vite/manifest.json': JSON.stringify({
    'index.html': {
      file: 'assets/index-BRBmoGS9.js',
      name: 'index',
      src: 'index.html',
      css: ['assets/index-D_x-8f3k.css'],
    },
    'src/about.ts': { file: 'assets/about-55512345.js', name: 'about', isDynamicEntry: true },
    'src/settings.ts': { file: 'assets/settings.js', name: 'settings' },
  }),
  'index.html':
    '<!doctype html><script type="module" src="/assets/index-BRBmoGS9.js"></script><img src="/hero-portrait.jpg">',
  'assets/index-BRBmoGS9.js': 'import("./lazy-CZ6EWzJZ.js")',
  'assets/index-D_x-8f3k.css': '@font-face { src: url(/assets/inter-Di8DUHzh.woff2) }',
  'assets/inter-Di8DUHzh.woff2': 'wOF2',
  'assets/about-55512345.js': 'about',
  'assets/lazy-CZ6EWzJZ.js': 'nothing but a script names it',
  'assets/settings.js': 'settings',
  'assets/index-BRBmoGS9.js.map': '{}',
  'hero-portrait.jpg': 'jpg',
  'favicon.ico': 'ico',
  'robots.txt': 'User-agent: *',
  'hashmap.json': '{}',
};

const VITE_FOREVER = [
  'assets/about-55512345.js',
  'assets/index-BRBmoGS9.js',
  'assets/index-D_x-8f3k.css',
  'assets/inter-Di8DUHzh.woff2',
];

describe('preset: site', () => {
  test('a build of Vite: what its manifest, its page or its style sheet names with a hash is kept for a year', async (t) => {
    const server = await serverFor(t);
    const { error } = await run(server, { source: makeTree(t, VITE), preset: 'site' });
    assert.equal(error, undefined);
    assert.deepEqual(keysByCache(server, Object.keys(VITE).sort()), {
      [FOREVER]: VITE_FOREVER,
      [TEN_MINUTES]: [
        '.vite/manifest.json',
        'assets/index-BRBmoGS9.js.map',
        'assets/lazy-CZ6EWzJZ.js',
        'assets/settings.js',
        'favicon.ico',
        'hero-portrait.jpg',
      ],
      'no-cache': ['hashmap.json', 'index.html', 'robots.txt'],
    });
    assert.equal(
      server.object('site', 'assets/index-BRBmoGS9.js')?.headers['content-type'],
      'text/javascript; charset=utf-8',
    );
  });

  test('a build of VitePress, by the order of a site: only names that a page names are kept for a year', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, {
      ...BUILT_SITE,
      'index.html':
        '<link rel="modulepreload" href="/assets/guide.md.BnE3kPqz.lean.js"><script src=/assets/app.Dg7dT-0O.js></script>',
    });
    const { error } = await run(server, { source, preset: 'site', order: 'site' });
    assert.equal(error, undefined);
    assert.deepEqual(keysByCache(server, Object.keys(BUILT_SITE).sort())[FOREVER], [
      'assets/app.Dg7dT-0O.js',
      'assets/guide.md.BnE3kPqz.js',
      'assets/guide.md.BnE3kPqz.lean.js',
      'assets/hero-Cx81_aQz.png',
      'assets/inter-cyrillic.By2_1cv3.woff2',
    ]);
    for (const key of ['robots.txt', 'hashmap.json', 'sw.js', 'sitemap.xml', 'index.html', 'manifest.webmanifest'])
      assert.equal(cacheOf(server, key), 'no-cache', key);
  });

  test('large pages are read in pieces, so that a name far behind counts, too', async (t) => {
    const server = await serverFor(t);
    const filler = `<p>${'x'.repeat(300_000)}</p>`;
    const source = makeTree(t, {
      'index.html': `${filler}<img src="a/photo-BRBmoGS9.jpg">${filler}`,
      'a/photo-BRBmoGS9.jpg': 'jpg',
      'a/photo-Di8DUHzh.jpg': 'jpg',
    });
    await run(server, { source, preset: 'site' });
    assert.equal(cacheOf(server, 'a/photo-BRBmoGS9.jpg'), FOREVER);
    assert.equal(cacheOf(server, 'a/photo-Di8DUHzh.jpg'), TEN_MINUTES);
  });

  test('options, then rules, then items win over the preset', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, VITE);
    const rules = [{ match: '**/*.css', headers: { 'cache-control': 'max-age=1' } }];
    await run(server, { source, preset: 'site', rules });
    assert.equal(cacheOf(server, 'assets/index-D_x-8f3k.css'), 'max-age=1');
    assert.equal(cacheOf(server, 'assets/index-BRBmoGS9.js'), FOREVER);
    await run(server, { source, preset: 'site', rules, cacheControl: 'max-age=2', prefix: 'option' });
    assert.equal(cacheOf(server, 'option/assets/index-D_x-8f3k.css'), 'max-age=1');
    assert.equal(cacheOf(server, 'option/assets/index-BRBmoGS9.js'), 'max-age=2');
    await run(server, { source, preset: 'site', headers: { 'Cache-Control': 'max-age=3' }, prefix: 'headers' });
    assert.equal(cacheOf(server, 'headers/index.html'), 'max-age=3');
    const headers = ({ key }: { key: string }) => (key.endsWith('.js') ? { 'cache-control': 'max-age=4' } : undefined);
    await run(server, { source, preset: 'site', headers, prefix: 'hook' });
    assert.equal(cacheOf(server, 'hook/assets/index-BRBmoGS9.js'), 'max-age=4');
    assert.equal(cacheOf(server, 'hook/index.html'), 'no-cache');
  });

  for (const order of ['none', 'site'] as const) {
    test(`a name with a hash whose object had other content is not kept for a year, and that is warned of (order ${order})`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, VITE);
      const options = { source, preset: 'site', order } as const;
      assert.deepEqual(warningsOf(await run(server, options), 'hashed-name-reused'), []);
      addFiles(source, { 'assets/index-BRBmoGS9.js': 'import("./other.js")', 'assets/inter-Di8DUHzh.woff2': 'wOFX' });
      const again = await run(server, options);
      assert.deepEqual(again.keys('put'), ['assets/index-BRBmoGS9.js', 'assets/inter-Di8DUHzh.woff2']);
      for (const key of again.keys('put')) assert.equal(cacheOf(server, key), TEN_MINUTES, key);
      const [warning, ...others] = warningsOf(again, 'hashed-name-reused');
      assert.match(warning ?? '', /has a hash in its name, and the object had other content nevertheless/);
      assert.deepEqual(others, []);
      assert.equal(again.outcomes.find(({ key }) => key.endsWith('.woff2'))?.action, 'put');
      const third = await run(server, options);
      assert.deepEqual(third.report.reasons, { 'same content': third.report.counts.skip });
      for (const key of again.keys('put')) assert.equal(cacheOf(server, key), TEN_MINUTES, key);
      addFiles(source, { 'assets/index-BRBmoGS9.js': 'import("./third.js")' });
      await run(server, options);
      assert.equal(cacheOf(server, 'assets/index-BRBmoGS9.js'), TEN_MINUTES);
    });
  }

  test('a header that an option or a rule gives a name with a hash stays where its object had other content', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, VITE);
    const options = {
      source,
      preset: 'site',
      rules: [{ match: '**/*.js', headers: { 'cache-control': FOREVER } }],
    } as const;
    await run(server, options);
    addFiles(source, { 'assets/index-BRBmoGS9.js': 'changed' });
    const again = await run(server, options);
    assert.equal(cacheOf(server, 'assets/index-BRBmoGS9.js'), FOREVER);
    assert.deepEqual(warningsOf(again, 'hashed-name-reused'), []);
  });

  test('compressed: other content makes the header of a name with a hash careful, too', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { ...VITE, 'assets/index-BRBmoGS9.js': 'a'.repeat(5000) });
    const options = { source, preset: 'site', gzip: true } as const;
    await run(server, options);
    assert.equal(server.object('site', 'assets/index-BRBmoGS9.js')?.headers['content-encoding'], 'gzip');
    assert.equal(cacheOf(server, 'assets/index-BRBmoGS9.js'), FOREVER);
    addFiles(source, { 'assets/index-BRBmoGS9.js': 'b'.repeat(5000) });
    const again = await run(server, options);
    assert.equal(cacheOf(server, 'assets/index-BRBmoGS9.js'), TEN_MINUTES);
    assert.equal(warningsOf(again, 'hashed-name-reused').length, 1);
  });

  test('a tar archive is surveyed; of what is read once only the folders of build tools count', async (t) => {
    const server = await serverFor(t);
    const files = { ...VITE, '_astro/page.CZ6EWzJZ.js': 'astro' };
    const members = Object.entries(files).map(([name, body]) => ({ name, body }));
    const root = makeTree(t, { 'site.tar': makeTar(members), 'site.tar.gz': gzipSync(makeTar(members)) });
    const run1 = async (prefix: string, source: Parameters<typeof run>[1]['source']): Promise<string[] | undefined> => {
      const { error } = await run(server, { source, preset: 'site', prefix });
      assert.equal(error, undefined, prefix);
      const keys = Object.keys(files).map((name) => `${prefix}/${name}`);
      return keysByCache(server, keys.sort())[FOREVER]?.map((key) => key.slice(prefix.length + 1));
    };
    assert.deepEqual(await run1('tar', path.join(root, 'site.tar')), ['_astro/page.CZ6EWzJZ.js', ...VITE_FOREVER]);
    assert.deepEqual(await run1('tgz', path.join(root, 'site.tar.gz')), ['_astro/page.CZ6EWzJZ.js']);
    const items = Object.entries(files).map(([key, body]) => ({ key, body: Buffer.from(body) }));
    assert.deepEqual(await run1('items', items), ['_astro/page.CZ6EWzJZ.js']);
    assert.equal(cacheOf(server, 'items/index.html'), 'no-cache');
  });

  test('it adds no request, and the source is walked no more often', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, VITE);
    const options = { source, preset: 'site', updateHeaders: false } as const;
    await run(server, options);
    const { report } = await run(server, options);
    assert.deepEqual(report.requests, { ListObjectsV2: 1 });
    assert.equal(report.counts.skip, Object.keys(VITE).length);
  });

  test('it refuses files that look like secrets, and no rule of its own is ever unmatched', async (t) => {
    const server = await serverFor(t);
    const refused = await run(server, { source: makeTree(t, { ...VITE, '.env': 'API_KEY=abc\n' }), preset: 'site' });
    assert.equal(refused.error?.code, 'Secrets');
    assert.deepEqual(server.requests, []);
    const only = await run(server, { source: makeTree(t, { 'a.bin': 'a' }), preset: 'site' });
    assert.equal(only.error, undefined);
    assert.deepEqual(warningsOf(only, 'rule-unmatched'), []);
    assert.equal(cacheOf(server, 'a.bin'), TEN_MINUTES);
  });

  test('without the preset nothing is read for it, and no header is given', async (t) => {
    const server = await serverFor(t);
    await run(server, { source: makeTree(t, VITE) });
    assert.deepEqual(Object.keys(keysByCache(server, Object.keys(VITE))), ['none']);
  });
});
