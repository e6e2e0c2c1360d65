import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readArgv } from '../../../src/cli/argv.js';
import { filtersFromArgv } from '../../../src/cli/values.js';
import { createFilter } from '../../../src/source/filter.js';

/** `+glob` is an include, `-glob` an exclude. */
function filters(...entries: string[]): ReturnType<typeof filtersFromArgv> {
  const argv = entries.flatMap((entry) => [entry.startsWith('+') ? '--include' : '--exclude', entry.slice(1)]);
  return filtersFromArgv(readArgv(argv).given);
}

describe('the order of argv becomes the two lists of the API', () => {
  const rows: readonly (readonly [readonly string[], unknown])[] = [
    [[], {}],
    [['+a'], { include: ['a'] }],
    [['-a'], { exclude: ['a'] }],
    [['+a', '+b', '-c'], { include: ['a', 'b'], exclude: ['c'] }],
    [['+a', '-b', '+c', '-d'], { include: ['a'], exclude: ['b', '!c', 'd'] }],
    [['-a', '+b'], { exclude: ['a', '!b'] }],
    [['-a', '-!b'], { exclude: ['a', '!b'] }],
    [['-a', '+!b'], { exclude: ['a', 'b'] }],
    [['+!a', '-b'], { include: ['!a'], exclude: ['b'] }],
    [['-a', '+\\!b'], { exclude: ['a', '!\\!b'] }],
    [['-a', '+!(b|c)'], { exclude: ['a', '!!(b|c)'] }],
    [['-a', '+(b)'], { exclude: ['a', '!\\(b)'] }],
  ];
  for (const [entries, expected] of rows) {
    test(entries.join(' ') || '(none)', () => assert.deepEqual(filters(...entries), expected));
  }
});

describe('the last match in argv wins', () => {
  const rows: readonly (readonly [readonly string[], readonly string[]])[] = [
    [
      ['-*.map', '+keep.map'],
      ['a.js', 'keep.map', '!b', '(c).js', 'd/e.map.js'],
    ],
    [['+*.map'], ['x.map', 'keep.map']],
    [['+*.map', '-x.map'], ['keep.map']],
    [
      ['-*.map', '+*.map', '-x.map'],
      ['a.js', 'keep.map', '!b', '(c).js', 'd/e.map.js'],
    ],
    [['-*', '+\\!b'], ['!b']],
    [['-*', '+(c).js'], ['(c).js']],
    [['-*', '+!(x|keep).map'], []],
    [['-*', '+!(x).map'], ['keep.map']],
    [
      ['-*.map', '-!keep.map'],
      ['a.js', 'keep.map', '!b', '(c).js', 'd/e.map.js'],
    ],
  ];
  const names = ['a.js', 'x.map', 'keep.map', '!b', '(c).js', 'd/e.map.js'];
  for (const [entries, expected] of rows) {
    test(entries.join(' '), () => {
      const filter = createFilter({ ...filters(...entries), hidden: true });
      assert.deepEqual(
        names.filter((name) => filter.takes(name)),
        expected,
      );
    });
  }
});
