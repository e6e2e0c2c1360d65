import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addressesOf, redirectTarget } from '../../../src/verify/addresses.js';

const SITE = new URL('https://www.example.com');

describe('the URLs of a file', () => {
  const rows: readonly (readonly [site: string, path: string, urls: readonly string[]])[] = [
    ['https://www.example.com', 'app.js', ['https://www.example.com/app.js']],
    ['https://www.example.com/', 'index.html', ['https://www.example.com/', 'https://www.example.com/index.html']],
    ['https://x.test', 'docs/index.html', ['https://x.test/docs/', 'https://x.test/docs/index.html']],
    ['https://x.test', 'docs/index.htm', ['https://x.test/docs/', 'https://x.test/docs/index.htm']],
    ['https://x.test', 'docs/my-index.html', ['https://x.test/docs/my-index.html']],
    ['https://x.test', 'index.html.br', ['https://x.test/index.html.br']],
    ['https://x.test', 'docs/', ['https://x.test/docs/']],
    ['https://x.test/manual', 'a.html', ['https://x.test/manual/a.html']],
    ['https://x.test/manual/', 'a.html', ['https://x.test/manual/a.html']],
    ['https://x.test:8443/m%20n', 'a.html', ['https://x.test:8443/m%20n/a.html']],
    ['https://x.test', 'a b+c/ä?#%41.html', ['https://x.test/a%20b%2Bc/%C3%A4%3F%23%2541.html']],
    ['https://x.test', "@v1/it's(1),x=y&z.html", ["https://x.test/@v1/it's(1),x=y&z.html"]],
    ['https://bücher.test', 'a.html', ['https://xn--bcher-kva.test/a.html']],
  ];
  for (const [site, path, urls] of rows)
    test(`${path} of ${site}`, () => assert.deepEqual(addressesOf(new URL(site), path), urls));

  test('a path comes back from its URL, whatever is in it', () => {
    const segment = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[/\\]|^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1 }), (segments) => {
        const path = segments.join('/');
        const url = addressesOf(SITE, path).at(-1) ?? '';
        assert.match(url, /^[!-~]+$/);
        assert.equal(decodeURIComponent(url.slice(SITE.href.length)), path);
        assert.deepEqual([new URL(url).search, new URL(url).hash], ['', '']);
      }),
    );
  });
});

describe('where a redirect leads', () => {
  const rows: readonly (readonly [from: string, location: string, is: 'same-page' | 'elsewhere', url?: string])[] = [
    ['/docs/index.html', '/docs/', 'same-page', 'https://www.example.com/docs/'],
    ['/docs', '/docs/', 'same-page'],
    ['/docs/', '/docs', 'same-page'],
    ['/about.html', '/about', 'same-page'],
    ['/about', '/about.html', 'same-page'],
    ['/about.html', 'about#top', 'same-page', 'https://www.example.com/about'],
    ['/index.html', 'https://www.example.com/', 'same-page'],
    ['/docs/', 'http://www.example.com/docs/', 'elsewhere'],
    ['/docs/', 'https://example.com/docs/', 'elsewhere'],
    ['/docs/', '/login', 'elsewhere'],
    ['/docs/', '/docs/?session=1', 'elsewhere'],
    ['/', '/en/', 'elsewhere'],
    ['/', 'https://', 'elsewhere', 'https://'],
  ];
  for (const [from, location, is, url] of rows)
    test(`from ${from} to ${location}: ${is}`, () => {
      const target = redirectTarget(`https://www.example.com${from}`, location);
      assert.equal(target.is, is);
      if (url !== undefined) assert.equal(target.url, url);
    });
});
