import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isOfShard, shardOf } from '../../../src/model/shard.js';

const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
const count = fc.integer({ min: 1, max: 10_000 });

const FIXED: readonly (readonly [key: string, count: number, shard: number])[] = [
  ['index.html', 4, 3],
  ['assets/app.3f9a1c2b.js', 4, 3],
  ['docs/你好.txt', 7, 6],
  ['a', 2, 1],
  ['b', 2, 1],
  ['a/very/long/key/with spaces & signs+.bin', 256, 127],
  ['x', 10000, 9877],
  ['x', 1, 1],
];

describe('the shard of a key', () => {
  test('never changes: jobs of two versions work together', () => {
    for (const [name, shards, expected] of FIXED) assert.equal(shardOf(name, shards), expected, `${name} of ${shards}`);
  });

  test('is the first eight bytes of the SHA-256 modulo the count, plus one', async () => {
    const { createHash } = await import('node:crypto');
    fc.assert(
      fc.property(key, count, (name, shards) => {
        const first = createHash('sha256').update(name).digest().readBigUInt64BE(0);
        assert.equal(shardOf(name, shards), Number(first % BigInt(shards)) + 1);
      }),
    );
  });

  test('is one of them: any two are disjoint, and together they have every key', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (keys, shards) => {
        const parts = Array.from({ length: shards }, (_, at) =>
          keys.filter((name) => isOfShard(name, { index: at + 1, count: shards })),
        );
        assert.deepEqual(parts.flat().toSorted(), keys.toSorted());
      }),
    );
  });

  test('gives each about as many keys', () => {
    const sizes = new Map<number, number>();
    for (let at = 0; at < 40_000; at += 1) {
      const shard = shardOf(`assets/chunks/page-${at}.js`, 8);
      sizes.set(shard, (sizes.get(shard) ?? 0) + 1);
    }
    // 5,000 each; the standard deviation is 66.
    for (const size of sizes.values()) assert.ok(size > 4_600 && size < 5_400, String(size));
    assert.equal(sizes.size, 8);
  });
});
