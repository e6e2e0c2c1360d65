import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OutputOptions } from '../../../../src/cli/output/lines.js';
import { lineFormat } from '../../../../src/cli/output/outcome-lines.js';
import { NO_RULE } from '../../../../src/report/origin.js';
import type { Outcome, OutcomeAction } from '../../../../src/report/types.js';

const PUT = { dryRun: false, doing: 'put', origins: NO_RULE } as const;
const OUTPUT: OutputOptions = {
  verbose: false,
  quiet: false,
  summary: true,
  json: false,
  progress: true,
  check: false,
};

function outcome(action: OutcomeAction, more: Partial<Outcome> = {}): Outcome {
  const base = { reason: 'r', origin: '(buffer)', bytes: 0, sourceBytes: 0, verified: 'none' } as const;
  return { action, key: 'k', ...base, attempts: 1, durationMs: 1, ...more };
}

const shared = { error: new Error('x'), shared: true } as const;

describe('an outcome has a line', () => {
  const rows: readonly (readonly [Outcome, usual: boolean, verbose: boolean, quiet: boolean])[] = [
    [outcome('put'), true, true, false],
    [outcome('copy'), true, true, false],
    [outcome('metadata'), true, true, false],
    [outcome('delete'), true, true, false],
    [outcome('skip', { reason: 'same content' }), false, true, false],
    [outcome('skip', { reason: 'exists' }), false, true, false],
    [outcome('fail'), true, true, true],
    [outcome('unknown'), true, true, true],
    [outcome('fail', shared), false, false, false],
  ];
  for (const [one, ...expected] of rows)
    test(`of ${one.action} (${one.reason}${one.shared === true ? ', which ended the run' : ''})`, () => {
      const has = (options: Partial<OutputOptions>) =>
        lineFormat(PUT, { ...OUTPUT, ...options }, false)(one) !== undefined;
      assert.deepEqual([has({}), has({ verbose: true }), has({ quiet: true })], expected);
      assert.ok(has({ json: true, quiet: true }), 'JSON is complete');
    });
});

describe('lines beyond 200 fold', () => {
  const run = (options: Partial<OutputOptions>, folds: boolean): readonly string[] => {
    const lineOf = lineFormat(PUT, { ...OUTPUT, ...options }, folds);
    const some = (action: OutcomeAction, count: number) => Array.from({ length: count }, () => outcome(action));
    const all = [...some('fail', 3), ...some('put', 250), ...some('fail', 2), ...some('put', 50)];
    return all.flatMap((one) => lineOf(one) ?? []);
  };

  test('into the bar, which is said once, and failures are all shown', () => {
    const lines = run({}, true);
    assert.equal(lines.filter((line) => line.startsWith('uploaded ')).length, 200);
    assert.equal(lines.filter((line) => line.startsWith('failed ')).length, 5);
    assert.deepEqual(
      lines.filter((line) => !/^(?:uploaded|failed) /.test(line)),
      ['… more lines are folded; -v shows all'],
    );
    assert.equal(lines.length, 206);
  });

  test('each of an outcome whose headers change', () => {
    const lineOf = lineFormat({ ...PUT, dryRun: true }, OUTPUT, true);
    const headerChanges = [
      { name: 'cache-control', to: 'no-cache' },
      { name: 'expires', from: '0' },
    ];
    const change = outcome('metadata', { reason: 'headers differ', headerChanges });
    const shown = Array.from({ length: 100 }, () => lineOf(change)).filter((line) => line !== undefined);
    assert.equal(shown.length, 68, '67 of three lines each, and the note');
    assert.equal(shown.at(-1), '… more lines are folded; -v shows all');
  });

  test('only where there is a bar, not with -v, and never as JSON', () => {
    assert.equal(run({}, false).length, 305);
    assert.equal(run({ verbose: true }, true).length, 305);
    assert.equal(run({ json: true }, true).length, 305);
  });
});

test('a hint is shown once for all failures that have the same', () => {
  const lineOf = lineFormat(PUT, OUTPUT, false);
  const failed = (hint: string) => lineOf(outcome('fail', { error: Object.assign(new Error('no'), { hint }) }));
  assert.deepEqual(['one', 'one', 'two', 'one'].map(failed), [
    'failed k: no\n  one',
    'failed k: no',
    'failed k: no\n  two',
    'failed k: no',
  ]);
});
