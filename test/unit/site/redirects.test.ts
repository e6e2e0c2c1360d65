import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.js';
import { redirectPage } from '../../../src/site/redirect-page.js';
import { redirectTargets, type SiteRedirects, siteRedirects } from '../../../src/site/redirects.js';

type Pair = readonly [from: string, to: string];

function redirectsOf(pairs: readonly Pair[], prefix = ''): SiteRedirects {
  const given = pairs.map(([from, to], index) => ({ from, to, origin: `r[${index}]` }));
  return siteRedirects(given, { prefix, cleanUrlsOf: undefined });
}

const KEYS: readonly (readonly [from: string, key: string])[] = [
  ['/old', 'old'],
  ['/old.html', 'old.html'],
  ['/old/', 'old/index.html'],
  ['/', 'index.html'],
  ['/a/b/', 'a/b/index.html'],
  ['/a%20b', 'a b'],
  ['/m%C3%BCll', 'müll'],
  ['/müll', 'müll'],
  ['/a%3Fb%23c%2A', 'a?b#c*'],
];

test('a path gives a key: percent-decoded, and of a folder that of its index document', () => {
  for (const [from, key] of KEYS)
    for (const prefix of ['', 'docs/'])
      assert.equal(redirectsOf([[from, '/to']], prefix).redirects[0]?.key, prefix + key, from);
});

const TARGETS: readonly (readonly [to: string, location: string, inDocs: string, path: string | undefined])[] = [
  ['/new', '/new', '/docs/new', '/new'],
  ['/', '/', '/docs/', '/'],
  ['/a/../b', '/b', '/docs/b', '/b'],
  ['/n ö?a=b c#d', '/n%20%C3%B6?a=b%20c#d', '/docs/n%20%C3%B6?a=b%20c#d', '/n%20%C3%B6'],
  ['/a%20b', '/a%20b', '/docs/a%20b', '/a%20b'],
  ['https://Example.com/A', 'https://Example.com/A', 'https://Example.com/A', undefined],
  ['http://example.com', 'http://example.com', 'http://example.com', undefined],
  ['https://müll.example/ä', 'https://xn--mll-hoa.example/%C3%A4', 'https://xn--mll-hoa.example/%C3%A4', undefined],
];

test('a target within the site gets the prefix in the header, and a URL stays as it is', () => {
  for (const [to, location, inDocs, path] of TARGETS) {
    const { redirects } = redirectsOf([['/from', to]]);
    assert.equal(redirects[0]?.location, location, to);
    assert.equal(redirectsOf([['/from', to]], 'docs/').redirects[0]?.location, inDocs, to);
    assert.deepEqual(redirectTargets(redirects), path === undefined ? [] : [{ origin: 'r[0]', key: 'from', path }]);
  }
});

test('the link of a page in a prefix leads to the same place wherever the prefix is in the URL', () => {
  const segments = fc.array(fc.constantFrom('a', 'b', 'c d', 'e:f'), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(segments, segments, fc.boolean(), (from, to, folder) => {
      const path = `/${from.map(encodeURIComponent).join('/')}${folder ? '/' : ''}`;
      const target = `/x/${to.join('/')}/`;
      const [redirect] = redirectsOf([[path, target]], 'docs/').redirects;
      const link = /url=([^"]*)"/.exec(redirect?.page ?? '')?.[1] ?? '';
      for (const base of ['https://example.com', 'https://example.com/docs', 'https://example.com/deep/er'])
        assert.equal(new URL(link, base + path).href, new URL(base + target).href);
    }),
  );
});

test('nothing in a link ends the text or the attribute that it stands in', () => {
  fc.assert(
    fc.property(fc.string(), (link) => {
      const page = redirectPage(link);
      assert.equal(page.match(/</g)?.length, redirectPage('').match(/</g)?.length);
      assert.equal(page.match(/"/g)?.length, redirectPage('').match(/"/g)?.length);
    }),
  );
});

test('a circle over a URL of the site is one, where its address is known', () => {
  const check = (to: string, address: string): unknown =>
    siteRedirects(
      [
        { from: '/a', to, origin: 'redirects[0]' },
        { from: '/', to: '/a', origin: 'redirects[1]' },
      ],
      { prefix: 'p/', cleanUrlsOf: undefined, url: new URL(address) },
    );
  for (const to of ['https://h.test/m/a?b#c', 'http://H.test/m/', 'https://h.test/m'])
    for (const address of ['https://h.test/m', 'https://h.test/m/'])
      assert.throws(() => check(to, address), /circle/, to);
  for (const to of ['https://other.test/m/a', 'https://h.test/a', 'https://h.test/m2/', 'https://h.test/m/b'])
    assert.doesNotThrow(() => check(to, 'https://h.test/m'), to);
});

test('a circle is found whatever hangs on it, and nothing else is one', () => {
  const edges = fc.uniqueArray(fc.tuple(fc.nat(12), fc.nat(14)), { selector: ([from]) => from, maxLength: 13 });
  fc.assert(
    fc.property(edges, (pairs) => {
      const next = new Map(pairs);
      const isCircle = pairs.some(([from]) => {
        let at: number | undefined = from;
        for (let hops = 0; at !== undefined && hops < 20; hops += 1) at = next.get(at);
        return at !== undefined;
      });
      const check = () => redirectsOf(pairs.map(([from, to]) => [`/${from}`, `/${to}`]));
      if (isCircle) assert.throws(check, (error) => error instanceof UsageError && /circle/.test(error.message));
      else check();
    }),
  );
});

test('wrong redirects are told in one error, at most 20 of them by name', () => {
  const pairs = Array.from({ length: 25 }, (_, index): Pair => [`/a${index}`, 'nowhere']);
  assert.throws(
    () => redirectsOf(pairs),
    ({ message }: Error) =>
      /^25 redirects cannot be:\n {2}r\[0\]: /.test(message) && /r\[19\].*\n {2}and 5 more$/s.test(message),
  );
});

const REFUSED: readonly (readonly [from: string, to: string, message: RegExp])[] = [
  ['https://a.example/x', '/b', /which is a URL/],
  ['/a?b', '/c', /with a query/],
  ['/a#b', '/c', /with a fragment/],
  ['/a/*', '/c', /with "\*"/],
  ['/:a', '/c', /with ":a"/],
  ['/%ff', '/c', /percent-encoded UTF-8/],
  ['//a', '/c', /begins with "\/"/],
  ['/a//b', '/c', /empty segment/],
  ['/a/%2e%2e/b', '/c', /segment "\.\."/],
  ['/a', '//evil.example', /another host/],
  ['/a', '/\\evil.example', /another host/],
  ['/a', 'javascript:alert(1)', /neither a path/],
  ['/a', 'https://', /no URL/],
  ['/a', 'https://me:secret@example.com/', /user name or a password/],
  ['/a', '/b\nc', /control character/],
  ['/a', '/50%', /percent-encoded UTF-8.*/],
  ['/a', '/m%FCll', /percent-encoded UTF-8/],
  ['/a', `https://example.com/${'x'.repeat(2048)}`, /characters/],
];

for (const [from, to, message] of REFUSED)
  test(`from ${from} to ${to.slice(0, 40)} is refused: ${message.source}`, () => {
    assert.throws(() => redirectsOf([[from, to]]), message);
    assert.throws(
      () => redirectsOf([[from, to]]),
      (error: Error) => !error.message.includes('secret'),
    );
  });
