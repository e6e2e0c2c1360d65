import type { TreeFiles } from './tree.js';

// A site as bundlers leave it: pages, hashed and other assets, source maps, and the files at fixed addresses that browsers, crawlers and
// service workers ask for. Most of them must never be kept for a year.

const picture = (name: string): Buffer => Buffer.from(`\x89PNG\r\n\x1a\n${name}`, 'latin1');
const font = (name: string): Buffer => Buffer.from(`wOF2${name}`, 'latin1');

/** The file name changes with the content, so that they may be kept for ever. Names of Vite and VitePress. */
export const HASHED: TreeFiles = {
  'assets/app.Dg7dT-0O.js': 'import("./chunks/theme.C2u_bR5x.js");',
  'assets/chunks/theme.C2u_bR5x.js': 'export {};',
  'assets/guide.md.BnE3kPqz.js': 'export default "guide";',
  'assets/guide.md.BnE3kPqz.lean.js': 'export default "";',
  'assets/hero-Cx81_aQz.png': picture('hero'),
  'assets/index-BfX9a1b2.css':
    '@font-face { font-family: inter; src: url(/assets/inter-cyrillic.By2_1cv3.woff2) } body { background: url(./hero-Cx81_aQz.png) }',
  'assets/inter-cyrillic.By2_1cv3.woff2': font('inter'),
};

/** Pages, which name the hashed files of today, with those that scripts load. */
export const PAGES: TreeFiles = {
  '404.html': '<!doctype html><title>Not found</title>',
  'guide/index.html':
    '<!doctype html><link rel=modulepreload href=/assets/guide.md.BnE3kPqz.lean.js><script type=module src=/assets/guide.md.BnE3kPqz.js></script>',
  'index.html':
    '<!doctype html><link rel=stylesheet href=/assets/index-BfX9a1b2.css><link rel=modulepreload href=/assets/chunks/theme.C2u_bR5x.js><script type=module src=/assets/app.Dg7dT-0O.js></script>',
};

/** Pictures and fonts whose names stay when their content changes. */
export const MEDIA: TreeFiles = {
  'assets/brand.woff2': font('brand'),
  'assets/logo.png': picture('logo'),
  'favicon.ico': picture('icon'),
  'fonts/title.woff2': font('title'),
  'images/harbour.png': picture('harbour'),
};

/** Everything else that stays at its address. */
export const FIXED: TreeFiles = {
  '.well-known/apple-app-site-association': '{"applinks":{}}',
  '.well-known/security.txt': 'Contact: mailto:security@example.com\n',
  'assets/vendor.min.js': 'globalThis.vendor = {};',
  'data/prices.json': '[1, 2]',
  'feed.xml': '<feed xmlns="http://www.w3.org/2005/Atom"/>',
  'hashmap.json': '{"guide.md":"BnE3kPqz"}',
  'manifest.webmanifest': '{"name":"Harbour"}',
  'robots.txt': 'User-agent: *\n',
  'sitemap.xml': '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>',
  'sw.js': 'self.addEventListener("fetch", () => {});',
};

export const SOURCE_MAPS: TreeFiles = {
  'assets/app.Dg7dT-0O.js.map': '{"version":3}',
  'assets/index-BfX9a1b2.css.map': '{"version":3}',
  'sw.js.map': '{"version":3}',
};

/** What visitors get: everything but the source maps. */
export const PUBLIC_SITE: TreeFiles = { ...FIXED, ...HASHED, ...MEDIA, ...PAGES };

/** The folder that a build leaves. */
export const BUILT_SITE: TreeFiles = { ...PUBLIC_SITE, ...SOURCE_MAPS };
