import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createFilter, type FilterOptions } from '../../../src/source/filter.js';
import { awsDecisions, type FilterDecision, filterDecisions } from '../../../src/source/filter-decision.js';
import { runs } from '../../support/runs.js';

const GLOBS = [
  '*',
  '**',
  '*.html',
  'a',
  'a/*',
  'a/**',
  '**/b/*.js',
  '!*.html',
  '!a/b',
  '/c',
  'a/',
  '{a,b}.js',
  '[ab]*',
];
const PATHS = ['c', 'a/b', 'a/b/x.js', 'a/x.html', 'index.html', '.x/a', '.git/a', 'a/.DS_Store', 'b.js', 'a.js'];

const options: fc.Arbitrary<FilterOptions> = fc.record(
  {
    include: fc.array(fc.constantFrom(...GLOBS), { maxLength: 3 }),
    exclude: fc.array(fc.constantFrom(...GLOBS), { maxLength: 3 }),
    hidden: fc.boolean(),
    junk: fc.constant(true as const),
  },
  { requiredKeys: ['hidden'] },
);

test('property: the decision is that of the filter, and the entry that it names decides', () => {
  fc.assert(
    fc.property(options, fc.constantFrom(...PATHS), (given, path) => {
      const decision = filterDecisions(given)(path);
      assert.equal(decision.taken, createFilter(given).takes(path), JSON.stringify(decision));
      if (decision.by !== 'include' && decision.by !== 'exclude') return;
      // With what comes before the entry left out, and nothing behind it that matches, it decides alone.
      const { by, pattern, taken } = decision;
      const alone = createFilter({ ...given, include: [], exclude: [], [by]: [pattern] });
      assert.equal(alone.takes(path), taken);
    }),
    runs(1000),
  );
});

const HERE: readonly (readonly [path: string, given: Partial<FilterOptions>, expected: FilterDecision])[] = [
  ['a', {}, { taken: true, by: 'nothing', filters: false }],
  ['a', { exclude: ['b'] }, { taken: true, by: 'nothing', filters: true }],
  ['a', { include: ['b'] }, { taken: false, by: 'nothing', filters: true }],
  ['a', { exclude: ['!b'] }, { taken: false, by: 'nothing', filters: true }],
  ['a.map', { exclude: ['*', '*.map'] }, { taken: false, by: 'exclude', pattern: '*.map' }],
  ['a.map', { exclude: ['*', '!*.map'] }, { taken: true, by: 'exclude', pattern: '!*.map' }],
  ['x/a/b/c', { exclude: ['a'] }, { taken: false, by: 'exclude', pattern: 'a', directory: 'x/a' }],
  ['x/a/b/c', { include: ['x/**'] }, { taken: true, by: 'include', pattern: 'x/**', directory: 'x' }],
  ['x/.git/a', { include: ['**'] }, { taken: false, by: 'junk' }],
  ['.well-known/a', { hidden: false }, { taken: false, by: 'hidden' }],
];

describe('what takes or leaves out a path here', () => {
  for (const [path, given, expected] of HERE)
    test(`${path} with ${JSON.stringify(given)}`, () => {
      assert.deepEqual(filterDecisions({ hidden: true, ...given })(path), expected);
    });
});

/** As `aws s3 sync --dryrun` does; the sets as Python's `fnmatch` takes them. */
const AWS: readonly (readonly [path: string, exclude: readonly string[], taken: boolean, why: string])[] = [
  ['a.js', [], true, 'everything is taken without filters'],
  ['x/y/a.js', ['*.js'], false, '* crosses /'],
  ['x/a.js', ['a.js'], true, 'a name is that of the whole path'],
  ['x/y/a.js', ['x/*'], false, 'also below folders'],
  ['x/a.js', ['x'], true, 'a folder is no pattern for what is in it'],
  ['x/a.js', ['x/'], true, 'nor with a slash'],
  ['a.js', ['{a,b}.js'], true, 'there are no braces'],
  ['a.js', ['?.js'], false, '? is one character'],
  ['a/js', ['a?js'], false, 'also a slash'],
  ['a.js', ['*', '!*.js'], true, 'the last one decides'],
  ['a.js', ['!*.js', '*'], false, 'the last one decides'],
  ['b.js', ['[abc].js'], false, 'a set'],
  ['b.js', ['[a-c].js'], false, 'a range'],
  ['b.js', ['[!a].js'], false, 'a negated set'],
  ['a.js', ['[!a].js'], true, 'a negated set'],
  ['A.js', ['a.js'], true, 'case matters'],
  ['index.html', ['/index.html'], true, 'a leading slash is the root of the system'],
  ['index.html', ['/*'], false, 'as everything is below it'],
  ['a/b/c.js', ['a/**/c.js'], false, '** is two of *'],
  ['a/c.js', ['a/**/c.js'], true, 'and needs both slashes'],
];

describe('what the AWS CLI would do', () => {
  for (const [path, exclude, taken, why] of AWS)
    test(`${path} with ${exclude.join(' ')} is ${taken ? 'taken' : 'left out'}: ${why}`, () => {
      assert.equal(awsDecisions({ exclude }, '/home/site')(path).taken, taken);
    });

  test('names the filter as it is written there, and none where none matches', () => {
    const decide = awsDecisions({ include: ['a'], exclude: ['*.js', '!b.js'] }, '/r');
    assert.deepEqual(decide('b.js'), { taken: true, by: 'include', pattern: 'b.js' });
    assert.deepEqual(decide('c.js'), { taken: false, by: 'exclude', pattern: '*.js' });
    assert.deepEqual(decide('x'), { taken: true });
  });
});
