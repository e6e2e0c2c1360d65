import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorExitCode, errorText, reportExitCode } from '../../../src/cli/errors.js';
import {
  AbortError,
  PartialFailureError,
  RefusedError,
  RunStoppedError,
  S3RequestError,
  UsageError,
} from '../../../src/errors.js';
import { msg } from '../../../src/report/message.js';
import type { Report } from '../../../src/report/types.js';

function reportOf(put: number, dryRun = false): Report {
  return {
    schemaVersion: 2,
    complete: true,
    dryRun,
    counts: { put, copy: 0, metadata: 0, skip: 0, delete: 0, fail: 0, unknown: 0 },
    notAttempted: 0,
    conflicts: 0,
    bytes: 0,
    sourceBytes: 0,
    seconds: 0,
    bytesPerSecond: 0,
    objectsPerSecond: 0,
    reasons: {},
    retries: 0,
    throttles: 0,
    concurrency: 0,
    requests: {},
    heads: {},
    warnings: [],
    warningsOmitted: 0,
    failures: [],
    failuresOmitted: 0,
    unknown: [],
    unknownOmitted: 0,
  };
}

const copied: Report = { ...reportOf(0), counts: { ...reportOf(0).counts, copy: 1 } };

const deleted: Report = { ...reportOf(0), counts: { ...reportOf(0).counts, delete: 1 } };

const NO_BUCKET = new S3RequestError('ListObjectsV2 s3://b: NoSuchBucket (404)', {
  code: 'NoSuchBucket',
  verb: 'ListObjectsV2',
  bucket: 'b',
  status: 404,
  hint: 'Check its name.',
});

describe('exit codes', () => {
  const rows: readonly (readonly [string, unknown, 'SIGINT' | 'SIGTERM' | undefined, number])[] = [
    ['wrong options', new UsageError('x'), undefined, 2],
    ['objects that failed', new PartialFailureError('x', reportOf(1)), undefined, 1],
    ['a guard', new RefusedError('NoFilesFound', 'x', reportOf(0)), undefined, 3],
    ['a refusal before anything was put', new RunStoppedError(NO_BUCKET, reportOf(0)), undefined, 4],
    ['a refusal after something was put', new RunStoppedError(NO_BUCKET, reportOf(1)), undefined, 1],
    ['a refusal after something was copied', new RunStoppedError(NO_BUCKET, copied), undefined, 1],
    ['a refusal after something was deleted', new RunStoppedError(NO_BUCKET, deleted), undefined, 1],
    ['too many deletes', new RefusedError('TooManyDeletes', 'x', reportOf(0)), undefined, 3],
    ['a refusal of a dry run, which puts nothing', new RunStoppedError(NO_BUCKET, reportOf(1, true)), undefined, 4],
    ['SIGINT', new AbortError(reportOf(1), undefined), 'SIGINT', 130],
    ['SIGTERM', new AbortError(reportOf(1), undefined), 'SIGTERM', 143],
    ['an abort without a signal', new AbortError(reportOf(1), undefined), undefined, 1],
    ['a run that failed before the signal could stop it', new PartialFailureError('x', reportOf(1)), 'SIGINT', 1],
    ['a bug', new TypeError('x'), undefined, 1],
    ['a thrown text', 'x', undefined, 1],
  ];
  for (const [name, error, signal, expected] of rows) {
    test(`${expected} for ${name}`, () => assert.equal(errorExitCode(error, signal), expected));
  }

  test('a run that ended well is 0, but 1 where --check found something to change', () => {
    assert.equal(reportExitCode(reportOf(3), false), 0);
    assert.equal(reportExitCode(reportOf(3, true), true), 1);
    assert.equal(reportExitCode(reportOf(0, true), true), 0);
    assert.equal(reportExitCode(copied, true), 1);
    assert.equal(reportExitCode(deleted, true), 1);
    const none = reportOf(0, true);
    assert.equal(reportExitCode({ ...none, counts: { ...none.counts, metadata: 1 } }, true), 1, 'headers to change');
    assert.equal(reportExitCode({ ...none, reasons: { 'headers differ, not repaired': 1 } }, true), 1, 'and to leave');
    const denied = { ...none, reasons: { 'same content, headers not compared': 1 } };
    assert.equal(reportExitCode(denied, true), 0, 'headers that no option compares');
    assert.equal(
      reportExitCode({ ...denied, heads: { 'headers compared': 1 } }, true),
      1,
      'that could not be compared',
    );
    assert.equal(reportExitCode({ ...reportOf(0), reasons: { 'headers differ, not repaired': 1 } }, false), 0);
    const drift = { ...reportOf(0, true), reasons: { 'headers differ, not repaired': 1 } };
    assert.equal(reportExitCode(drift, true), 1, 'headers that a run would leave');
    assert.equal(reportExitCode({ ...drift, dryRun: false }, false), 0);
    assert.equal(reportExitCode({ ...reportOf(0, true), strays: 3, straysComplete: true }, true), 0, 'strays alone');
    assert.equal(reportExitCode({ ...reportOf(0), complete: false }, false), 1, 'a deletion that was not confirmed');
  });
});

describe('the error at the end', () => {
  const quiet = { verbose: false };

  test('is a message, and the fix below', () => {
    assert.equal(errorText(new UsageError('No.', 'Do this.'), quiet), 's3-parallel-put: No.\n  Do this.');
    assert.equal(errorText(new UsageError('No.'), quiet), 's3-parallel-put: No.');
    assert.equal(
      errorText(new RunStoppedError(NO_BUCKET, reportOf(0)), quiet),
      's3-parallel-put: ListObjectsV2 s3://b: NoSuchBucket (404)\n  Check its name.',
    );
  });

  test('names options as the command line does, but leaves values alone', () => {
    const error = new UsageError(
      msg`{minSize}: "${'maxSize'}" is not a size.`,
      msg`Leave {minSize} out; limit and bucket stay.`,
    );
    assert.equal(
      errorText(error, quiet),
      's3-parallel-put: --min-size: "maxSize" is not a size.\n  Leave --min-size out; limit and bucket stay.',
    );
  });

  test('names the signal', () => {
    assert.equal(
      errorText(new AbortError(reportOf(0), 0), { ...quiet, signal: 'SIGINT' }),
      's3-parallel-put: stopped by SIGINT.',
    );
    const aborted = (reason: unknown): string => errorText(new AbortError(reportOf(0), reason), quiet);
    for (const reason of [0, undefined, new DOMException('This operation was aborted', 'AbortError')])
      assert.equal(aborted(reason), 's3-parallel-put: The run was aborted.');
    for (const telling of ['no time left', new Error('no time left.')])
      assert.equal(aborted(telling), 's3-parallel-put: The run was aborted: no time left.');
  });

  test('reports an unexpected error as a bug, with the stack only when verbose', () => {
    const bug = new TypeError('x is not a function');
    const text = errorText(bug, quiet);
    assert.match(text, /^s3-parallel-put: x is not a function\n {2}This is a bug/);
    assert.doesNotMatch(text, /errors\.test/);
    assert.match(errorText(bug, { verbose: true }), /errors\.test/);
  });

  test('cannot be forged by a name in it', () => {
    assert.equal(errorText(new UsageError('"a\nb" is gone.'), quiet), 's3-parallel-put: "a\\nb" is gone.');
  });
});

test('a refusal shows its list a name on a line; the text of a server stays on one', () => {
  const options = { verbose: false };
  const refused = new RefusedError('TooManyDeletes', '2 keys:\n  a\n  b\nc', reportOf(0), 'Check.');
  assert.equal(errorText(refused, options), 's3-parallel-put: 2 keys:\n  a\n  b\\nc\n  Check.');
  const server = new S3RequestError('a\n  b', { code: 'X', verb: 'PutObject', bucket: 'b' });
  assert.equal(errorText(server, options), 's3-parallel-put: a\\n  b');
});
