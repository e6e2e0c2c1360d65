import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readArgv } from '../../../src/cli/argv.js';
import { parse } from '../../../src/cli/parse.js';
import { type ConfigLayer, mergeLayers, valuesIn } from '../../../src/config/layers.js';

type Plain = Readonly<Record<string, unknown>>;

const layer = (from: string, values: Plain): ConfigLayer =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, from }]));

/** What a command line becomes above an environment and a file. */
function inForce(argv: string, env: Plain, file: Plain): { readonly options: Plain; readonly output: Plain } {
  const read = readArgv(argv.split(' ').filter((word) => word !== ''));
  const layers = [layer('env', { bucket: 'site', source: ['dist'], ...env }), layer('file', file)];
  const invocation = parse(read, { layers, warnings: [] });
  assert.ok(invocation.command === 'put');
  return { options: invocation.options as unknown as Plain, output: invocation.output as unknown as Plain };
}

describe('flag, then variable, then file', () => {
  const rows: readonly (readonly [string, Plain, Plain, Plain])[] = [
    ['--mode add', { mode: 'stupid' }, { mode: 'update' }, { mode: 'add' }],
    ['', { mode: 'stupid' }, { mode: 'update' }, { mode: 'stupid' }],
    ['', {}, { mode: 'update' }, { mode: 'update' }],
    ['--no-hidden', { hidden: true }, {}, { hidden: false }],
    ['--header A:1', { headers: { b: '2' } }, { headers: { c: '3' } }, { headers: { A: '1' } }],
    ['--metadata a=1', {}, { metadata: { b: '2' } }, { metadata: { a: '1' } }],
    ['--gzip-type text/css', { gzip: false }, { gzip: 'all' }, { gzip: ['text/css'] }],
    ['--no-gzip', {}, { gzip: 'all' }, { gzip: false }],
    // include and exclude are one list
    ['--include a', {}, { include: ['b'], exclude: ['c'] }, { include: ['a'] }],
    ['--exclude a', { include: ['b'] }, { include: ['c'] }, { exclude: ['a'] }],
    ['', { exclude: ['a'] }, { include: ['b'] }, { exclude: ['a'] }],
    ['', { include: ['a'], exclude: ['b'] }, {}, { include: ['a'], exclude: ['b'] }],
    // sources and destination
    ['a b', { source: ['c'] }, {}, { source: ['a', 'b'] }],
    ['s3://other', {}, { prefix: 'p' }, { source: ['dist'], bucket: 's3://other' }],
    ['a s3://other/q', {}, { prefix: 'p' }, { source: ['a'], bucket: 's3://other/q' }],
    ['--bucket other', {}, { prefix: 'p' }, { bucket: 'other', prefix: 'p' }],
    ['--bucket s3://other', {}, { prefix: 'p' }, { bucket: 's3://other' }],
    ['--prefix q', { bucket: 's3://site/p' }, {}, { bucket: 's3://site', prefix: 'q' }],
    // --check is a dry run
    ['--check', {}, { dryRun: false }, { dryRun: true }],
    ['', { check: true }, {}, { dryRun: true }],
    ['--no-dry-run', {}, { check: true }, { dryRun: false }],
  ];
  for (const [argv, env, file, expected] of rows) {
    test(`"${argv}" over ${JSON.stringify(env)} over ${JSON.stringify(file)}`, () => {
      const base = { source: ['dist'], bucket: 'site' };
      assert.deepEqual(inForce(argv, env, file).options, { ...base, ...expected });
    });
  }

  test('a layer that shows more overrides a lower one that shows less', () => {
    assert.deepEqual(
      [inForce('-v', {}, { quiet: true }).output.verbose, inForce('-v', {}, { quiet: true }).output.quiet],
      [true, false],
    );
    assert.equal(inForce('-q', { verbose: true }, {}).output.quiet, true);
    assert.equal(inForce('', { quiet: 'failures' }, { verbose: true }).output.summary, false);
    assert.equal(inForce('-q', { quiet: 'failures' }, {}).output.summary, true, 'the flag replaces the word');
    assert.throws(() => inForce('', { verbose: true, quiet: true }, {}), /contradict/);
  });

  test('an option that is missing in all layers is reported as before', () => {
    const none = { layers: [layer('file', { source: ['dist'] })], warnings: [] };
    assert.throws(() => parse(readArgv([]), none), /No bucket is given/);
    assert.throws(() => parse(readArgv(['s3://b']), { layers: [], warnings: [] }), /No source is given/);
    assert.throws(
      () => parse(readArgv([]), { layers: [layer('file', { source: ['s3://b'] })], warnings: [] }),
      /is a bucket/,
    );
  });
});

test('the first layer that has an option gives all of it, and an empty layer changes nothing', () => {
  const values = fc.dictionary(
    fc.constantFrom('mode', 'limit', 'headers', 'acl'),
    fc.oneof(fc.string(), fc.array(fc.string())),
  );
  fc.assert(
    fc.property(fc.array(values, { maxLength: 4 }), (all) => {
      const layers = all.map((one, index) => layer(String(index), one));
      const result = mergeLayers(layers);
      for (const [name, { value, from }] of result) {
        assert.equal(
          all.findIndex((one) => Object.hasOwn(one, name)),
          Number(from),
        );
        assert.deepEqual(value, all[Number(from)]?.[name]);
      }
      assert.deepEqual(new Set(result.keys()), new Set(all.flatMap(Object.keys)));
      assert.deepEqual(valuesIn(mergeLayers([new Map(), ...layers, new Map()])), valuesIn(result));
    }),
  );
});
