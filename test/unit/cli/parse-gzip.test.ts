import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { UsageError } from '../../../src/errors.js';

function gzipOf(...argv: string[]): unknown {
  const invocation = parseCommandLine([...argv, 'dist', 's3://b/p']);
  assert.ok(invocation.command === 'put');
  assert.deepEqual(invocation.options.source, ['dist']);
  return invocation.options.gzip;
}

function refusal(...argv: string[]): string {
  try {
    gzipOf(...argv);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  assert.fail(`${argv.join(' ')} was taken`);
}

describe('gzip on the command line', () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ['', undefined],
    ['--gzip', true],
    ['--no-gzip', false],
    ['--gzip=all', 'all'],
    ['--gzip=text/css', ['text/css']],
    ['--gzip-type text/css', ['text/css']],
    ['--gzip-type=text/css --gzip-type text/html', ['text/css', 'text/html']],
    ['--gzip --gzip-type text/css', ['text/css']],
    ['--gzip --gzip-type guess --gzip-type text/x-a', ['guess', 'text/x-a']],
    ['--gzip-type text/css --gzip-type all', 'all'],
    ['--gzip=all --gzip-type text/css', 'all'],
  ];
  for (const [argv, expected] of rows) {
    test(`${argv || 'nothing'}: ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(gzipOf(...argv.split(' ').filter((word) => word !== '')), expected);
    });
  }

  test('never takes the next word as its value', () => {
    const invocation = parseCommandLine(['--gzip', 'all', 's3://b/p']);
    assert.ok(invocation.command === 'put');
    assert.deepEqual([invocation.options.source, invocation.options.gzip], [['all'], true]);
  });

  test('refuses what contradicts itself, and what is incomplete', () => {
    assert.equal(refusal('--gzip', '--no-gzip'), '--gzip and --no-gzip contradict each other.');
    assert.equal(refusal('--no-gzip', '--gzip-type', 'text/css'), '--gzip-type and --no-gzip contradict each other.');
    assert.equal(refusal('--no-gzip=all'), '--no-gzip takes no value, but has "all".');
    assert.equal(refusal('--gzip=foo'), '--gzip: "foo" is not a content type.');
    assert.equal(refusal('--gzip-type', 'foo'), '--gzip-type: "foo" is not a content type.');
    assert.equal(refusal('--gzip='), '--gzip has an empty value.');
    assert.match(refusal('--gzip-type', '--gzip'), /^--gzip-type needs a value/);
    assert.match(refusal('--gzip-level', 'high'), /"high"; it must be a whole number/);
  });
});
