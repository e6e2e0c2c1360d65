import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../../src/model/key-order.js';
import { sourceDigest } from '../../../src/shards/digest.js';
import type { Entry } from '../../../src/source/types.js';

interface File {
  readonly key: string;
  readonly content: string;
}

const isPage = ({ key }: Pick<Entry, 'key'>): boolean => key.endsWith('.html');

function digestOf(files: readonly File[], ordered: boolean, pagesFirst = false): string {
  const digest = sourceDigest(ordered, isPage);
  const entries = files.map(({ key, content }) => ({ key, size: Buffer.byteLength(content) }) as Entry);
  for (const entry of entries) digest.see(entry);
  const read = files.map(({ content }, at) => ({ content, entry: entries[at] as Entry }));
  for (const { content, entry } of pagesFirst ? read.toReversed() : read) {
    if (!digest.pages.wants(entry)) continue;
    const reader = digest.pages.reader(entry);
    for (const byte of Buffer.from(content)) reader.write(Buffer.from([byte]));
    reader.end();
  }
  return digest.end();
}

const SITE: readonly File[] = [
  { key: 'a.css', content: 'a' },
  { key: 'a:1\n.html', content: 'page' },
  { key: 'index.html', content: 'index' },
  { key: '你好.html', content: '' },
];

const DIGEST = '616305e2970d62a7c933e53419a1d3db322981388bac6a207a9bedd7372fefc0';

test('the digest never changes, so that jobs of two versions work together', () => {
  assert.equal(digestOf(SITE, true), DIGEST);
});

test('it depends on keys, sizes and pages, and not on the contents of other files or on any order', () => {
  const whole = digestOf(SITE, true);
  const changed = (key: string, change: Partial<File>): readonly File[] =>
    SITE.map((file) => (file.key === key ? { ...file, ...change } : file));
  assert.equal(digestOf(changed('a.css', { content: 'b' }), true), whole);
  assert.notEqual(digestOf(changed('a.css', { content: 'ab' }), true), whole);
  assert.notEqual(digestOf(changed('a.css', { key: 'b.css' }), true), whole);
  assert.notEqual(digestOf(changed('index.html', { content: 'INDEX' }), true), whole);
  assert.notEqual(digestOf(SITE.slice(1), true), whole);
  assert.equal(digestOf(SITE.toReversed(), false, true), whole);
});

test('two sources with other names never have one digest, whatever the names hold', () => {
  const name = fc.string({ unit: fc.constantFrom('a', ':', '\n', '1', '.html', 'é'), minLength: 1, maxLength: 6 });
  const source = fc
    .uniqueArray(name, { maxLength: 5 })
    .map((keys) => keys.toSorted(compareKeys).map((key) => ({ key, content: 'x' })));
  fc.assert(
    fc.property(source, source, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      assert.equal(digestOf(one, true) === digestOf(other, true), same);
      assert.equal(digestOf(one.toReversed(), false), digestOf(one, true));
    }),
  );
});
