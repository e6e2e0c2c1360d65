import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldPaths } from '../../../src/cloudfront/fold.js';
import { invalidationPaths } from '../../../src/cloudfront/paths.js';
import { runs } from '../../support/runs.js';

const covers = (paths: readonly string[], url: string): boolean =>
  paths.some((path) => (path.endsWith('*') ? url.startsWith(path.slice(0, -1)) : url === path));

test('few paths stay as they are', () => {
  assert.deepEqual(foldPaths(['/b', '/a', '/a'], ['/c'], 2), ['/a', '/b']);
  assert.deepEqual(foldPaths([], ['/c'], 1), []);
  assert.deepEqual(foldPaths(['/a/b', '/a*', '/c'], [], 2), ['/a*', '/c']);
});

test('the wildcard that covers the fewest unchanged keys comes first', () => {
  const changed = ['/a/1', '/a/2', '/b/1', '/b/2', '/c'];
  assert.deepEqual(foldPaths(changed, ['/a/3', '/a/4'], 4), ['/a/1', '/a/2', '/b/*', '/c']);
  assert.deepEqual(foldPaths(changed, ['/b/3', '/b/4', '/a/x'], 4), ['/a/*', '/b/1', '/b/2', '/c']);
  assert.deepEqual(foldPaths(changed, ['/a/3', '/a/4', '/d'], 3), ['/a/*', '/b/*', '/c']);
  assert.deepEqual(foldPaths(changed, ['/a/3', '/a/4', '/d'], 1), ['/*']);
});

test('where nothing else is covered, one wildcard takes all', () => {
  assert.deepEqual(foldPaths(['/docs', '/docs/', '/docs/a', '/e', '/f'], ['/g'], 3), ['/docs*', '/e', '/f']);
  assert.deepEqual(foldPaths(['/app/1', '/app/2'], [], 1), ['/app/*']);
});

test('a wildcard never ends within a character', () => {
  const paths = ['ä', 'ü', '字', '孙', '😀', '😁', '%', '*'].map(
    (name) => invalidationPaths(`${name}.css`, undefined)[0] ?? '',
  );
  for (let most = 1; most <= paths.length; most += 1)
    for (const path of foldPaths(paths, [], most))
      assert.doesNotThrow(() => decodeURIComponent(path.replace(/\*$/, '')), path);
});

const segment = fc.oneof(
  fc.constantFrom('a', 'ab', 'b', 'index.html', 'x y', 'ü', 'üü', '字', '😀', '*', '+', '%', '%20', 'img', '~'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }).filter((name) => !/[/\p{C}]/u.test(name)),
);
const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
const keys = fc.uniqueArray(key, { maxLength: 60 });

test('every changed URL is covered by the folded paths, which are few, well encoded, and end in at most one wildcard', () => {
  fc.assert(
    fc.property(keys, keys, fc.integer({ min: 1, max: 20 }), fc.boolean(), (changed, others, most, varies) => {
      const urls = changed.flatMap((one) => invalidationPaths(one, undefined));
      const given = urls.map((url, index) => (varies && index % 3 === 0 ? `${url}*` : url));
      const unchanged = others.flatMap((one) => invalidationPaths(one, undefined).slice(0, 1));
      const folded = foldPaths(given, unchanged, most);
      for (const url of urls) assert.ok(covers(folded, url), `${url} is not among ${folded.join(' ')}`);
      for (const url of given.filter((one) => one.endsWith('*')).map((one) => `${one.slice(0, -1)}?q=1`))
        assert.ok(covers(folded, url), url);
      assert.ok(folded.length <= most);
      assert.equal(new Set(folded).size, folded.length);
      for (const path of folded) {
        assert.match(path, /^\/[!-~]*$/);
        assert.doesNotMatch(path, /\*.|%(?![0-9A-F]{2})/);
        assert.doesNotThrow(() => decodeURIComponent(path.replace(/\*$/, '')));
      }
      // Nothing is folded where there is room.
      if (new Set(given).size <= most) assert.ok(folded.every((path) => given.includes(path)));
    }),
    runs(500),
  );
});

test('a fold of 100,000 changes among 100,000 keys ends', () => {
  const changed = Array.from({ length: 100_000 }, (_, index) => `/${index % 997}/${index}.html`);
  const unchanged = Array.from({ length: 100_000 }, (_, index) => `/${index % 991}/x${index}.html`);
  const folded = foldPaths(changed, unchanged, 100);
  assert.ok(folded.length <= 100);
  for (const url of changed) assert.ok(covers(folded, url));
});
