import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { UsageError } from '../../../../src/errors.js';
import { msg } from '../../../../src/report/message.js';
import type { Report } from '../../../../src/report/types.js';
import { outcomeOf, pageOf, reportOf, siteOutcomes } from '../../../support/report-page.js';

/** A page without its style and script. */
const bodyOf = (page: string): string => page.replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '');

test('commit, URL and destination are on top, with links', () => {
  const page = bodyOf(pageOf(siteOutcomes(10)));
  const top = page.slice(page.indexOf('<header>'), page.indexOf('</header>'));
  assert.match(top, /<h1><a href="https:\/\/www\.example\.com\/docs-site\/"/);
  assert.match(
    top,
    /<a href="https:\/\/github\.com\/example\/site\/commit\/0123456789abcdef[^"]*"[^>]*>0123456789ab<\/a>/,
  );
  assert.match(top, /<code>s3:\/\/my-site\/docs-site<\/code>/);
  const bare = bodyOf(pageOf(siteOutcomes(10), { url: undefined, build: {} }));
  assert.match(bare, /<h1>s3:\/\/my-site\/docs-site<\/h1>/);
  assert.doesNotMatch(bare, /Commit|Repository|<a href="http/);
});

test('a page requests nothing: its policy forbids it, and nothing in it would', () => {
  const page = pageOf(siteOutcomes(100));
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/,
  );
  for (const name of ['style', 'script'] as const) {
    const text = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(text).digest('base64');
    assert.ok(policy.includes(`${name}-src 'sha256-${hash}'`), name);
  }
  assert.doesNotMatch(
    page,
    / (?:src|srcset|style|on\w+|data|action|ping)=|@import|url\(|<(?:img|iframe|object|embed|form|link)\b/,
  );
  for (const [, name] of page.matchAll(/([\w-]+)="https?:/g)) assert.equal(name, 'href');
});

test('the table has every object, and says when it has not', () => {
  const rows = (page: string): number => page.match(/^<tr class="s-/gm)?.length ?? 0;
  const whole = bodyOf(pageOf(siteOutcomes(300)));
  assert.equal(rows(whole), 300);
  assert.doesNotMatch(whole, /The table has/);
  const part = bodyOf(pageOf(siteOutcomes(300), {}, 100));
  assert.equal(rows(part), 100);
  assert.match(part, /The table has 100 of 300 objects: failures first/);
});

test('every status has a colour, and its count', () => {
  const outcomes = [
    ...siteOutcomes(25),
    outcomeOf('docs-site/s', { reason: 'forced' }),
    outcomeOf('docs-site/k', { action: 'skip', reason: 'kept until 2026-02-01' }),
    outcomeOf('docs-site/u', { action: 'unknown', reason: 'in flight' }),
    outcomeOf('docs-site/x', { action: 'skip', reason: 'exists' }),
  ];
  const page = pageOf(outcomes);
  const names = [
    'failed',
    'unknown',
    'new',
    'changed',
    'not-compared',
    'headers',
    'deleted',
    'stray',
    'unchanged',
    'skipped',
  ];
  for (const name of names) {
    assert.match(page, new RegExp(`\\.s-${name} \\{ --fill: `));
    assert.match(page, new RegExp(`<li class="s-${name}"><i></i><b>\\d+</b>`), name);
    assert.match(page, new RegExp(`<g class="s-${name}"><rect `), name);
  }
});

test('of strays that are only counted the page has the count', () => {
  const report = (more: Partial<Report>) => ({ report: { ...reportOf(siteOutcomes(3)), ...more } });
  assert.match(
    pageOf(siteOutcomes(3), report({ strays: 1_200, straysComplete: true })),
    /<b>1,200<\/b> Not in the source/,
  );
  assert.match(pageOf(siteOutcomes(3), report({ strays: 5, straysComplete: false })), /<b>≥ 5<\/b> Not in the source/);
});

test('invalidations, the live check and links are there where the report has them', () => {
  const none = bodyOf(pageOf(siteOutcomes(10)));
  assert.doesNotMatch(none, /CloudFront|Live check|<h2>Links/);
  const url = 'https://www.example.com/a.html';
  const report: Report = {
    ...reportOf(siteOutcomes(10)),
    invalidations: [
      { distributionId: 'E1', id: 'I1', paths: ['/a', '/b*'], status: 'created' },
      {
        distributionId: 'E2',
        paths: Array.from({ length: 300 }, (_, index) => `/p${index}`),
        status: 'failed',
        error: 'denied',
      },
    ],
    liveCheck: {
      ...{ url: 'https://www.example.com/', checked: 12, failed: 1 },
      failures: [{ url, key: 'a.html', message: 'status 500' }],
      warnings: [{ url, key: 'b.html', message: '10 bytes instead of 20' }],
    },
    links: {
      documents: 4,
      references: 90,
      missing: 3,
      examples: [{ document: 'a.html', url: 'x.png', resolved: '/x.png' }],
    },
    phases: [{ phase: 'pages', planned: 3, done: 2, failed: 1, unknown: 0, notAttempted: 0 }],
  };
  const page = bodyOf(pageOf(siteOutcomes(10), { report }));
  for (const text of [
    'E1',
    'I1',
    '/b*',
    '<td>failed',
    'E2: denied',
    '300 paths',
    'and 100 more',
    'status 500',
    '10 bytes instead of 20',
  ])
    assert.ok(page.includes(text), text);
  for (const text of ['12 pages and files', '90 references in 4 documents', 'x.png', 'and 2 more', '<td>pages'])
    assert.ok(page.includes(text), text);
});

test('jobs are there with their state, counts and reports, whatever their texts', () => {
  const job = { objects: 12_000, succeeded: 11_998, failed: 2, dollars: 0.32 };
  const report: Report = {
    ...reportOf(siteOutcomes(3)),
    batchJobs: [
      { ...job, id: 'job-1', status: 'Complete', report: 's3://logs/jobs/run/job-job-1/' },
      { ...job, id: 'job-2', status: 'Failed', why: '<b>no</b> rights' },
    ],
  };
  const page = bodyOf(pageOf(siteOutcomes(3), { report }));
  for (const text of [
    '<h2>S3 Batch Operations',
    ...['job-1', 'Complete', '12,000', '11,998', '2', 'about $0.32', 's3://logs/jobs/run/job-job-1/'].map(
      (cell) => `<td>${cell}</td>`,
    ),
    'job-2: &lt;b&gt;no&lt;/b&gt; rights',
  ])
    assert.ok(page.includes(text), text);
  assert.doesNotMatch(bodyOf(pageOf(siteOutcomes(3))), /Batch Operations/);
});

test('a run that was stopped says why, with options as the face writes them, also without a report', () => {
  const error = new UsageError(msg`Two sources give one key.`, msg`Use {keyBase} for one of them.`);
  const render = (text: unknown): string => String(text).replace('keyBase', '--key-base');
  const page = bodyOf(pageOf([], { report: undefined, error, render }));
  assert.match(page, /class="badge bad">Stopped/);
  assert.match(
    page,
    /role="alert"><p><strong>Two sources give one key\.<\/strong><\/p><p>Use --key-base for one of them\./,
  );
});

test('failures are listed with their hint once, many of them in a part that opens', () => {
  const failed = Array.from({ length: 500 }, (_, index) =>
    outcomeOf(`docs-site/${index}`, {
      action: 'fail',
      error: Object.assign(new Error(`put ${index}: AccessDenied`), { hint: 'Allow s3:PutObject.' }),
    }),
  );
  const page = bodyOf(pageOf(failed));
  assert.equal(page.match(/Allow s3:PutObject\./g)?.length, 1);
  assert.match(page, /<summary>190 more<\/summary>/);
  assert.match(page, /… and 300 more\./);
});

test('an empty run and one of a single empty object make a page too', () => {
  for (const outcomes of [[], [outcomeOf('docs-site/empty', { bytes: 0, sourceBytes: 0 })], siteOutcomes(400)])
    assert.doesNotMatch(bodyOf(pageOf(outcomes)), /NaN|Infinity|undefined|null/);
});

test('the badge says how the run ended', () => {
  const badge = (more: Parameters<typeof pageOf>[1], outcomes = [outcomeOf('docs-site/a')]): string =>
    /class="badge [^>]*>([^<]*)/.exec(pageOf(outcomes, more))?.[1] ?? '';
  const clean = { ...reportOf([outcomeOf('docs-site/a')]), warnings: [] };
  assert.equal(badge({ report: clean }), 'Done');
  assert.equal(badge({ report: { ...clean, warnings: ['w'] } }), 'Done, with warnings');
  assert.equal(badge({ report: clean, dryRun: true }), 'Dry run: nothing was written');
  assert.equal(badge({ report: { ...clean, complete: false } }), 'Failed');
  assert.equal(badge({ report: { ...clean, complete: false }, error: new Error('x') }), 'Stopped');
  // The live check, or an invalidation.
  assert.equal(badge({ report: clean, error: new Error('x') }), 'Failed');
});
