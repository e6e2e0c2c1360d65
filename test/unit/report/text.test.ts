import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AbortError, S3RequestError, SourceError } from '../../../src/errors.js';
import { jsonError, outcomeJson, reportJson } from '../../../src/report/json.js';
import { shorten, shortText } from '../../../src/report/message.js';
import {
  number,
  outcomeText,
  printable,
  rateText,
  secondsText,
  summaryText,
  withoutPath,
} from '../../../src/report/text.js';
import type { Outcome, Report } from '../../../src/report/types.js';

const PUT: Outcome = {
  action: 'put',
  reason: 'new',
  origin: 'dist/app.js',
  key: 'js/app.js',
  bytes: 12_345,
  sourceBytes: 12_345,
  verified: 'md5',
  attempts: 1,
  durationMs: 12,
};
const SITE = { bucket: 'my-site', dryRun: false };

const DENIED = new S3RequestError('PutObject s3://my-site/js/app.js: AccessDenied (403, request 4F1A): Access Denied', {
  code: 'AccessDenied',
  verb: 'PutObject',
  bucket: 'my-site',
  key: 'js/app.js',
  status: 403,
  requestId: '4F1A',
  hint: 'The credentials lack s3:PutObject.',
});

function failed(error: Error | undefined, reason = 'unreadable'): Outcome {
  return { ...PUT, action: 'fail', reason, bytes: 0, ...(error !== undefined && { error }) };
}

const REPORT: Report = {
  schemaVersion: 2,
  complete: true,
  dryRun: false,
  counts: { put: 1_200, copy: 0, metadata: 0, skip: 30, delete: 0, fail: 0, unknown: 0 },
  notAttempted: 0,
  bytes: 3_400_000,
  sourceBytes: 3_400_000,
  seconds: 2.5,
  bytesPerSecond: 1_360_000,
  objectsPerSecond: 480,
  reasons: { new: 1_200, 'same content': 30 },
  retries: 0,
  throttles: 0,
  concurrency: 64,
  requests: { PutObject: 1_200, ListObjectsV2: 2 },
  heads: {},
  warnings: [],
  warningsOmitted: 0,
  failures: [],
  failuresOmitted: 0,
  unknown: [],
  unknownOmitted: 0,
};

describe('an outcome is one line', () => {
  test('of a put', () => {
    assert.equal(outcomeText(PUT, SITE), 'put dist/app.js → s3://my-site/js/app.js (new, 12.3 kB)');
  });

  test('of a compressed put, with both sizes', () => {
    const gzip: Outcome = { ...PUT, bytes: 1_234, sourceBytes: 4_000 };
    assert.equal(outcomeText(gzip, SITE), 'put dist/app.js → s3://my-site/js/app.js (new, gzip 1.2 kB of 4.0 kB)');
  });

  test('of a skip, with its reason', () => {
    const skip: Outcome = { ...PUT, action: 'skip', reason: 'same content', bytes: 0 };
    assert.equal(outcomeText(skip, SITE), 'skip dist/app.js → s3://my-site/js/app.js (same content)');
  });

  test('that says when nothing is written', () => {
    assert.equal(
      outcomeText(PUT, { ...SITE, dryRun: true }),
      '(dry run) put dist/app.js → s3://my-site/js/app.js (new, 12.3 kB)',
    );
  });

  test('of a failure, which names the object once, and the fix below', () => {
    assert.equal(
      outcomeText(failed(DENIED), SITE),
      'fail dist/app.js → s3://my-site/js/app.js: AccessDenied (403, request 4F1A): Access Denied\n  The credentials lack s3:PutObject.',
    );
  });

  test('of a failure without an answer, or without an error', () => {
    const gone = new SourceError('ENOENT', 'dist/app.js is gone');
    assert.equal(outcomeText(failed(gone), SITE), 'fail dist/app.js → s3://my-site/js/app.js: is gone');
    assert.equal(outcomeText(failed(undefined), SITE), 'fail dist/app.js → s3://my-site/js/app.js: unreadable');
  });

  test('whatever a name holds', () => {
    const forged = { ...PUT, origin: 'a\nput b', key: 'a\u001b[2Jb\r\u202e' };
    const text = outcomeText(forged, SITE);
    assert.equal(text, 'put a\\nput b → s3://my-site/a\\x1b[2Jb\\r\\u202e (new, 12.3 kB)');
    const error = new S3RequestError('PutObject s3://my-site/a\nb: NoSuchKey', {
      code: 'NoSuchKey',
      verb: 'PutObject',
      bucket: 'my-site',
      key: 'a\nb',
      hint: 'x\ny',
    });
    const lines = outcomeText({ ...failed(error), key: 'a\nb' }, SITE).split('\n');
    assert.deepEqual(lines, ['fail dist/app.js → s3://my-site/a\\nb: NoSuchKey', '  x\\ny']);
  });

  test('with colour where it is wanted', () => {
    const paint = (tone: string, text: string): string => `<${tone}>${text}</>`;
    assert.match(outcomeText(PUT, { ...SITE, paint }), /^<good>put<\/> dist/);
    assert.match(outcomeText(failed(DENIED), { ...SITE, paint }), /^<bad>fail<\/> .*\n {2}<faint>The/);
  });
});

describe('the summary', () => {
  test('says puts, bytes, seconds, rates, unchanged and failed', () => {
    assert.equal(
      summaryText(REPORT),
      'Put 1,200 objects, 3.4 MB in 2.50 s (1.4 MB/s, 480 files/s); 30 unchanged, 0 failed.',
    );
  });

  test('says both totals where bodies were compressed', () => {
    const report: Report = { ...REPORT, sourceBytes: 9_900_000 };
    assert.match(summaryText(report), /^Put 1,200 objects, 3\.4 MB \(9\.9 MB before compression\) in 2\.50 s/);
    const dry = summaryText({ ...report, dryRun: true });
    assert.match(dry, /^Would put 1,200 objects, 3\.4 MB \(9\.9 MB before compression\);/);
  });

  test('says unchanged even where nothing was', () => {
    const report: Report = { ...REPORT, counts: { ...REPORT.counts, put: 1, skip: 0 }, reasons: { new: 1 } };
    assert.match(summaryText(report), /^Put 1 object, .*; 0 unchanged, 0 failed\.$/);
  });

  test('tells what was skipped for other reasons from what is unchanged', () => {
    const report: Report = {
      ...REPORT,
      counts: { ...REPORT.counts, skip: 35 },
      reasons: { 'same content': 20, 'same size': 10, exists: 4, 'a socket': 1 },
    };
    assert.match(summaryText(report), /; 30 unchanged, 5 skipped, 0 failed\.$/);
  });

  test('of a copy counts what was copied', () => {
    const report = { ...REPORT, counts: { ...REPORT.counts, put: 0, copy: 3 }, sourceBytes: 0 };
    const text = summaryText(report, { doing: 'copy' });
    assert.match(
      text,
      /^Copied 3 objects, 3\.4 MB in 2\.50 s \(1\.4 MB\/s, 480 objects\/s\); 30 unchanged, 0 failed\.$/,
    );
    assert.match(
      summaryText({ ...report, dryRun: true }, { doing: 'copy' }),
      /^Would copy 3 objects, 3\.4 MB; 30 unch/,
    );
  });

  test('of a dry run says that nothing was written', () => {
    const text = summaryText({ ...REPORT, dryRun: true });
    assert.match(
      text,
      /^Would put 1,200 objects, 3\.4 MB; 30 unchanged, 0 failed; 2\.50 s\.\nDry run: nothing was written\.$/,
    );
    assert.doesNotMatch(text, /files\/s/);
  });

  test('says what was not attempted, or that nobody knows how much', () => {
    const counts = { ...REPORT.counts, fail: 2 };
    assert.match(summaryText({ ...REPORT, complete: false, counts, notAttempted: 7 }), /2 failed, 7 not attempted\.$/);
    assert.match(
      summaryText({ ...REPORT, complete: false, counts, notAttempted: undefined }),
      /, the rest not attempted\.$/,
    );
  });

  test('says retries, throttles and warnings where there are any', () => {
    const text = summaryText({ ...REPORT, retries: 1, throttles: 3, warnings: ['first', 'second\nline'] });
    assert.deepEqual(text.split('\n').slice(1), ['1 retry, 3 throttles.', 'Warning: first', 'Warning: second\\nline']);
  });

  test('says once that headers were not compared, and what sends them', () => {
    const reasons = { 'same content, headers not compared': 30 };
    const text = summaryText({ ...REPORT, reasons });
    assert.equal(text.match(/headers not compared/gi)?.length, 1);
    assert.match(text, /30 objects .* mode: 'stupid'/);
    assert.match(text, /30 unchanged/);
  });

  test('lists the requests when asked', () => {
    const text = summaryText(REPORT, { verbose: true });
    assert.match(text, /\nRequests: 1,200 PutObject, 2 ListObjectsV2; at most 64 at once\.$/);
    assert.match(summaryText({ ...REPORT, requests: {} }, { verbose: true }), /\nNo requests were made\.$/);
  });
});

describe('JSON lines', () => {
  test('an outcome holds its error as plain values', () => {
    const line = outcomeJson(failed(DENIED));
    assert.doesNotMatch(line, /\n/);
    assert.deepEqual(JSON.parse(line), {
      type: 'outcome',
      ...failed(undefined),
      error: { message: DENIED.message, code: 'AccessDenied', status: 403, requestId: '4F1A', hint: DENIED.hint },
    });
  });

  test('an outcome without an error has none', () => {
    assert.deepEqual(JSON.parse(outcomeJson(PUT)), { type: 'outcome', ...PUT });
  });

  test('a report holds what stopped the run', () => {
    assert.deepEqual(JSON.parse(reportJson(REPORT)), { type: 'report', ...REPORT });
    const stopped = JSON.parse(reportJson(REPORT, new AbortError(REPORT, undefined)));
    assert.deepEqual(stopped.error, { message: 'The run was aborted.', code: 'ABORT_ERR' });
  });

  test('an error without further facts is its message', () => {
    assert.deepEqual(jsonError(new Error('x')), { message: 'x' });
  });
});

describe('numbers and names for people', () => {
  const rows: readonly (readonly [string, string])[] = [
    [number(0), '0'],
    [number(999), '999'],
    [number(1_000), '1,000'],
    [number(1_234_567), '1,234,567'],
    [secondsText(0), '0.00 s'],
    [secondsText(9.994), '9.99 s'],
    [secondsText(9.996), '10.0 s'],
    [secondsText(59.9), '59.9 s'],
    [secondsText(59.96), '1 min 0 s'],
    [secondsText(125), '2 min 5 s'],
    [secondsText(3_780), '1 h 3 min'],
    [rateText(0.04), '0.0'],
    [rateText(9.94), '9.9'],
    [rateText(9.96), '10'],
    [rateText(12_345.6), '12,346'],
    [printable('näme 中 🎉'), 'näme 中 🎉'],
    [printable('a\tb\u0000\u007f\u0085\u2028\u061c'), 'a\\tb\\x00\\x7f\\x85\\u2028\\u061c'],
  ];
  for (const [actual, expected] of rows) test(expected, () => assert.equal(actual, expected));
});

describe('a failure does not repeat the path of its line', () => {
  const rows: readonly (readonly [message: string, expected: string])[] = [
    ['dist/a.js changed while it was read, twice', 'changed while it was read, twice'],
    ['dist/a.js: a link that points nowhere', 'a link that points nowhere'],
    ['cannot read dist/a.js: permission denied', 'cannot read: permission denied'],
    ["ENOENT: no such file or directory, open 'dist/a.js'", 'ENOENT: no such file or directory'],
    ['dist/a.js', 'dist/a.js'],
    ['dist/a.json is not it', 'dist/a.json is not it'],
    ['cannot read dist/a.json: no', 'cannot read dist/a.json: no'],
  ];
  for (const [message, expected] of rows)
    test(message, () => {
      assert.equal(withoutPath(message, 'dist/a.js'), expected);
      assert.equal(withoutPath(message, ''), message);
    });
});

describe('an object that may have been stored', () => {
  const error = new SourceError('Interrupted', 'dist/app.js was on its way', { hint: 'Run again.' });
  const unknown: Outcome = { ...PUT, action: 'unknown', reason: error.message, bytes: 0, error };

  test('has one line, without the hint, which is the same for all', () => {
    assert.equal(outcomeText(unknown, SITE), 'unknown dist/app.js → s3://my-site/js/app.js: was on its way');
  });

  test('is counted apart from failures, and the summary says what helps', () => {
    const counts = { ...REPORT.counts, unknown: 64 };
    assert.match(
      summaryText({ ...REPORT, counts, complete: false, notAttempted: 7 }),
      /0 failed, 64 unknown \(may have been stored\), 7 not attempted\.\n.*Run again/,
    );
  });
});

describe('texts of any length', () => {
  test('are cut, never within a character', () => {
    assert.equal(shorten('abc', 3), 'abc');
    assert.equal(shorten('abcd', 3), 'abc…');
    assert.equal(shorten('ab🎉d', 3), 'ab…');
    assert.equal(String(shortText('x'.repeat(1e6))).length, 4_001);
  });

  test('are cut in lines and in JSON', () => {
    const long = failed(new SourceError('Odd', 'x'.repeat(1e6), { hint: 'y'.repeat(1e6) }), 'x'.repeat(1e6));
    assert.ok(outcomeText(long, SITE).length < 10_000);
    assert.ok(outcomeJson(long).length < 20_000);
    assert.ok(reportJson(REPORT, new Error('z'.repeat(1e6))).length < 10_000);
  });
});

test('JSON lines have escapes for everything that acts on a terminal or on a reader of lines, and the same values', () => {
  const name = 'a\u0085b\u009bc\u2028d\u007fe\u202ef\u2029\u061cé🎉\ud800';
  const line = outcomeJson({ ...PUT, key: name, origin: name });
  assert.doesNotMatch(line, /[\p{Cc}\u061c\u2028\u2029\u202e]/u);
  assert.match(line, /é🎉/);
  assert.deepEqual(JSON.parse(line), { type: 'outcome', ...PUT, key: name, origin: name });
  const report = reportJson({ ...REPORT, warnings: [name] });
  assert.doesNotMatch(report, /[\p{Cc}\u061c\u2028\u2029\u202e]/u);
  assert.deepEqual(JSON.parse(report).warnings, [name]);
});
