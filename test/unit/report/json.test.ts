import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3RequestError } from '../../../src/errors.js';
import { reportFold } from '../../../src/report/fold.js';
import { outcomeJson, reportJson } from '../../../src/report/json.js';
import type { Outcome } from '../../../src/report/types.js';

const DATE = new Date(Date.UTC(2026, 0, 31, 12, 0, 0, 7));
const PUT: Outcome = {
  action: 'put',
  reason: 'size differs',
  origin: 'dist/a.js',
  key: 'p/a.js',
  bytes: 3,
  sourceBytes: 5,
  etag: 'e',
  verified: 'md5',
  attempts: 1,
  startedAt: DATE,
  durationMs: 1.5,
  contentType: 'text/javascript; charset=utf-8',
  cacheControl: 'no-cache',
  contentEncoding: 'gzip',
  replacedBytes: 7,
};

test('an outcome is one line with all its fields, dates in ISO 8601', () => {
  assert.equal(
    outcomeJson(PUT),
    '{"type":"outcome","action":"put","reason":"size differs","origin":"dist/a.js","key":"p/a.js","bytes":3,"sourceBytes":5,"etag":"e","verified":"md5","attempts":1,"startedAt":"2026-01-31T12:00:00.007Z","durationMs":1.5,"contentType":"text/javascript; charset=utf-8","cacheControl":"no-cache","contentEncoding":"gzip","replacedBytes":7}',
  );
});

test('a change of headers has the old and the new values, and sends no bytes', () => {
  const headerChanges = [
    { name: 'cache-control', from: 'no-cache', to: 'public' },
    { name: 'expires', from: '0' },
  ];
  const changed: Outcome = { ...PUT, action: 'metadata', reason: 'headers differ', bytes: 0, headerChanges };
  assert.deepEqual(JSON.parse(outcomeJson(changed)).headerChanges, headerChanges);
  const fold = reportFold(false);
  fold.outcome(changed);
  const report = fold.report({ startedAt: DATE, seconds: 2, complete: true, notAttempted: 0, concurrency: 1 });
  assert.deepEqual([report.counts.metadata, report.bytes, report.sourceBytes], [1, 0, 0]);
  assert.deepEqual(report.reasons, { 'headers differ': 1 });
});

test('a failed outcome has its error as plain values, and its date', () => {
  const details = { verb: 'PutObject', bucket: 'b', key: 'k', status: 403, code: 'AccessDenied' } as const;
  const { action, bytes, etag, contentType, cacheControl, contentEncoding, replacedBytes, ...rest } = PUT;
  const failed: Outcome = { ...rest, action: 'fail', bytes: 0, error: new S3RequestError('no', details) };
  assert.deepEqual(JSON.parse(outcomeJson(failed)), {
    type: 'outcome',
    ...rest,
    action: 'fail',
    bytes: 0,
    startedAt: '2026-01-31T12:00:00.007Z',
    error: { message: 'no', code: 'AccessDenied', status: 403 },
  });
});

test('a report has the fields of schema version 2, and when it began', () => {
  const fold = reportFold(true);
  fold.outcome(PUT);
  const report = fold.report({ startedAt: DATE, seconds: 2, complete: true, notAttempted: 0, concurrency: 1 });
  assert.equal(
    reportJson(report),
    '{"type":"report","schemaVersion":2,"complete":true,"dryRun":true,"startedAt":"2026-01-31T12:00:00.007Z","counts":{"put":1,"copy":0,"metadata":0,"skip":0,"delete":0,"fail":0,"unknown":0},"notAttempted":0,"conflicts":0,"bytes":3,"sourceBytes":5,"seconds":2,"bytesPerSecond":1.5,"objectsPerSecond":0.5,"reasons":{"size differs":1},"retries":0,"throttles":0,"concurrency":1,"requests":{},"heads":{},"warnings":[],"warningsOmitted":0,"failures":[],"failuresOmitted":0,"unknown":[],"unknownOmitted":0}',
  );
});

test('what a site adds is a part of the report, where there is any', () => {
  const report = reportFold(false).report({
    startedAt: DATE,
    seconds: 2,
    complete: false,
    notAttempted: 2,
    concurrency: 1,
  });
  const site = {
    strays: 3,
    straysComplete: true,
    phases: [{ phase: 'deletes', planned: 3, done: 1, failed: 0, unknown: 0, notAttempted: 2 }],
  } as const;
  const shown = JSON.parse(reportJson({ ...report, ...site }));
  assert.deepEqual([shown.strays, shown.straysComplete, shown.phases], [3, true, site.phases]);
  assert.deepEqual(Object.keys(JSON.parse(reportJson(report))).includes('strays'), false);
});
