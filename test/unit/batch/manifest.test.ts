import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvReader, taskOf } from '../../../src/batch/job-report.js';
import { manifestLine, manifestsOf } from '../../../src/batch/manifest.js';

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
      assert.deepEqual(taskOf(record ?? []), { bucket: 'from', key, succeeded: true, code: '', message: 'Successful' });
    }),
  );
});

test('versions are a third field', () => {
  assert.equal(manifestLine('from', { key: 'a b', versionId: 'x.1_-' }), 'from,a%20b,x.1_-\n');
});

test('manifests have whole lines, in order, and no more bytes than allowed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (lengths) => {
      const lines = lengths.map((length) => `${'x'.repeat(length)}\n`);
      const manifests = manifestsOf(lines, 32);
      assert.equal(manifests.map(({ body }) => body.toString()).join(''), lines.join(''));
      assert.equal(
        manifests.reduce((sum, one) => sum + one.lines, 0),
        lines.length,
      );
      for (const { body } of manifests) assert.ok(body.length > 0 && body.length <= 32);
    }),
  );
});
