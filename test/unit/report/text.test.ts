import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AbortError, S3RequestError, SourceError } from '../../../src/errors.js';
import { jsonError, outcomeJson, reportJson } from '../../../src/report/json.js';
import { shorten, shortText } from '../../../src/report/message.js';
import { originsOfPut } from '../../../src/report/origin.js';
import { listedText, outcomeText, summaryText, withoutPath } from '../../../src/report/text.js';
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
const SITE = { dryRun: false, origins: originsOfPut(['dist'], 'js/') };

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
  conflicts: 0,
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
    assert.equal(outcomeText(PUT, SITE), 'uploaded js/app.js (new, 12.3 kB)');
  });

  test('with the origin where it does not follow from the key', () => {
    const elsewhere: Outcome = { ...PUT, origin: 'build/x.js' };
    assert.equal(outcomeText(elsewhere, SITE), 'uploaded js/app.js from build/x.js (new, 12.3 kB)');
    assert.equal(outcomeText(PUT, { dryRun: false }), 'uploaded js/app.js from dist/app.js (new, 12.3 kB)');
    const archive: Outcome = { ...failed(undefined), key: '', origin: 'a.tar' };
    assert.equal(outcomeText(archive, SITE), 'failed a.tar: unreadable', 'what has no key is named by its origin');
  });

  test('of every action, done and planned', () => {
    const rows: readonly (readonly [Outcome['action'], reason: string, done: string, planned?: string])[] = [
      ['put', 'new', 'uploaded js/app.js (new, 12.3 kB)', 'would upload js/app.js (new, 12.3 kB)'],
      ['copy', 'new', 'copied js/app.js (new, 12.3 kB)', 'would copy js/app.js (new, 12.3 kB)'],
      ['metadata', 'x', 'changed the headers of js/app.js (x)', 'would change the headers of js/app.js (x)'],
      ['delete', 'x', 'deleted js/app.js (x)', 'would delete js/app.js (x)'],
      ['delete', 'below the prefix', 'deleted js/app.js', 'would delete js/app.js'],
      ['skip', 'same content', 'unchanged js/app.js'],
      ['skip', 'same size', 'unchanged js/app.js (same size)'],
      ['skip', 'same content, headers not compared', 'unchanged js/app.js (same content, headers not compared)'],
      ['skip', 'exists', 'skipped js/app.js (exists)'],
      ['fail', 'gone', 'failed js/app.js: gone'],
      ['unknown', 'was on its way', 'unknown js/app.js: was on its way'],
    ];
    for (const [action, reason, done, planned = done] of rows) {
      assert.equal(outcomeText({ ...PUT, action, reason }, SITE), done);
      assert.equal(outcomeText({ ...PUT, action, reason }, { ...SITE, dryRun: true }), planned);
    }
  });

  test('of a copy through this machine, with the way', () => {
    const copy: Outcome = { ...PUT, action: 'copy', way: 'relayed: another service' };
    assert.equal(outcomeText(copy, SITE), 'copied js/app.js (new, 12.3 kB, relayed: another service)');
    assert.equal(
      outcomeText({ ...copy, way: 'copied by the server' }, SITE),
      'copied js/app.js (new, 12.3 kB)',
      'the usual way is not named',
    );
  });

  test('with the headers that are sent and the size that is replaced, where all is shown', () => {
    const verbose = { ...SITE, verbose: true };
    const html = { contentType: 'text/html; charset=utf-8', cacheControl: 'no-cache' };
    const differs: Outcome = { ...PUT, ...html, reason: 'content differs', replacedBytes: 12_000 };
    assert.equal(
      outcomeText(differs, verbose),
      'uploaded js/app.js (content differs, 12.0 kB → 12.3 kB · text/html; charset=utf-8 · no-cache)',
    );
    assert.equal(outcomeText(differs, SITE), 'uploaded js/app.js (content differs, 12.3 kB)');
    assert.equal(
      outcomeText({ ...PUT, contentEncoding: 'br' }, { ...verbose, dryRun: true }),
      'would upload js/app.js (new, 12.3 kB · encoding br)',
    );
    assert.equal(
      outcomeText({ ...PUT, bytes: 1_234, contentEncoding: 'gzip', cacheControl: 'a\nb' }, verbose),
      'uploaded js/app.js (new, gzip 1.2 kB of 12.3 kB · a\\nb)',
      'the compression of this run is named once',
    );
    assert.equal(outcomeText(PUT, verbose), 'uploaded js/app.js (new, 12.3 kB)');
  });

  test('of a change of headers, with the names; with the values below, where all is shown and in a dry run', () => {
    const headerChanges = [
      { name: 'cache-control', from: 'no-cache', to: 'public, max-age=600' },
      { name: 'expires', from: 'Thu, 01 Jan 2026 00:00:00 GMT' },
      { name: 'x-amz-meta-build', to: 'a\nb' },
    ];
    const changed: Outcome = { ...PUT, action: 'metadata', reason: 'headers differ', bytes: 0, headerChanges };
    const below = [
      '  cache-control: no-cache → public, max-age=600',
      '  expires: Thu, 01 Jan 2026 00:00:00 GMT → (none)',
      '  x-amz-meta-build: (none) → a\\nb',
    ].join('\n');
    const head = 'change the headers of js/app.js';
    assert.equal(
      outcomeText(changed, SITE),
      'changed the headers of js/app.js (cache-control, expires, x-amz-meta-build)',
    );
    assert.equal(outcomeText(changed, { ...SITE, verbose: true }), `changed the headers of js/app.js\n${below}`);
    assert.equal(outcomeText(changed, { ...SITE, dryRun: true }), `would ${head}\n${below}`);
    assert.equal(
      outcomeText({ ...changed, action: 'put', bytes: 3, sourceBytes: 3 }, { ...SITE, dryRun: true }),
      `would upload js/app.js (headers differ, 3 B)\n${below}`,
      'where the file is uploaded for its headers',
    );
    assert.equal(
      outcomeText({ ...changed, action: 'skip', reason: 'headers differ, not repaired' }, { ...SITE, verbose: true }),
      `unchanged js/app.js (headers differ, not repaired)\n${below}`,
    );
    assert.equal(outcomeText({ ...changed, headerChanges: [] }, SITE), 'changed the headers of js/app.js');
    const long = outcomeText({ ...changed, headerChanges: [{ name: 'a', to: 'x'.repeat(3_000) }] }, { dryRun: true });
    assert.ok(long.length < 300, 'a long value is cut');
  });

  test('of a compressed put, with both sizes', () => {
    const gzip: Outcome = { ...PUT, bytes: 1_234, sourceBytes: 4_000 };
    assert.equal(outcomeText(gzip, SITE), 'uploaded js/app.js (new, gzip 1.2 kB of 4.0 kB)');
  });

  test('of a failure, which names the object once, and the fix below', () => {
    assert.equal(
      outcomeText(failed(DENIED), SITE),
      'failed js/app.js: AccessDenied (403, request 4F1A): Access Denied\n  The credentials lack s3:PutObject.',
    );
  });

  test('of a failure without an answer, or without an error', () => {
    const gone = new SourceError('ENOENT', 'dist/app.js is gone');
    assert.equal(outcomeText(failed(gone), SITE), 'failed js/app.js: is gone');
    assert.equal(outcomeText(failed(undefined), SITE), 'failed js/app.js: unreadable');
  });

  test('whatever a name holds', () => {
    const forged = { ...PUT, origin: 'a\nput b', key: 'a\u001b[2Jb\r\u202e' };
    const text = outcomeText(forged, SITE);
    assert.equal(text, 'uploaded a\\x1b[2Jb\\r\\u202e from a\\nput b (new, 12.3 kB)');
    const error = new S3RequestError('PutObject s3://my-site/a\nb: NoSuchKey', {
      code: 'NoSuchKey',
      verb: 'PutObject',
      bucket: 'my-site',
      key: 'a\nb',
      hint: 'x\ny',
    });
    const lines = outcomeText({ ...failed(error), key: 'a\nb' }, SITE).split('\n');
    assert.deepEqual(lines, ['failed a\\nb from dist/app.js: NoSuchKey', '  x\\ny']);
  });

  test('with colour where it is wanted', () => {
    const paint = (tone: string, text: string): string => `<${tone}>${text}</>`;
    assert.match(outcomeText(PUT, { ...SITE, paint }), /^<good>uploaded<\/> js/);
    assert.match(outcomeText(failed(DENIED), { ...SITE, paint }), /^<bad>failed<\/> .*\n {2}<faint>The/);
  });
});

describe('the summary', () => {
  test('says files, bytes, seconds, the rate and what is unchanged', () => {
    assert.equal(summaryText(REPORT), 'Uploaded 1,200 files, 3.4 MB, in 2.5 s (1.4 MB/s); 30 unchanged.');
  });

  test('says both totals where bodies were compressed', () => {
    const report: Report = { ...REPORT, sourceBytes: 9_900_000 };
    assert.match(summaryText(report), /^Uploaded 1,200 files, 3\.4 MB \(9\.9 MB before compression\), in 2\.5 s/);
    const dry = summaryText({ ...report, dryRun: true });
    assert.match(dry, /^Would upload 1,200 files, 3\.4 MB \(9\.9 MB before compression\);/);
  });

  test('has no part that is zero', () => {
    const report: Report = { ...REPORT, counts: { ...REPORT.counts, put: 1, skip: 0 }, reasons: { new: 1 } };
    assert.equal(summaryText(report), 'Uploaded 1 file, 3.4 MB, in 2.5 s (1.4 MB/s).');
  });

  test('says that there was nothing to do, or that nothing was done', () => {
    const none: Report = { ...REPORT, counts: { ...REPORT.counts, put: 0 }, reasons: { 'same content': 30 }, bytes: 0 };
    const ended: Report = { ...none, complete: false, notAttempted: 7 };
    const empty: Report = { ...none, counts: { ...none.counts, skip: 0 }, reasons: {} };
    const failing: Report = { ...none, counts: { ...none.counts, fail: 1 } };
    const rows: readonly (readonly [Report, put: string, copy: string])[] = [
      [none, 'Nothing to upload; 30 unchanged.', 'Nothing to copy; 30 unchanged.'],
      [empty, 'Nothing to upload.', 'Nothing to copy.'],
      [failing, 'Nothing uploaded; 30 unchanged, 1 failed.', 'Nothing copied; 30 unchanged, 1 failed.'],
      [ended, 'Nothing uploaded; 30 unchanged, 7 not attempted.', 'Nothing copied; 30 unchanged, 7 not attempted.'],
      [{ ...empty, complete: false }, '', ''],
      [{ ...empty, complete: false, notAttempted: undefined }, '', ''],
      [{ ...none, dryRun: true }, 'Nothing to upload; 30 unchanged.', 'Nothing to copy; 30 unchanged.'],
      [
        { ...failing, dryRun: true },
        'Nothing planned; 30 unchanged, 1 failed.',
        'Nothing planned; 30 unchanged, 1 failed.',
      ],
      [
        { ...ended, counts: { ...none.counts, unknown: 2 } },
        'No upload was confirmed; 30 unchanged, 2 unknown (may have been stored), 7 not attempted.',
        'No copy was confirmed; 30 unchanged, 2 unknown (may have been stored), 7 not attempted.',
      ],
    ];
    for (const [report, put, copy] of rows) {
      assert.equal(summaryText(report, { brief: true }), put);
      assert.equal(summaryText(report, { brief: true, doing: 'copy' }), copy);
    }
  });

  test('in brief is one line, and the warnings', () => {
    const report: Report = { ...REPORT, dryRun: true, retries: 3, warnings: ['first'], warningsOmitted: 1 };
    assert.equal(
      summaryText(report, { brief: true }),
      'Would upload 1,200 files, 3.4 MB; 30 unchanged.\nWarning: first\n… and 1 more warning.',
    );
  });

  test('tells what was skipped for other reasons from what is unchanged', () => {
    const report: Report = {
      ...REPORT,
      counts: { ...REPORT.counts, skip: 35 },
      reasons: { 'same content': 20, 'same size': 10, exists: 4, 'a socket': 1 },
    };
    assert.match(summaryText(report), /; 30 unchanged, 5 skipped\.$/);
  });

  test('of a copy counts what was copied', () => {
    const report = { ...REPORT, counts: { ...REPORT.counts, put: 0, copy: 3 }, sourceBytes: 0 };
    const text = summaryText(report, { doing: 'copy' });
    assert.equal(text, 'Copied 3 objects, 3.4 MB, in 2.5 s (1.4 MB/s); 30 unchanged.');
    assert.match(summaryText(report, { doing: 'copy', verbose: true }), / \(1\.4 MB\/s, 480 objects\/s\); /);
    assert.match(
      summaryText({ ...report, dryRun: true }, { doing: 'copy' }),
      /^Would copy 3 objects, 3\.4 MB; 30 unch/,
    );
  });

  test('of a dry run says that nothing was written', () => {
    const text = summaryText({ ...REPORT, dryRun: true });
    assert.equal(text, 'Would upload 1,200 files, 3.4 MB; 30 unchanged.\nDry run: nothing was written.');
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
    assert.match(summaryText({ ...REPORT, retries: 2 }), /\n2 retries\.$/);
  });

  test('says once that headers were not compared, and what sends them', () => {
    const reasons = { 'same content, headers not compared': 30 };
    const text = summaryText({ ...REPORT, reasons });
    assert.equal(text.match(/headers not compared/gi)?.length, 1);
    assert.match(text, /30 objects .*; updateHeaders compares them\.$/m);
    assert.match(text, /30 unchanged/);
    assert.match(summaryText({ ...REPORT, reasons }, { doing: 'copy' }), /; mode: 'stupid' copies all again\.$/m);
    assert.doesNotMatch(summaryText({ ...REPORT, reasons }, { comparesHeaders: true }), /not compared/);
  });

  test('counts headers that changed beside what was uploaded, or alone', () => {
    const counts = { ...REPORT.counts, metadata: 1_212 };
    const report: Report = { ...REPORT, counts };
    const only: Report = { ...report, counts: { ...counts, put: 0 }, bytes: 0 };
    const one: Report = { ...only, counts: { ...counts, put: 0, metadata: 1, skip: 0 }, reasons: {} };
    const failing: Report = { ...only, counts: { ...counts, put: 0, fail: 2 }, complete: false, notAttempted: 3 };
    const dry = { dryRun: true };
    const rows: readonly (readonly [Report, string])[] = [
      [report, 'Uploaded 1,200 files, 3.4 MB, in 2.5 s (1.4 MB/s); headers of 1,212 changed, 30 unchanged.'],
      [{ ...report, ...dry }, 'Would upload 1,200 files, 3.4 MB; headers of 1,212 to change, 30 unchanged.'],
      [only, 'Changed the headers of 1,212 files, in 2.5 s; 30 unchanged.'],
      [{ ...only, ...dry }, 'Would change the headers of 1,212 files; 30 unchanged.'],
      [one, 'Changed the headers of 1 file, in 2.5 s.'],
      [failing, 'Changed the headers of 1,212 files, in 2.5 s; 30 unchanged, 2 failed, 3 not attempted.'],
    ];
    for (const [each, text] of rows) assert.equal(summaryText(each, { brief: true }), text);
  });

  test('says what the comparison of headers costs, in a dry run and where all is shown', () => {
    const heads = { 'headers compared': 10_000, 'no plain ETag': 3 };
    const cost =
      'Headers compared by 10,000 HEADs, one for each object with the same content: about $0.004 at AWS, in each run.';
    const lines = (report: Report, verbose = false) => summaryText(report, { verbose, comparesHeaders: true });
    assert.ok(lines({ ...REPORT, heads, dryRun: true }).includes(`\n${cost}`));
    assert.ok(lines({ ...REPORT, heads }, true).includes(`\n${cost}`));
    assert.doesNotMatch(lines({ ...REPORT, heads }), /HEAD/);
    assert.doesNotMatch(lines({ ...REPORT, heads: { 'no plain ETag': 3 }, dryRun: true }), /HEAD/);
    const one = lines({ ...REPORT, heads: { 'headers compared': 1 }, dryRun: true });
    assert.match(one, /by 1 HEAD, .* less than \$0\.001 at AWS/);
    const million = lines({ ...REPORT, heads: { 'headers compared': 1_000_000 }, dryRun: true });
    assert.match(million, /about \$0\.40 at AWS/);
  });

  test('says what the check of links has read, in a dry run and where all is shown', () => {
    const links = { documents: 310, references: 1_204, missing: 2, examples: [] };
    const line = 'Links: 1,204 references to files of the site in 310 documents; 2 missing.';
    assert.ok(summaryText({ ...REPORT, links, dryRun: true }).includes(`\n${line}`));
    assert.ok(summaryText({ ...REPORT, links }, { verbose: true }).includes(`\n${line}`));
    assert.doesNotMatch(summaryText({ ...REPORT, links }), /Links/);
    assert.doesNotMatch(summaryText(REPORT, { verbose: true }), /Links/);
    const one = { documents: 1, references: 1, missing: 0, unchecked: 1_000, examples: [] };
    assert.match(
      summaryText({ ...REPORT, links: one }, { verbose: true }),
      /\nLinks: 1 reference to files of the site in 1 document; 0 missing, 1,000 unknown\./,
    );
  });

  test('counts headers that differ and stay', () => {
    const text = (count: number) =>
      summaryText({ ...REPORT, reasons: { 'same content': 20, 'headers differ, not repaired': count } });
    assert.match(text(10), /; 30 unchanged\.\nHeaders of 10 objects differ, and were not repaired\.$/);
    assert.match(text(1), /\nHeaders of 1 object differ, and were not repaired\.$/);
  });

  test('says what the bucket has besides, and names the option that deletes it where it is off', () => {
    const lines = (report: Partial<Report>, deletes = false) =>
      summaryText({ ...REPORT, ...report }, { deletes })
        .split('\n')
        .slice(1);
    const deleted = { ...REPORT.counts, delete: 2 };
    const rows: readonly (readonly [Partial<Report>, deletes: boolean, string[]])[] = [
      [
        { strays: 3, straysComplete: true },
        false,
        ['3 keys are in the bucket that the source does not have; delete deletes such keys.'],
      ],
      [
        { strays: 1, straysComplete: false },
        false,
        ['At least 1 key is in the bucket that the source does not have; delete deletes such keys.'],
      ],
      [{ strays: 0, straysComplete: true }, false, []],
      [{ strays: 0, straysComplete: false }, false, []],
      [{}, false, []],
      [{ strays: 2, straysComplete: true, counts: deleted }, true, []],
      [
        { strays: 3, straysComplete: true, counts: deleted },
        true,
        ['1 key that the source does not have stays in the bucket.'],
      ],
      [{ strays: 2, straysComplete: true }, true, ['2 keys that the source does not have stay in the bucket.']],
      // Whether an object whose delete had no response is still there is unknown.
      [
        {
          strays: 5,
          straysComplete: true,
          phases: [{ phase: 'deletes', planned: 4, done: 1, failed: 1, unknown: 2, notAttempted: 0 }],
          counts: { ...REPORT.counts, delete: 1 },
        },
        true,
        ['1 key that the source does not have stays in the bucket.'],
      ],
    ];
    for (const [report, deletes, expected] of rows) assert.deepEqual(lines(report, deletes), expected);
    assert.match(summaryText({ ...REPORT, strays: 3 }, { brief: true }), /^[^\n]*$/);
  });

  test('says which phases were done and which not, where one has failed', () => {
    const phase = (name: 'assets' | 'data' | 'deletes', planned: number, done: number, failed: number, unknown = 0) =>
      ({ phase: name, planned, done, failed, unknown, notAttempted: planned - done - failed - unknown }) as const;
    const failed = [phase('assets', 12, 12, 0), phase('data', 4, 3, 1), phase('deletes', 2, 0, 0)];
    const text = summaryText({ ...REPORT, phases: failed });
    assert.match(text, /\nDone by phase: assets 12 of 12, data 3 of 4 \(1 failed\), deletes 0 of 2\.$/);
    const unknown = [phase('assets', 12, 9, 0, 3), phase('data', 4, 1, 1, 2)];
    assert.match(
      summaryText({ ...REPORT, phases: unknown }),
      /\nDone by phase: assets 9 of 12 \(3 unknown\), data 1 of 4 \(1 failed, 2 unknown\)\.$/,
    );
    for (const phases of [[phase('assets', 12, 12, 0), phase('data', 4, 4, 0)], [phase('deletes', 4, 1, 1)], []])
      assert.doesNotMatch(summaryText({ ...REPORT, phases }), /phase/);
  });

  test('counts what another writer has changed', () => {
    assert.match(
      summaryText({ ...REPORT, conflicts: 1 }),
      /\n1 object was changed by another writer during the run\.$/,
    );
    assert.match(summaryText({ ...REPORT, conflicts: 2 }), /\n2 objects were changed/);
  });

  test('of a deletion counts what was deleted', () => {
    const report: Report = { ...REPORT, counts: { ...REPORT.counts, put: 0, skip: 0, delete: 3 }, reasons: {} };
    const doing = { doing: 'delete' } as const;
    assert.equal(summaryText(report, doing), 'Deleted 3 objects, in 2.5 s.');
    assert.match(summaryText({ ...report, dryRun: true }, doing), /^Would delete 3 objects\.\n/);
    const none: Report = { ...report, counts: { ...report.counts, delete: 0 } };
    assert.equal(summaryText(none, doing), 'Nothing to delete.');
    assert.equal(
      summaryText({ ...none, complete: false, notAttempted: 3 }, doing),
      'Nothing deleted; 3 not attempted.',
    );
  });

  test('lists the requests when asked', () => {
    const text = summaryText(REPORT, { verbose: true });
    assert.match(text, /\nRequests: 1,200 PutObject, 2 ListObjectsV2; at most 64 at once\.$/);
    assert.match(summaryText({ ...REPORT, concurrency: 0 }, { verbose: true }), /1,200 PutObject, 2 ListObjectsV2\.$/);
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
    assert.equal(outcomeText(unknown, SITE), 'unknown js/app.js: was on its way');
  });

  test('is counted apart from failures, and the summary says what helps', () => {
    const counts = { ...REPORT.counts, unknown: 64 };
    assert.match(
      summaryText({ ...REPORT, counts, complete: false, notAttempted: 7 }),
      /30 unchanged, 64 unknown \(may have been stored\), 7 not attempted\.\n.*Run again/,
    );
  });
});

describe('an object of a report is listed', () => {
  const at = { key: 'js/app.js', origin: 'dist/app.js' };
  const failure = { ...at, code: undefined, status: undefined, requestId: undefined, hint: undefined };
  const rows: readonly (readonly [message: string, line: string])[] = [
    ['PutObject s3://my-site/js/app.js: AccessDenied (403)', 'failed js/app.js: AccessDenied (403)'],
    ['dist/app.js changed while it was read, twice', 'failed js/app.js: changed while it was read, twice'],
    ['cannot read s3://x/js/app.js: no', 'failed js/app.js: cannot read s3://x/js/app.js: no'],
    ['a\nb', 'failed js/app.js: a\\nb'],
  ];
  for (const [message, line] of rows)
    test(`as ${line}`, () => assert.equal(listedText('failed', { ...failure, message }, SITE), line));

  test('with its origin where that does not follow from the key, and by it where there is no key', () => {
    const message = 'dist/app.js was on its way';
    assert.equal(listedText('unknown', { ...at, message }, {}), 'unknown js/app.js from dist/app.js: was on its way');
    assert.equal(listedText('failed', { key: '', origin: 'a.tar', message: 'a.tar: bad' }, SITE), 'failed a.tar: bad');
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
