import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunStoppedError, S3RequestError, SourceError, UsageError } from '../../../src/errors.js';
import { renderOptionNames } from '../../../src/options/names.js';
import { reportFold } from '../../../src/report/fold.js';
import { keepMessages, msg, option, type Text, textIn, warning } from '../../../src/report/message.js';

const asFlags = (text: Text | undefined): string => renderOptionNames(text ?? '', 'cli');

test('what a user gave is never taken for a placeholder', () => {
  const file = '{minSize}.txt';
  const inner = msg`${file} is too large for {maxSize}`;
  const error = new SourceError('TooLarge', msg`cannot put ${inner}`, { hint: msg`Leave ${file} out by {exclude}.` });
  assert.equal(error.message, 'cannot put {minSize}.txt is too large for maxSize');
  assert.equal(asFlags(textIn(error, 'message')), 'cannot put {minSize}.txt is too large for --max-size');
  assert.equal(asFlags(textIn(error, 'hint')), 'Leave {minSize}.txt out by --exclude.');
  const plain = new UsageError(`The source ${file} does not exist.`, `Is ${file} meant?`);
  assert.equal(plain.message, 'The source {minSize}.txt does not exist.');
  assert.equal(asFlags(textIn(plain, 'message')), plain.message);
  assert.equal(asFlags(textIn(plain, 'hint')), plain.hint);
});

test('the name of an option can be in a variable, and a label that is no option is shown as it is', () => {
  assert.equal(asFlags(msg`${option('minSize')} is 3.`), '--min-size is 3.');
  assert.equal(asFlags(msg`${option('Input "min-size"')} is 3.`), 'Input "min-size" is 3.');
});

test('errors and reports show the names of the API, and hold nothing more that can be enumerated', () => {
  const details = { code: 'WrongRegion', verb: 'PutObject', bucket: 'b' } as const;
  const error = new S3RequestError('no', { ...details, hint: msg`Set {region}.` });
  assert.equal(error.hint, 'Set region.');
  assert.deepEqual(Reflect.ownKeys({ ...error }), Reflect.ownKeys({ ...new S3RequestError('no', details) }));
  const fold = reportFold(false);
  fold.event(warning('a', 'plain'));
  fold.event(warning('b', msg`Set {region}.`));
  const failed = { action: 'fail', reason: 'no', origin: 'o', key: 'k', bytes: 0, sourceBytes: 0, error } as const;
  fold.outcome({ ...failed, verified: 'none', attempts: 1, durationMs: 0 });
  const report = fold.report({ startedAt: new Date(0), seconds: 1, complete: true, notAttempted: 0, concurrency: 1 });
  assert.deepEqual(report.warnings, ['plain', 'Set region.']);
  assert.equal(JSON.parse(JSON.stringify(report)).failures[0].hint, 'Set region.');
  assert.equal(asFlags(textIn(report.warnings, 1)), 'Set --region.');
  assert.equal(asFlags(textIn(report.failures[0], 'hint')), 'Set --region.');
  assert.equal(asFlags(textIn(new RunStoppedError(error, report), 'hint')), 'Set --region.');
});

test('a text that was changed afterwards is shown as it is now', () => {
  const error = new UsageError('no', msg`Set {region}.`);
  assert.equal(asFlags(textIn(error, 'hint')), 'Set --region.');
  assert.equal(textIn(Object.assign(error, { hint: 'Wait.' }), 'hint'), 'Wait.');
  const none = {};
  keepMessages(none, { hint: msg`Set {region}.` });
  assert.equal(textIn(none, 'hint'), undefined);
});
