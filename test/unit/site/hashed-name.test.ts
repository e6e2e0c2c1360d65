import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looksHashed } from '../../../src/site/hashed-name.js';

const ORDINARY = `
user-settings.js hero-portrait.jpg logo-1024x768.png report-20240101.pdf jquery-3.7.1.min.js hashmap.json robots.txt README.md
TableOfContents.html bootstrap.bundle.min.js 2024-11-29-post.html IMG_20240101_123456.jpg screenshot-2560x1440@2x.png
my-TableOfContents.js lib-ReactDOM.js messages-zh-Hans-CN.json messages-en_US.json intro-chapter12.mp4 x-base64encode.js x-mp4video.mp4
apple-touch-icon-180x180.png icon-192x192@2x.png poster-1920x1080.webp photo-1200w800h.avif invoice-2024-000123.pdf
video-1920x1080-h264.mp4 app.component.ts vendor.chunk.js main.css main.js.map jquery.dataTables.min.js three.module.min.js
angular-animate.min.js font-awesome.min.css KaTeX_Main-Regular.woff2 Inter-SemiBoldItalic.woff2 NotoSansJP-Regular.otf
CODE_OF_CONDUCT.md CHANGELOG-ARCHIVED.md README-INSTALL1.md LICENSE-APACHE license-a1b2c3d4 backup-20240101T123456Z.tar.gz
notes-2024.txt windows-windows11.png api-oauth2client.js polyfills-es2015.js web-vitals.js d3-geo.v3.min.js chart-version2024.js
bundle-legacy.js service-worker.js sitemap-0.xml asset-manifest.json feed.xml .well-known/security.txt docs/getting-started/index.html
_nuxt/builds/latest.json _astro/user-settings.js _app/version.json my_next/static/app.js facade/beefcafe/index.js img/IMG-1234567890.jpg
10000000.json log.20261129.txt log.29112026.txt scan.00000012.png spec-ISO27001.pdf 3d-models/low-poly.glb workbox-window.prod.mjs lodash.isequalwith.js sprites-mobile@2x.png About-Us-Page.js
`;

const HASHED = `
assets/index-DkP7B1jL.js assets/index-BgNevMEc.css assets/index-D_x-8f3k.js assets/logo-Bx-9qZ_k.svg assets/vendor-DkP7B1jL.js.map
assets/react-CHdo91hT.svg assets/index.9f2c1e4a.js assets/vendor.a1b2c3d4.css assets/app-legacy-CcQ1b8Xe.js
static/js/main.a1b2c3d4.js static/js/787.f3ab2c91.chunk.js static/css/main.073c9b0a.css static/js/main.a1b2c3d4.js.LICENSE.txt
static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg runtime~main.7ba1a3b4.js
main.3f1b2c4d5e6f70819203.js 8f14e45fceea167a5a36.png chunk-AB3DEFGH.js chunk-QWERTYUI.js main-ZXCVB2N7.js polyfills-FFHMD2TL.js
logo-a7305bdef.svg chunk-cxs9dv3k.js index.a1b2c3d4.js index.3c5e7f90.css.map
_next/static/chunks/117-a1b2c3d4e5f60718.js _next/static/css/5e3c6b5f8e1d4a2b.css _next/static/chunks/main-app-0a1b2c3d4e5f6071.js
_next/static/chunks/pages/_app-72b849fbd24ac258.js _next/static/media/a34f9d1faa5f3315-s.p.woff2 _next/static/Xy9_kLm2abC/_buildManifest.js
_next/static/chunks/polyfills-42372ed130431b0a.js _next/data/a1B2c3D4e5F6/about.json
_nuxt/B3x8a9Kd.js _nuxt/entry.DkP7B1jL.css _nuxt/builds/meta/3f2504e0-4f89-11d3-9a0c-0305e82c3301.json _nuxt/error-404.C1b2d3Ef.css
_astro/index.DkP7B1jL.css _astro/hoisted.Bw8x3kZq.js _astro/photo.a1B2c3D4_Z1abcde.webp _astro/client.9Xk2mQwE.js
_app/immutable/nodes/0.DkP7B1jL.js _app/immutable/entry/start.CzR1xq2P.js _app/immutable/chunks/scheduler.js
_app/immutable/assets/0.Bx1c2d3E.css
assets/js/0058b4c6.eadb5f8b.js assets/js/main.5f6e7d8c.js assets/css/styles.1a2b3c4d.css
assets/images/docusaurus-0a1b2c3d4e5f60718293a4b5c6d7e8f9.png
assets/guide_what-is.md.DkP7B1jL.lean.js assets/app.BgNevMEc.js assets/chunks/theme.CZ6EWzJZ.js assets/style.B7aK9mQ1.css
assets/inter-roman-latin.Di8DUHzh.woff2
app-0a1b2c3d4e5f60718293.js webpack-runtime-9f8e7d6c5b4a39281706.js static/d41d8cd98f00b204e9800998ecf8427e/ee604/photo.png
static/photo-d41d8cd98f00b204e9800998ecf8427e.png component---src-pages-index-js-2c4b6d8e0f1a3b5c7d9e.js
unicorn-d41d8cd98f.css base.27e20196a850.js css/main.min.5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9.css
application-5feceb66.js app-d41d8cd98f00b204e9800998ecf8427e.css entry-0a1b2c3d4e5f60718293a4b5c6d7e8f9.js
32.69999451.chunk.js 32.69999451.chunk.js.map s22.99468578.svg 90871707646780946045.svg s3-BBTOSU03.svg
main-es2015.0a1b2c3d4e5f60718293.js workbox-4754cb34.js precache-manifest.0a1b2c3d4e5f60718293a4b5c6d7e8f9.js
`;

/** Made by real builds with Vite, esbuild, webpack, Parcel, VitePress, SvelteKit, Nuxt and Next.js. */
const BUILT = `
03684c199da51646bbce.svg 181.24bbef40.chunk.js.map 237.dbeb8e3c.chunk.js 625.de542473.chunk.js _app/immutable/chunks/B2QSKqcC.js
_app/immutable/chunks/C6S54IWj.js _app/immutable/chunks/X7aOcs68.js _app/immutable/entry/app.Bjp-ViMa.js
_app/immutable/entry/start.DfpaMwNB.js _app/immutable/nodes/0.zyi-l2uB.js _app/immutable/nodes/2.DVdBsoqk.js
_app/immutable/nodes/3.DVdBsoqk.js _next/static/5bmi6OG1MmX2cygAAGyby/_ssgManifest.js _next/static/chunks/972-fe008c56cc430895.js
_next/static/chunks/app/about/page-4b6faa8a3c555185.js _next/static/chunks/fd9d1056-749e5812300142af.js
_next/static/chunks/framework-244f580fb294f19a.js _next/static/chunks/pages/_app-72b849fbd24ac258.js
_next/static/chunks/pages/old-b792b70cc9d88eb6.js _next/static/chunks/webpack-100b9e646d9c912e.js _nuxt/CBPhbMoM.js _nuxt/CIkdFCfv.js
_nuxt/DjcBeSPw.js _nuxt/Dnex-xAl.js _nuxt/GfCjjJcX.js _nuxt/error-404.DL_4WIao.css _nuxt/error-500.I1Dtv2V5.css _nuxt/vGA_KCTn.js
assets/index-9JlLTlKo.js.map assets/inter-italic-greek-ext.1u6EdAuj.woff2 assets/inter-italic-latin-ext.CN1xVJS-.woff2
assets/inter-italic-latin.C2AdPX0b.woff2 assets/inter-roman-greek-ext.CqjqNYQ-.woff2 assets/inter-roman-greek.BBVDIX6e.woff2
assets/inter-roman-latin-ext.4ZJIpNVo.woff2 assets/inter-roman-latin.Di8DUHzh.woff2 assets/m19-D1gVtcu_.js.map assets/m22-vay0NtXO.js.map
assets/m25-BZvbShNI.js assets/m3-mIs9m_vD.js assets/s15-Boak6JQ_.svg assets/s25-DTp0iyja.svg assets/s8-DpOsj_F9.svg
assets/style.CDrLWmeR.css chunk-2ADT4KFJ.js.map d38a426096ec47a216ab.svg m18.0c1ee039.js m2-OGLIHBX4.js m27-RDCK56SR.js
m27-RDCK56SR.js.map m28.f0c5e595.js main.98e83541f278755f5217.js s13.e7b83405.svg s16.33fcc470.svg s18.e44455a7.svg s23-J5KG6ZMC.svg
s27-SKTB6WAZ.svg s3-4XD3HFRV.svg s4-LA2INEP2.svg s7.e179b526.svg
`;

const words = (text: string): string[] => text.trim().split(/\s+/);

for (const path of words(ORDINARY)) {
  test(`${path} is not taken as hashed`, () => {
    assert.equal(looksHashed(path), false);
  });
}

for (const path of words(HASHED + BUILT)) {
  test(`${path} is taken as hashed`, () => {
    assert.equal(looksHashed(path), true);
  });
}

test('the lists are long enough to mean something', () => {
  assert.ok(words(ORDINARY).length >= 60);
  assert.ok(words(HASHED).length >= 60);
});

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

/** Hash alphabets of build tools, and how many of 1,000 random hashes must be found. */
const ALPHABETS = [
  { tool: 'Vite, Rollup and Nuxt', characters: `${LOWER}${LOWER.toUpperCase()}${DIGITS}-_`, length: 8, least: 960 },
  { tool: 'esbuild and Angular', characters: `${LOWER.toUpperCase()}234567`, length: 8, least: 1000 },
  // 2 of 100 are digits throughout, which are taken as hashes only behind a dot.
  { tool: 'Create React App, Docusaurus and Parcel', characters: `${DIGITS}abcdef`, length: 8, least: 955 },
  { tool: 'Django', characters: `${DIGITS}abcdef`, length: 12, least: 985 },
  { tool: 'webpack', characters: `${DIGITS}abcdef`, length: 20, least: 995 },
] as const;

for (const { tool, characters, length, least } of ALPHABETS) {
  test(`nearly all hashes as ${tool} make them are found`, () => {
    const next = random(20261129);
    let found = 0;
    for (let round = 0; round < 1000; round++) {
      const hash = Array.from({ length }, () => characters[next() % characters.length]).join('');
      if (looksHashed(`assets/index-${hash}.js`)) found += 1;
    }
    assert.ok(found >= least, `${found} of 1,000`);
  });
}

/** Numbers that are the same in each run (xorshift). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
