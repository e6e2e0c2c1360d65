import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createFilter } from '../../../src/source/filter.js';
import { slipIn, unmatchedWarning } from '../../../src/source/filter-slips.js';
import { compileGlob } from '../../../src/source/globs/glob.js';

describe('the likely slip in a glob that matched nothing', () => {
  const rows: readonly (readonly [pattern: string, why: RegExp, write: readonly string[]])[] = [
    [`'*.map'`, /quotes/, ['*.map']],
    ['"*.map"', /quotes/, ['*.map']],
    [`'*.map`, /quotes/, ['*.map']],
    ['“*.map”', /quotes/, ['*.map']],
    [`'!keep.map'`, /quotes/, ['!keep.map']],
    ['*.map,*.txt', /A "," does not separate/, ['*.map', '*.txt']],
    ['*.map, *.txt', /A "," does not separate/, ['*.map', '*.txt']],
    ['*.map;*.txt', /A ";" does not separate/, ['*.map', '*.txt']],
    ['*.map|*.txt', /A "\|" does not separate/, ['*.map', '*.txt']],
    ['*.map *.txt', /A blank does not separate/, ['*.map', '*.txt']],
    ['*.map\n*.txt\n', /A blank does not separate/, ['*.map', '*.txt']],
    [`'*.map','*.txt'`, /A "," does not separate/, ['*.map', '*.txt']],
    ['["*.map", "*.txt"]', /JSON/, ['*.map', '*.txt']],
    ['- *.map', /YAML/, ['*.map']],
    [`- '*.map'`, /YAML/, ['*.map']],
    [' *.map', /blanks around/, ['*.map']],
    ['*.map ', /blanks around/, ['*.map']],
    ['dist/**', /relative to the source "\.\/build\/dist\/"/, ['**']],
    ['build/dist/*.map', /relative to the source/, ['*.map']],
    ['./build/dist/js/*.map', /relative to the source/, ['js/*.map']],
    ['/dist', /relative to the source/, ['**']],
    [`'dist/*.map'`, /quotes/, ['*.map']],
    ['./js/*.map', /"\/" at its beginning/, ['js/*.map']],
    ['/app.js', /"\/" at its beginning/, ['app.js']],
    ['js\\*.map', /separated by "\/"/, ['js/*.map']],
    ['app.js/', /folders only/, ['app.js']],
    ['.*\\.map$', /regular expression/, ['*.map']],
    ['^assets/.*', /regular expression/, ['assets/*']],
  ];
  for (const [pattern, why, write] of rows) {
    test(`${JSON.stringify(pattern)} shows one`, () => {
      const slip = slipIn(pattern, ['./build/dist/']);
      assert.match(slip?.why ?? '', why);
      assert.deepEqual(slip?.write, write);
    });
  }

  for (const pattern of [
    '*.map',
    '!(a).map',
    '*.{map,txt}',
    '@(a|b).js',
    'Smith, John.pdf',
    'My Documents/*.pdf',
    'docs/**',
    '[a, b].txt',
    'distribution/x',
    '.env.*',
    "it's.txt",
    'app.*.js',
  ]) {
    test(`${JSON.stringify(pattern)} shows none`, () => {
      assert.equal(slipIn(pattern, ['dist', '.', '/', '..']), undefined);
    });
  }

  test('any text is judged without an error, and what is to be written is never empty', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'\'"`,;| \t\n-!*./\\[]^$a') })),
        fc.array(fc.string()),
        (pattern, sources) => {
          for (const glob of slipIn(pattern, sources)?.write ?? []) assert.notEqual(glob, '');
        },
      ),
    );
  });
});

describe('the warning', () => {
  const filter = (exclude: readonly string[], include?: readonly string[]) =>
    createFilter({ exclude, ...(include !== undefined && { include }), hidden: true });

  test('names each option with its glob, and what to write', () => {
    const names = filter(["'*.map'", '*.txt', '*.md'], ['**', '*.htm']);
    names.takes('a.md');
    const [code, message] = unmatchedWarning(names, ['dist']) ?? [];
    assert.equal(code, 'filter-unmatched');
    assert.equal(
      String(message),
      `include "*.htm" matched nothing. exclude "'*.map'" matched nothing. The quotes are part of it: write *.map. exclude "*.txt" matched nothing.`,
    );
  });

  test('names what is taken back in without its "!", which the command line has put there', () => {
    const names = filter(["!'keep.map'", '!(a).js']);
    const [, message] = unmatchedWarning(names, []) ?? [];
    assert.equal(
      String(message),
      `The glob "'keep.map'" of include or exclude matched nothing. The quotes are part of it: write keep.map. exclude "!(a).js" matched nothing.`,
    );
  });

  test('is absent where all matched, and where there are no globs', () => {
    const names = filter(['*.map']);
    names.takes('js/a.map');
    assert.equal(unmatchedWarning(names, ['dist']), undefined);
    assert.equal(unmatchedWarning(createFilter({ hidden: true }), ['dist']), undefined);
  });

  test('says which folders were not looked into', () => {
    const names = filter(['node_modules', '*.txt']);
    assert.equal(names.opens('node_modules'), false);
    const [, message] = unmatchedWarning(names, ['.']) ?? [];
    assert.match(String(message), /"\*\.txt" matched nothing\. Folders .*"node_modules\/", were not looked into\.$/);
  });

  test('shows at most five', () => {
    const names = filter(Array.from({ length: 7 }, (_, index) => `*.x${index}`));
    const [, message] = unmatchedWarning(names, []) ?? [];
    assert.match(String(message), /"\*\.x4" matched nothing\. 2 more entries matched nothing\.$/);
  });
});

describe('what counts as matched', () => {
  interface Row {
    readonly include?: readonly string[];
    readonly exclude?: readonly string[];
    /** Directories end in `/`. */
    readonly walk: readonly string[];
    readonly hidden?: boolean;
    readonly unmatched: readonly string[];
  }
  const rows: Readonly<Record<string, Row>> = {
    'an entry that decides about a file': { exclude: ['*.map'], walk: ['a.map'], unmatched: [] },
    'an entry that takes a folder without files': { include: ['docs'], walk: ['docs/'], unmatched: [] },
    'an entry that a later one overrides': {
      exclude: ['a.map', '*.map', '!a.map'],
      walk: ['a.map'],
      unmatched: [],
    },
    'an include whose files are all excluded': { include: ['*.map'], exclude: ['**'], walk: ['a.map'], unmatched: [] },
    'a folder in an archive, which is never opened': { exclude: ['docs'], walk: ['docs/a', 'b'], unmatched: [] },
    'a folder in an archive before a later entry': { include: ['docs', '**'], walk: ['docs/a'], unmatched: [] },
    'an exclude of junk, which is left out anyway': {
      exclude: ['.git', '.DS_Store'],
      walk: ['.git/', '.DS_Store'],
      unmatched: [],
    },
    'an exclude of hidden files that are left out anyway': {
      exclude: ['.env*'],
      hidden: false,
      walk: ['.env'],
      unmatched: [],
    },
    'a place below a folder that is not opened': {
      exclude: ['node_modules', 'node_modules/x/*.map', 'src/*.map'],
      walk: ['node_modules/', 'a.js'],
      unmatched: ['src/*.map'],
    },
    'a place below junk': { exclude: ['.git/hooks/*.sample'], walk: ['.git/', 'a'], unmatched: [] },
    'not an entry for another place': { exclude: ['a/*.map'], walk: ['a/', 'b/', 'b/x.map'], unmatched: ['a/*.map'] },
    'not an include that only leads the way to a folder': {
      include: ['docs/*.html', '*.js'],
      walk: ['docs/', 'docs/a.md', 'a.js'],
      unmatched: ['docs/*.html'],
    },
    'not a negated entry without its file': { exclude: ['*.map', '!x.map'], walk: ['a.map'], unmatched: ['!x.map'] },
  };
  for (const [name, { include, exclude, walk, hidden = true, unmatched }] of Object.entries(rows)) {
    test(name, () => {
      const filter = createFilter({ include, exclude, hidden });
      for (const path of walk) {
        if (path.endsWith('/')) filter.opens(path.slice(0, -1));
        else filter.takes(path);
      }
      assert.deepEqual(
        filter.unmatched?.().entries.map(({ pattern }) => pattern),
        unmatched,
      );
    });
  }

  test('property: an entry is unmatched only if its glob alone matches no path and no folder above one', () => {
    const glob = fc.constantFrom('*.a', 'x', 'x/**', 'y/*.a', '**', '!x/y', '!*.b', 'z/', '?', 'x/y/z.a');
    const path = fc
      .array(fc.constantFrom('x', 'y', 'z', 'z.a', 'q.b'), { minLength: 1, maxLength: 4 })
      .map((names) => names.join('/'));
    fc.assert(
      fc.property(fc.array(glob), fc.array(glob), fc.array(path), (include, exclude, paths) => {
        const filter = createFilter({ include, exclude, hidden: true });
        for (const one of paths) filter.takes(one);
        const matches = (pattern: string): boolean => {
          const compiled = compileGlob(pattern.replace(/^!/, ''));
          return paths.some((one) => {
            const folders = [...one.matchAll(/\//g)].map(({ index }) => one.slice(0, index));
            return compiled.matchesFile(one) || folders.some((folder) => compiled.matchesDirectory(folder));
          });
        };
        const expected = [...include, ...exclude].filter((pattern) => !matches(pattern));
        assert.deepEqual(
          (filter.unmatched?.().entries ?? []).map(({ pattern }) => pattern),
          expected,
        );
      }),
    );
  });
});
