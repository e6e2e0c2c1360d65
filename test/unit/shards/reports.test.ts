import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, symlinkSync, writeSync } from 'node:fs';
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

test('reads what shells of Windows write: UTF-16 of both orders, a mark before UTF-8, and CRLF', (t) => {
  const own = { ...REPORT, shard: { ...SHARD, created: ['a.css'] } };
  const lines = Array.from({ length: 5_000 }, (_, at) => `{"type":"outcome","key":"${at}"}`).join('\r\n');
  const text = `\ufeff${lines}\r\n${JSON.stringify({ type: 'report', ...own })}\r\n`;
  const pretty = `\ufeff${JSON.stringify(own, null, 2).replaceAll('\n', '\r\n')}`;
  const folder = makeTree(t, {
    'a.jsonl': Buffer.from(text, 'utf16le'),
    'b.jsonl': Buffer.from(text, 'utf16le').swap16(),
    'c.jsonl': Buffer.from(text),
    'd.json': Buffer.from(pretty, 'utf16le'),
    'e.json': Buffer.from(pretty),
  });
  const { reports, changes } = readReports(folder);
  assert.deepEqual(
    reports.map(({ shard, failure }) => [shard?.digest, failure]),
    Array(5).fill(['abc', undefined]),
  );
  const { created, lacks } = changes();
  assert.deepEqual([[...created], lacks], [['a.css'], { changed: false, created: false }]);
});

test('keys of a text that a shell has written anew may have other characters, so that not all are known', (t) => {
  const text = JSON.stringify({ ...REPORT, shard: { ...SHARD, created: ['├ñ.css'] } });
  const folder = makeTree(t, { 'a.json': text });
  assert.deepEqual(readReports(folder).changes().lacks, { changed: false, created: false });
  const other = makeTree(t, { 'a.json': Buffer.from(`\ufeff${text}`, 'utf16le') });
  assert.deepEqual(readReports(other).changes().lacks, { changed: true, created: true });
});

test('says of each file why it is no report', (t) => {
  const folder = makeTree(t, {
    'a.json': '',
    'b.jsonl': Buffer.from('\ufeff', 'utf16le'),
    'c.json': JSON.stringify(REPORT).slice(0, -20),
    'd.jsonl': '{"type":"outcome"}\n{"type":"outc',
    'e.jsonl': '{"type":"outcome"}\n',
    'f.json': '{"name":"a package"}',
  });
  assert.deepEqual(
    readReports(folder).reports.map(({ problem }) => problem),
    [
      'is empty',
      'is empty',
      'is not JSON, or was cut off',
      'is not JSON, or was cut off',
      'has no report at its end: its run has not ended',
      'is no report of a shard',
    ],
  );
});

const links = { skip: process.platform === 'win32' };

test(
  'a link to a report is read, a link to a folder and a pipe are left out, and a broken link is an error',
  links,
  (t) => {
    const folder = makeTree(t, { 'real/one.json': JSON.stringify(REPORT), 'reports/': '', 'more.json/': '' });
    symlinkSync(join(folder, 'real/one.json'), join(folder, 'reports/1.json'));
    symlinkSync(join(folder, 'more.json'), join(folder, 'reports/2.json'));
    execFileSync('mkfifo', [join(folder, 'reports/3.json')]);
    assert.deepEqual(
      readReports(join(folder, 'reports')).reports.map(({ shard }) => shard?.index),
      [1],
    );
    symlinkSync(join(folder, 'gone.json'), join(folder, 'reports/4.json'));
    assert.throws(() => readReports(join(folder, 'reports')), {
      name: 'UsageError',
      message: /^The report ".*4\.json" cannot be read: /,
    });
  },
);

test('a failed shard says its first failure, and how to fix it', () => {
  const failures = [{ key: 'a.css', message: 'AccessDenied.', hint: 'Allow s3:PutObject.' }, { key: 'b' }];
  const failure = (counts: object, more: object): string | undefined =>
    readReports([{ ...REPORT, counts: { ...COUNTS, ...counts }, ...more }]).reports[0]?.failure;
  assert.equal(failure({ fail: 1 }, { failures }), '1 object failed: "a.css": AccessDenied. Allow s3:PutObject');
  assert.equal(
    failure({ fail: 2 }, { failures }),
    '2 objects failed, first: "a.css": AccessDenied. Allow s3:PutObject',
  );
  assert.equal(
    failure({ unknown: 1 }, { failures: [], unknown: [{ key: 'c', message: 'in flight' }] }),
    '1 object failed: "c": in flight',
  );
  const open = [{ key: 'a.css', message: 'a.css is gone (ENOENT)', hint: 'Run again.' }];
  assert.equal(failure({ fail: 1 }, { failures: open }), '1 object failed: "a.css": a.css is gone (ENOENT). Run again');
  const long = [{ key: 'a', message: 'x'.repeat(1_000) }];
  assert.equal(failure({ fail: 1 }, { failures: long })?.length, '1 object failed: '.length + 301);
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
    message: /^reports is ".*none", and there is no such folder\.$/,
  });
  assert.throws(() => readReports(`${folder}/a.json`), {
    name: 'UsageError',
    message: /^reports is ".*a\.json", which is not a folder\.$/,
  });
});
