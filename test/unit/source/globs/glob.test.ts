import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { UsageError } from '../../../../src/errors.js';
import { compileGlob, globMatcher } from '../../../../src/source/globs/glob.js';
import { runs } from '../../../support/runs.js';

const names = fc.stringMatching(/^[ab.1-]{1,5}$/).filter((name) => !/^\.+$/.test(name));
const paths = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const plain = fc.constantFrom('a', 'b', '.', '-', '1', '*', '*', '?', '[ab]', '[!a]', '[a-b.]');
// A dot in braces, and a named class anywhere, mean something else to picomatch.
const inBraces = fc.constantFrom('a', 'b', '-', '1', '*', '?', '[ab]', '[!a]');
const piece = fc.oneof(
  { weight: 4, arbitrary: plain },
  fc
    .array(fc.array(inBraces, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 3 })
    .map((parts) => `{${parts.map((part) => part.join('')).join()}}`),
  fc
    .tuple(
      fc.constantFrom('@', '?'),
      fc.uniqueArray(fc.constantFrom('a', 'b', '-', 'ab'), { minLength: 1, maxLength: 3 }),
    )
    .map(([kind, parts]) => `${kind}(${parts.join('|')})`),
  fc.constantFrom('{1..3}', '{a..b}'),
);
const segments = fc.oneof(
  { weight: 1, arbitrary: fc.constant('**') },
  {
    weight: 4,
    arbitrary: fc
      .array(piece, { minLength: 1, maxLength: 4 })
      .map((pieces) => pieces.join(''))
      // Stars side by side, dots alone, a leading extended glob and a name that may be empty mean other things to picomatch than to shells.
      .filter((segment) => !/\*\*|[*}]\(|\)\?|^\.{1,2}$|^[?+*@]\(/.test(segment) && !mayBeEmpty(segment)),
  },
);

/** Whether a segment with groups matches nothing at all. */
function mayBeEmpty(segment: string): boolean {
  return /[({]/.test(segment) && compileGlob(`x/y${segment}`).matchesFile('x/y');
}

test('small globs match as picomatch does', () => {
  // Its shortcuts for common globs differ from its own rules: by them `**/*.*` does not match `a.`.
  const shortcuts = { fastpaths: false };
  const options = { dot: true, nonegate: true, posix: true, regex: false, windows: false, ...shortcuts } as const;
  fc.assert(
    fc.property(
      fc.array(segments, { minLength: 2, maxLength: 4 }).filter((parts) => parts.at(-1) !== '**'),
      fc.array(paths, { minLength: 1, maxLength: 20 }),
      (parts, tried) => {
        const pattern = parts.join('/');
        const glob = compileGlob(pattern);
        const range = pattern.replaceAll('{1..3}', '{1,2,3}').replaceAll('{a..b}', '{a,b}');
        const peer = picomatch(range, options);
        for (const path of tried) assert.equal(glob.matchesFile(path), peer(path), `${pattern} on ${path}`);
      },
    ),
    runs(2_000),
  );
});

/** Work for one path, in steps per character of the path and per character of the glob. */
function cost(pattern: string, path: string): number {
  const glob = compileGlob(pattern);
  glob.matchesFile(path);
  return glob.steps / ((path.length + 1) * (pattern.length + 1));
}

for (const [pattern, path] of [
  ['*-*-*-*-*.map', '-'.repeat(250)],
  ['*a*a*a*a*b', 'a'.repeat(200)],
  [`${'*a'.repeat(40)}b`, 'a'.repeat(4_000)],
  ['**/**/**/**/**/b', `${'a/'.repeat(500)}a`],
  [`${'**/*a/'.repeat(20)}b`, `${'aa/'.repeat(500)}a`],
  ['+(a|aa)b', 'a'.repeat(2_000)],
  ['*(*(*(*(a))))b', 'a'.repeat(2_000)],
  ['+(+(+(a|b)*|?)*)b', 'a'.repeat(2_000)],
  ['{a,aa,aaa,*}{a,aa,aaa,*}{a,aa,aaa,*}b', 'a'.repeat(2_000)],
  [`${'?(a)'.repeat(100)}${'a'.repeat(100)}`, 'a'.repeat(1_000)],
  ['[!b][!b]*[!b]*[!b]*b', 'a'.repeat(2_000)],
  [`*a${'?'.repeat(60)}`, 'ab'.repeat(1_000)],
  ['@(*a*|*a*a*|*a*a*a*)b', 'a'.repeat(2_000)],
  ['!(b)*!(b)*!(b)b', 'a'.repeat(2_000)],
  ['!(a|aa)*b', 'a'.repeat(2_000)],
] as const)
  test(`the glob ${pattern.slice(0, 40)} takes few steps for a path of ${path.length} characters`, () => {
    assert.equal(compileGlob(pattern).matchesFile(path), false);
    assert.ok(cost(pattern, path) < 8, String(cost(pattern, path)));
  });

test('no glob of stars, sets, braces and extended globs takes more steps than its length times that of the path', () => {
  const atom = fc.constantFrom('a', 'b', '*', '*', '?', '[ab]', '[!b]', '**');
  const nasty = fc
    .letrec<{ one: string; many: string }>((tie) => ({
      one: fc.oneof(
        { maxDepth: 3 },
        atom,
        fc
          .tuple(fc.constantFrom('@', '?', '+', '*'), fc.array(tie('many'), { minLength: 1, maxLength: 3 }))
          .map(([kind, parts]) => `${kind}(${parts.join('|')})`),
        fc.array(tie('many'), { minLength: 2, maxLength: 3 }).map((parts) => `{${parts.join()}}`),
      ),
      many: fc.array(tie('one'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
    }))
    .many.filter((pattern) => pattern.length <= 60);
  const path = fc
    .tuple(fc.constantFrom('a', 'ab', 'a/', 'aa/b'), fc.integer({ min: 1, max: 150 }), fc.constantFrom('', 'c', 'b'))
    .map(([part, times, end]) => `${part.repeat(times)}${end}`.replace(/\/$/, ''));
  fc.assert(
    fc.property(nasty, path, (pattern, tried) => {
      let glob: ReturnType<typeof compileGlob>;
      try {
        glob = compileGlob(pattern);
      } catch (error) {
        assert.ok(error instanceof UsageError);
        return;
      }
      glob.matchesFile(tried);
      const most = 8 * (tried.length + 1) * (pattern.length + 1) * (pattern.includes('{') ? 8 : 1);
      assert.ok(glob.steps <= most, `${pattern} took ${glob.steps} steps for ${tried.length} characters`);
    }),
    runs(500),
  );
});

test('a glob that is used again takes a step for each character', () => {
  const glob = compileGlob('*-*-*.map');
  glob.matchesFile('a-b-c.map');
  const before = glob.steps;
  glob.matchesFile('a-b-c.map');
  assert.equal(glob.steps - before, 9);
});

test('a glob that forgets what it remembered matches the same', () => {
  const glob = compileGlob('*[!a]?(b)!(x*)c');
  const letters = Array.from({ length: 12_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
  for (const letter of letters) assert.equal(glob.matchesFile(`${letter}bc`), true, letter);
  assert.equal(glob.matchesFile('ac'), false);
});

test('extended globs exclude as in Bash: what stands in their place is none of the alternatives', () => {
  const rows: [pattern: string, matching: string[], other: string[]][] = [
    ['!(a).js', ['b.js', 'ab.js', 'aa.js', '.js', '😀.js'], ['a.js', 'a.ts']],
    ['!(*.map)', ['a.js', 'map', 'a.map.js'], ['a.map', '.map']],
    ['!(a|b)', ['ab', 'c'], ['a', 'b']],
    ['a!(b)c', ['ac', 'abbc', 'axc'], ['abc', 'ab']],
    ['!(a)*', ['a', 'b'], []],
    ['!(a)b!(c)', ['b', 'xbx', 'abb'], ['abc', 'ab']],
    ['*.!(map|ts)', ['a.js', 'a.map.js', 'x.'], ['a.map', 'a.ts', 'js']],
    ['!(node_modules)/**', ['src/a', 'src/a/b'], ['node_modules/a', 'node_modules/a/b', 'x']],
    // It matches the folder `a`, and so everything below it.
    ['!(a/b)', ['a/b', 'x'], []],
    ['!(a/b)/c', ['a/c', 'x/y/c'], ['a/b/c']],
    ['src/!(*.test).js', ['src/a.js'], ['src/a.test.js', 'src/a/b.js']],
    ['+(a|b)', ['a', 'abba'], ['', 'abc']],
    ['a?(b)c', ['ac', 'abc'], ['abbc']],
    ['a*(b|c)d', ['ad', 'abcbd'], ['aed']],
    ['@(a/b|c)', ['a/b', 'c', 'c/x'], ['a', 'x/c']],
    ['@(**|x)/b', ['a/b', 'a/c/b', 'x/b'], ['b']],
    ['@(a(b)|c)d', ['a(b)d', 'cd'], ['abd']],
  ];
  for (const [pattern, matching, other] of rows) {
    const matches = globMatcher(pattern);
    for (const path of matching) assert.ok(matches(path), `${pattern} matches ${path}`);
    for (const path of other) assert.ok(!matches(path), `${pattern} does not match ${path}`);
  }
});

test('braces are what a shell makes of them, also across folders', () => {
  const rows: [pattern: string, matching: string[], other: string[]][] = [
    ['{a,**}/b', ['a/b', 'b', 'x/y/b'], ['a/c']],
    ['x/{a,b/**}/c', ['x/a/c', 'x/b/c', 'x/b/y/z/c'], ['x/c', 'x/y/c']],
    ['a{,/b}/c', ['a/c', 'a/b/c'], ['ab/c']],
    ['{a,{b,c/d}}e', ['ae', 'be', 'c/de'], ['ce', 'x/ae']],
    ['{a,b,}c', ['ac', 'bc', 'c'], ['dc']],
    ['{a}', ['{a}'], ['a']],
    ['{}x', ['{}x'], ['x']],
    ['{*}', ['{}', '{ab}'], ['ab']],
    ['{a..c,x}', ['a..c', 'x'], ['b']],
    ['{/a,b/c}', ['a', 'b/c'], ['x/a']],
    ['{a/,b/c/}', ['a/x', 'b/c/x'], ['a', 'b/x']],
    ['[[:alpha:][:digit:]_]x', ['ax', '1x', '_x'], ['-x']],
    ['[![:space:]]', ['a', '😀'], [' ']],
    ['[😀-😂]', ['😁'], ['a', '😃']],
    ['[a\\]]', ['a', ']'], ['\\']],
    ['[\\!a]', ['!', 'a'], ['b']],
    ['a[!x]b', ['ayb'], ['a/b', 'axb']],
  ];
  for (const [pattern, matching, other] of rows) {
    const matches = globMatcher(pattern);
    for (const path of matching) assert.ok(matches(path), `${pattern} matches ${path}`);
    for (const path of other) assert.ok(!matches(path), `${pattern} does not match ${path}`);
  }
});

for (const [pattern, why] of [
  ['{1..1000000}', /10,000 members/],
  [`{1..10000}${'{1..10000}'.repeat(5)}`, /expands to more than 100000/],
  ['{a/b,c}'.repeat(20), /expand to more than 1000 globs/],
  [`${'{a,'.repeat(200)}b${'}'.repeat(200)}`, /32 deep/],
  ['@('.repeat(10_000), /32 deep/],
  [`${'{'.repeat(50)}a${'}'.repeat(50)}`, /32 deep/],
  [`{${'**,'.repeat(2_000)}}`, /1000 alternatives/],
  ['{a..bb}', /not a range/],
  ['{1..9..0}', /not a range/],
  ['{99999999999999999999..1}', /not a range/],
  ['!(a!(b))', /inside of another/],
  ['[[:nothing:]]', /no class \[:nothing:\].*/],
  ['[z-a]', /out of order/],
  ['a\\/', /escapes nothing/],
  ['{../a,b/c}', /segment "\.\."/],
] as const)
  test(`the glob ${pattern.slice(0, 30)} is refused`, () => {
    assert.throws(
      () => compileGlob(pattern),
      (error) => error instanceof UsageError && why.test(error.message),
    );
  });

test('a glob of many slashes is read in linear time', () => {
  for (const pattern of [
    `${'/'.repeat(60_000)}a${'/'.repeat(5_000)}`,
    `a${'\\\\'.repeat(30_000)}/`,
    `${'./'.repeat(30_000)}a`,
  ])
    assert.equal(typeof compileGlob(pattern).matchesFile('a'), 'boolean');
});
