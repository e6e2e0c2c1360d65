import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { reportFile } from '../../../src/action/report-file.js';
import { put, reportOf } from './samples.js';

test('the report has the headers, the beginning and the replaced size of every object', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 's3pp-report-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const facts = { contentType: 'text/html', cacheControl: 'no-cache', contentEncoding: 'gzip', replacedBytes: 12 };
  const startedAt = new Date(1_750_000_000_000);
  const file = reportFile(folder, 'report.json');
  await file.add(put('a.html', { ...facts, startedAt }));
  await file.add(put('b.html'));
  assert.equal(await file.end(reportOf({ startedAt }), undefined), undefined);
  const { outcomes, ...report } = JSON.parse(readFileSync(file.path, 'utf8'));
  const { key, contentType, cacheControl, contentEncoding, replacedBytes } = outcomes[0];
  assert.deepEqual({ key, contentType, cacheControl, contentEncoding, replacedBytes }, { key: 'a.html', ...facts });
  assert.equal(outcomes[0].startedAt, startedAt.toISOString());
  assert.ok(!('cacheControl' in outcomes[1]));
  assert.equal(report.startedAt, startedAt.toISOString());
});
