import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkPageFile, openReportPage } from '../../../src/config/report-page.js';
import { outcomeOf, reportOf } from '../../support/report-page.js';
import { makeTree } from '../../support/tree.js';

const RUN = { doing: 'put', dryRun: false, bucket: 'site', prefix: 'p/', env: {}, render: String } as const;

test('a page replaces the file as a whole, and leaves no other', async (t) => {
  const folder = makeTree(t, { 'report.html': 'old' });
  const page = openReportPage(checkPageFile(join(folder, 'report.html')), RUN);
  page.add(outcomeOf('p/a.html'));
  assert.equal(readFileSync(join(folder, 'report.html'), 'utf8'), 'old');
  assert.equal(await page.end(reportOf([outcomeOf('p/a.html')]), undefined), undefined);
  const text = readFileSync(join(folder, 'report.html'), 'utf8');
  assert.match(text, /<h1>s3:\/\/site\/p<\/h1>[\s\S]*<td>a\.html<td>/);
  assert.deepEqual(readdirSync(folder), ['report.html']);
});

test('a file behind a link is replaced, and the link stays', (t) => {
  const folder = makeTree(t, { 'real/report.html': 'old' });
  symlinkSync(join(folder, 'real/report.html'), join(folder, 'link.html'));
  assert.equal(checkPageFile(join(folder, 'link.html')), realpathSync.native(join(folder, 'real/report.html')));
});

test('a file that cannot be written is a usage error, and nothing is left of the try', (t) => {
  const folder = makeTree(t, { file: 'x' });
  mkdirSync(join(folder, 'sub'));
  const cases = [
    ['sub', /is a folder/],
    ['no/report.html', /cannot be written: .*ENOENT/],
    ['file/report.html', /cannot be written: .*ENOTDIR/],
  ] as const;
  for (const [name, message] of cases)
    assert.throws(() => checkPageFile(join(folder, name)), { name: 'UsageError', message });
  assert.deepEqual(readdirSync(folder).sort(), ['file', 'sub']);
});

test('a page that cannot be written at the end is an error, not an exception', async (t) => {
  const folder = makeTree(t, {});
  const error = await openReportPage(join(folder, 'gone/report.html'), RUN).end(undefined, undefined);
  assert.equal((error as NodeJS.ErrnoException | undefined)?.code, 'ENOENT');
});
