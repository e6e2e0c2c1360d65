import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, createCommand } from '../../../src/cloudfront/by-hand.js';
import { batchesOf } from '../../../src/cloudfront/invalidate.js';

const sizes = (paths: readonly string[]): readonly (readonly [singles: number, wildcards: number])[] =>
  batchesOf(paths).map((batch) => {
    const wildcards = batch.filter((path) => path.endsWith('*')).length;
    return [batch.length - wildcards, wildcards];
  });
const singles = (count: number): string[] => Array.from({ length: count }, (_, index) => `/${index}`);
const wildcards = (count: number): string[] => Array.from({ length: count }, (_, index) => `/${index}*`);

test('a batch has at most 15 wildcards and 3,000 paths', () => {
  assert.deepEqual(sizes([]), []);
  assert.deepEqual(sizes([...singles(100), ...wildcards(15)]), [[100, 15]]);
  assert.deepEqual(sizes([...wildcards(31), ...singles(10)]), [
    [10, 15],
    [0, 15],
    [0, 1],
  ]);
  assert.deepEqual(sizes([...wildcards(15), ...singles(3_000)]), [
    [2_985, 15],
    [15, 0],
  ]);
  assert.deepEqual(sizes([...singles(3_000), ...wildcards(16)]), [
    [3_000, 0],
    [0, 15],
    [0, 1],
  ]);
});

test('no path is lost or sent twice', () => {
  const paths = [...singles(6_500), ...wildcards(50)];
  assert.deepEqual(batchesOf(paths).flat().sort(), [...paths].sort());
});

test('the command to do it by hand survives a shell', () => {
  assert.equal(
    createCommand('E1', ['/a', '/docs/*', "/it's$"]),
    `aws cloudfront create-invalidation --distribution-id E1 --paths "/a" "/docs/*" '/it'\\''s$'`,
  );
  assert.match(createCommand('E1', singles(21)), /--paths "\/\*"$/);
  assert.equal(
    commandFor({ distributionId: 'E1', id: 'I1', paths: ['/a'] }),
    'aws cloudfront wait invalidation-completed --distribution-id E1 --id I1',
  );
});
