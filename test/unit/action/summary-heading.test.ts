import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeError } from '../../../src/action/errors.js';
import { summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { factsLine, heading, type RunFacts } from '../../../src/action/summary-heading.js';
import { AbortError, RefusedError, RunStoppedError, S3RequestError, UsageError } from '../../../src/errors.js';
import { secondsText } from '../../../src/report/format.js';
import { put, reportOf } from './samples.js';

const BUCKET = '`s3://my-site/docs`';
const SITE = '[www.example.com/docs](https://www.example.com/docs/)';
const url = 'https://www.example.com/docs/';

function outcomesOf(...reasons: readonly string[]): RunFacts['outcomes'] {
  const all = summarizeOutcomes();
  for (const reason of reasons) all.add(put('a.html', { reason }));
  return all.summary();
}

function factsOf(more: Partial<RunFacts>): RunFacts {
  return {
    doing: 'put',
    bucket: 'my-site',
    prefix: 'docs',
    url: '',
    commit: undefined,
    outcomes: outcomesOf(),
    report: reportOf(),
    dryRun: false,
    deletes: false,
    ...more,
  };
}

const SOME = reportOf({ counts: { put: 12, skip: 340 }, reasons: { 'content differs': 12, 'same content': 340 } });
const ALL_NEW = reportOf({ counts: { put: 102 }, reasons: { new: 102 } });
const ONE = reportOf({ counts: { put: 1, skip: 1 }, reasons: { new: 1, 'same size': 1 } });
const SAME = reportOf({ counts: { skip: 102 }, reasons: { 'same content': 102 } });
const EXISTS = reportOf({ counts: { skip: 3 }, reasons: { exists: 2, 'same content': 1 } });
const OLD = reportOf({ counts: { skip: 2 }, reasons: { exists: 2 } });
const NONE = reportOf();
const changed = outcomesOf('new', 'content differs');
const DELETED = reportOf({ counts: { put: 31, delete: 3, skip: 71 }, reasons: { 'same content': 71 } });
const ONLY_DELETED = reportOf({ counts: { delete: 1, skip: 71 }, reasons: { 'same content': 71 } });
const HEADERS = reportOf({ counts: { put: 3, metadata: 12, delete: 2, skip: 71 }, reasons: { 'same content': 71 } });
const ONLY_HEADERS = reportOf({ counts: { metadata: 1, skip: 71 }, reasons: { 'same content': 71 } });
const EMPTIED = reportOf({ counts: { delete: 12, skip: 1 }, reasons: { 'changed during the run': 1 } });

const DONE: readonly (readonly [Partial<RunFacts>, string])[] = [
  [{ report: SOME, outcomes: changed, url }, `✅ Deployed to ${SITE} — 12 files changed, 340 unchanged`],
  [{ report: SOME, outcomes: changed }, `✅ Uploaded to ${BUCKET} — 12 files changed, 340 unchanged`],
  [{ report: ALL_NEW, outcomes: outcomesOf('new'), url }, `✅ Deployed to ${SITE} — 102 files uploaded`],
  [{ report: ONE, outcomes: changed, url }, `✅ Deployed to ${SITE} — 1 file changed, 1 unchanged`],
  [
    { report: SOME, outcomes: outcomesOf('content differs', 'forced') },
    `✅ Uploaded to ${BUCKET} — 12 files uploaded, 340 unchanged`,
  ],
  [{ report: SAME, url }, `✅ Nothing changed on ${SITE}: 102 files are as built`],
  [{ report: SAME }, `✅ Nothing changed in ${BUCKET}: 102 files are as built`],
  [{ report: EXISTS }, `✅ Nothing changed in ${BUCKET}: 1 file is as built, 2 skipped`],
  [{ report: OLD }, `✅ Nothing changed in ${BUCKET}: 2 files skipped`],
  [{ report: NONE }, `✅ Nothing to upload to ${BUCKET}`],
  [{ report: { ...NONE, warnings: ['none found'] }, url }, `⚠️ Nothing to upload to ${SITE} — 1 warning`],
  [
    { report: { ...SOME, warnings: ['a', 'b'] }, outcomes: changed },
    `⚠️ Uploaded to ${BUCKET} — 12 files changed, 340 unchanged, 2 warnings`,
  ],
  [
    { report: SOME, outcomes: changed, dryRun: true, url },
    `✅ Dry run: 12 files would be uploaded to ${SITE} — 340 unchanged`,
  ],
  [{ report: ALL_NEW, dryRun: true }, `✅ Dry run: 102 files would be uploaded to ${BUCKET}`],
  [{ report: SAME, dryRun: true, url }, `✅ Dry run: nothing would change on ${SITE}: 102 files are as built`],
  [{ report: NONE, dryRun: true }, `✅ Dry run: nothing to upload to ${BUCKET}`],
  [
    { report: reportOf({ counts: { copy: 2, skip: 1 }, reasons: { new: 2, 'same content': 1 } }), doing: 'copy' },
    `✅ Copied to ${BUCKET} — 2 objects copied, 1 unchanged`,
  ],
  [{ report: SAME, doing: 'copy' }, `✅ Nothing changed in ${BUCKET}: 102 objects are as in the source`],
  [
    { report: reportOf({ counts: { copy: 1 } }), doing: 'copy', dryRun: true, url },
    `✅ Dry run: 1 object would be copied to ${SITE}`,
  ],
  [{ report: DELETED, outcomes: changed, url }, `✅ Deployed to ${SITE} — 31 files changed, 3 deleted, 71 unchanged`],
  [
    { report: DELETED, outcomes: changed, dryRun: true },
    `✅ Dry run: 31 files would be uploaded to ${BUCKET} — 3 would be deleted, 71 unchanged`,
  ],
  [{ report: ONLY_DELETED, url }, `✅ Deployed to ${SITE} — 1 file deleted, 71 unchanged`],
  [{ report: ONLY_DELETED }, `✅ Deleted from ${BUCKET} — 1 file deleted, 71 unchanged`],
  [{ report: ONLY_DELETED, dryRun: true }, `✅ Dry run: 1 file would be deleted from ${BUCKET} — 71 unchanged`],
  [
    { report: HEADERS, outcomes: changed, url },
    `✅ Deployed to ${SITE} — 3 files changed, 12 with new headers, 2 deleted, 71 unchanged`,
  ],
  [
    { report: HEADERS, outcomes: changed, dryRun: true },
    `✅ Dry run: 3 files would be uploaded to ${BUCKET} — 12 would get new headers, 2 would be deleted, 71 unchanged`,
  ],
  [{ report: ONLY_HEADERS, url }, `✅ Deployed to ${SITE} — 1 file with new headers, 71 unchanged`],
  [{ report: ONLY_HEADERS }, `✅ Changed headers in ${BUCKET} — 1 file with new headers, 71 unchanged`],
  [{ report: ONLY_HEADERS, dryRun: true }, `✅ Dry run: 1 file would get new headers in ${BUCKET} — 71 unchanged`],
  [{ report: EMPTIED, doing: 'delete' }, `✅ Deleted from ${BUCKET} — 12 objects deleted, 1 skipped`],
  [
    { report: EMPTIED, doing: 'delete', dryRun: true },
    `✅ Dry run: 12 objects would be deleted from ${BUCKET} — 1 skipped`,
  ],
  [{ report: NONE, doing: 'delete' }, `✅ Nothing to delete from ${BUCKET}`],
];
describe('the heading of a run that did what it should', () => {
  for (const [more, said] of DONE) test(said, () => assert.equal(heading(factsOf(more), undefined), `### ${said}`));
});

const stop = new S3RequestError('denied', { code: 'AccessDenied', verb: 'PutObject', bucket: 'b' });
const part = reportOf({ complete: false, counts: { put: 1, fail: 2 }, notAttempted: 5 });
const open = reportOf({ complete: false, counts: { put: 1 }, notAttempted: undefined });
const none = reportOf({ complete: false, notAttempted: undefined });
const FAILED: readonly (readonly [Partial<RunFacts>, unknown, string])[] = [
  [
    {
      report: reportOf({ counts: { put: 28, fail: 3, skip: 71 }, reasons: { new: 28, 'same size': 71 } }),
      outcomes: changed,
      url,
    },
    undefined,
    `Deployment to ${SITE} failed — 3 files failed, 28 changed, 71 unchanged`,
  ],
  [
    { report: part, url },
    new RunStoppedError(stop, part),
    `Deployment to ${SITE} stopped — 2 files failed, 1 uploaded, 5 not attempted`,
  ],
  [
    { report: open },
    new AbortError(open, 'SIGTERM'),
    `Upload to ${BUCKET} aborted — 1 file uploaded, the rest not attempted`,
  ],
  [{ report: none }, new RefusedError('NoFilesFound', 'No files.', none), `Upload to ${BUCKET} refused`],
  [{ report: undefined }, new UsageError('bucket is missing.'), `Upload to ${BUCKET} failed`],
  [{ report: open }, undefined, `Upload to ${BUCKET} failed — 1 file uploaded, the rest not attempted`],
  [
    { report: reportOf({ counts: { fail: 2, put: 1 } }), dryRun: true },
    undefined,
    `Dry run for ${BUCKET} failed — 2 files failed, 1 would be uploaded`,
  ],
  [
    { report: part, doing: 'copy' },
    undefined,
    `Copy to ${BUCKET} failed — 2 objects failed, 1 copied, 5 not attempted`,
  ],
  [
    { report: reportOf({ complete: false, counts: { put: 9, fail: 1, delete: 2 }, notAttempted: 4 }), url },
    undefined,
    `Deployment to ${SITE} failed — 1 file failed, 9 uploaded, 2 deleted, 4 not attempted`,
  ],
  [
    { report: reportOf({ complete: false, counts: { fail: 1, delete: 2 } }), doing: 'delete' },
    undefined,
    `Deletion from ${BUCKET} failed — 1 object failed, 2 deleted`,
  ],
];
describe('the heading of a run that failed has what failed first', () => {
  for (const [more, error, said] of FAILED)
    test(said, () => assert.equal(heading(factsOf(more), describeError(error)), `### ❌ ${said}`));
});

test('only a web address becomes a link, and it stays one', () => {
  const report = SAME;
  assert.ok(
    heading(factsOf({ report, url: 'https://a.example/?x="><script>' }), undefined).includes(
      '](https://a.example/?x=%22%3E%3Cscript%3E)',
    ),
  );
  assert.ok(
    heading(factsOf({ report, url: 'https://a.example/a_b/(c)/`d`?e=1&copy;2' }), undefined).includes(
      '[a.example/a\\_b/\\(c\\)/\\`d\\`?e=1\\&copy;2](https://a.example/a_b/%28c%29/%60d%60?e=1&amp;copy;2)',
    ),
  );
  for (const other of [
    'javascript:alert(1)',
    'data:text/html,x',
    'a.example',
    `https://a.example/${'x'.repeat(3_000)}`,
  ]) {
    const text = heading(factsOf({ report, url: other }), undefined);
    assert.ok(text.includes(BUCKET) && !text.includes(']('), other);
  }
});

test('the second line has bucket, commit, size and time, without what the heading has', () => {
  const commit = { ref: 'feature/`x`', sha: '7c6e1f2a9b', url: undefined };
  const report = reportOf({ bytes: 336_000, sourceBytes: 336_000, seconds: 0.7 });
  const linked = { ...commit, url: 'https://github.com/o/r/commit/7c6e1f2a9b' };
  const time = secondsText(0.7);
  const rows: readonly (readonly [Partial<RunFacts>, string])[] = [
    [{ report, url, commit }, `${BUCKET} · \`feature/\\x60x\\x60@7c6e1f2\` · 336.0 kB in ${time}`],
    [{ report, commit: linked }, `[\`feature/\\x60x\\x60@7c6e1f2\`](${linked.url}) · 336.0 kB in ${time}`],
    [{ report }, `336.0 kB in ${time}`],
    [{ report: { ...report, sourceBytes: 1_000_000 } }, `336.0 kB (1.0 MB before compression) in ${time}`],
    [{ report: { ...report, sourceBytes: 336_049 } }, `336.0 kB in ${time}`],
    [{ report: { ...report, bytes: 0, sourceBytes: 0 }, url }, `${BUCKET} · ${time}`],
    [{ report: { ...report, bytes: 0, sourceBytes: 0, seconds: 0.004 }, url }, BUCKET],
    [{ report, dryRun: true, url }, `${BUCKET} · 336.0 kB`],
    [{ report: { ...report, bytes: 0, sourceBytes: 0 }, dryRun: true }, ''],
    [{ report: undefined, commit }, '`feature/\\x60x\\x60@7c6e1f2`'],
  ];
  for (const [more, said] of rows) assert.equal(factsLine(factsOf(more)), said);
});
