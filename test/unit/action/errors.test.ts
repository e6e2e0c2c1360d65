import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotationsOf } from '../../../src/action/errors.js';
import { type OutcomeSummary, summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { ConfigError } from '../../../src/config/config-error.js';
import {
  AbortError,
  PartialFailureError,
  RefusedError,
  RunStoppedError,
  S3RequestError,
  UsageError,
} from '../../../src/errors.js';
import { msg } from '../../../src/report/message.js';
import type { Outcome } from '../../../src/report/types.js';
import { failed, reportOf } from './samples.js';

function outcomesOf(...outcomes: readonly Outcome[]): OutcomeSummary {
  const all = summarizeOutcomes();
  for (const outcome of outcomes) all.add(outcome);
  return all.summary();
}

const NONE = outcomesOf();
const REPORT = reportOf();

test('a run without errors and warnings has no annotations', () => {
  assert.deepEqual(annotationsOf({ outcomes: NONE, error: undefined, warnings: [] }), []);
});

test('each class of failure is one error with count, example and hint', () => {
  const hint = msg`Leave it out by {maxSize}.`;
  const outcomes = outcomesOf(
    failed('a', 'TooLarge', { hint, message: 'a is too large' }),
    failed('b', 'TooLarge'),
    failed('c', 'ENOENT'),
  );
  assert.deepEqual(annotationsOf({ outcomes, error: new PartialFailureError('3 failed', REPORT), warnings: [] }), [
    {
      level: 'error',
      title: '2 objects failed: TooLarge',
      message: 'a is too large\nFor example a\nLeave it out by max-size.',
    },
    { level: 'error', title: '1 object failed: ENOENT', message: 'c failed' },
  ]);
});

test('a wrong config file is shown at its line and column, in the words of the file', () => {
  for (const file of ['s3.yaml', 'C:\\site\\s3.yaml', 'a b/s3.yaml']) {
    const error = new ConfigError(file, { line: 3, column: 7 }, 'partSize: "x" is not a size.', 'Set partSize.');
    assert.deepEqual(annotationsOf({ outcomes: NONE, error, warnings: [] }), [
      {
        level: 'error',
        title: 'The config file cannot be used',
        message: 'partSize: "x" is not a size.\nSet partSize.',
        file,
        line: 3,
        column: 7,
      },
    ]);
  }
});

const STOP = new S3RequestError('PutObject: AccessDenied', {
  code: 'AccessDenied',
  verb: 'PutObject',
  bucket: 'b',
  hint: msg`Set {endpointUrl}.`,
});
const ENDS: readonly (readonly [unknown, string, string])[] = [
  [
    new UsageError(msg`{partSize} is 1.`, msg`Raise {partSize}.`),
    'The inputs cannot be used',
    'part-size is 1.\nRaise part-size.',
  ],
  [
    new RefusedError('NoFilesFound', 'No files.', REPORT, msg`See {ifNoFilesFound}.`),
    'Refused: NoFilesFound',
    'No files.\nSee if-no-files-found.',
  ],
  [new RunStoppedError(STOP, REPORT), 'The run stopped: AccessDenied', 'PutObject: AccessDenied\nSet endpoint-url.'],
  [
    new AbortError(REPORT, new Error('stopped by SIGTERM')),
    'The run was aborted',
    'The run was aborted: stopped by SIGTERM.',
  ],
  [new TypeError('x is undefined'), 'Unexpected error', 'x is undefined\nThis is a bug; please report it.'],
  ['thrown text', 'Unexpected error', 'thrown text\nThis is a bug; please report it.'],
];

for (const [error, title, message] of ENDS)
  test(`what ended the run is one error: ${title}, ${String(error)}`, () => {
    assert.deepEqual(annotationsOf({ outcomes: NONE, error, warnings: [] }), [{ level: 'error', title, message }]);
  });

test('failures that were not collected are an error nevertheless', () => {
  const error = new PartialFailureError('1 of 2 objects failed.', REPORT);
  assert.deepEqual(annotationsOf({ outcomes: NONE, error, warnings: [] }), [
    { level: 'error', title: 'Objects failed', message: '1 of 2 objects failed.' },
  ]);
});

test('there are at most ten errors and ten warnings, and the last counts the rest', () => {
  const outcomes = outcomesOf(...Array.from({ length: 15 }, (_, index) => failed('a', `Code${index}`)));
  const warnings = Array.from({ length: 12 }, (_, index) => msg`{minSize} ${index}`);
  const all = annotationsOf({ outcomes, error: new RunStoppedError(STOP, REPORT), warnings });
  const errors = all.filter(({ level }) => level === 'error');
  assert.equal(errors.length, 10);
  assert.equal(errors[0]?.title, 'The run stopped: AccessDenied');
  assert.equal(errors.at(-1)?.title, '7 more kinds of errors');
  const warned = all.filter(({ level }) => level === 'warning');
  assert.equal(warned.length, 10);
  assert.equal(warned[0]?.message, 'min-size 0');
  assert.equal(warned.at(-1)?.title, '3 more warnings');
});

test('a name cannot begin a line of its own', () => {
  const outcomes = outcomesOf(failed('a\n::set-output name=x::y', 'Bad\nCode'));
  const [error] = annotationsOf({ outcomes, error: undefined, warnings: [] });
  assert.equal(error?.title, '1 object failed: Bad\\nCode');
  assert.equal(error?.message.split('\n').length, 1);
});

test('objects that may have been stored are one warning with an example', () => {
  const error = new AbortError(REPORT, new Error('stopped by SIGTERM'));
  const unknown = { count: 8, example: 'a\u0085b' };
  const [, warning, ...more] = annotationsOf({ outcomes: NONE, error, warnings: [], unknown });
  assert.deepEqual(more, []);
  assert.deepEqual([warning?.level, warning?.title], ['warning', '8 objects may have been stored']);
  assert.match(warning?.message ?? '', /^Their requests .*\nFor example a\\x85b\nRun again: /);
});

test('the title of an error has no control characters, and a limit', () => {
  const stop = new S3RequestError('denied', {
    code: `X\u009b\u2028${'Y'.repeat(999)}`,
    verb: 'PutObject',
    bucket: 'b',
  });
  const [error] = annotationsOf({ outcomes: NONE, error: new RunStoppedError(stop, REPORT), warnings: [] });
  assert.match(error?.title ?? '', /^The run stopped: X\\x9b\\u2028Y+…$/);
  assert.ok((error?.title ?? '').length < 300);
});
