import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addsHash, endsInHash, isNamedByContent } from '../../../src/site/content-hash.js';

/** Names whose content may change while they stay: a year in browsers would be wrong. */
const ORDINARY = `
user-settings.js hero-portrait.jpg logo-1024x768.png report-20240101.pdf jquery-3.7.1.min.js hashmap.json robots.txt README.md
TableOfContents.html bootstrap.bundle.min.js 2024-11-29-post.html IMG_20240101_123456.jpg screenshot-2560x1440@2x.png lodash.min.js
my-TableOfContents.js lib-ReactDOM.js messages-zh-Hans-CN.json messages-en_US.json intro-chapter12.mp4 x-base64encode.js x-mp4video.mp4
apple-touch-icon-180x180.png icon-192x192@2x.png poster-1920x1080.webp photo-1200w800h.avif invoice-2024-000123.pdf logo-512x512px.png
video-1920x1080-h264.mp4 app.component.ts vendor.chunk.js main.css angular-animate.min.js font-awesome.min.css jquery.dataTables.min.js
KaTeX_Main-Regular.woff2 Inter-SemiBoldItalic.woff2 Inter-SemiBold.woff2 Inter-ExtraLight.woff2 Roboto-BoldItalic.ttf Lato-BlackItalic.woff
Barlow-SemiCondensed.woff2 NotoSansJP-Regular.otf NotoSans-CondensedExtraBold.ttf SourceSans3-VariableFont.woff2 Poppins-Medium.woff2
CODE_OF_CONDUCT.md CHANGELOG-ARCHIVED.md README-INSTALL1.md license-a1b2c3d4 backup-20240101T123456Z.tar.gz notes-2024.txt
windows-windows11.png api-oauth2client.js polyfills-es2015.js web-vitals.js d3-geo.v3.min.js chart-version2024.js bundle-legacy.js
service-worker.js sitemap-0.xml asset-manifest.json feed.xml 10000000.json log.20261129.txt log.29112026.txt scan.00000012.png
spec-ISO27001.pdf low-poly.glb lodash.isequalwith.js sprites-mobile@2x.png About-Us-Page.js hero-My-Photo.jpg team-Hans_Mei.jpg
photo-e1612345678901.jpg DSC00012.jpg IMG-1234567890.jpg P1010023.jpg holiday-P1010023.jpg GOPR0123.MP4 IMG-20240101-WA0001.jpg
550e8400-e29b-41d4-a716-446655440000.jpg avatar-550e8400-e29b-41d4-a716-4466554400ab.png sheet-20240101ab.csv flyer-01jan2024.pdf
release-v20240101.zip plan-2024report.pdf agenda-12march2024.pdf course-module12.mp4 iphone-iphone14pro.png code-utf8encode.js
guide-WINDOWS7.html guide-WIN32API.html badge-COVID19A.svg product-B08N5WRWNW.jpg talk-GitHubLogo.svg demo-JavaScript.js
page-HtmlParser.js page-PngToJpg.js page-CssToXml.js photo-Portrait.jpg photo-Backtrace.jpg map-Passthrough.svg cover-McDonald.png
icons-iOSGuide.png screenshot-MacBookPro.png diagram-OAuth2Flow.svg part-decade2024.html chart-facade12.png chart-feed2024.json
deadbeef.txt facade-beefcafe.js swatch-ffffffff.png count-12345678.json build-1700000000.js index.js.map index-BRBmoGS9.js.map
main.1a2b3c4d.css.map index-BRBmoGS9 bootstrap-5.3.0-alpha1.min.css three-r152dev.js lib-1.0.0-beta2.js app-v1.2.3.js editor-2.10.0-rc12.js
page-2024w12.html contact-us.html about-the-company.jpg first-impression.webp two-column.css left-sidebar.css dark-theme2.css
style-responsive.css jquery-ui.min.js highlight-github.css katex-auto-render.min.js modernizr-custom.js slick-carousel.js
country-switzerland.svg flag-CH.svg price-list2025.pdf Brochure-Download.pdf Summer-Catalogue2025.pdf press-kit.zip logo-DarkMode.svg
doc-KmsKeyId.png talk-GoFakeS3.svg vue-i18n.global.js chart.umd.min.js htmx-ext-sse.js pdf.worker.min.mjs alpinejs-3.13.3.js tailwind-output.css LICENSE-APACHE.txt
`;

/** Made by builds with Vite, VitePress, SvelteKit, Rollup, esbuild, Angular, webpack, Create React App, Docusaurus, Next.js, Parcel, Gatsby, Nuxt and Astro. */
const BUILT = `
index-DGapdVzH.js index-BakPCtu0.css font-B2QlJyyY.woff2 hero-portrait-4Zm0OckE.png settings-FR5E7qlX.js about-4JeDuTcj.js
index-9JlLTlKo.js inter-italic-greek-ext.1u6EdAuj.woff2 inter-italic-latin-ext.CN1xVJS-.woff2 inter-italic-latin.C2AdPX0b.woff2
inter-roman-greek-ext.CqjqNYQ-.woff2 inter-roman-greek.BBVDIX6e.woff2 inter-roman-latin-ext.4ZJIpNVo.woff2 inter-roman-latin.Di8DUHzh.woff2
m19-D1gVtcu_.js m22-vay0NtXO.js m25-BZvbShNI.js m3-mIs9m_vD.js s8-DpOsj_F9.svg style.CDrLWmeR.css app.Bjp-ViMa.js start.DfpaMwNB.js
0.zyi-l2uB.js error-404.DL_4WIao.css error-500.I1Dtv2V5.css guide_what-is.md.DkP7B1jL.lean.js app.BgNevMEc.js theme.CZ6EWzJZ.js
app.Dg7dT-0O.js theme.C2u_bR5x.js hero-Cx81_aQz.png index-BfX9a1b2.css inter-cyrillic.By2_1cv3.woff2 app-legacy-CcQ1b8Xe.js react-CHdo91hT.svg
register-B1c7OH6V.cjs register-nyXW-TH3.mjs require-CBjy4Foe.mjs require-CVaYn9z3.cjs rolldown-runtime-D7D4PA-g.js package-Dj0mHsMt.mjs
lexer-CGfpMDSb.cjs  index-Bqjv9TxC.mjs index-DE3OBZuV.mjs loadSso-BGYXHf8s.js temporary-directory-Du7LpLp9.mjs
about-TNZTZCM3.js chunk-Y2F7V6WN.js font-HLF5BZ5U.woff2 main-GP6RZEG5.js settings-3ZZCZTB2.js chunk-2ADT4KFJ.js m27-RDCK56SR.js s27-SKTB6WAZ.svg
s3-4XD3HFRV.svg s4-LA2INEP2.svg s23-J5KG6ZMC.svg main-ZXCVB2N7.js polyfills-FFHMD2TL.js cli-6F2T2NXW.js chunk-4O7YW3CW.js
main.c00c1e76.js main.315c525c.css 820.0722ddf8.js 768.82f192e8.js 820.324df592.css 8badb4d0f2b8a1512f2f.woff2 df56a5825a5ddf1760c6.png
03684c199da51646bbce.svg 237.dbeb8e3c.chunk.js 625.de542473.chunk.js main.98e83541f278755f5217.js main.a1b2c3d4.js 787.f3ab2c91.chunk.js
main.073c9b0a.css logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg runtime~main.7ba1a3b4.js 0058b4c6.eadb5f8b.js styles.1a2b3c4d.css
docusaurus-0a1b2c3d4e5f60718293a4b5c6d7e8f9.png app-0a1b2c3d4e5f60718293.js webpack-runtime-9f8e7d6c5b4a39281706.js
component---src-pages-index-js-2c4b6d8e0f1a3b5c7d9e.js page-4b6faa8a3c555185.js framework-244f580fb294f19a.js _app-72b849fbd24ac258.js
fd9d1056-749e5812300142af.js main-es2015.0a1b2c3d4e5f60718293.js about.54ecf1c0.js hero-portrait.0e6d6638.png p.ad9a55cb.css
p.b4ceebc5.js about.c624a458.css settings.887eb993.js index.DkP7B1jL.css hoisted.Bw8x3kZq.js client.9Xk2mQwE.js entry.DkP7B1jL.css
application-37f365cbecf1fa2810a8303f4b6571676fa1f9c56c248528bc14ddb857531b95.js base.27e20196a850.js elasticlunr-ef4e11c1.min.js
searchindex-44e31ac3.js FiraSans-MediumItalic-ccf7e434.woff2 main-fcd733ba.js videoBG.17363418b3c2246a0e27.mp4
css.5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9.css index-DGapdVzH.js.br main.c00c1e76.js.gz
`;

/** What has nothing but capitals or digits, or reads as words, is missed: such files get the careful header. */
const MISSED = `font.72524276.woff2 chunk-QWERTYUI.js main.2661536e.js 32.69999451.chunk.js index-Qolnfysg.js client-XItNFmsq.cjs`;

const words = (text: string): string[] => text.trim().split(/\s+/);

for (const name of words(ORDINARY + MISSED)) {
  test(`${name} does not surely end in a hash`, () => {
    assert.equal(endsInHash(name), false);
  });
}

for (const name of words(BUILT)) {
  test(`${name} ends in a hash`, () => {
    assert.equal(endsInHash(name), true);
  });
}

for (const name of words(ORDINARY)) {
  test(`${name} is not named by its content, even where a page names it`, () => {
    assert.equal(isNamedByContent(name), false);
  });
}

for (const name of words(`${BUILT} ${MISSED} index-DiwrgTda.js main.abcdef12.chunk.css chunk-ABCDEFGH.js`)) {
  test(`${name} is named by its content, where a page names it`, () => {
    assert.equal(isNamedByContent(name), true);
  });
}

test('the lists are long enough to mean something', () => {
  assert.ok(words(ORDINARY).length >= 150);
  assert.ok(words(BUILT).length >= 100);
});

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

/** Hash alphabets of build tools, and how many of 1,000 random hashes must be found: by the name alone, and where a manifest shows what was added. */
const ALPHABETS = [
  {
    tool: 'Vite, Rollup and Nuxt',
    characters: `${LOWER}${LOWER.toUpperCase()}${DIGITS}-_`,
    length: 8,
    least: [870, 960],
  },
  // 19 of 100 hold no digit, and are capitals throughout.
  { tool: 'esbuild and Angular', characters: `${LOWER.toUpperCase()}234567`, length: 8, least: [690, 995] },
  { tool: 'Create React App, Docusaurus and Parcel', characters: `${DIGITS}abcdef`, length: 8, least: [870, 950] },
  { tool: 'webpack', characters: `${DIGITS}abcdef`, length: 20, least: [990, 990] },
] as const;

for (const { tool, characters, length, least } of ALPHABETS) {
  test(`most hashes as ${tool} make them are found`, () => {
    const next = random(20261130);
    const found = [0, 0];
    for (let round = 0; round < 1000; round++) {
      const hash = Array.from({ length }, () => characters[next() % characters.length]).join('');
      const name = `index-${hash}.js`;
      if (endsInHash(name)) found[0] = (found[0] ?? 0) + 1;
      if (addsHash(name, 'index.ts')) found[1] = (found[1] ?? 0) + 1;
    }
    assert.ok(
      found.every((count, index) => count >= (least[index] ?? 0)),
      `${found} of 1,000`,
    );
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

/** A name, what its build calls the file, and whether the build has added a hash. */
const ADDED: readonly (readonly [base: string, logical: string, adds: boolean])[] = [
  ['main.2661536e.js', 'main.js', true],
  ['main.69999451.js', 'main.js', true],
  ['main.69999451.chunk.js', 'main.js', true],
  ['main-CRTYQLNA.css', 'main.js', true],
  ['about-aI-KMijL.css', 'about.js', true],
  ['hero-portrait-4Zm0OckE.png', 'hero-portrait.png', true],
  ['page.module.1a2b3c4d.css', 'page.module.css', true],
  ['8badb4d0f2b8a1512f2f.woff2', 'font.woff2', true],
  ['favicon.ico', 'favicon.ico', false],
  ['settings.js', 'settings.ts', false],
  ['user-settings.js', 'user.js', false],
  ['hero-portrait.jpg', 'hero.jpg', false],
  ['app.production.js', 'app.js', false],
  ['app-es2015.js', 'app.js', false],
  ['app.min.js', 'app.js', false],
  ['app-1.2.3.js', 'app.js', false],
  ['app.20240101.js', 'app.js', false],
  ['logo-1024x768.png', 'logo.png', false],
  ['course-module12.js', 'course.js', false],
  ['README-OVERVIEW.txt', 'README.txt', false],
  ['main.2661536e.js.map', 'main.js.map', false],
  ['main.69999451.js', 'other.js', false],
  ['main.js', '', false],
];

for (const [base, logical, adds] of ADDED) {
  test(`${base} ${adds ? 'has' : 'has no'} hash that ${logical} lacks`, () => {
    assert.equal(addsHash(base, logical), adds);
  });
}
