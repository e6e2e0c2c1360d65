import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FLAGS } from '../../../src/cli/flags.js';
import { didYouMean, nearest } from '../../../src/options/suggest.js';

describe('near names', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['dryrun', 'dry-run'],
    ['dryRun', 'dry-run'],
    ['dry_run', 'dry-run'],
    ['exlude', 'exclude'],
    ['incldue', 'include'],
    ['proceses', 'processes'],
    ['end-point', 'endpoint'],
    ['cache', 'cache-control'],
    ['headers', 'header'],
    ['metadat', 'metadata'],
    ['no-progres', 'no-progress'],
  ];
  for (const [typed, expected] of rows) {
    test(`${typed} is near ${expected}`, () => assert.equal(nearest(typed, FLAGS.keys())[0], expected));
  }

  test('nothing is near nonsense, and few are near anything', () => {
    assert.deepEqual(nearest('xyzzy', FLAGS.keys()), []);
    assert.ok(nearest('no-size', FLAGS.keys()).length <= 3);
  });

  test('the question names one, two or three', () => {
    assert.equal(didYouMean('aaaa', ['zzzz']), undefined);
    assert.equal(didYouMean('aaab', ['aaaa'], '--'), 'Did you mean --aaaa?');
    assert.equal(didYouMean('aaab', ['aaaa', 'aaac']), 'Did you mean aaaa or aaac?');
    assert.equal(didYouMean('aaab', ['aaaa', 'aaac', 'aaad']), 'Did you mean aaaa, aaac or aaad?');
  });
});
