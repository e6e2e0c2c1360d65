import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../../src/model/key-order.js';
import { nameWatch } from '../../../src/source/names.js';

function watch(keys: readonly string[], ordered: boolean): string {
  const names = nameWatch(ordered);
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
    assert.match(text, /3 keys have accents.*NFD.*"cafe\u0301\/x"/);
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
