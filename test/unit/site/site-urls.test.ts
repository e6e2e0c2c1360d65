import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { candidateKeys, placesOf, siteUrls } from '../../../src/site/site-urls.js';

type Row = readonly [document: string, reference: string, places: readonly string[]];

function hold(title: string, site: Parameters<typeof siteUrls>[0], rows: readonly Row[], base?: string): void {
  const urls = siteUrls(site);
  for (const [document, reference, places] of rows)
    test(`${title}: ${JSON.stringify(reference)} in ${document} is ${JSON.stringify(places)}`, () => {
      const own = urls.baseOf(document);
      assert.deepEqual(urls.resolve(base === undefined ? own : urls.rebased(own, base), reference), places);
    });
}

hold('a site that is a whole bucket', { prefix: '' }, [
  ['index.html', 'app.js', ['app.js']],
  ['index.html', './app.js', ['app.js']],
  ['index.html', '/app.js', ['app.js']],
  ['index.html', 'app.js?v=1#top', ['app.js']],
  ['index.html', '../app.js', ['app.js']],
  ['index.html', '/', ['']],
  ['index.html', '.', ['']],
  ['docs/a/page.html', 'next.html', ['docs/a/next.html']],
  ['docs/a/page.html', '../x.css', ['docs/x.css']],
  ['docs/a/page.html', '/x.css', ['x.css']],
  ['docs/a/page.html', '.', ['docs/a/']],
  ['docs/a/page.html', '..', ['docs/']],
  ['docs/a/', 'b/', ['docs/a/b/']],
  ['docs/a/page', 'b', ['docs/a/b']],
  ['docs/a.html', 'a%20b.png', ['docs/a b.png']],
  ['docs/a.html', 'a b.png', ['docs/a b.png']],
  ['docs/a.html', 'ü.png', ['docs/ü.png']],
  ['docs/a.html', '%C3%BC.png', ['docs/ü.png']],
  ['docs/a.html', '%2541.png', ['docs/%41.png']],
  ['docs/a.html', 'b%2Fc.png', ['docs/b/c.png']],
  ['docs/a.html', 'a+b.png', ['docs/a+b.png']],
  ['docs/a.html', '..\\x.css', ['x.css']],
  ['docs/a.html', 'a//b.css', ['docs/a//b.css']],
  ['docs/a.html', '%2e%2e/x.css', ['x.css']],
  ['docs/a.html', '%ff.png', []],
  ['docs/a.html', '100%.png', []],
  ['docs/a.html', 'https://example.com/x.css', []],
  ['docs/a.html', '//cdn.example.com/x.css', []],
  ['docs/a.html', '//[', []],
  ['docs/a.html', 'data:text/css,a', []],
  ['docs/a.html', 'mailto:me@example.com', []],
  ['docs/a.html', 'javascript:void 0', []],
  ['docs/a.html', 'blob:https://example.com/x', []],
  ['docs/a.html', 'about:blank', []],
  ['docs/a.html', 'tel:123', []],
  ['docs/a.html', 'C:\\x.css', []],
  ['über uns/100%/?#.html', 'x.css', ['über uns/100%/x.css']],
  ['a#b/c?d/e.html', 'x.css', ['a#b/c?d/x.css']],
  ['a:b/c.html', 'x.css', ['a:b/x.css']],
]);

hold('a site below a prefix', { prefix: 'docs/' }, [
  ['docs/a/page.html', 'x.css', ['docs/a/x.css']],
  ['docs/a/page.html', '/x.css', ['docs/x.css', 'x.css']],
  ['docs/a/page.html', '/docs/x.css', ['docs/docs/x.css', 'docs/x.css']],
  ['docs/a/page.html', '/', ['docs/', '']],
  ['docs/a/page.html', '../../x.css', ['docs/x.css', 'x.css']],
  ['docs/a/page.html', '../x.css', ['docs/x.css']],
  ['other/page.html', 'x.css', ['other/x.css']],
  ['other/page.html', '/x.css', ['x.css']],
]);

hold('a site with a URL', { prefix: 'v2/', url: new URL('https://example.com/docs') }, [
  ['v2/a/page.html', 'x.css', ['v2/a/x.css']],
  ['v2/a/page.html', '/docs/x.css', ['v2/x.css', 'docs/x.css']],
  ['v2/a/page.html', 'https://example.com/docs/x.css', ['v2/x.css', 'docs/x.css']],
  ['v2/a/page.html', 'http://example.com/docs/x.css', ['v2/x.css', 'docs/x.css']],
  ['v2/a/page.html', '//example.com/docs/', ['v2/', 'docs/']],
  ['v2/a/page.html', '/docs', ['v2/', 'docs']],
  ['v2/a/page.html', '/elsewhere', ['elsewhere']],
  ['v2/a/page.html', 'https://www.example.com/docs/x.css', []],
]);

hold('a bucket behind a path', { prefix: '', url: new URL('https://example.com/docs/') }, [
  ['a/page.html', '/docs/x.css', ['x.css']],
  ['a/page.html', '/elsewhere', []],
  ['a/page.html', '../../x.css', []],
]);

hold(
  'after <base href="/docs/">',
  { prefix: '' },
  [
    ['a/page.html', 'x.css', ['docs/x.css']],
    ['a/page.html', '/x.css', ['x.css']],
    ['a/page.html', '../x.css', ['x.css']],
  ],
  '/docs/',
);

hold(
  'after <base href="sub/">',
  { prefix: '' },
  [
    ['a/page.html', 'x.css', ['a/sub/x.css']],
    ['a/page.html', '.', ['a/sub/']],
  ],
  'sub/',
);

hold(
  'after a base on another host',
  { prefix: 'docs/' },
  [
    ['docs/page.html', 'x.css', []],
    ['docs/page.html', '/x.css', []],
  ],
  'https://cdn.example.com/',
);

hold('after a base that is no URL', { prefix: '' }, [['a/page.html', 'x.css', ['a/x.css']]], 'https://[');

for (const [place, keys] of [
  ['', ['index.html']],
  ['docs/', ['docs/index.html', 'docs/']],
  ['docs', ['docs', 'docs.html', 'docs/index.html', 'docs/']],
  ['v1.2', ['v1.2', 'v1.2.html', 'v1.2/index.html', 'v1.2/']],
  ['a.html', ['a.html', 'a.html/index.html', 'a.html/']],
  ['app.css', ['app.css', 'app.css/index.html', 'app.css/']],
  ['libs/three.js', ['libs/three.js', 'libs/three.js/index.html', 'libs/three.js/']],
] as const)
  test(`${JSON.stringify(place)} may be served from ${keys.join(', ')}`, () => {
    assert.deepEqual(candidateKeys(place), keys);
  });

const SEGMENT = fc.constantFrom('a', 'index', 'index.html', 'b.html', 'c.css', 'v1.2', '.html', 'd.htm', 'ü');
const PATH = fc
  .tuple(fc.array(SEGMENT, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([segments, isFolder]) => segments.join('/') + (isFolder ? '/' : ''));

test('the places of a key are those of which it is a candidate', () => {
  fc.assert(
    fc.property(fc.oneof(PATH, fc.constant('')), PATH, (place, key) => {
      assert.equal(placesOf(key).includes(place), candidateKeys(place).includes(key), `${place} by ${key}`);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(PATH, fc.constant('')), (place) => {
      for (const key of candidateKeys(place)) assert.ok(placesOf(key).includes(place), `${place} by ${key}`);
    }),
  );
  fc.assert(
    fc.property(PATH, (key) => {
      for (const place of placesOf(key)) assert.ok(candidateKeys(place).includes(key), `${place} by ${key}`);
    }),
  );
});

test('any key is found by its own URL from any document, relative and absolute', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }).filter((one) => !/^\.{1,2}$|\//.test(one));
  const key = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  fc.assert(
    fc.property(key, key, fc.constantFrom('', 'docs/'), (document, target, prefix) => {
      const urls = siteUrls({ prefix });
      const base = urls.baseOf(prefix + document);
      const absolute = `/${target.split('/').map(encodeURIComponent).join('/')}`;
      const up = '../'.repeat(document.split('/').length - 1);
      assert.equal(urls.resolve(base, absolute)[0], prefix + target);
      assert.equal(urls.resolve(base, `./${up}${absolute.slice(1)}`)[0], prefix + target);
    }),
  );
});
