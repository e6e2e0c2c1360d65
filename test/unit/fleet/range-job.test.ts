import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MOST_RANGE_PARTS, MOST_RESULT_BYTES, type RangeJob } from '../../../src/fleet/job.js';
import {
  cutRanges,
  isRangeId,
  packRange,
  RANGE_SIZE,
  type RangeResult,
  rangeId,
  readRange,
} from '../../../src/fleet/range-job.js';
import { NO_COUNTS } from '../../../src/fleet/result.js';
import { evenLayout, partSizeFor, unevenLayout } from '../../../src/model/part-layout.js';
import type { PartRecord } from '../../../src/transfer/multipart/parts.js';

const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 300 });
const bounds = fc.record({ bytes: fc.integer({ min: 1, max: 500 }), least: fc.integer({ min: 1, max: 8 }) });
const stored = fc.uniqueArray(fc.integer({ min: 1, max: 300 }));

test('ranges have every missing part once and in order, and keep to their bounds', () => {
  fc.assert(
    fc.property(sizes, bounds, stored, (all, bound, there) => {
      const layout = unevenLayout(all);
      const ranges = cutRanges(layout, (number) => there.includes(number), { above: 0, ...bound });
      const parts = ranges.flatMap((range) => range.parts);
      const missing = all.map((_, at) => at + 1).filter((number) => !there.includes(number));
      assert.deepEqual(
        parts,
        missing.map((number) => layout.range(number)),
      );
      for (const { first, parts: own } of ranges) {
        const bytes = own.reduce((sum, { start, end }) => sum + end - start, 0);
        assert.ok(own.length >= 1 && own.length <= MOST_RANGE_PARTS);
        assert.ok(own.length <= bound.least || bytes <= bound.bytes);
        assert.ok(own.every(({ number }) => number >= first));
      }
    }),
  );
});

test('where ranges begin does not depend on which parts are stored', () => {
  fc.assert(
    fc.property(sizes, bounds, stored, (all, bound, there) => {
      const layout = unevenLayout(all);
      const size = { above: 0, ...bound };
      const whole = new Map(cutRanges(layout, () => false, size).map(({ first, parts }) => [first, parts]));
      for (const { first, parts } of cutRanges(layout, (number) => there.includes(number), size)) {
        const numbers = whole.get(first)?.map(({ number }) => number) ?? [];
        assert.ok(parts.every(({ number }) => numbers.includes(number)));
      }
    }),
  );
});

test('an object above the bound has some ranges of some parts, up to the largest', () => {
  for (const size of [RANGE_SIZE.above + 1, 64 * 1024 ** 3, 5 * 1024 ** 4, 48 * 1024 ** 4]) {
    const ranges = cutRanges(evenLayout(size, partSizeFor(size)), () => false, RANGE_SIZE);
    assert.ok(ranges.length >= 4, `${size}`);
    for (const { parts } of ranges.slice(0, -1)) assert.ok(parts.length >= RANGE_SIZE.least && parts.length <= 16);
  }
});

const job: Omit<RangeJob, 'parts'> = {
  version: '1',
  run: 'r',
  kind: 'range',
  relayed: false,
  upload: { key: 'k', uploadId: 'u', headers: {}, crc32: true, encrypted: false },
  batch: {
    kind: 'put',
    version: '1',
    run: 'r',
    options: {},
    root: '/d',
    rootStamp: { inode: 1, changedMs: 1 },
    files: [['k', 1, 2, 3]],
  },
};

test('the id of a range is that of its upload and of the state of its object', () => {
  const id = rangeId('r-1', 17, job);
  assert.ok(isRangeId(id));
  assert.match(id, /^r-1\.r[0-9a-f]{16}\.17$/);
  assert.equal(rangeId('r-1', 17, { ...job }), id);
  const { batch } = job;
  assert.ok(batch.kind === 'put');
  const others = [
    rangeId('r-1', 1, job),
    rangeId('r-2', 17, job),
    rangeId('r-1', 17, { ...job, upload: { ...job.upload, uploadId: 'v' } }),
    rangeId('r-1', 17, { ...job, batch: { ...batch, files: [['k', 1, 5, 3]] } }),
  ];
  assert.equal(new Set([id, ...others]).size, 5);
  for (const one of ['r-1', 'r-1.2', 'r-1~abc']) assert.equal(isRangeId(one), false);
});

const record = (number: number): PartRecord => ({
  number,
  size: 10,
  etag: 'e'.repeat(32),
  crc32: 'AAAAAA==',
  md5: undefined,
  verified: 'crc32',
});
const done: RangeResult = { state: 'done', worker: 'w', records: [record(1)], attempts: 1, counts: NO_COUNTS };
const sizeOf = (number: number): number | undefined => (number <= 100 ? 10 : undefined);

test('a result passes through the queue unchanged', () => {
  const error = { kind: 's3', message: 'refused', code: 'InvalidArgument' } as const;
  for (const result of [
    done,
    { ...done, state: 'failed', error } as const,
    { ...done, state: 'back', records: [] } as const,
  ])
    assert.deepEqual(readRange(JSON.parse(JSON.stringify(packRange(result))), sizeOf), result);
});

test('the longest result fits into a return value', () => {
  const records = Array.from({ length: MOST_RANGE_PARTS }, (_, at) => record(at + 1));
  const warnings = Array.from({ length: 20 }, (_, at) => [`code-${at}`, '\u0000'.repeat(1_000)] as const);
  const packed = packRange({ ...done, records, counts: { ...NO_COUNTS, warnings } });
  assert.ok(Buffer.byteLength(JSON.stringify(packed)) < MOST_RESULT_BYTES);
  assert.equal(packed.records.length, MOST_RANGE_PARTS);
  assert.throws(() => packRange({ ...done, records: records.map((one) => ({ ...one, etag: 'e'.repeat(1_000) })) }));
});

test('what is no result of these parts is refused', () => {
  const others = [
    undefined,
    null,
    'text',
    {},
    { ...done, state: 'cut' },
    { ...done, worker: 1 },
    { ...done, attempts: 'many' },
    { ...done, counts: null },
    { ...done, records: 'all' },
    { ...done, records: [null] },
    { ...done, records: [record(101)] },
    { ...done, records: [{ ...record(1), size: 11 }] },
    { ...done, records: [{ ...record(1), etag: 1 }] },
    { ...done, records: [{ ...record(1), verified: 'surely' }] },
    { ...done, state: 'failed' },
    { state: 'back', worker: 'w', packed: '' },
  ];
  for (const value of others) assert.throws(() => readRange(value, sizeOf), JSON.stringify(value));
});
