import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AfterJob, verdict } from '../../../src/batch/verdict.js';

const [ETAG, OTHER] = ['0123456789abcdef0123456789abcdef', 'ffffffffffffffffffffffffffffffff'];

test('the report of a job and the listing together say what was copied', () => {
  const same = { size: 1, etag: ETAG };
  const other = { size: 1, etag: OTHER };
  const table: readonly (readonly [Partial<AfterJob>, ReturnType<typeof verdict>])[] = [
    [{ found: same }, 'copied'],
    [{ found: { size: 1, etag: ETAG.toUpperCase() } }, 'copied'],
    [{ found: undefined }, 'again'],
    [{ found: { size: 2, etag: ETAG } }, 'again'],
    [{ found: other }, 'ask'],
    [{ found: other, kms: true }, 'unproven'],
    [{ found: { size: 1, etag: undefined } }, 'ask'],
    [{ task: 'failed', found: same, differed: true }, 'copied'],
    [{ task: 'unreported', found: same, differed: true }, 'copied'],
    [{ task: 'unreported', found: same, differed: false }, 'again'],
    [{ task: 'failed', found: other }, 'again'],
    [{ task: 'unreported', found: other, kms: true }, 'again'],
  ];
  const usual: AfterJob = { task: 'succeeded', differed: false, size: 1, etag: ETAG, found: undefined, kms: false };
  for (const [after, expected] of table) assert.equal(verdict({ ...usual, ...after }), expected, JSON.stringify(after));
});
