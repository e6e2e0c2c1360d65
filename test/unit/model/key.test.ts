import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.js';
import { keyProblem, normalizePrefix, parseBucket } from '../../../src/model/key.js';
import { compareKeys, justBelow, utf16Disagrees } from '../../../src/model/key-order.js';
import { anyCharacter } from '../../support/characters.js';
import { runs } from '../../support/runs.js';

const character = fc.oneof(
  fc.constantFrom(
    ...'ab~/.- !0',
    '\u0001',
    '\u007f',
    '\u00a0',
    'é',
    '漢',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{20000}',
    '😀',
  ),
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 1 }),
);
const keys = fc.array(character, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
const pairs = fc
  .tuple(keys, keys, keys)
  .chain(([head, a, b]) => fc.constantFrom([head + a, head + b], [a, b], [head, head + a]));

const bytes = (a = '', b = ''): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test('Keys are compared as their UTF-8 bytes', () => {
  assert.deepEqual(['a/x', 'a.b', 'a', 'a-b', 'B'].sort(compareKeys), ['B', 'a', 'a-b', 'a.b', 'a/x']);
  assert.ok(compareKeys('\uffff', '😀') < 0);
  assert.equal(compareKeys('same', 'same'), 0);
  fc.assert(fc.property(pairs, ([a = '', b = '']) => assert.equal(Math.sign(compareKeys(a, b)), bytes(a, b))));
});

test('where UTF-16 order differs is known', () => {
  assert.ok(utf16Disagrees('x\uffee', 'x😀'));
  assert.ok(!utf16Disagrees('a', 'a'));
  fc.assert(
    fc.property(pairs, ([a = '', b = '']) => {
      const units = a < b ? -1 : a > b ? 1 : 0;
      assert.equal(utf16Disagrees(a, b), units !== bytes(a, b));
    }),
  );
});

test('A start-after value just below a key, by example', () => {
  const rows: [key: string, expected: string | undefined][] = [
    ['img/b', 'img/a~'],
    ['img/b/', 'img/b.~'],
    ['a0', 'a/~'],
    ['a/0', 'a/.~'],
    ['a/ ', 'a.~'],
    // MinIO refuses a segment that is `.` once white space is trimmed.
    ['a/. 0', 'a/. .~'],
    ['a/. /x', 'a/. /w~'],
    ['a ', 'a'],
    [' ', undefined],
    ['', undefined],
    ['x\u{10000}', 'x\ud7ff~'],
    ['x\u00a0', 'x~~'],
    ['x😀', 'x\u{1f5ff}~'],
    ['x\ue000', undefined],
    ['\uffffx', undefined],
    ['x\u0007y', undefined],
    ['x\ud800', undefined],
    ['0', '.~'],
    [`${'k'.repeat(1023)}b`, `${'k'.repeat(1023)}a`],
    [`${'k'.repeat(1022)}/0`, `${'k'.repeat(1022)}/-`],
  ];
  for (const [key, expected] of rows) assert.equal(justBelow(key), expected, key);
  assert.equal(justBelow('site/b', 'site/'), 'site/a~');
  assert.equal(justBelow('site/ ', 'site/'), undefined, 'a value outside the prefix lists nothing on some servers');
});

test('A start-after value skips nothing in UTF-8 or UTF-16 order, and can be sent', () => {
  fc.assert(
    fc.property(pairs, ([key = '', other = '']) => {
      const value = justBelow(key);
      if (value === undefined) return;
      assert.ok(compareKeys(value, key) < 0);
      assert.ok(value < key);
      if (compareKeys(other, key) >= 0) assert.ok(other > value && compareKeys(other, value) > 0);
      assert.doesNotMatch(value, /[\p{Cc}\p{Cs}\ue000-\uffff]|\/$/u);
      if (keyProblem(key) === undefined) assert.equal(keyProblem(value), undefined);
    }),
    runs(1000),
  );
});

test('Start-after values have few keys between', () => {
  for (const key of ['site/b', 'a/z/index.html', 'v10', 'x0', '😀a']) {
    const value = justBelow(key) ?? '';
    assert.ok(compareKeys(value, key.slice(0, -1)) > 0, key);
    assert.ok(compareKeys(`${value.slice(0, -1)}/deep/file.txt`, value) < 0, `${key}: a whole folder lies between`);
  }
});

test('Keys that S3 or a file tree cannot have are named', () => {
  const good = [
    'a',
    'a/b',
    '.x',
    '..x',
    '...',
    'a/.../b',
    'a b+%#&',
    '漢字/é',
    '😀',
    'x\u0001',
    'k'.repeat(1024),
    '\\',
  ];
  for (const key of good) assert.equal(keyProblem(key), undefined, key);
  const bad: [key: string, code: string, message: RegExp][] = [
    ['', 'InvalidKey', /empty/],
    ['/a', 'InvalidKey', /begins with "\/"/],
    ['/', 'InvalidKey', /begins with/],
    ['a/', 'InvalidKey', /ends in/],
    ['a//b', 'InvalidKey', /empty segment/],
    ['.', 'InvalidKey', /segment "\."/],
    ['a/../b', 'InvalidKey', /segment "\.\."/],
    ['a/.', 'InvalidKey', /segment "\."/],
    ['a\0b', 'InvalidKey', /U\+0000/],
    ['a\ud800', 'InvalidKey', /well-formed/],
    ['a\udc00b', 'InvalidKey', /well-formed/],
    ['\ud800\ud800', 'InvalidKey', /well-formed/],
    ['k'.repeat(1025), 'KeyTooLong', /1,025 bytes/],
    ['é'.repeat(513), 'KeyTooLong', /1,026 bytes/],
    ['😀'.repeat(257), 'KeyTooLong', /1,028 bytes/],
    ['漢'.repeat(342), 'KeyTooLong', /1,026 bytes/],
  ];
  for (const [key, code, message] of bad) {
    const problem = keyProblem(key);
    assert.equal(problem?.code, code, key);
    assert.match(problem?.message ?? '', message);
  }
  assert.equal(keyProblem('漢'.repeat(341)), undefined);
});

test('The length of keys is counted in UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 300, maxLength: 700 }), (text) => {
      const key = text.replace(/[/.\0]/g, 'x');
      assert.equal(keyProblem(key)?.code === 'KeyTooLong', Buffer.byteLength(key) > 1024);
    }),
  );
});

test('Prefixes end in exactly one slash', () => {
  const rows = [
    ['', ''],
    ['/', ''],
    ['site', 'site/'],
    ['site/', 'site/'],
    ['/site', 'site/'],
    ['a b/é', 'a b/é/'],
    ['.well-known', '.well-known/'],
  ] as const;
  for (const [prefix, expected] of rows) assert.equal(normalizePrefix(prefix), expected);
  for (const prefix of ['a/../b', './a', '.', 'a/..', '//', 'a//b', '//a', 'a//', '/a//b/']) {
    assert.throws(
      () => normalizePrefix(prefix),
      (error) => error instanceof UsageError && error.message.includes(JSON.stringify(prefix)),
    );
  }
  assert.throws(() => normalizePrefix('x//y'), /The prefix "x\/\/y" holds an empty segment/);
  assert.throws(() => normalizePrefix('s3://bucket/x'), UsageError);
  assert.throws(() => normalizePrefix('a\0'), UsageError);
  assert.throws(() => normalizePrefix('k'.repeat(2000)), UsageError);
});

test('Buckets are names, s3:// addresses or access points', () => {
  const arn = 'arn:aws:s3:eu-west-1:123456789012:accesspoint/my-point';
  const outpost = 'arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-0123/accesspoint/my-point';
  const multiRegion = 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap';
  const rows: [text: string, bucket: string, prefix: string][] = [
    ['my-site', 'my-site', ''],
    ['s3://my-site', 'my-site', ''],
    ['s3://my-site/', 'my-site', ''],
    ['S3://my-site/docs', 'my-site', 'docs/'],
    ['s3://my-site/a/b/', 'my-site', 'a/b/'],
    ['Old_Bucket.eu', 'Old_Bucket.eu', ''],
    [arn, arn, ''],
    [`s3://${arn}`, arn, ''],
    [`s3://${arn}/docs/v1`, arn, 'docs/v1/'],
    [outpost, outpost, ''],
    [`s3://${outpost}/x`, outpost, 'x/'],
    [multiRegion, multiRegion, ''],
  ];
  for (const [text, bucket, prefix] of rows) assert.deepEqual(parseBucket(text), { bucket, prefix }, text);
});

test('Text that names no bucket is quoted, with the fix', () => {
  const rows: [text: string, hint: RegExp][] = [
    ['', /s3:\/\/name/],
    ['s3://', /s3:\/\/name/],
    ['s3:///docs', /3 to 255/],
    ['my site', /3 to 255/],
    ['my-site\n', /3 to 255/],
    ['ab', /3 to 255/],
    ['my-site/docs', /Write s3:\/\/my-site\/docs/],
    ['s3:/my-site', /Write s3:\/\/my-site\.$/],
    ['https://my-site.s3.amazonaws.com', /^Write s3:\/\/my-site; AWS needs no endpointUrl\.$/],
    ['my-site.s3.eu-west-1.amazonaws.com', /^Write s3:\/\/my-site\.$/],
    ['s3://my-site.s3.amazonaws.com/docs', /^Write s3:\/\/my-site\/docs\.$/],
    ['https://example.com', /s3:\/\/BUCKET; .*endpointUrl/],
    ['s3://my-site//docs', /write s3:\/\/my-site\/docs\. Only a copy/],
    ['s3://my-site/x//y', /write s3:\/\/my-site\/x\/y\./],
    ['s3://my-site/docs//', /write s3:\/\/my-site\/docs\./],
    ['s3://my-site//', /write s3:\/\/my-site\./],
    ['arn:aws:s3:::my-site', /my-site\./],
    ['s3://my-site/../x', /relative/],
  ];
  for (const [text, hint] of rows) {
    assert.throws(
      () => parseBucket(text),
      (error) => {
        assert.ok(error instanceof UsageError);
        if (!text.includes('..')) assert.ok(error.message.includes(JSON.stringify(text)), error.message);
        assert.match(error.hint ?? '', hint);
        return true;
      },
      text,
    );
  }
});
