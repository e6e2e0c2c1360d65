import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { openSortedSpool } from '../../../src/batch/sorted-spool.js';
import { openSpool, plainCodec } from '../../../src/batch/spool.js';
import { SourceError } from '../../../src/errors.js';
import { compareKeys } from '../../../src/model/key-order.js';
import { runs } from '../../support/runs.js';

/** A folder for temporary files of its own. */
function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'spool-test-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const codec = plainCodec<{ readonly key: string; readonly at: number }>();
const keyOf = ({ key }: { readonly key: string }): string => key;
const anyKey = fc.string({ unit: fc.constantFrom('a', 'b', '/', '~', 'ä', '\ue000', '🦊', '\n', '"') });

test('records come back as they were added, as often as they are read', () => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 1_200, size: 'max' }), (keys) => {
      const records = keys.map((key, at) => ({ key, at }));
      const spool = openSpool(codec);
      for (const record of records) spool.add(record);
      assert.equal(spool.size, records.length);
      for (let time = 0; time < 2; time += 1) assert.deepEqual([...spool.read()], records);
      spool.remove();
      assert.deepEqual([...spool.read()], []);
      spool.remove();
    }),
    runs(20),
  );
});

test('a sorted spool gives each record once, in UTF-8 order, in whatever order they came', () => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 200 }), fc.integer({ min: 2, max: 20 }), (keys, most) => {
      const records = keys.map((key, at) => ({ key, at }));
      const spool = openSortedSpool({ codec, keyOf, most });
      for (const record of records) spool.add(record);
      const read = [...spool.read()];
      assert.deepEqual(
        read.map(keyOf),
        keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
      assert.deepEqual(
        read.toSorted((a, b) => a.at - b.at),
        records,
      );
      assert.deepEqual([...spool.read()], read);
      spool.remove();
    }),
  );
});

test('records that come nearly in order, in the opposite order, or in pieces are sorted, too', () => {
  const keys = Array.from({ length: 3_000 }, (_, at) => String(at).padStart(4, '0'));
  const pieces = [keys.slice(2_000), keys.slice(0, 1_000), keys.slice(1_000, 2_000)].flat();
  for (const order of [keys, keys.toReversed(), pieces, keys.map((_, at) => keys[at ^ 5] ?? '')]) {
    const spool = openSortedSpool({ codec, keyOf, most: 100 });
    order.forEach((key, at) => {
      spool.add({ key, at });
    });
    assert.deepEqual([...spool.read()].map(keyOf), order.toSorted(compareKeys));
    spool.remove();
  }
});

test('few records make no file, and the file of many has no name', (t) => {
  const folder = temporaryFolder(t);
  const spool = openSpool(codec);
  for (let at = 0; at < 100; at += 1) spool.add({ key: 'few', at });
  assert.deepEqual(readdirSync(folder), []);
  for (let at = 0; at < 1_000; at += 1) spool.add({ key: 'many', at });
  assert.deepEqual(readdirSync(folder), process.platform === 'win32' ? readdirSync(folder) : []);
  assert.equal([...spool.read()].length, 1_100);
  spool.remove();
  assert.deepEqual(readdirSync(folder), []);
});

test('where there is no folder for temporary files, the error says how to name another', (t) => {
  process.env.TMPDIR = path.join(temporaryFolder(t), 'absent');
  const spool = openSpool(codec);
  assert.throws(
    () => {
      for (let at = 0; at < 1_000; at += 1) spool.add({ key: 'a', at });
    },
    (error) => error instanceof SourceError && error.code === 'ENOENT' && /TMPDIR/.test(String(error.hint)),
  );
});
