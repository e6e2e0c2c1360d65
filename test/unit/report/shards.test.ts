import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardLines } from '../../../src/report/shards.js';
import type { Report, ReportFinish } from '../../../src/report/types.js';

/** The lines of a finish, which come from its part of the report alone. */
const linesOf = (finish: Partial<ReportFinish>): readonly string[] =>
  shardLines({ finish: { shards: 4, changed: 0, repaired: 0, ...finish } } as Report);

test('what shards have changed is a number, at least a number, or not known', () => {
  assert.deepEqual(linesOf({}), ['Shards done: 4 of 4.']);
  assert.deepEqual(linesOf({ changed: 1 }), ['Shards done: 4 of 4.', 'They have changed 1 object.']);
  assert.deepEqual(linesOf({ changed: 2, truncated: true }), [
    'Shards done: 4 of 4.',
    'They have changed at least 2 objects.',
  ]);
  assert.deepEqual(linesOf({ truncated: true }), [
    'Shards done: 4 of 4.',
    'It is not known how many objects they have changed.',
  ]);
});
