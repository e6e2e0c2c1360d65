import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Behavior, Distribution, Origin } from '../../../src/cloudfront/distribution.js';
import { encodePath, firstPath, givenPath, invalidationPaths } from '../../../src/cloudfront/paths.js';

const own = (path = ''): Origin => ({ id: 'own', path, bucket: 'own' });
const DEFAULT: Behavior = { targets: ['own'], varies: false };
const distribution = (more: Partial<Distribution> = {}): Distribution => ({
  rootObject: undefined,
  origins: [own()],
  behaviors: [DEFAULT],
  missing: [],
  ...more,
});

test('a key is its URL, and a page is each spelling of its URL', () => {
  const rows: readonly (readonly [key: string, paths: readonly string[]])[] = [
    ['app.js', ['/app.js']],
    ['index.html', ['/index.html', '/']],
    ['docs/index.html', ['/docs/index.html', '/docs/', '/docs']],
    ['docs/index.htm', ['/docs/index.htm', '/docs/', '/docs']],
    ['docs/', ['/docs/', '/docs/index.html', '/docs']],
    ['about.html', ['/about.html', '/about', '/about/']],
    ['about', ['/about', '/about/']],
    ['v1.2/about', ['/v1.2/about', '/v1.2/about/']],
    ['.html', ['/.html']],
    ['home.txt', ['/home.txt']],
  ];
  for (const [key, paths] of rows) {
    assert.deepEqual(invalidationPaths(key, undefined), paths);
    assert.deepEqual(invalidationPaths(key, distribution()), paths);
  }
});

test('the default root object is the root too', () => {
  assert.deepEqual(invalidationPaths('home.txt', distribution({ rootObject: 'home.txt' })), ['/home.txt', '/']);
  assert.deepEqual(invalidationPaths('docs/home.txt', distribution({ rootObject: 'home.txt' })), ['/docs/home.txt']);
});

test('a path is encoded once, as browsers do', () => {
  const rows: readonly (readonly [key: string, path: string])[] = [
    ['a b.css', '/a%20b.css'],
    ['ü.css', '/%C3%BC.css'],
    ['50%.css', '/50%25.css'],
    ['a%20b.css', '/a%2520b.css'],
    ['a*.css', '/a%2A.css'],
    ['a?b#c.css', '/a%3Fb%23c.css'],
    ["~!$&'(),;=:@.css", "/~!$&'(),;=:@.css"],
    ['[x]{y}|^`<>"\\.css', '/%5Bx%5D%7By%7D%7C%5E%60%3C%3E%22%5C.css'],
    ['\ud800.css', '/%EF%BF%BD.css'],
    ['/a.css', '//a.css'],
  ];
  for (const [key, path] of rows) assert.deepEqual(invalidationPaths(key, undefined), [path]);
  assert.equal(encodePath('/ü/*'), '/%C3%BC/%2A');
});

test('a plus has both spellings, because S3 needs the encoded one', () => {
  assert.deepEqual(invalidationPaths('c++.css', undefined), ['/c++.css', '/c%2B%2B.css']);
});

test('a path of the user is encoded only where it must be, and keeps its wildcard', () => {
  assert.equal(givenPath('/a%20b/*'), '/a%20b/*');
  assert.equal(givenPath('/a b/ü*'), '/a%20b/%C3%BC*');
  assert.equal(givenPath('/ſ'), '/%C5%BF');
  assert.equal(givenPath('docs/*'), '/docs/*');
  assert.equal(givenPath('/100%/c#/*'), '/100%25/c%23/*');
  assert.equal(givenPath('/%zz%e2%82%AC'), '/%25zz%e2%82%AC');
  assert.equal(givenPath('/\ud800/*'), '/%EF%BF%BD/*');
});

test('every origin path leads to a key, and one that does not is no URL of it', () => {
  const both = distribution({ origins: [own('/live'), own(), own('/live/docs'), own('/liv')] });
  assert.deepEqual(invalidationPaths('live/docs/a.css', both), ['/docs/a.css', '/live/docs/a.css', '/a.css']);
  assert.equal(firstPath('live/docs/a.css', both), '/docs/a.css');
  assert.deepEqual(invalidationPaths('other/a.css', distribution({ origins: [own('/live')] })), []);
  assert.equal(firstPath('other/a.css', distribution({ origins: [own('/live')] })), undefined);
});

test('another bucket has none of the keys, and an origin without a bucket has what its behaviors send to it', () => {
  const origins: readonly Origin[] = [
    own('/live'),
    { id: 'other', path: '', bucket: 'other' },
    { id: 'api', path: '', bucket: 'unknown' },
  ];
  const behaviors: readonly Behavior[] = [{ pattern: '/live/api/*', targets: ['api'], varies: false }, DEFAULT];
  const of = (key: string): readonly string[] => invalidationPaths(key, distribution({ origins, behaviors }));
  assert.deepEqual(of('live/a.css'), ['/a.css']);
  assert.deepEqual(of('live/api/a.css'), ['/api/a.css', '/live/api/a.css']);
});

test('a behavior that keeps copies of a URL has a wildcard, by the first pattern that matches', () => {
  const behaviors: readonly Behavior[] = [
    { pattern: '*.jpg', targets: ['own'], varies: false },
    { pattern: '/img/?.*', targets: ['own'], varies: true },
    { pattern: 'docs/*', targets: ['own'], varies: true },
    DEFAULT,
  ];
  const of = (key: string): readonly string[] => invalidationPaths(key, distribution({ behaviors }));
  assert.deepEqual(of('img/a.jpg'), ['/img/a.jpg']);
  assert.deepEqual(of('img/a.png'), ['/img/a.png*']);
  assert.deepEqual(of('img/ab.png'), ['/img/ab.png']);
  assert.deepEqual(of('docs/a.css'), ['/docs/a.css*']);
  assert.deepEqual(of('a.css'), ['/a.css']);
});
