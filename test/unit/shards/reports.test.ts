import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readReports } from '../../../src/shards/reports.js';
import { makeTree } from '../../support/tree.js';

const SHARD = {
  index: 1,
  count: 2,
  scheme: 1,
  command: 'put',
  destination: 's3://site/',
  digest: 'abc',
  objects: 4,
  own: 2,
  left: 0,
};
const COUNTS = { put: 1, copy: 0, metadata: 0, skip: 0, delete: 0, fail: 0, unknown: 0 };
const REPORT = { complete: true, dryRun: false, counts: COUNTS, shard: SHARD };

test('reads the file of the Action, lines of --json, and files below the folder; nothing else', (t) => {
  const lines = Array.from({ length: 5_000 }, (_, at) => `{"type":"outcome","key":"${at}"}`).join('\n');
  const folder = makeTree(t, {
    'a.json': `{"outcomes":[\n{"key":"a"}\n],${JSON.stringify(REPORT).slice(1)}\n`,
    'b/report.jsonl': `${lines}\n${JSON.stringify({ type: 'report', ...REPORT })}\n`,
    'c/d/report.NDJSON': JSON.stringify(REPORT),
    // Lines that somebody gave the ending of one value.
    'd.json': `{"type":"outcome"}\n${JSON.stringify(REPORT)}\n`,
    'report.html': JSON.stringify(REPORT),
    'paths.txt': 'a',
  });
  const found = readReports(folder).reports;
  assert.deepEqual(
    found.map(({ name, shard, failure }) => [name.slice(folder.length + 1), shard?.index, shard?.digest, failure]),
    [
      ['a.json', 1, 'abc', undefined],
      ['b/report.jsonl', 1, 'abc', undefined],
      ['c/d/report.NDJSON', 1, 'abc', undefined],
      ['d.json', 1, 'abc', undefined],
    ].map(([name, ...rest]) => [`${name}`.replaceAll('/', process.platform === 'win32' ? '\\' : '/'), ...rest]),
  );
});

// NTFS would fill the hole.
const sparse = { skip: process.platform === 'win32' };

test('reads only the end of a file of the Action that is too long for one text', sparse, (t) => {
  const folder = makeTree(t, { 'long.json': '{"outcomes":[' });
  const file = openSync(join(folder, 'long.json'), 'r+');
  // A hole, which takes no room on most disks.
  writeSync(file, `\n],${JSON.stringify(REPORT).slice(1)}\n`, 5 * 1024 ** 3);
  closeSync(file);
  assert.deepEqual(
    readReports(folder).reports.map(({ shard, failure }) => [shard?.index, failure]),
    [[1, undefined]],
  );
});

test('what is cut off, empty or about something else is no report of a shard', (t) => {
  const whole = JSON.stringify(REPORT);
  const folder = makeTree(t, {
    'cut.json': whole.slice(0, -20),
    'cut.jsonl': `{"type":"outcome"}\n${whole.slice(0, -20)}`,
    'empty.json': '',
    'list.json': '[]',
    'none.json': 'null',
    'text.json': JSON.stringify({ ...REPORT, shard: { ...SHARD, index: '1' } }),
    'whole.json': JSON.stringify({ complete: true }),
  });
  assert.deepEqual(
    readReports(folder).reports.map(({ shard }) => shard),
    Array(7).fill(undefined),
  );
});

test('a shard is done only where its report says so', () => {
  const failure = (change: object): string | undefined => readReports([{ ...REPORT, ...change }]).reports[0]?.failure;
  assert.equal(failure({}), undefined);
  assert.equal(failure({ counts: { ...COUNTS, fail: 1 } }), '1 object failed');
  assert.equal(failure({ counts: { ...COUNTS, fail: 2, unknown: 1 } }), '3 objects failed');
  assert.equal(failure({ complete: false }), 'it was not complete');
  assert.equal(failure({ complete: undefined }), 'it was not complete');
  assert.equal(failure({ error: { message: 'The run was aborted.' } }), 'The run was aborted');
});

test('a folder that is not there, or is none, is a usage error', (t) => {
  const folder = makeTree(t, { 'a.json': '{}' });
  assert.throws(() => readReports(`${folder}/none`), {
    name: 'UsageError',
    message: /^reports is ".*none", which cannot be read: /,
  });
  assert.throws(() => readReports(`${folder}/a.json`), {
    name: 'UsageError',
    message: /^reports is ".*a\.json", which is not a folder\.$/,
  });
});
