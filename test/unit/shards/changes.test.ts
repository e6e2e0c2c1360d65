import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectShardChanges } from '../../../src/shards/changes.js';

const NONE = { changed: false, created: false };

test('keys of several reports are one set each, and an object counts once', () => {
  const collected = collectShardChanges();
  collected.add({ changed: ['a'], created: ['b'], writes: 2 });
  collected.add({ changed: ['b', 'a'], created: ['c'], writes: 3 });
  collected.add({ writes: 0 });
  const { changed, created, lacks, count } = collected.changes();
  assert.deepEqual([[...changed], [...created], lacks, count], [['a', 'b'], ['b', 'c'], NONE, 3]);
});

test('of a list that was cut only the longer one lacks keys', () => {
  for (const [changed, created, lacks] of [
    [['a', 'b'], ['c'], { changed: true, created: false }],
    [['a'], ['b', 'c'], { changed: false, created: true }],
    [['a'], ['b'], { changed: true, created: true }],
  ] as const) {
    const collected = collectShardChanges();
    collected.add({ changed, created, truncated: true, writes: 50 });
    assert.deepEqual([collected.changes().lacks, collected.changes().count], [lacks, 50]);
  }
});

test('beyond its bound it keeps no more keys, and says so', () => {
  const collected = collectShardChanges(2);
  collected.add({ changed: ['a', 'b'], writes: 2 });
  collected.add({ changed: ['a', 'b'], writes: 2 });
  assert.deepEqual([collected.changes().lacks, collected.changes().count], [NONE, 2]);
  collected.add({ changed: ['c'], writes: 1 });
  assert.deepEqual([collected.changes().lacks, collected.changes().count], [{ changed: true, created: false }, 5]);
  assert.equal(collected.changes().changed.size, 2);
});

test('changes of which nothing is known make both incomplete', () => {
  const collected = collectShardChanges();
  collected.addUnknown();
  assert.deepEqual([collected.changes().lacks, collected.changes().count], [{ changed: true, created: true }, 0]);
});
