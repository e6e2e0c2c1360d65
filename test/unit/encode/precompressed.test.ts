import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compressedCopy, isBetter } from '../../../src/encode/precompressed.js';

const copies: readonly (readonly [path: string, copy: string | undefined])[] = [
  ['app.js.br', 'app.js in br'],
  ['app.js.gz', 'app.js in gzip'],
  ['app.js.zst', 'app.js in zstd'],
  ['a/b.d/index.html.br', 'a/b.d/index.html in br'],
  ['font.ttf.gz', 'font.ttf in gzip'],
  ['app.js.map.gz', 'app.js.map in gzip'],
  ['app.js', undefined],
  ['app.js.BR', undefined],
  ['app.js.xz', undefined],
  ['backup.tar.gz', undefined],
  ['backup.tar.zst', undefined],
  ['backup.tgz', undefined],
  ['disk.img.gz', undefined],
  ['photo.png.gz', undefined],
  ['font.woff2.br', undefined],
  ['app.js.br.gz', undefined],
  ['LICENSE.gz', undefined],
  ['.gz', undefined],
  ['a/.gz', undefined],
  ['sitemap.xml.gz', undefined],
  ['docs/robots.txt.br', undefined],
  ['feed.xml.gz', undefined],
  ['.well-known/security.txt.gz', undefined],
];

for (const [path, expected] of copies)
  test(`${path} is ${expected ?? 'no copy'}`, () => {
    const copy = compressedCopy(path);
    assert.equal(copy === undefined ? undefined : `${copy.plain} in ${copy.encoding}`, expected);
  });

test('br is better than gzip, and gzip than zstd', () => {
  assert.deepEqual(
    (['zstd', 'br', 'gzip'] as const).toSorted((one, other) => (isBetter(one, other) ? -1 : 1)),
    ['br', 'gzip', 'zstd'],
  );
});
