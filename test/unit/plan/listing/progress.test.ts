import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listingProgress, MOST_EMPTY_PAGES } from '../../../../src/plan/listing/progress.js';

/** Takes pages of keys, each a word of one-letter keys; returns the keys that are new, and why the listing ends. */
function follow(pages: readonly string[]): { readonly keys: string; readonly why: string | undefined } {
  const progress = listingProgress();
  let keys = '';
  for (const page of pages) {
    const fresh = progress({ objects: [...page].map((key) => ({ key })), continuationToken: 'next' });
    if (typeof fresh === 'string') return { keys, why: fresh };
    keys += fresh.map(({ key }) => key).join('');
  }
  return { keys, why: undefined };
}

const twice = (key: string) => `"${key}" is listed twice`;

const ROWS: readonly (readonly [pages: readonly string[], keys: string, why: string | undefined])[] = [
  [['abc', 'def', '', 'g'], 'abcdefg', undefined],
  [['bca', 'fde'], 'bcafde', undefined],
  [['c', 'b', 'a'], 'cba', undefined],
  // A page begins with the end of the one before.
  [['abc', 'cde', 'ef'], 'abcdef', undefined],
  [['abc', 'bcd'], 'abcd', undefined],
  [['a', 'ab', 'bc'], 'abc', undefined],
  // The same page, a part of it, a shorter cycle, a longer one, and one whose pages differ.
  [['abc', 'abc'], 'abc', twice('a')],
  [['abc', 'bc'], 'abc', twice('b')],
  [['a', 'a'], 'a', twice('a')],
  [['abc', 'def', 'abc'], 'abcdef', twice('a')],
  [['ba', 'dc', 'fe', 'ba'], 'badcfe', twice('b')],
  [['abc', 'def', 'gab'], 'abcdef', twice('a')],
  // A key twice on one page.
  [['aaaaaaaaa'], '', twice('a')],
  [['abca'], '', twice('a')],
];
for (const [pages, keys, why] of ROWS)
  test(`pages ${JSON.stringify(pages)} give ${keys || 'nothing'} and ${why ?? 'go on'}`, () => {
    assert.deepEqual(follow(pages), { keys, why });
  });

test('a thousand empty pages in a row are the most, and the last page may be empty', () => {
  const empty = Array.from({ length: MOST_EMPTY_PAGES }, () => '');
  assert.equal(follow(['a', ...empty, 'b', ...empty, 'c']).why, undefined);
  assert.equal(follow(['a', ...empty, '']).why, '1,000 pages in a row are empty');
  const progress = listingProgress();
  for (const _ of [...empty, '']) assert.deepEqual(progress({ objects: [], continuationToken: undefined }), []);
});

test('whatever the order and the pages, each key is given once, and a listing that goes round ends within two rounds', () => {
  const listing = fc.record({
    keys: fc.uniqueArray(fc.integer({ min: 0x61, max: 0x2000 }), { minLength: 1, maxLength: 60 }),
    size: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(listing, ({ keys, size }) => {
      const all = String.fromCharCode(...keys);
      const pagesOf = (text: string) => text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'gu')) ?? [];
      assert.deepEqual(follow(pagesOf(all)), { keys: all, why: undefined });
      const round = follow(pagesOf(all.repeat(2 + 2 * size)));
      assert.match(round.why ?? '', /is listed twice/);
      assert.ok(round.keys.length <= 2 * all.length + 2 * size, `${round.keys.length} of ${all.length}`);
    }),
  );
});
