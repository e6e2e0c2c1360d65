import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { collectLinks, type Doubt, isLink, type Links } from '../../../src/site/links.js';
import { type Reference, referenceScanner } from '../../../src/site/references.js';
import type { SiteRoot } from '../../../src/site/site-urls.js';

const NOTHING_KNOWN = { isDeleted: () => false, isListed: false };

/** All references that a piece of HTML has, judged. */
function judged(html: string): [url: string, isLink: boolean][] {
  const found: [string, boolean][] = [];
  const scanner = referenceScanner('html', (one) => found.push([one.url, isLink(one)]));
  scanner.write(Buffer.from(html));
  scanner.end();
  return found;
}

describe('what counts as a link', () => {
  for (const html of [
    '<a href=x>',
    '<area href=x>',
    '<a href=x rel=nofollow download>',
    '<img src=x>',
    '<img srcset="x 2x">',
    '<source srcset=x>',
    '<source src=x>',
    '<video src=x>',
    '<video poster=x>',
    '<audio src=x>',
    '<track src=x>',
    '<iframe src=x>',
    '<embed src=x>',
    '<object data=x>',
    '<input type=image src=x>',
    '<body background=x>',
    '<script src=x>',
    '<script type=module src=x>',
    '<script type=importmap>{"imports": {"a": "./x"}}</script>',
    '<style>@import "x";</style>',
    '<style>a { background: url(x) }</style>',
    '<p style="background: url(x)">',
    '<link rel=stylesheet href=x>',
    '<link rel="alternate stylesheet" href=x>',
    '<link rel="SHORTCUT ICON" href=x>',
    '<link rel=apple-touch-icon-precomposed href=x>',
    '<link rel=preload as=font href=x>',
    '<link rel=preload as=image imagesrcset="x 2x">',
    '<link rel=modulepreload href=x>',
    '<link rel=prefetch href=x>',
    '<link rel=manifest href=x>',
    '<link rel=canonical href=x>',
    '<link rel=next href=x>',
    '<svg><use href="x#icon"></svg>',
    '<svg><image xlink:href=x></svg>',
    '<img data-src=x>',
    '<img data-srcset="x 1x">',
    '<meta http-equiv=refresh content="0; url=x">',
    '<meta property=og:image content=/x.png>',
    '<meta name=twitter:image content=https://example.com/x.png>',
  ])
    test(html, () => {
      const found = judged(html);
      assert.ok(found.length > 0);
      assert.deepEqual(
        found.filter(([, counts]) => !counts),
        [],
      );
    });
});

describe('what does not', () => {
  for (const html of [
    '<a href="#top">',
    '<a href="?page=2">',
    '<a href="mailto:me@example.com">',
    '<a href="javascript:void(0)">',
    '<a href="data:text/plain,x">',
    '<img src="blob:https://example.com/1">',
    '<a href="{{ url }}">',
    '<a href="/users/$\u007bid}">',
    '<img src="<%= picture %>">',
    '<a href="/users/{id}">',
    '<a href="%7B%7B%20url%20%7D%7D">',
    '<svg><use href="#icon"></svg>',
    '<p style="filter: url(#blur)">',
    '<link rel=preconnect href=x>',
    '<link rel=dns-prefetch href=//cdn.example.com>',
    '<link rel=pingback href=/xmlrpc.php>',
    '<link rel=EditURI href=/xmlrpc.php?rsd>',
    '<link rel="https://api.w.org/" href=/wp-json/>',
    '<link rel=profile href=x>',
    '<link href=x>',
    '<div data-src=x>',
    '<section data-background="red">',
    '<tr data-href=x>',
    '<meta name=thumbnail content=www.example.com/x.png>',
    '<meta name=msapplication-config content=none>',
    '<script type=importmap>{"imports": {"a": "b", "c/": "./c/"}}</script>',
  ])
    test(html, () => {
      assert.deepEqual(
        judged(html).filter(([, counts]) => counts),
        [],
      );
    });
});

/** The links of documents, by their keys. */
function linksOf(
  documents: Readonly<Record<string, string>>,
  site: Partial<SiteRoot> = {},
  remembers = false,
  most?: number,
): Links {
  const links = collectLinks({ prefix: '', ...site }, remembers, most);
  for (const [key, text] of Object.entries(documents)) read(links, key, text);
  return links;
}

function read(links: Links, key: string, text: string): void {
  const own = links.document(key);
  const scanner = referenceScanner(key.endsWith('.css') ? 'css' : 'html', (found: Reference) => own.take(found));
  scanner.write(Buffer.from(text));
  scanner.end();
  own.end();
}

const shown = (doubts: readonly Doubt[]): string[] => doubts.map(({ target }) => `${target.from} → ${target.url}`);

const SITE = {
  'index.html': '<link rel=stylesheet href=/a.css><a href=docs/>docs</a><a href=/gone>gone</a><img src=gone.png>',
  'docs/index.html': '<link rel=stylesheet href=../a.css><a href="/gone?x#y">gone</a><a href=page>page</a>',
  'a.css': '@import "b.css"; a { background: url(img/a.png) }',
};

test('what nothing plans is doubtful, once, by the first document, with the keys that it may have', () => {
  const links = linksOf(SITE);
  for (const key of ['index.html', 'docs/index.html', 'a.css', 'docs/page.html', 'img/a.png']) links.planned(key);
  const doubts = links.doubts(NOTHING_KNOWN);
  assert.deepEqual(shown(doubts), ['a.css → b.css', 'docs/index.html → /gone?x#y', 'index.html → gone.png']);
  assert.deepEqual(
    doubts.map(({ target }) => [target.documents, target.resolved]),
    [
      [1, 'b.css'],
      [2, 'gone'],
      [1, 'gone.png'],
    ],
  );
  assert.deepEqual(doubts[1]?.keys, ['gone', 'gone.html', 'gone/index.html', 'gone/']);
  assert.deepEqual([links.documents, links.references, links.dropped], [3, 9, 0]);
});

test('only the first base with a reference counts, from there on', () => {
  const links = linksOf({
    'a/b.html': '<img src=1><base target=_top><base href=/c/><base href=/d/><img src=2>',
  });
  assert.deepEqual(
    links.doubts(NOTHING_KNOWN).map(({ target }) => target.resolved),
    ['a/1', 'c/2'],
  );
});

test('what is listed is there, unless this run deletes it', () => {
  const links = linksOf({ 'index.html': '<a href=old/><a href=new>' });
  links.listed('old/index.html');
  assert.deepEqual(shown(links.doubts(NOTHING_KNOWN)), ['index.html → new']);
  const doubts = links.doubts({ isListed: true, isDeleted: (key) => key === 'old/index.html' });
  assert.deepEqual(shown(doubts), ['index.html → new', 'index.html → old/']);
  assert.deepEqual(
    doubts.map(({ keys }) => keys),
    [[], []],
  );
});

test('where all was listed only what is left out, and what is outside of the prefix, is looked for', () => {
  const links = linksOf(
    { 'docs/index.html': '<img src=a.png><img src=b.png><img src=below/c.png><img src=/d.png>' },
    { prefix: 'docs/' },
  );
  links.leftOut({ key: 'docs/b.png', below: false });
  links.leftOut({ key: 'docs/below/', below: true });
  assert.deepEqual(
    links.doubts({ isDeleted: () => false, isListed: true }).map(({ keys }) => keys[0]),
    ['d.png', undefined, 'docs/b.png', 'docs/below/c.png'],
  );
});

test('what cannot be read is not missing', () => {
  const links = linksOf({ 'index.html': '<img src=a/b.png><img src=c.png><img src=cc.png>' });
  links.covered('a/');
  links.covered('c.png');
  assert.deepEqual(shown(links.doubts(NOTHING_KNOWN)), ['index.html → cc.png']);
});

test('a source that is read once may plan keys before or after the documents', () => {
  const links = linksOf({}, {}, true);
  links.planned('a.css');
  read(links, 'index.html', '<link rel=stylesheet href=a.css><img src=b.png><img src=c.png>');
  links.planned('b.png');
  assert.deepEqual(shown(links.doubts(NOTHING_KNOWN)), ['index.html → c.png']);
});

test('more places than are kept are counted', () => {
  const links = linksOf({ 'index.html': '<img src=1><img src=2><img src=3><img src=1><img src=3>' }, {}, false, 2);
  assert.equal(links.doubts(NOTHING_KNOWN).length, 2);
  assert.equal(links.dropped, 2);
});

test('a redirect is doubtful by itself, before all documents, and named by where it is written', () => {
  const links = linksOf({ 'a.html': '<a href=/gone>' }, { prefix: 'docs/' });
  for (const [path, line] of [
    ['/gone', 3],
    ['/a.html', 4],
    ['/%C3%BC/', 5],
    ['/%ff', 6],
  ] as const)
    links.redirect({ key: 'docs/old', path, origin: `_redirects:${line}` });
  links.planned('docs/ü/index.html');
  links.planned('docs/a.html');
  const doubts = links.doubts(NOTHING_KNOWN);
  assert.deepEqual(shown(doubts), ['_redirects:3 → /gone', 'a.html → /gone']);
  assert.deepEqual(
    doubts.map(({ target }) => target.redirect),
    [true, false],
  );
  assert.equal(links.references, 1);
});

test('the order in which documents are read does not matter', () => {
  const results = [Object.entries(SITE), Object.entries(SITE).reverse()].map((entries) =>
    linksOf(Object.fromEntries(entries)).doubts(NOTHING_KNOWN),
  );
  assert.deepEqual(results[0], results[1]);
});

const NAME = fc.string({
  unit: fc.constantFrom('a', 'b', 'ü', ' ', '%', '#', '?', '&', '"', '+'),
  minLength: 1,
  maxLength: 4,
});
const KEY = fc
  .tuple(fc.array(NAME, { maxLength: 3 }), NAME, fc.constantFrom('.html', '.css', '.png', '', '/index.html'))
  .map(([folders, name, ending]) => [...folders, name + ending].join('/'));
const WAYS = fc.constantFrom('absolute', 'relative', 'clean');
/** Keys, and which refer to which, and how. */
const RANDOM_SITE = fc.uniqueArray(KEY, { minLength: 2, maxLength: 12 }).chain((keys) =>
  fc.record({
    keys: fc.constant(keys),
    edges: fc.array(fc.tuple(fc.nat(keys.length - 1), fc.nat(keys.length - 1), WAYS), { maxLength: 30 }),
    removed: fc.nat(keys.length - 1),
    prefix: fc.constantFrom('', 'docs/'),
  }),
);

function urlFrom(document: string, key: string, way: 'absolute' | 'relative' | 'clean'): string {
  const encoded = key.split('/').map(encodeURIComponent).join('/');
  if (way === 'absolute') return `/${encoded}?v=1`;
  const relative = `./${'../'.repeat(document.split('/').length - 1)}${encoded}#top`;
  return way === 'relative' ? relative : relative.replace(/(?:index)?\.html#top$/, '').replace(/#top$/, '');
}

test('a site whose links are made from its own keys has none missing; without one key exactly its referrers are named', () => {
  fc.assert(
    fc.property(RANDOM_SITE, ({ keys, edges, removed, prefix }) => {
      const links = collectLinks({ prefix }, false);
      const after = collectLinks({ prefix }, false);
      const gone = keys[removed] as string;
      // Without an ending another key may be served.
      const isServed = keys.some((key) => [`${gone}.html`, `${gone}/index.html`].includes(key));
      const referrers = new Set<string>();
      for (const [from, to, way] of edges) {
        const [document, target] = [keys[from] as string, keys[to] as string];
        const found: Reference = {
          url: urlFrom(document, target, way),
          element: 'a',
          attribute: 'href',
          offset: 0,
        };
        for (const all of [links, after]) all.document(prefix + document).take(found);
        if (target === gone && way !== 'clean' && !isServed) referrers.add(prefix + document);
      }
      for (const key of keys) {
        links.planned(prefix + key);
        if (key !== gone) after.planned(prefix + key);
      }
      assert.deepEqual(shown(links.doubts(NOTHING_KNOWN)), []);
      const [first] = [...referrers].sort();
      const named = after.doubts(NOTHING_KNOWN).filter(({ target }) => target.resolved === prefix + gone);
      assert.ok(referrers.size === 0 || named.some(({ target }) => target.from <= (first as string)));
      for (const { keys: wanted } of after.doubts(NOTHING_KNOWN)) assert.ok(wanted.includes(prefix + gone));
    }),
  );
});
