import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutcomeSummary, summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { type SummaryInput, summaryMarkdown } from '../../../src/action/summary.js';
import { ConfigError } from '../../../src/config/config-error.js';
import { AbortError, PartialFailureError, UsageError } from '../../../src/errors.js';
import { secondsText } from '../../../src/report/format.js';
import { msg } from '../../../src/report/message.js';
import type { Outcome } from '../../../src/report/types.js';
import { failed, put, reportOf } from './samples.js';

function outcomesOf(...outcomes: readonly Outcome[]): OutcomeSummary {
  const all = summarizeOutcomes('docs');
  for (const outcome of outcomes) all.add(outcome);
  return all.summary();
}

function summary(more: Partial<SummaryInput>): string {
  return summaryMarkdown({
    doing: 'put',
    bucket: 'my-site',
    prefix: 'docs',
    url: undefined,
    commit: undefined,
    outcomes: outcomesOf(),
    report: reportOf(),
    error: undefined,
    dryRun: false,
    deletes: false,
    reportPath: '',
    ...more,
  });
}

test('a run in full', () => {
  const report = reportOf({
    counts: { put: 2, skip: 41, fail: 1 },
    reasons: { new: 1, 'content differs': 1, 'same content': 37, 'same content, headers not compared': 3, exists: 1 },
    requests: { PutObject: 5, ListObjectsV2: 1, HeadObject: 2 },
    retries: 2,
    throttles: 1,
    warnings: ['Only sizes were compared.'],
  });
  const outcomes = outcomesOf(
    put('docs/b.html', { reason: 'content differs', bytes: 12, contentType: 'text/html', cacheControl: 'no-cache' }),
    put('docs/a.html', { contentType: 'text/html' }),
    failed('docs/c.html', 'AccessDenied', { message: 'Access Denied', hint: msg`Check {endpointUrl}.` }),
  );
  const error = new PartialFailureError('1 of 44 objects failed.', report);
  const commit = { ref: 'main', sha: '7c6e1f2a9b', url: 'https://github.com/o/r/commit/7c6e1f2a9b' };
  assert.equal(
    summary({ outcomes, report, error, url: 'https://docs.example', commit }),
    `### ❌ Deployment to [docs.example](https://docs.example/) failed — 1 file failed, 2 changed, 40 unchanged, 1 skipped, 1 warning

\`s3://my-site/docs\` · [\`main@7c6e1f2\`](https://github.com/o/r/commit/7c6e1f2a9b) · 2.5 kB in ${secondsText(2)}

> [!CAUTION]
> <p><strong>1 file failed:</strong> <code>AccessDenied</code><br><code>docs/c.html</code><br>Access Denied<br>Check endpoint-url.</p>

> [!WARNING]
> <p>Only sizes were compared.</p>

|  | new | changed | failed |
| :--- | ---: | ---: | ---: |
| **Pages** | 1 | 1 | 1 |

<details><summary>What changed (2 files)</summary>

\`\`\`diff
+ a.html  1.2 kB  –         text/html
! b.html    12 B  no-cache  text/html
\`\`\`

</details>

> [!NOTE]
> <p>3 unchanged files keep the headers they were uploaded with. <code>update-headers: true</code> sets those that differ.</p>

2 retries, 1 throttle; at most 8 requests at once.
`,
  );
});

test('a dry run shows the plan as a diff that is not folded', () => {
  const outcomes = outcomesOf(
    put('docs/a.html', { contentType: 'text/html' }),
    put('docs/b.html', { reason: 'size differs', bytes: 7, cacheControl: 'no-cache', replacedBytes: 9 }),
  );
  const report = reportOf({
    dryRun: true,
    counts: { put: 2, skip: 340 },
    reasons: { new: 1, 'size differs': 1, 'same content': 340 },
  });
  const text = summary({ outcomes, report, dryRun: true });
  assert.equal(
    text,
    `### ✅ Dry run: 2 files would be uploaded to \`s3://my-site/docs\` — 340 unchanged

2.5 kB

|  | new | changed |
| :--- | ---: | ---: |
| **Pages** | 1 | 1 |

\`\`\`diff
+ a.html     1.2 kB  –         text/html
! b.html  9 B → 7 B  no-cache
\`\`\`
`,
  );
});

test('a run that compares headers says which it changes, and what that costs', () => {
  const outcomes = outcomesOf(
    put('docs/a.html', {
      action: 'metadata',
      reason: 'headers differ',
      bytes: 0,
      headerChanges: [{ name: 'cache-control', from: 'max-age=60', to: 'no-cache' }],
    }),
  );
  const report = reportOf({
    dryRun: true,
    bytes: 0,
    sourceBytes: 0,
    counts: { metadata: 1, skip: 3 },
    reasons: { 'headers differ': 1, 'same content': 2, 'same content, headers not compared': 1 },
    heads: { 'headers compared': 3 },
  });
  assert.equal(
    summary({ outcomes, report, dryRun: true, comparesHeaders: true }),
    `### ✅ Dry run: 1 file would get new headers in \`s3://my-site/docs\` — 3 unchanged

|  | headers |
| :--- | ---: |
| **Pages** | 1 |

\`\`\`diff
! a.html  (cache-control: max-age=60 → no-cache)
\`\`\`

Each run compares headers by one HEAD for each file with the same content: 3, less than $0.001 at AWS.
`,
  );
});

test('changes that are only counted are said to be in the report', () => {
  const outcomes = outcomesOf(...Array.from({ length: 30 }, (_, index) => put(`docs/${index}.html`)));
  const report = reportOf({ counts: { put: 30 }, reasons: { new: 30 } });
  const named = summary({ outcomes, report, reportPath: 'r.json' });
  assert.match(
    named,
    /\+ … 20 more pages\n```\n\n<p>Every file is in the report <code>r\.json<\/code>\.<\/p>\n\n<\/details>/,
  );
  assert.match(summary({ outcomes, report, reportPath: '' }), /<p>Every file is in the log\.<\/p>/);
});

test('what does not fit is said once to be in the report', () => {
  const long = 'x'.repeat(1_500);
  const keys = Array.from({ length: 2_000 }, (_, index) => `docs/${index % 100}/${index}-${long}.html`);
  const report = reportOf({ counts: { put: 2_000 }, reasons: { new: 2_000 } });
  const text = summary({ outcomes: outcomesOf(...keys.map((key) => put(key))), report, reportPath: 'r.json' });
  assert.match(text, /<p>[\d,]+ more in the report <code>r\.json<\/code><\/p>\n\n<\/details>/);
  assert.doesNotMatch(text, /Every file/);
});

test('a dry run folds a list of more than 100 lines', () => {
  const keys = Array.from({ length: 100 }, (_, index) => `docs/${index % 20}/${index}.html`);
  const report = reportOf({ dryRun: true, counts: { put: 100 }, reasons: { new: 100 } });
  const text = summary({ outcomes: outcomesOf(...keys.map((key) => put(key))), report, dryRun: true });
  assert.match(text, /<details><summary>What would change \(100 files\)<\/summary>\n\n```diff\n {2}0\/\n/);
});

test('a run that changed nothing is short', () => {
  const report = reportOf({ counts: { skip: 3 }, reasons: { 'same content': 3 }, bytes: 0 });
  const skips = ['a', 'b', 'c'].map((key) => put(key, { action: 'skip', reason: 'same content', bytes: 0 }));
  assert.equal(
    summary({ report, outcomes: outcomesOf(...skips) }),
    `### ✅ Nothing changed in \`s3://my-site/docs\`: 3 files are as built\n\n${secondsText(2)}\n`,
  );
});

test('the error that ended the run is under the heading, with its fix', () => {
  const error = new UsageError(msg`{partSize} is 1.`, msg`Raise {partSize}.`);
  assert.equal(
    summary({ report: undefined, error }),
    '### ❌ Upload to `s3://my-site/docs` failed\n\n> [!CAUTION]\n> <p><strong>The inputs cannot be used</strong><br>part-size is 1.<br>Raise part-size.</p>\n',
  );
  const wrong = new ConfigError('s3.yaml', { line: 3, column: 7 }, 'partSize is 1.', undefined);
  assert.ok(
    summary({ report: undefined, error: wrong }).includes('s3.yaml<span>:</span>3<span>:</span>7: partSize is 1.'),
  );
});

test('objects that may have been stored are counted and listed by key', () => {
  const unknown = Array.from({ length: 25 }, (_, index) => ({ key: `k${index}<b>`, origin: 'o', message: 'm' }));
  const report = reportOf({ complete: false, counts: { put: 3, unknown: 25 }, notAttempted: 7, unknown });
  const error = new AbortError(report, new Error('stopped by SIGTERM'));
  const text = summary({ report, error });
  assert.match(
    text,
    /^### ❌ Upload to `s3:\/\/my-site\/docs` aborted — 25 files unknown, 3 uploaded, 7 not attempted\n/,
  );
  assert.match(text, /25 files may have been stored: .*<br><code>k0&lt;b&gt;<\/code>, .* and 5 more<br>Run again: /);
});

const DELETES = [
  put('docs/new.html', { bytes: 1 }),
  put('docs/old.html', { action: 'delete', reason: 'not in the source', bytes: 0 }),
  put('docs/assets/app-1a2b.js', { action: 'delete', reason: 'not in the source', bytes: 0 }),
];

test('what is no longer in the build is a list of its own, and a column', () => {
  const counts = { put: 1, delete: 2 };
  const report = reportOf({ counts, strays: 3, straysComplete: true, conflicts: 1 });
  assert.equal(
    summary({ outcomes: outcomesOf(...DELETES), report, deletes: true }).replace(/^2\.5 kB in .*$/m, 'SIZE'),
    `### ✅ Uploaded to \`s3://my-site/docs\` — 1 file uploaded, 2 deleted

SIZE

|  | new | deleted |
| :--- | ---: | ---: |
| **Pages** | 1 | 1 |
| **Scripts** | – | 1 |

<details><summary>What changed (1 file)</summary>

\`\`\`diff
+ new.html  1 B
\`\`\`

</details>

<details><summary>No longer in the build (2 files deleted)</summary>

\`\`\`diff
  assets/
-   app-1a2b.js
- old.html
\`\`\`

</details>

> [!NOTE]
> <p>1 key below the prefix is not in the build, and stays.</p>

Another writer changed 1 object during the run.
`,
  );
});

test('a dry run shows what it would delete without folding it', () => {
  const report = reportOf({ dryRun: true, counts: { put: 1, delete: 2 }, strays: 2, straysComplete: true });
  assert.match(
    summary({ outcomes: outcomesOf(...DELETES), report, dryRun: true, deletes: true }),
    /\n\n\*\*No longer in the build \(2 files would be deleted\)\*\*\n\n```diff\n {2}assets\/\n- {3}app-1a2b\.js\n- old\.html\n```\n$/,
  );
});

test('ever so many deletes leave room for what changed, and the summary in its limit', () => {
  const long = (action: 'put' | 'delete') =>
    Array.from({ length: 3_000 }, (_, index) =>
      put(`docs/${action}-${index}/${'x'.repeat(1_000)}.html`, { action, reason: 'not in the source' }),
    );
  const outcomes = outcomesOf(...long('put'), ...long('delete'));
  const text = summary({ outcomes, report: reportOf({ counts: { put: 3_000, delete: 3_000 } }), reportPath: 'r.json' });
  assert.ok(Buffer.byteLength(text) <= 1_000_000);
  assert.match(
    text,
    /What changed \(3,000 files\)[\s\S]*```diff[\s\S]*No longer in the build \(3,000 files deleted\)[\s\S]*```diff/,
  );
});
