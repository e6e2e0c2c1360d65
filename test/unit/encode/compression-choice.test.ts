import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compressionChoice, headFirstAbove, levelFor } from '../../../src/encode/compression.js';

const RUN_OFF = { gzip: false, compress: false } as const;

test('the layer of the item overrides the rules, and these the run', () => {
  const rows = [
    [{}, {}, RUN_OFF, undefined],
    [{}, {}, { ...RUN_OFF, gzip: true }, { encoding: 'gzip', types: true }],
    [{}, {}, { ...RUN_OFF, compress: 'gzip' }, { encoding: 'gzip', types: true }],
    [{}, {}, { ...RUN_OFF, compress: 'br' }, { encoding: 'br', types: 'web' }],
    [{}, { compress: 'br' }, RUN_OFF, { encoding: 'br', types: 'own' }],
    [{}, { compress: 'gzip' }, { ...RUN_OFF, compress: 'br' }, { encoding: 'gzip', types: 'own' }],
    [{}, { compress: false }, { ...RUN_OFF, compress: 'br' }, undefined],
    [{}, { compress: false }, { ...RUN_OFF, gzip: true }, undefined],
    [{}, { gzip: false }, { ...RUN_OFF, compress: 'br' }, undefined],
    [{}, { gzip: ['text/css'] }, { ...RUN_OFF, compress: 'br' }, { encoding: 'gzip', types: ['text/css'] }],
    [{ compress: 'zstd' }, { gzip: true }, RUN_OFF, { encoding: 'zstd', types: 'own' }],
    [{ gzip: 'all' }, { compress: 'br' }, RUN_OFF, { encoding: 'gzip', types: 'all' }],
    [{ compress: false }, { compress: 'br' }, { ...RUN_OFF, gzip: true }, undefined],
  ] as const;
  for (const [own, ruled, run, expected] of rows)
    assert.deepEqual(compressionChoice(own, ruled, run), expected, JSON.stringify([own, ruled, run]));
});

test('the level is the one given, or goes by the size', () => {
  const none = { gzip: 6, br: undefined, zstd: undefined };
  const MIB = 1024 * 1024;
  assert.deepEqual(
    ([MIB, MIB + 1, undefined] as const).map((size) => [
      levelFor('gzip', none, size),
      levelFor('br', none, size),
      levelFor('zstd', none, size),
    ]),
    [
      [6, 11, 19],
      [6, 9, 12],
      [6, 9, 12],
    ],
  );
  assert.deepEqual([levelFor('br', { ...none, br: 0 }, 1), levelFor('zstd', { ...none, zstd: 3 }, 1)], [0, 3]);
});

test('a HEAD comes first where compressing is slow', () => {
  assert.equal(headFirstAbove('gzip', 9), 1024 * 1024);
  assert.ok(headFirstAbove('br', 11) < headFirstAbove('br', 9));
  assert.ok(headFirstAbove('zstd', 19) < headFirstAbove('zstd', 12));
});
