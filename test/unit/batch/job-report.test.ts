import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvReader, reportManifest, taskOf } from '../../../src/batch/job-report.js';

function parse(text: string, cut: number): (readonly string[])[] {
  const csv = csvReader();
  return [...csv.add(text.slice(0, cut)), ...csv.add(text.slice(cut)), ...csv.end()];
}

test('any CSV is read as it was written, wherever its pieces end', () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'ä') });
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 })), fc.nat(), (records, cut) => {
      const text = records
        .map((fields) => fields.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
        .join('\r\n');
      assert.deepEqual(parse(text, cut % (text.length + 1)), records);
    }),
  );
});

const SCHEMA = 'Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage';
const { columns } = reportManifest('{"Results":[]}');

test('code and status of a task are told apart in either order', () => {
  const failed = { bucket: 'from', key: 'a', succeeded: false, code: 'AccessDenied', message: 'no' };
  assert.deepEqual(taskOf(['from', 'a', '', 'failed', '403', 'AccessDenied', 'no'], columns), failed);
  assert.deepEqual(taskOf(['from', 'a', '', 'failed', 'AccessDenied', '403', 'no'], columns), failed);
  assert.equal(taskOf(SCHEMA.split(', '), columns), undefined);
  assert.equal(taskOf([''], columns), undefined);
  assert.equal(taskOf(['from', 'a', '', 'succee'], columns), undefined);
});

test('the schema of a report says where its columns are, and others are ignored', () => {
  const own = 'Region, TaskStatus, Key, Bucket, HTTPStatusCode, ErrorCode, ResultMessage, Later';
  const { columns: found } = reportManifest(JSON.stringify({ Results: [], ReportSchema: own }));
  const fields = ['here', 'failed', 'a%20b', 'from', '403', 'AccessDenied', 'no', 'x'];
  const task = { bucket: 'from', key: 'a b', succeeded: false, code: 'AccessDenied', message: 'no' };
  assert.deepEqual(taskOf(fields, found), task);
  for (const ReportSchema of ['Bucket, Name, TaskStatus', 'Bucket, Key', '', 7])
    assert.throws(() => reportManifest(JSON.stringify({ Results: [], ReportSchema })), /has no column/);
});

test('the manifest of a report names its files', () => {
  const json = JSON.stringify({
    Results: [{ Key: 'job-1/results/a.csv', MD5Checksum: 'AB' }, { Key: 'b' }],
    ReportSchema: SCHEMA,
  });
  assert.deepEqual(reportManifest(json), {
    files: [
      { key: 'job-1/results/a.csv', md5: 'ab' },
      { key: 'b', md5: undefined },
    ],
    columns,
  });
  for (const other of ['', '{}', '{"Results":[{}]}', '<Error/>'])
    assert.throws(() => reportManifest(other), SyntaxError);
});
