import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type OutcomeSummary, summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { type SummaryInput, summaryMarkdown } from '../../../src/action/summary.js';
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
import { failed, put, reportOf } from './samples.js';

function outcomesOf(...outcomes: readonly Outcome[]): OutcomeSummary {
  const all = summarizeOutcomes();
  for (const outcome of outcomes) all.add(outcome);
  return all.summary();
}

function summary(more: Partial<SummaryInput>): string {
  return summaryMarkdown({
    doing: 'put',
    bucket: 'my-site',
    prefix: 'docs',
    url: undefined,
    outcomes: outcomesOf(),
    report: reportOf(),
    error: undefined,
    dryRun: false,
    reportPath: undefined,
    ...more,
  });
}

const headingOf = (more: Partial<SummaryInput>): string => summary(more).split('\n')[0] ?? '';
const SOME = reportOf({ counts: { put: 12, skip: 340 }, reasons: { new: 12, 'same content': 340 } });

test('a run in full', () => {
  const report = reportOf({
    counts: { put: 2, skip: 41, fail: 1 },
    reasons: { new: 1, 'content differs': 1, 'same content': 40, exists: 1 },
    requests: { PutObject: 5, ListObjectsV2: 1, HeadObject: 2 },
    retries: 2,
    throttles: 1,
    warnings: ['Only sizes were compared.'],
  });
  const outcomes = outcomesOf(
    put('docs/a.html'),
    put('docs/b.html', { reason: 'content differs', bytes: 12, durationMs: 1_500 }),
    failed('docs/c.html', 'AccessDenied', { message: 'Access Denied', hint: msg`Check {endpointUrl}.` }),
  );
  const error = new PartialFailureError('1 of 44 objects failed.', report);
  assert.equal(
    summary({ outcomes, report, error, url: 'https://docs.example' }),
    `### ❌ Failed: 2 objects put, 40 unchanged, 1 skipped, 1 failed, 1 warning — \`s3://my-site/docs\`

<ul>
<li>1 object failed: <code>AccessDenied</code><br><code>docs/c.html</code><br>Access Denied<br>Check endpoint-url.</li>
</ul>

| Put | Unchanged | Skipped | Failed | Not attempted | Bytes | Time | Rate |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 2 | 40 | 1 | 1 | 0 | 2.5 kB | 2.0 s | 1.2 kB/s, 1.0 objects/s |

<p><a href="https://docs.example/">https://docs.example/</a></p>

<ul>
<li>⚠️ Warning: Only sizes were compared.</li>
</ul>

<details><summary>2 changed objects</summary>

\`\`\`diff
+ docs/a.html (new, 1.2 kB)
! docs/b.html (content differs, 12 B)
\`\`\`

</details>

<details><summary>Slowest and largest objects</summary>

<table>
<tr><th>Slowest</th><th>Size</th><th>Time</th></tr>
<tr><td><code>docs/b.html</code></td><td>12 B</td><td>1.5 s</td></tr>
<tr><td><code>docs/a.html</code></td><td>1.2 kB</td><td>0.01 s</td></tr>
</table>

<table>
<tr><th>Largest</th><th>Size</th><th>Time</th></tr>
<tr><td><code>docs/a.html</code></td><td>1.2 kB</td><td>0.01 s</td></tr>
<tr><td><code>docs/b.html</code></td><td>12 B</td><td>1.5 s</td></tr>
</table>

</details>

2 retries, 1 throttle; at most 8 requests at once. Estimated cost of requests: less than a cent (6 PUT, COPY, POST and LIST; 2 GET and HEAD; at the prices of S3 Standard in us-east-1).

\`\`\`mermaid
pie showData
title Objects
"new" : 1
"changed" : 1
"unchanged" : 40
"skipped" : 1
"failed" : 1
\`\`\`
`,
  );
});

test('a dry run shows the plan as a diff that is not folded', () => {
  const outcomes = outcomesOf(put('a.html'), put('b.html', { reason: 'size differs', bytes: 7 }));
  const report = reportOf({
    dryRun: true,
    counts: { put: 2, skip: 340 },
    reasons: { new: 1, 'size differs': 1, 'same content': 340 },
  });
  const text = summary({ outcomes, report, dryRun: true, prefix: '' });
  assert.ok(
    text.startsWith('### ✅ Dry run: would put 2 objects, 340 unchanged — `s3://my-site`\n\n| Would put | Unchanged |'),
  );
  assert.ok(
    text.includes(
      '\n\n```diff\n+ a.html (new, 1.2 kB)\n! b.html (size differs, 7 B)\n```\n\n340 unchanged.\n\n<details>',
    ),
  );
  assert.ok(!text.includes('Slowest') && !text.includes('Rate'));
});

test('a run that changed nothing is short', () => {
  const report = reportOf({ counts: { skip: 3 }, reasons: { 'same content': 3 }, bytes: 0 });
  const text = summary({ report });
  assert.ok(text.startsWith('### ✅ 0 objects put, 3 unchanged — '));
  assert.ok(!text.includes('<details>') && !text.includes('mermaid') && !text.includes('```'));
});

describe('the heading begins with the status', () => {
  const stop = new S3RequestError('denied', { code: 'AccessDenied', verb: 'PutObject', bucket: 'b' });
  const part = reportOf({ complete: false, counts: { put: 1 }, notAttempted: 5 });
  const open = reportOf({ complete: false, counts: { put: 1 }, notAttempted: undefined });
  const none = reportOf({ complete: false, notAttempted: undefined });
  const rows: readonly (readonly [Partial<SummaryInput>, string])[] = [
    [{ report: SOME }, '✅ 12 objects put, 340 unchanged'],
    [{ report: reportOf({ counts: { copy: 1 } }), doing: 'copy' }, '✅ 1 object copied, 0 unchanged'],
    [{ report: { ...SOME, warnings: ['a', 'b'] } }, '⚠️ 12 objects put, 340 unchanged, 2 warnings'],
    [
      { report: { ...SOME, warnings: ['a'] }, dryRun: true },
      '⚠️ Dry run: would put 12 objects, 340 unchanged, 1 warning',
    ],
    [
      { report: reportOf({ counts: { fail: 2 } }), dryRun: true },
      '❌ Dry run failed: would put 0 objects, 0 unchanged, 2 failed',
    ],
    [
      { report: part, error: new RunStoppedError(stop, part) },
      '❌ Stopped: 1 object put, 0 unchanged, 5 not attempted',
    ],
    [
      { report: open, error: new AbortError(open, 'SIGTERM') },
      '❌ Aborted: 1 object put, 0 unchanged, the rest not attempted',
    ],
    [{ report: none, error: new RefusedError('NoFilesFound', 'No files.', none) }, '❌ Refused'],
    [{ report: undefined, error: new UsageError('bucket is missing.') }, '❌ Failed'],
    [{ report: part }, '❌ Failed: 1 object put, 0 unchanged, 5 not attempted'],
  ];
  for (const [more, said] of rows)
    test(said, () => assert.equal(headingOf(more), `### ${said} — \`s3://my-site/docs\``));
});

test('the error that ended the run is under the heading, with its fix', () => {
  const error = new UsageError(msg`{partSize} is 1.`, msg`Raise {partSize}.`);
  assert.equal(
    summary({ report: undefined, error }),
    '### ❌ Failed — `s3://my-site/docs`\n\n<p><strong>The inputs cannot be used</strong><br>part-size is 1.<br>Raise part-size.</p>\n',
  );
  const wrong = new ConfigError('s3.yaml', { line: 3, column: 7 }, 'partSize is 1.', undefined);
  assert.ok(
    summary({ report: undefined, error: wrong }).includes('s3.yaml<span>:</span>3<span>:</span>7: partSize is 1.'),
  );
});

test('only a web address becomes a link', () => {
  assert.ok(
    summary({ url: 'https://a.example/?x="><script>' }).includes('<a href="https://a.example/?x=%22%3E%3Cscript%3E">'),
  );
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'a.example'])
    assert.ok(!summary({ url }).includes('<a '), url);
});

test('objects that may have been stored are counted and listed by key', () => {
  const unknown = Array.from({ length: 25 }, (_, index) => ({ key: `k${index}<b>`, origin: 'o', message: 'm' }));
  const report = reportOf({ complete: false, counts: { put: 3, unknown: 25 }, notAttempted: 7, unknown });
  const error = new AbortError(report, new Error('stopped by SIGTERM'));
  const text = summary({ report, error });
  assert.match(text, /^### ❌ Aborted: 3 objects put, 0 unchanged, 25 unknown, 7 not attempted/);
  assert.match(text, /\| Failed \| Unknown \(may have been stored\) \| Not attempted \|/);
  assert.match(text, /25 objects may have been stored: .*<br><code>k0&lt;b&gt;<\/code>, .* and 5 more<br>Run again: /);
});
