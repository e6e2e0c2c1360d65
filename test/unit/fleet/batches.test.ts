import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Batch, copyBatches, cutInTwo } from '../../../src/fleet/batches.js';
import type { CopyEntry } from '../../../src/source/bucket.js';

const base = { version: '1', run: 'r', options: {} };
const entry = (size: number, at: number): CopyEntry => ({
  kind: 'entry',
  key: `to/${at}`,
  origin: `s3://from/${at}`,
  sourceKey: `${at}`,
  versionId: undefined,
  size,
  etag: 'e',
  modified: undefined,
  storageClass: undefined,
});

async function collect(
  sizes: readonly number[],
  most: number,
  mostBytes: number,
  alone = Number.POSITIVE_INFINITY,
): Promise<Batch[]> {
  const all: Batch[] = [];
  async function* found(): AsyncGenerator<CopyEntry, void> {
    for (const [at, size] of sizes.entries()) yield entry(size, at);
  }
  for await (const batch of copyBatches(found(), base, () => undefined, {
    most,
    mostBytes: mostBytes / 8,
    alone,
  }))
    all.push(batch);
  return all;
}

test('batches have every object once and in order, and keep to both bounds', async () => {
  const cases = fc.tuple(fc.array(fc.nat(100)), fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 200 }));
  await fc.assert(
    fc.asyncProperty(cases, async ([sizes, most, mostBytes]) => {
      const batches = await collect(sizes, most, mostBytes);
      const keys = batches.flatMap((batch) => batch.keys);
      assert.deepEqual(
        keys,
        sizes.map((_, at) => `to/${at}`),
      );
      for (const { keys: own, sizes: bytes } of batches) {
        assert.ok(own.length >= 1 && own.length <= most);
        assert.ok(own.length === 1 || bytes.reduce((sum, one) => sum + one, 0) <= mostBytes);
      }
    }),
  );
});

test('a batch cut in two is the batch', async () => {
  const [batch] = await collect([1, 2, 3, 4, 5], 10, 1_000);
  assert.ok(batch !== undefined);
  const [first, second] = cutInTwo(batch);
  assert.equal(first.keys.length, 3);
  assert.deepEqual([...first.keys, ...second.keys], batch.keys);
  assert.deepEqual([...first.sizes, ...second.sizes], batch.sizes);
  assert.ok(batch.job.kind === 'copy' && first.job.kind === 'copy' && second.job.kind === 'copy');
  assert.deepEqual([...first.job.objects, ...second.job.objects], batch.job.objects);
});

test('a large object is a batch of its own, and does not end the one that is being filled', async () => {
  const batches = await collect([1, 500, 2, 100, 501, 3], 10, 1_000, 100);
  assert.deepEqual(
    batches.map(({ sizes }) => sizes),
    [[500], [501], [1, 2, 100, 3]],
  );
});
