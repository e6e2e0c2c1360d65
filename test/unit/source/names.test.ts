import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../../src/model/key-order.js';
import { namesSourceMaps, nameWatch } from '../../../src/source/names.js';

function watch(keys: readonly string[], ordered: boolean, sourceMaps = false): string {
  const names = nameWatch(ordered, sourceMaps);
  for (const key of keys) names.see(key);
  const onFiles = names.fileServerWarning();
  return [...names.warnings(), ...(onFiles === undefined ? [] : [onFiles])].map(([, text]) => String(text)).join('\n');
}

test('plain names are no reason for a warning', () => {
  for (const ordered of [true, false])
    assert.equal(watch(['a', 'a-b', 'a.html', 'ab/c', 'd/e', 'd/é', '漢字', '😀'], ordered), '');
});

test('decomposed names are counted with an example, and two names of one composed form are named', () => {
  const keys = ['cafe\u0301/x', 'cafe\u0301/y', 'caf\u00e9/x', '\u1112\u1161\u11ab'];
  for (const ordered of [true, false]) {
    const text = watch(keys, ordered);
    assert.match(
      text,
      /^1 key looks the same as another one but has other bytes, for example "cafe\u0301\/x" and "caf\u00e9\/x"/,
    );
    assert.match(text, /3 keys have accents.*NFD.*"cafe\u0301\/x".*Set normalize: 'nfc', or rename/);
  }
});

test('a key that is also a folder is found in any order', () => {
  const keys = ['about', 'about-us', 'about.html', 'about/history/1900', 'about/team.html', 'c/d', 'c/d/e'];
  for (const [order, ordered] of [
    [keys, true],
    [keys, false],
    [keys.toReversed(), false],
  ] as const)
    assert.match(watch(order, ordered), /keys are also a folder.*"(?:about|c\/d)" and "(?:about|c\/d)\//);
});

test('keys in order are compared as those in any order are', () => {
  const key = fc
    .array(fc.constantFrom('a', 'b', 'a-', 'a.'), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 12 }), (keys) => {
      const sorted = [...keys].sort(compareKeys);
      const shadowed = keys.some((file) => keys.some((other) => other.startsWith(`${file}/`)));
      assert.equal(watch(sorted, true) !== '', shadowed);
      assert.equal(watch(keys, false) !== '', shadowed);
    }),
  );
});

test('keys that differ only by case are named, also beyond ASCII, and along with those that only look the same', () => {
  const keys = ['About.html', 'README', 'a/B', 'a/b', 'about.html', 'readme.md', '\u00c9t\u00e9', '\u00e9t\u00e9'];
  for (const ordered of [true, false]) {
    const text = watch(keys, ordered);
    assert.match(text, /^3 keys differ from another one only by case, for example "a\/B" and "a\/b"/);
    const both = watch(['A', 'a', 'e\u0301', '\u00e9'], ordered);
    assert.match(both, /^1 key looks the same.* 1 key differs from another one only by case, for example "A" and "a"/);
    assert.match(both, /Rename one of them\.\n1 key has accents/);
  }
});

test('property: keys that differ only by case are found in ascending order as in any other', () => {
  const key = fc.string({ unit: fc.constantFrom(...'aAbBz/-\u00e9\u00c9'), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 12 }), (keys) => {
      const folds = new Set(keys.map((one) => one.toLowerCase()));
      const expected = keys.length - folds.size;
      const count = (text: string): number => Number(/(\d+) keys? differs? /.exec(text)?.[1] ?? 0);
      assert.equal(count(watch(keys, false)), expected);
      assert.equal(count(watch([...keys].sort(compareKeys), true)), expected);
    }),
  );
});

test('source maps are counted with an example, other maps are not, and none where they are no reason for a warning', () => {
  const keys = ['a.css.map', 'a.js.map', 'b.mjs.map', 'c.cjs.map', 'site.map', 'world.geo.map', 'x.js'];
  assert.match(
    watch(keys, true, true),
    /^4 source maps are among the files, for example "a\.css\.map".*exclude "\*\.map"/,
  );
  assert.match(watch(['a.js.map'], true, true), /^1 source map is .*warnSourceMaps: false/);
  assert.equal(watch(keys, true), '');
  assert.equal(watch(['site.map', 'map', 'js.map'], true, true), '');
});

test('who includes source maps, or has a rule for them, knows of them', () => {
  for (const options of [
    { include: '*.map' },
    { include: ['*.js', '*.js.map'] },
    { include: '*.{js,map}' },
    { exclude: ['*.map', '!app.js.map'] },
    { rules: [{ match: ['*.css', '*.map'] }] },
  ])
    assert.equal(namesSourceMaps(options), true, JSON.stringify(options));
  for (const options of [
    {},
    { include: '**' },
    { include: 'sitemap.xml' },
    { exclude: '*.css.map' },
    { rules: [{ match: '*.css.map', skip: true }] },
  ])
    assert.equal(namesSourceMaps(options), false, JSON.stringify(options));
});

test('files of other hosts are named once, with the option that reads them', () => {
  const watch = nameWatch(true, false, ['_redirects', '_headers']);
  for (const key of ['_headers', 'a_redirects', 'docs/_headers', 'docs/_redirects', 'x_headers']) watch.see(key);
  assert.deepEqual(
    watch.warnings().map(([code, message]) => [code, String(message)]),
    [
      [
        'unread-headers',
        '"_headers" is among the files, and S3 does nothing with it but show it to visitors. Name it by headersFile, or leave it out by exclude.',
      ],
      [
        'unread-redirects',
        '"docs/_redirects" is among the files, and S3 does nothing with it but show it to visitors. Name it by redirectsFile, or leave it out by exclude.',
      ],
    ],
  );
  const silent = nameWatch(true, false, ['_headers']);
  silent.see('_redirects');
  assert.deepEqual(silent.warnings(), []);
});
