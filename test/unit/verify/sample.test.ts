import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { REASONS } from '../../../src/report/reasons.js';
import type { Outcome } from '../../../src/report/types.js';
import { phaseOf } from '../../../src/site/phases.js';
import { MOST_BYTES, type SampledObject, sampleOf } from '../../../src/verify/sample.js';

function outcome(key: string, more: Partial<Outcome> = {}): Outcome {
  return {
    action: 'put',
    reason: REASONS.new,
    origin: key,
    key,
    bytes: 10,
    sourceBytes: 10,
    verified: 'md5',
    attempts: 1,
    startedAt: new Date(1_000),
    durationMs: 500,
    ...more,
  };
}

function chosen(outcomes: readonly Outcome[], prefix = ''): readonly SampledObject[] {
  const sample = sampleOf(prefix, phaseOf);
  for (const one of outcomes) sample.add(one);
  return sample.chosen();
}

const keysOf = (outcomes: readonly Outcome[], prefix?: string): readonly string[] =>
  chosen(outcomes, prefix).map(({ key }) => key);

describe('the sample of a live check', () => {
  test('has the page of the root first, then pages, then other files', () => {
    assert.deepEqual(keysOf(['z.html', 'app.js', 'index.html', 'a.html'].map((key) => outcome(key))), [
      'index.html',
      'a.html',
      'z.html',
      'app.js',
    ]);
  });

  const left: readonly (readonly [what: string, outcome: Outcome])[] = [
    ['failed', outcome('a.html', { action: 'fail' })],
    ['deleted', outcome('a.html', { action: 'delete' })],
    ['unknown', outcome('a.html', { action: 'unknown' })],
    ['there already, in mode add', outcome('a.html', { action: 'skip', reason: REASONS.exists })],
    ['compared by size only', outcome('a.html', { action: 'skip', reason: REASONS.sameSize })],
    ['a skipped link', outcome('a.html', { action: 'skip', reason: REASONS.symlink })],
    ['too large', outcome('a.html', { sourceBytes: MOST_BYTES + 1 })],
    ['outside of the prefix', outcome('b.html')],
  ];
  for (const [what, one] of left)
    test(`leaves out what is ${what}`, () =>
      assert.deepEqual(keysOf([one], what.startsWith('outside') ? 'docs/' : ''), []));

  test('knows when a written object was stored, and not its own size as that of another', () => {
    const [put] = chosen([outcome('docs/a.html', { replacedBytes: 9, etag: 'e', contentType: 'text/html' })], 'docs/');
    assert.deepEqual(put, {
      key: 'docs/a.html',
      path: 'a.html',
      isWritten: true,
      writtenAt: 1_500,
      sourceBytes: 10,
      replacedBytes: 9,
      etag: 'e',
      contentType: 'text/html',
      contentEncoding: undefined,
    });
    assert.equal(chosen([outcome('a.html', { replacedBytes: 10 })])[0]?.replacedBytes, undefined);
    const [same] = chosen([outcome('a.html', { action: 'skip', reason: REASONS.sameContent })]);
    assert.deepEqual([same?.isWritten, same?.writtenAt], [false, undefined]);
  });

  test('is bounded, the same for the same keys in any order, and spread over them', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => [
      outcome(`p/${String(index).padStart(4, '0')}.html`),
      outcome(`a/${index}.bin`),
      outcome(`u/${index}.bin`, { action: 'skip', reason: REASONS.sameContent }),
    ]).flat();
    const keys = keysOf([...many, outcome('index.html')]);
    assert.equal(keys.length, 200);
    assert.equal(keys[0], 'index.html');
    assert.deepEqual(keysOf([outcome('index.html'), ...many.toReversed()]), keys);
    const pages = keys.filter((key) => key.startsWith('p/'));
    assert.equal(pages.length, 169);
    // Every tenth of the site has some.
    for (let tenth = 0; tenth < 10; tenth++)
      assert.ok(pages.some((key) => Math.floor(Number(key.slice(2, 6)) / 500) === tenth));
  });
});
