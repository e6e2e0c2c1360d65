import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FILE_PHASES, type FilePhase } from '../../../src/model/site-phases.js';
import { PHASE_TABLE, phaseOf } from '../../../src/site/phases.js';

const TABLE: Readonly<Record<FilePhase, readonly string[]>> = {
  assets: [
    'assets/index-DkP7B1jL.js',
    'assets/index-DkP7B1jL.js.map',
    'assets/index-DkP7B1jL.css.gz',
    'precache-manifest.0a1b2c3d4e5f60718293a4b5c6d7e8f9.js',
    '_next/static/chunks/main-app.js',
    '_app/immutable/assets/LICENSE',
    'fonts/inter.woff2',
    'fonts/inter.eot',
    'fonts/inter.TTF',
    'favicon.ico',
    'img/hero-portrait.JPG',
    'img/logo.svg',
    'img/logo.svg.gz',
    'intro.mp4',
    'jingle.mp3',
    'stream/segment12.ts',
    'stream/segment12.m4s',
  ],
  pages: [
    'index.html',
    'INDEX.HTML',
    'docs/index.htm',
    'docs/index.xhtml',
    'index.html.gz',
    'docs/index.html.br',
    'index-a1b2c3d4.html',
    'about',
    'docs/',
    'docs/v1.2',
    'blog/1.0-release',
    'blog/a-post-a1b2c3d4',
    'LICENSE',
    'sw.js',
    'SW.js',
    'firebase-messaging-sw.js',
    'service-worker.js',
    'serviceWorker.js',
    'ngsw-worker.js',
    'ngsw.json',
    'workbox-a1b2c3.js',
    'workbox-4754cb34.js',
    'site.webmanifest',
    'manifest.json',
    'sitemap.xml',
    'sitemap-0.xml.gz',
    'sitemap_index.xml',
    'feed.xml',
    'rss.xml',
    'blog/atom.xml',
    'blog/index.xml',
    'robots.txt',
    'asset-manifest.json',
    'version.json',
    '_app/version.json',
    'hashmap.json',
    '_nuxt/builds/latest.json',
  ],
  data: [
    'app.js',
    'style.css',
    'assets/user-settings.js',
    'sw.js.map',
    'search-index.json',
    'data.json',
    'news.xml',
    'llms.txt',
    'report-20240101.pdf',
    'backup.gz',
    'site.tar.gz',
    'app.wasm',
    'types/index.d.ts',
    'stream/list.m3u8',
    '.vite/manifest.json',
    'sub/.vite/ssr-manifest.json',
    '_next/static/a1b2c3d4e5/_buildManifest.js',
    '_next/static/a1b2c3d4e5/_ssgManifest.js',
    'build-manifest.json',
    'rev-manifest.json',
    '.nojekyll',
    '.well-known/apple-app-site-association',
    '.well-known/security.txt',
    'answers.js',
  ],
};

for (const phase of FILE_PHASES) {
  for (const path of TABLE[phase]) {
    test(`${path} belongs to the phase ${phase}`, () => {
      assert.equal(phaseOf(path), phase);
    });
  }
}

test('every row of the table decides about a name of this test', () => {
  const names = Object.values(TABLE).flat();
  for (const row of PHASE_TABLE) {
    const matches = (path: string): boolean =>
      row.name?.test(path.replace(/^.*\//, '')) === true || row.path?.test(path) === true || row.test?.(path) === true;
    assert.ok(names.some(matches), row.why);
  }
});

test('HTML is a page in whatever folder and under whatever name', () => {
  const folder = fc.stringMatching(/^[a-z0-9_.-]{1,12}$/);
  const ending = fc.constantFrom('html', 'HTML', 'htm', 'html.gz', 'html.br');
  fc.assert(
    fc.property(fc.array(folder), folder, ending, (folders, name, end) => {
      const path = [...folders.filter((one) => one !== '.vite'), `${name}.${end}`].join('/');
      assert.equal(phaseOf(path), 'pages');
    }),
  );
});
