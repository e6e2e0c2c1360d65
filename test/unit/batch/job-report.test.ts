import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvReader, reportFiles, taskOf } from '../../../src/batch/job-report.js';

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

test('code and status of a task are told apart in either order', () => {
  const failed = { bucket: 'from', key: 'a', succeeded: false, code: 'AccessDenied', message: 'no' };
  assert.deepEqual(taskOf(['from', 'a', '', 'failed', '403', 'AccessDenied', 'no']), failed);
  assert.deepEqual(taskOf(['from', 'a', '', 'failed', 'AccessDenied', '403', 'no']), failed);
  assert.equal(taskOf(['Bucket', 'Key', 'VersionId', 'TaskStatus', 'ErrorCode', 'HTTPStatusCode']), undefined);
  assert.equal(taskOf(['']), undefined);
});

test('the manifest of a report names its files', () => {
  const json = JSON.stringify({ Results: [{ Key: 'job-1/results/a.csv', MD5Checksum: 'AB' }, { Key: 'b' }] });
  assert.deepEqual(reportFiles(json), [
    { key: 'job-1/results/a.csv', md5: 'ab' },
    { key: 'b', md5: undefined },
  ]);
  for (const other of ['', '{}', '{"Results":[{}]}', '<Error/>']) assert.throws(() => reportFiles(other), SyntaxError);
});
