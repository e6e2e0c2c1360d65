import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvReader, reportManifest, taskOf } from '../../../src/batch/job-report.js';
import { manifestLine, piecesOf } from '../../../src/batch/manifest.js';

/** Keys of any characters but halves of a surrogate pair, which no key has. */
const anyKey = fc.string({ unit: 'binary', minLength: 1 });

function parse(text: string, cut: number): (readonly string[])[] {
  const csv = csvReader();
  return [...csv.add(text.slice(0, cut)), ...csv.add(text.slice(cut)), ...csv.end()];
}

test('a line of a manifest is ASCII without quotes, and a line of the report with its key gives the key again', () => {
  fc.assert(
    fc.property(anyKey, fc.nat(), (key, cut) => {
      const line = manifestLine('from', { key });
      assert.match(line, /^from,[\w%/.~-]+\n$/);
      const [record] = parse(line.replace('\n', ',,succeeded,200,,Successful\n'), cut);
      const { columns } = reportManifest('{"Results":[]}');
      assert.deepEqual(taskOf(record ?? [], columns), {
        bucket: 'from',
        key,
        succeeded: true,
        code: '',
        message: 'Successful',
      });
    }),
  );
});

test('versions are a third field', () => {
  assert.equal(manifestLine('from', { key: 'a b', versionId: 'x.1_-' }), 'from,a%20b,x.1_-\n');
});

test('pieces are whole lines in order, and all but the last have enough bytes for a part', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (lengths) => {
      const lines = lengths.map((length) => `${'x'.repeat(length)}\n`);
      const pieces = [...piecesOf(lines, 32)].map(String);
      assert.equal(pieces.join(''), lines.join(''));
      for (const piece of pieces) assert.match(piece, /^(?:x+\n)+$/);
      for (const piece of pieces.slice(0, -1)) assert.ok(piece.length >= 32);
    }),
  );
});
