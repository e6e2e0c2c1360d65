import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cutEnd, keyCuts, pathsOfCleanKey } from '../../../src/source/clean-urls.js';

/** The keys of a file below the prefix: its own, and that of its folder. */
function keysOf(path: string, urls: 'html' | 'index' | 'both' | false | undefined): readonly string[] {
  const { own, folder } = keyCuts(path, urls);
  return [cutEnd(path, own), ...(folder > 0 ? [cutEnd(path, folder)] : [])];
}

const TABLE: readonly (readonly [
  path: string,
  html: readonly string[],
  index: readonly string[],
  both: readonly string[],
])[] = [
  ['about.html', ['about'], ['about.html'], ['about']],
  ['docs/a.b.htm', ['docs/a.b'], ['docs/a.b.htm'], ['docs/a.b']],
  ['style.css.html', ['style.css'], ['style.css.html'], ['style.css']],
  ['docs/index.html', ['docs/index.html'], ['docs/index.html', 'docs/'], ['docs/index.html', 'docs/']],
  ['docs/index.htm', ['docs/index.htm'], ['docs/index.htm', 'docs/'], ['docs/index.htm', 'docs/']],
  ['index.html', ['index.html'], ['index.html', ''], ['index.html', '']],
  // Documents that something asks for by their names.
  ...['404.html', 'de/404.html', 'error.html', '403.html', '500.htm', '200.html', 'google0123456789abcdef.html'].map(
    (path) => [path, [path], [path], [path]] as const,
  ),
  ['.well-known/x/y.html', ['.well-known/x/y.html'], ['.well-known/x/y.html'], ['.well-known/x/y.html']],
  // Elsewhere the same names are those of pages.
  ['api/error.html', ['api/error'], ['api/error.html'], ['api/error']],
  ['posts/403.html', ['posts/403'], ['posts/403.html'], ['posts/403']],
  ['450.html', ['450'], ['450.html'], ['450']],
  ['google-analytics.html', ['google-analytics'], ['google-analytics.html'], ['google-analytics']],
  ['my-index.html', ['my-index'], ['my-index.html'], ['my-index']],
  ['index/a.html', ['index/a'], ['index/a.html'], ['index/a']],
  // No key could be made of these.
  ...['.html', 'a/.html', '..html', '...html', 'a/...htm'].map((path) => [path, [path], [path], [path]] as const),
  // Other files, and other spellings, which no server takes for these.
  ...['about', 'a.xhtml', 'a.HTML', 'a.html.gz', 'a.js', 'html', 'docs.html/a.js'].map(
    (path) => [path, [path], [path], [path]] as const,
  ),
  ['Index.html', ['Index'], ['Index.html'], ['Index']],
];

describe('the keys of files by clean URLs', () => {
  for (const [path, html, index, both] of TABLE)
    test(path, () => {
      assert.deepEqual([keysOf(path, 'html'), keysOf(path, 'index'), keysOf(path, 'both')], [html, index, both]);
      assert.deepEqual([keysOf(path, false), keysOf(path, undefined)], [[path], [path]]);
    });

  const segment = fc.oneof(
    fc.constantFrom('index', '404', 'error', 'a', '.', '..', '', 'index.html', '.well-known'),
    fc.string(),
  );
  const path = fc
    .tuple(fc.array(segment, { maxLength: 3 }), segment, fc.constantFrom('.html', '.htm', '', '.js'))
    .map(([above, name, ending]) => [...above, name + ending].join('/'));
  const urls = fc.constantFrom('html' as const, 'index' as const, 'both' as const, false as const, undefined);

  test('lead back to the paths: those that filters see', () => {
    fc.assert(
      fc.property(path, urls, (one, kind) => {
        for (const key of keysOf(one, kind))
          assert.ok(key === one || pathsOfCleanKey(key, () => kind).includes(one), `${one} → ${key}`);
      }),
    );
  });

  test('are those of all paths that a key leads back to', () => {
    fc.assert(
      fc.property(path, urls, (key, kind) => {
        for (const one of pathsOfCleanKey(key, () => kind)) assert.ok(keysOf(one, kind).includes(key));
      }),
    );
  });

  test('never end in a segment that a URL would lose', () => {
    fc.assert(
      fc.property(path, urls, (one, kind) => {
        const [own = ''] = keysOf(one, kind);
        if (own !== one) assert.doesNotMatch(own, /(?:^|\/)\.{0,2}$/);
      }),
    );
  });

  test('are decided for each path by itself', () => {
    const kindOf = (one: string): 'html' | 'index' => (one.startsWith('blog/') ? 'html' : 'index');
    assert.deepEqual(pathsOfCleanKey('blog/a', kindOf), ['blog/a.html', 'blog/a.htm']);
    assert.deepEqual(pathsOfCleanKey('a', kindOf), []);
    assert.deepEqual(pathsOfCleanKey('docs/', kindOf), ['docs/index.html', 'docs/index.htm']);
    assert.deepEqual(pathsOfCleanKey('blog/', kindOf), []);
    assert.deepEqual(pathsOfCleanKey('', kindOf), ['index.html', 'index.htm']);
  });
});
