import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MOST_HELD, type Reference, referenceScanner, type ScannedKind } from '../../../src/site/references.js';

/** The references of a document, which comes in pieces of these lengths, again and again. */
function referencesOf(kind: ScannedKind, document: string | Uint8Array, lengths: readonly number[] = []): Reference[] {
  const found: Reference[] = [];
  const scanner = referenceScanner(kind, (reference) => found.push(reference));
  const bytes = typeof document === 'string' ? Buffer.from(document) : document;
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const length = lengths[piece % lengths.length] ?? bytes.length;
    scanner.write(bytes.subarray(at, at + length));
    at += length;
  }
  scanner.end();
  return found;
}

/** What stands in a document, and the references in it as `element[attribute] css: url`. */
const HTML: readonly (readonly [document: string, ...references: string[]])[] = [
  ['<a href="/about">', 'a[href]: /about'],
  ['<A HREF = /about >', 'a[href]: /about'],
  ["<link rel='Preload' href='a&amp;b.css?x=1&y=2#z'>", 'link[href]: a&b.css?x=1&y=2#z'],
  ['<img src="a.png" srcset="b.png 1x, c.png 2x">', 'img[src]: a.png', 'img[srcset]: b.png', 'img[srcset]: c.png'],
  [
    '<source srcset="a,b.png 100w,c.png, d.png">',
    'source[srcset]: a,b.png',
    'source[srcset]: c.png',
    'source[srcset]: d.png',
  ],
  ['<source srcset="a.png (x, y) 1x,b.png">', 'source[srcset]: a.png', 'source[srcset]: b.png'],
  ['<link rel=preload imagesrcset="a.png 1x">', 'link[imagesrcset]: a.png'],
  ['<video poster="p.jpg" src="v.mp4"></video>', 'video[poster]: p.jpg', 'video[src]: v.mp4'],
  ['<object data="o.svg"></object><div data="x">', 'object[data]: o.svg'],
  ['<img data-src="late.png" data-srcset="l1.png 1x">', 'img[data-src]: late.png', 'img[data-srcset]: l1.png'],
  ['<meta property="og:image" content=" o.png ">', 'meta[og:image]: o.png'],
  ['<meta content="t.png" name="twitter:image">', 'meta[twitter:image]: t.png'],
  ['<meta itemprop="image" content="i.png">', 'meta[image]: i.png'],
  ['<meta name="description" content="a.png"><meta content="b.png">'],
  ['<meta http-equiv="Refresh" content="0; url=\'/new\'">', 'meta[refresh]: /new'],
  ['<meta http-equiv="refresh" content="30">'],
  ['<p style="background: url(&quot;a.png&quot;)">', 'p[style] url: a.png'],
  ['<style>a { background: url(a.png) } @import "b.css";</style>', 'style url: a.png', 'style import: b.css'],
  ['<style media=print></style><p>url(a.png)</p>'],
  ['<svg><use xlink:href="s.svg#a"/><image href="b.png"/></svg>', 'use[xlink:href]: s.svg#a', 'image[href]: b.png'],
  ['<svg><style>a { fill: url(g.svg#a) }</style></svg><a href=b>', 'style url: g.svg#a', 'a[href]: b'],
  ['<svg><title><a href=in></title></svg><title><a href=out></title>', 'a[href]: in'],
  ['<script>"<img src=no.png>"</script><script src=a.js></script>', 'script[src]: a.js'],
  ['<!-- <img src=no.png> --><textarea><img src=no.png></textarea><img src=a.png>', 'img[src]: a.png'],
  ['<a href="">'],
  ['<a href><img alt="src=x">'],
  ['<base href="/docs/"><iframe src=f.html>', 'base[href]: /docs/', 'iframe[src]: f.html'],
  ['<a href="unfinished.html'],
  [
    '<script type="importmap">{"imports":{"a":"/a.js"},"scopes":{"/x/":{"b":"/b.js"}}}</script><script>{"imports":1}</script>',
    'script[importmap]: /a.js',
    'script[importmap]: /b.js',
  ],
  ['<script type=importmap>{"imports":null,"scopes":[1]}</script><script type=importmap>{</script>'],
];

const CSS: readonly (readonly [document: string, ...references: string[]])[] = [
  ['a { background: url(a.png), url( "b.png" ) , URL(\'c.png\') }', 'url: a.png', 'url: b.png', 'url: c.png'],
  [
    '@import "a.css"; @import url(b.css) screen; @import url("c.css") layer(x);',
    'import: a.css',
    'import: b.css',
    'import: c.css',
  ],
  ['@import /* x */ "a.css";', 'import: a.css'],
  ['@charset "utf-8"; a::after { content: "no.png" }'],
  ['@namespace url(http://www.w3.org/1999/xhtml); @namespace svg url("http://www.w3.org/2000/svg");'],
  ['@font-face { src: url(f.woff2) format("woff2"), src("g.woff2") }', 'url: f.woff2', 'url: g.woff2'],
  [
    'a { b: image-set("a.png" type("image/png") 1x, url(b.png) 2x); c: -webkit-image-set(url("c.png") 1x) }',
    'image-set: a.png',
    'url: b.png',
    'url: c.png',
  ],
  ['/* url(no.png) */ a { b: url(a\\20 b.png) } /* open url(no.png)', 'url: a b.png'],
  ['a { b: url(unfinished.png', 'url: unfinished.png'],
  ['a { b: url(bad"x) } c { d: url(a.png) }', 'url: a.png'],
  ['a { b: "bad\n; c: url(a.png) }', 'url: a.png'],
  ['a { b: url() url("") }'],
  [`a { b: url(data:font/woff2;base64,${'A'.repeat(MOST_HELD)}) } c { d: url(a.png) }`, 'url: a.png'],
  [`a { b: url("data:x,${'A\\"'.repeat(MOST_HELD)}") } c { d: url(a.png) }`, 'url: a.png'],
  [`a { b: "${'A'.repeat(2 * MOST_HELD)}\\" url(no.png) \\"" } c { d: url(a.png) }`, 'url: a.png'],
  [`/*${'*'.repeat(3 * MOST_HELD)}*/ c { d: url(a.png) }`, 'url: a.png'],
];

const shownOf = ({ element = '', attribute, css, url }: Reference): string =>
  `${element}${attribute === undefined ? '' : `[${attribute}]`}${css === undefined ? '' : ` ${css}`}: ${url}`.trim();

for (const [kind, rows] of [
  ['html', HTML],
  ['css', CSS],
] as const) {
  describe(`references of ${kind}`, () => {
    for (const [document, ...expected] of rows) {
      const title = document.length > 100 ? `${document.slice(0, 40)}… (${document.length})` : document;
      test(title, () => {
        assert.deepEqual(referencesOf(kind, document).map(shownOf), expected);
      });

      test(`${title}, in pieces`, () => {
        for (const lengths of [[65_536], [1000, 7], ...(document.length < 1000 ? [[1], [2], [3, 1]] : [])])
          assert.deepEqual(referencesOf(kind, document, lengths), referencesOf(kind, document), String(lengths));
      });
    }
  });
}

test('a reference has the place of its value and the relation of its element', () => {
  const html = '<p>é😀</p><link rel="Icon" href="/i.png"><style>\na{b:url(c.png)}</style>';
  const found = referencesOf('html', html);
  assert.deepEqual(
    found.map(({ offset }) => html.slice(offset, offset + 5)),
    ['/i.pn', 'url(c'],
  );
  assert.equal(found[0]?.rel, 'icon');
});

test('values that are longer than what is kept are passed over, however they come', () => {
  const html = `<img src="data:image/png;base64,${'A'.repeat(2 * MOST_HELD)}"><img src="b.png">`;
  for (const lengths of [[html.length], [65_536], [777]])
    assert.deepEqual(
      referencesOf('html', html, lengths).map(({ url }) => url),
      ['b.png'],
    );
});

/** Pieces of documents that mean something, in any order. */
const words = (kind: ScannedKind) =>
  fc
    .array(
      fc.oneof(
        {
          weight: 5,
          arbitrary: fc.constantFrom(
            ...(kind === 'css' ? CSS : HTML).map(([document]) => document).filter(({ length }) => length < 1000),
          ),
        },
        {
          weight: 4,
          arbitrary: fc.constantFrom(
            ...'<>"\'()/*\\=&;{}@ \n\r\té😀',
            '<!--',
            '-->',
            '</style>',
            '<style>',
            '<svg>',
            '</svg>',
            '<![CDATA[',
            'url(',
            '\\0',
            '&#',
            '&lt',
          ),
        },
        { weight: 1, arbitrary: fc.string() },
      ),
    )
    .map((parts) => parts.join(''));
const pieces = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });

for (const kind of ['html', 'css'] as const) {
  test(`${kind} in any pieces gives the same references`, () => {
    fc.assert(
      fc.property(words(kind), pieces, (document, lengths) => {
        assert.deepEqual(referencesOf(kind, document, lengths), referencesOf(kind, document));
      }),
    );
  });

  test(`${kind}: any bytes are read without an error`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), pieces, (bytes, lengths) => {
        referencesOf(kind, bytes, lengths);
      }),
    );
  });
}
