import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.js';
import { compareKeys } from '../../../src/model/key-order.js';
import { copyPaths, type Selection } from '../../../src/plan/copy-paths.js';

interface Given {
  readonly source?: string;
  readonly destination?: string;
  readonly keys?: readonly (string | { readonly key: string; readonly versionId: string })[];
  readonly prefixes?: readonly string[];
}

function places({ source = 's3://src', destination = 's3://dst', keys, prefixes }: Given) {
  const all = keys?.map((one) => (typeof one === 'string' ? { key: one, versionId: undefined } : one));
  return copyPaths({ source, destination, keys: all, prefixes });
}

/** What a key of the source becomes; undefined where it is not selected. */
function becomes(given: Given, key: string): string | undefined {
  const { selections, base, prefix } = places(given);
  const taken = selections.some((one) => (one.kind === 'key' ? one.key === key : key.startsWith(one.prefix)));
  return taken ? prefix + key.slice(base.length) : undefined;
}

const KEY = 'folder-001/test-001';

for (const [source, destination, key, expected] of [
  ['s3://src', 's3://dst', KEY, KEY],
  ['s3://src', 's3://dst/foo', KEY, `foo/${KEY}`],
  ['s3://src/folder-001', 's3://dst', KEY, KEY],
  ['s3://src/folder-001/*', 's3://dst', KEY, 'test-001'],
  ['s3://src/', 's3://dst/', KEY, KEY],
  ['s3://src/folder-001/', 's3://dst/foo/', KEY, `foo/${KEY}`],
  ['s3://src/folder-001///', 's3://dst/foo//', KEY, `foo/${KEY}`],
  ['s3://src', 's3://dst/x//y', KEY, `x//y/${KEY}`],
  ['s3://src', 's3://dst//docs', KEY, `/docs/${KEY}`],
  ['s3://src/x//y', 's3://dst', 'x//y/z', 'y/z'],
  ['s3://src/x//y', 's3://dst', 'x/y/z', undefined],
  ['s3://src//docs/*', 's3://dst/foo', '/docs/a//b', 'foo/a//b'],
  ['s3://src/*', 's3://dst', KEY, KEY],
  ['s3://src/*', 's3://dst/foo', KEY, `foo/${KEY}`],
  ['s3://src/folder-0*', 's3://dst', KEY, KEY],
  ['s3://src/x/folder-0*', 's3://dst', `x/${KEY}`, KEY],
  ['s3://src/p/q', 's3://dst/r', 'p/q/s/t', 'r/q/s/t'],
  ['s3://src/p/q/*', 's3://dst/r', 'p/q/s/t', 'r/s/t'],
  ['s3://src/p/q*', 's3://dst/r', 'p/q2/s', 'r/q2/s'],
  ['s3://src/folder-001', 's3://dst', 'folder-0012/x', undefined],
  ['s3://src/folder-001', 's3://dst', 'folder-001', undefined],
  ['s3://src/folder-001/*', 's3://dst', 'folder-001', undefined],
  ['s3://src/folder-0*', 's3://dst', 'folder', undefined],
  ['S3://src/p', 's3://dst', 'p/x', 'p/x'],
] as const)
  test(`from ${source} to ${destination}, ${key} becomes ${expected}`, () => {
    assert.equal(becomes({ source, destination }, key), expected);
  });

test('a path without a star falls back to the object of that name, and no other source does', () => {
  const selection = (source: string): Selection | undefined => places({ source }).selections[0];
  assert.deepEqual(selection('s3://src/p/q/'), { kind: 'prefix', prefix: 'p/q/', orKey: 'p/q' });
  assert.deepEqual(selection('s3://src/p/*'), { kind: 'prefix', prefix: 'p/' });
  assert.deepEqual(selection('s3://src'), { kind: 'prefix', prefix: '' });
});

for (const [given, message] of [
  [{ source: 's3://src/p*q' }, 'The source "s3://src/p*q" holds the pattern "*".'],
  [{ source: 's3://src/**' }, 'The source "s3://src/**" holds the pattern "*".'],
  [{ source: 's3://src/p?' }, 'The source "s3://src/p?" holds the pattern "?".'],
  [{ source: 's3://src/[p]*' }, 'The source "s3://src/[p]*" holds the pattern "[".'],
  [{ source: 's3://src/*/' }, 'The source "s3://src/*/" holds the pattern "*".'],
  [{ destination: 's3://dst/*' }, 'The destination "s3://dst/*" holds the pattern "*".'],
  [{ source: './local' }, 'The source "./local" is not a bucket: it must begin with s3://.'],
  [{ destination: '/tmp/x' }, 'The destination "/tmp/x" is not a bucket: it must begin with s3://.'],
  [
    { source: 's3://src/*', keys: ['x'] },
    'The source "s3://src/*" holds a pattern, and keys or prefixes are named as well.',
  ],
  [{ keys: [''] }, 'A key is empty.'],
  [
    { keys: ['x', { key: 'x', versionId: '1' }] },
    'Two versions of the key "x" are named, and both would have one key.',
  ],
  [
    { keys: [{ key: 'p/x', versionId: '1' }], prefixes: ['p/'] },
    'A version of the key "p/x" is named, and the prefix "p/" holds it too.',
  ],
] as const)
  test(`${JSON.stringify(given)} is refused: ${message}`, () => {
    assert.throws(
      () => places(given),
      (error) => error instanceof UsageError && error.message === message,
    );
  });

test('keys and prefixes are relative to the path of the source, which copies do not keep', () => {
  const given = { source: 's3://src/p/', destination: 's3://dst/q', keys: ['x/y', 'z*?'], prefixes: ['2024'] };
  assert.equal(becomes(given, 'p/x/y'), 'q/x/y');
  assert.equal(becomes(given, 'p/z*?'), 'q/z*?');
  assert.equal(becomes(given, 'p/2024-01/a'), 'q/2024-01/a');
  assert.equal(becomes(given, '2024-01/a'), undefined);
  assert.deepEqual(
    places(given).selections.map(({ kind }) => kind),
    ['prefix', 'key', 'key'],
  );
});

test('a key that is named twice, or is below a named prefix, is selected once', () => {
  const { selections } = places({ keys: ['b', 'a/x', 'b', 'a'], prefixes: ['a/', 'a/b', 'a/'] });
  assert.deepEqual(selections, [
    { kind: 'key', key: 'a', versionId: undefined },
    { kind: 'prefix', prefix: 'a/' },
    { kind: 'key', key: 'b', versionId: undefined },
  ]);
});

const name = fc.string({
  unit: fc.constantFrom('a', 'b', '/', 'é', '\u{ffee}', '\u{1f600}'),
  minLength: 1,
  maxLength: 4,
});

test('whatever is named, selections are ascending and disjoint, and take just that', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 6 }), fc.array(name, { maxLength: 6 }), name, (keys, prefixes, probe) => {
      fc.pre(keys.length + prefixes.length > 0);
      const { selections } = places({ keys, prefixes });
      const start = (one: Selection) => (one.kind === 'key' ? one.key : one.prefix);
      for (const [n, one] of selections.entries()) {
        const next = selections[n + 1];
        if (next === undefined) continue;
        assert.ok(compareKeys(start(one), start(next)) < 0);
        if (one.kind === 'prefix') assert.ok(!start(next).startsWith(one.prefix));
      }
      for (const key of [probe, ...keys, ...prefixes]) {
        const taking = selections.filter((one) => (one.kind === 'key' ? one.key === key : key.startsWith(one.prefix)));
        const wanted = keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix));
        assert.equal(taking.length, wanted ? 1 : 0, key);
      }
    }),
  );
});
