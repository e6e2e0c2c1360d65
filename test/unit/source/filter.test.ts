import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.js';
import { createFilter, type FilterOptions } from '../../../src/source/filter.js';
import { globMatcher } from '../../../src/source/globs/glob.js';
import { runs } from '../../support/runs.js';

type Rules = Omit<FilterOptions, 'hidden'>;

function kept(rules: Rules, paths: readonly string[], hidden = true): string[] {
  return paths.filter(createFilter({ ...rules, hidden }).takes);
}

test('Globs match as the documentation says', () => {
  const rows: [pattern: string, matching: string[], other: string[]][] = [
    ['*.map', ['a.map', '.map', '.x.map', 'a/b.map', 'a.map/x'], ['a.MAP', 'a.map.js']],
    [
      'node_modules',
      ['node_modules', 'node_modules/a/b', 'x/node_modules/y'],
      ['node_modules2/a', 'a/node_modules.js'],
    ],
    ['/node_modules', ['node_modules/a'], ['x/node_modules/y']],
    ['./dist', ['dist/a'], ['x/dist/y']],
    ['node_modules/', ['node_modules/a', 'x/node_modules/y'], ['node_modules', 'x/node_modules']],
    ['docs/private', ['docs/private', 'docs/private/x/y'], ['x/docs/private', 'docs/private2']],
    ['docs//private', ['docs/private'], []],
    ['docs/private/', ['docs/private/x'], ['docs/private']],
    ['a/*', ['a/b', 'a/b/c'], ['a', 'x/a/b']],
    ['a/*.js', ['a/b.js', 'a/.js'], ['a/b/c.js']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a/c']],
    ['a/**/', ['a/b/c'], ['a', 'a/b']],
    ['a/**/*.js', ['a/b.js', 'a/b/c/d.js'], ['b.js', 'a/b.css']],
    ['a/**/b', ['a/b', 'a/x/y/b', 'a/x/b/c'], ['a/xb', 'b']],
    ['**', ['a', 'a/b', '.x/y'], []],
    ['**/**', ['a', 'a/b'], []],
    ['/**', ['a', 'a/b'], []],
    ['*/', ['a/b', 'a/b/c'], ['a']],
    ['/*.txt', ['a.txt'], ['a/b.txt']],
    ['**/*.map', ['a.map', 'a/b.map'], ['a.js']],
    ['**/tmp/**', ['tmp/a', 'x/tmp/a/b'], ['tmp', 'x/tmp']],
    ['**/a/b', ['a/b', 'x/a/b', 'x/a/b/c'], ['a/x/b']],
    ['?.js', ['a.js', '漢.js', '😀.js', 'd/b.js'], ['ab.js', '.js']],
    ['*.{js,css}', ['a.js', 'd/a.css'], ['a.{js,css}2']],
    ['{a,b/c}/x', ['a/x', 'b/c/x/y'], ['b/x', 'z/a/x']],
    ['{a,b/c}', ['a', 'b/c/d'], ['x/a', 'b']],
    ['p{8..11}.html', ['p8.html', 'p10.html', 'p11.html'], ['p1.html', 'p7.html', 'p12.html']],
    ['p{08..10}', ['p08', 'p09', 'p10'], ['p8', 'p010']],
    ['{a..c}{0..4..2}', ['a0', 'c4'], ['d0', 'a1']],
    ['{-1..1}', ['-1', '0', '1'], ['2']],
    ['[ab].js', ['a.js'], ['c.js']],
    ['[!ab].js', ['c.js'], ['a.js']],
    ['[^ab].js', ['c.js'], ['b.js']],
    ['[]x].js', ['].js', 'x.js'], ['a.js']],
    ['[[:digit:]]+.js', ['1+.js'], ['11.js', 'a.js']],
    ['[a-c]*', ['abc', 'b', 'cx/y'], ['dx']],
    ['@(a|b).js', ['a.js', 'b.js'], ['ab.js']],
    ['!(a).js', ['b.js'], ['a.js']],
    ['+(ab)', ['ab', 'abab'], ['aba']],
    ['foo (1).txt', ['foo (1).txt'], ['foo 1.txt']],
    ['* (1).txt', ['foo (1).txt'], ['foo 1.txt']],
    ['(group)/*.html', ['(group)/a.html'], ['group/a.html']],
    ['[id]/page.html', ['[id]/page.html'], []],
    ['[...slug]/[a-b].html', ['[...slug]/[a-b].html'], []],
    ['[id].html', ['[id].html', 'i.html'], ['x.html']],
    ['a|b', ['a|b'], ['a', 'b']],
    ['*|b', ['a|b'], ['a', 'b']],
    ['"a"*', ['"a"b'], ['ab']],
    ['a+b.$^.js', ['a+b.$^.js'], ['aab.js']],
    ['\\*.js', ['*.js'], ['a.js']],
    ['\\!x', ['!x'], ['x']],
    ['#a', ['#a'], []],
    ['a\nb/*', ['a\nb/c\nd'], []],
    ['}', ['}'], []],
    ['a)', ['a)'], []],
    ['a(b', ['a(b'], []],
    ['.*', ['.a', 'x/.a', '.a/b'], ['a']],
    ['é', ['é'], ['e\u0301']],
    ['**a', ['xa', 'd/xa'], ['ab']],
  ];
  for (const [pattern, matching, other] of rows) {
    const matches = globMatcher(pattern);
    for (const path of matching) assert.ok(matches(path), `${pattern} matches ${path}`);
    for (const path of other) assert.ok(!matches(path), `${pattern} does not match ${path}`);
  }
});

test('The last match wins, and the first rule decides where there is none', () => {
  const maps = ['a.js', 'b.map', 'keep.map', 'd/keep.map', 'd/c.map'];
  const rows: [rules: Rules, paths: string[], kept: string[]][] = [
    [{}, maps, maps],
    [{ exclude: ['**/*.map', '!keep.map'] }, maps, ['a.js', 'keep.map', 'd/keep.map']],
    [{ exclude: '*.map' }, maps, ['a.js']],
    [{ include: '*.map' }, maps, ['b.map', 'keep.map', 'd/keep.map', 'd/c.map']],
    [{ include: ['*.map'], exclude: ['d'] }, maps, ['b.map', 'keep.map']],
    [{ include: ['*.map', '!keep.map'] }, maps, ['b.map', 'd/c.map']],
    [{ include: ['!*.js'] }, maps, ['b.map', 'keep.map', 'd/keep.map', 'd/c.map']],
    [{ exclude: ['!*.js'] }, maps, ['a.js']],
    [
      { exclude: ['node_modules', '!node_modules/keep'] },
      ['node_modules/a', 'node_modules/keep/b'],
      ['node_modules/keep/b'],
    ],
    [{ exclude: ['!node_modules/keep', 'node_modules'], include: ['**'] }, ['node_modules/keep/b', 'x'], ['x']],
    [{ exclude: ['\\!x'] }, ['!x', 'x'], ['x']],
    [{ exclude: ['!(x)'] }, ['x', 'y'], ['x']],
    [{ exclude: [] }, maps, maps],
  ];
  for (const [rules, paths, expected] of rows) assert.deepEqual(kept(rules, paths), expected, JSON.stringify(rules));
});

test('Directories stay closed where nothing below can be taken', () => {
  const rows: [rules: Rules, open: string[], closed: string[]][] = [
    [{}, ['', 'a', '.well-known'], ['.git', 'a/.svn/b']],
    [{ exclude: ['node_modules'] }, ['a'], ['node_modules', 'a/node_modules', 'a/node_modules/b']],
    [{ exclude: ['node_modules/**'] }, ['a'], ['node_modules']],
    [{ exclude: ['node_modules/'] }, ['a'], ['node_modules']],
    [{ exclude: ['a/*'] }, ['a', 'b/a/c'], ['a/b', 'a/b/c']],
    [{ exclude: ['*.map'] }, ['a'], ['x.map']],
    [{ exclude: ['**'] }, [], ['a', 'a/b']],
    [{ include: ['docs/**'] }, ['', 'docs', 'docs/a/b'], ['src', 'a/docs']],
    [{ include: ['docs/api/*.html'] }, ['docs', 'docs/api'], ['docs/x', 'docs/api/x', 'src']],
    [{ include: ['*.html'] }, ['a', 'a/b/c'], []],
    [{ include: ['*.html'], exclude: ['node_modules'] }, ['a'], ['node_modules', 'a/node_modules']],
    [{ include: ['/*.html'] }, [''], ['a', 'a/b']],
    [{ include: ['a/*/c'] }, ['a', 'a/b', 'a/b/c', 'a/b/c/d'], ['a/b/x', 'b']],
    [{ include: ['a/**/c'] }, ['a', 'a/x/y/z'], ['b']],
    [{ include: ['{a,b/c}/x'] }, ['a', 'b', 'b/c', 'zzz'], []],
    [{ exclude: ['a', '!a/b/c'] }, ['a', 'a/b', 'a/b/c'], ['a/x', 'a/b/x']],
    [{ exclude: ['!a/b/c', 'a'] }, [], ['a', 'a/b', 'a/b/c']],
  ];
  for (const [rules, open, closed] of rows) {
    const { opens } = createFilter({ ...rules, hidden: true });
    for (const directory of open) assert.ok(opens(directory), `${JSON.stringify(rules)} opens ${directory}`);
    for (const directory of closed) assert.ok(!opens(directory), `${JSON.stringify(rules)} does not open ${directory}`);
  }
});

test('Junk is never taken, dot files are unless hidden is off', () => {
  const junk = [
    '.git/config',
    'a/.git',
    '.svn/x',
    '.hg/x',
    '.DS_Store',
    'a/.DS_Store',
    'Thumbs.db',
    'a/desktop.ini',
    '._a',
    'a/._b/c',
  ];
  const dots = ['.well-known/security.txt', '.htaccess', 'a/.b/c', '.gitignore', '.github/x'];
  const plain = ['a', 'a.git/b', 'xThumbs.db', 'a/_.b', 'git/.../..'.slice(0, 3)];
  assert.deepEqual(kept({}, [...junk, ...dots, ...plain]), [...dots, ...plain]);
  assert.deepEqual(kept({ include: ['**', '.git'] }, [...junk, ...dots, ...plain]), [...dots, ...plain]);
  assert.deepEqual(kept({}, [...junk, ...dots, ...plain], false), plain);
  const { opens } = createFilter({ hidden: false });
  assert.deepEqual(['.well-known', 'a/.b', 'a'].filter(opens), ['a']);
});

test('An invalid glob is named', () => {
  const rows: [pattern: string, why: RegExp][] = [
    ['', /empty/],
    ['  ', /empty/],
    ['/', /names nothing/],
    ['./', /names nothing/],
    ['a/../b', /"\.\."/],
    ['../a', /"\.\."/],
    ['a/./b', /"\."/],
    ['[ab', /"\[" is not closed/],
    ['{a,b', /"\{" is not closed/],
    ['@(a|b', /"\(" is not closed/],
    ['[z-a]', /out of order/],
    ['docs\\private', /escapes nothing/],
    ['a\\', /escapes nothing/],
    ['{1..99999}', /10,000/],
    ['a'.repeat(70_000), /length/],
  ];
  for (const [pattern, why] of rows) {
    assert.throws(
      () => createFilter({ exclude: ['ok', pattern], hidden: true }),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.ok(error.message.startsWith(`exclude: The glob ${JSON.stringify(pattern)}`), error.message);
        assert.match(error.message, why);
        return true;
      },
      pattern,
    );
  }
  assert.throws(() => createFilter({ include: ['!!a'], hidden: true }), UsageError);
  assert.throws(() => createFilter({ include: [5 as unknown as string], hidden: true }), UsageError);
  assert.throws(() => globMatcher('!a'), UsageError);
});

const name = fc.constantFrom('a', 'b', 'ab', 'b.c', '.a', '[ab]', '[.-.]', '(a)', 'a|b');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const segment = fc.constantFrom(
  'a',
  'b',
  '*',
  '**',
  '?',
  'a*',
  '*.c',
  '[ab]',
  '[!a]',
  '{a,b}',
  '{a,b/a}',
  '@(a|b)',
  '!(a)',
  '+(a|b)',
  '(a)',
  '**a',
  '{a,**}',
  '.a',
  '\\*',
  'a|b',
);
const pattern = fc
  .tuple(fc.constantFrom('', '', '/'), fc.array(segment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '/'))
  .map(([start, segments, end]) => start + segments.join('/') + end);
const excludes = fc.array(
  fc
    .tuple(fc.constantFrom('', '!'), pattern)
    .map(([flip, glob]) => (flip === '' && glob.startsWith('!(') ? glob : flip + glob)),
);

test('A closed directory never holds a file that is taken', () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 2 }),
      excludes,
      fc.array(path, { minLength: 1, maxLength: 30 }),
      fc.boolean(),
      (include, exclude, paths, hidden) => {
        const filter = createFilter({ include, exclude, hidden });
        for (const file of paths) {
          if (!filter.takes(file)) continue;
          for (let slash = file.lastIndexOf('/'); slash > 0; slash = file.lastIndexOf('/', slash - 1)) {
            assert.ok(filter.opens(file.slice(0, slash)), `${file} is taken, ${file.slice(0, slash)} is closed`);
          }
        }
      },
    ),
    runs(300),
  );
});

test('The filter agrees with trying every rule in order', () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 2 }),
      excludes,
      fc.array(path, { minLength: 1, maxLength: 10 }),
      (include, exclude, paths) => {
        const entries = [
          ...include.map((glob) => ({ take: true, glob })),
          ...exclude.map((glob) => ({ take: false, glob })),
        ].map(({ take, glob }) => {
          const flipped = /^!(?!\()/.test(glob);
          return { take: take !== flipped, matches: globMatcher(flipped ? glob.slice(1) : glob) };
        });
        const filter = createFilter({ include, exclude, hidden: true });
        for (const file of paths) {
          const last = entries.findLast(({ matches }) => matches(file));
          assert.equal(filter.takes(file), last?.take ?? entries[0]?.take !== true, file);
        }
      },
    ),
  );
});

test('every path that a filter takes begins with one of its heads', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'é'), minLength: 1, maxLength: 2 });
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const glob = fc.array(fc.oneof(name, fc.constantFrom('*', '**', 'a*', '?', '{a,b}', '[ab]', '@(a|b)')), {
    minLength: 1,
    maxLength: 4,
  });
  const globs = fc.array(
    fc
      .tuple(fc.constantFrom('', '/', '!'), glob, fc.constantFrom('', '/'))
      .map(([head, parts, tail]) => head + parts.join('/') + tail),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(globs, globs, fc.boolean(), fc.array(path, { maxLength: 20 }), (include, exclude, both, paths) => {
      let filter: ReturnType<typeof createFilter>;
      try {
        filter = createFilter({ include, exclude: both ? exclude : [], hidden: true, junk: true });
      } catch {
        return;
      }
      const { heads } = filter;
      if (heads === undefined) return;
      for (const one of paths)
        if (filter.takes(one))
          assert.ok(
            heads.some((head) => one.startsWith(head)),
            `${one} of ${include.join(' ')}`,
          );
    }),
    runs(1_000),
  );
});

for (const [include, heads] of [
  [['docs/**'], ['docs/']],
  [
    ['docs/a*.html', '/img/x/**', 'docs/b/**'],
    ['docs/', 'img/x/'],
  ],
  [['docs/index.html'], ['docs/']],
  [['*.html', 'docs/**'], undefined],
  [['/a*'], undefined],
  [['**/docs/**'], undefined],
  [['{a,b}/c/**'], undefined],
] as const)
  test(`includes ${include.join(' ')} begin with ${heads?.join(' ') ?? 'anything'}`, () => {
    assert.deepEqual(createFilter({ include, hidden: true }).heads, heads);
  });
