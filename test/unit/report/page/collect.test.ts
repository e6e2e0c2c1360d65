import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pageCollector } from '../../../../src/report/page/collect.js';
import type { Folder } from '../../../../src/report/page/folders.js';
import type { Outcome } from '../../../../src/report/types.js';
import { outcomeOf, siteOutcomes } from '../../../support/report-page.js';

function collect(outcomes: Iterable<Outcome>, mostRows?: number) {
  const collector = pageCollector('docs-site/', mostRows);
  for (const outcome of outcomes) collector.outcome(outcome);
  return collector.collected();
}

const skipped = (key: string): Outcome =>
  outcomeOf(key, { action: 'skip', reason: 'same content', attempts: 0, bytes: 0 });

function countIn(folder: Folder): number {
  const own = [...folder.own.values()].reduce((sum, { count }) => sum + count, 0);
  return [...folder.children.values()].reduce((sum, child) => sum + countIn(child), own);
}

function foldersIn(folder: Folder): number {
  return [...folder.children.values()].reduce((sum, child) => sum + 1 + foldersIn(child), 0);
}

test('rows have failures first, then what has changed, then the rest; in each by path, as people count', () => {
  const { rows } = collect([
    skipped('docs-site/a.html'),
    outcomeOf('docs-site/page-10.html'),
    outcomeOf('docs-site/page-9.html', { reason: 'content differs', replacedBytes: 5 }),
    outcomeOf('docs-site/z.html', { action: 'fail', error: new Error('no') }),
    outcomeOf('elsewhere/b.html', { action: 'delete', reason: 'not in the source', replacedBytes: 7 }),
  ]);
  assert.deepEqual(
    rows.map(({ path, status, before, after }) => [path, status, before, after]),
    [
      ['z.html', 'failed', undefined, 1_000],
      ['elsewhere/b.html', 'deleted', 7, undefined],
      ['page-9.html', 'changed', 5, 1_000],
      ['page-10.html', 'new', undefined, 1_000],
      ['a.html', 'unchanged', undefined, 1_000],
    ],
  );
});

test('with too many objects, failures and changes keep their rows, and everything is counted', () => {
  const kinds = fc.array(fc.constantFrom('fail', 'put', 'skip'), { maxLength: 60 });
  fc.assert(
    fc.property(kinds, fc.integer({ min: 1, max: 30 }), (actions, most) => {
      const outcomes = actions.map((action, index) =>
        outcomeOf(`docs-site/${index % 7}/${index}`, {
          action,
          reason: action === 'skip' ? 'same content' : action === 'put' ? 'new' : 'failed',
        }),
      );
      const { rows, folded, counts, folders } = collect(outcomes, most);
      const count = (name: string): number => actions.filter((action) => action === name).length;
      const kept = (name: string): number => rows.filter(({ status }) => status === name).length;
      assert.equal(rows.length, Math.min(most, actions.length));
      assert.equal(rows.length + folded, actions.length);
      assert.equal(kept('failed'), Math.min(most, count('fail')));
      assert.equal(kept('new'), Math.min(most - kept('failed'), count('put')));
      assert.equal(counts.get('unchanged') ?? 0, count('skip'));
      assert.equal(countIn(folders), actions.length);
    }),
  );
});

test('a run of any size keeps a limited number of rows, folders and retried keys', () => {
  const collector = pageCollector('');
  const error = new Error('x'.repeat(10_000));
  for (let index = 0; index < 120_000; index += 1) {
    const key = `${index % 5_000}/${index % 7}/${index}`;
    collector.outcome(index % 10 === 0 ? outcomeOf(key) : skipped(key));
    if (index % 10 === 0)
      collector.event({ type: 'retry', verb: 'PutObject', key, attempt: 1, delayMs: 1, error }, index);
    collector.event({ type: 'request', verb: 'PutObject', key, status: 200, durationMs: 1 }, index * 10);
  }
  const { rows, folded, folders, retried, timeline, slowest } = collector.collected();
  assert.deepEqual([rows.length, folded, countIn(folders)], [20_000, 100_000, 120_000]);
  assert.equal(rows.filter(({ status }) => status === 'new').length, 12_000);
  assert.ok(foldersIn(folders) <= 2_000, `${foldersIn(folders)} folders`);
  assert.deepEqual([retried.length, slowest.length], [10, 10]);
  assert.ok((retried[0]?.message.length ?? 0) < 500);
  assert.ok(timeline.buckets.length <= 120);
  assert.equal(
    timeline.buckets.reduce((sum, { ok }) => sum + ok, 0),
    120_000,
  );
});

test('the slowest objects are those whose work took longest, and the most retried keys come first', () => {
  const collector = pageCollector('docs-site/');
  for (const durationMs of [5, 300, 20]) collector.outcome(outcomeOf(`docs-site/${durationMs}`, { durationMs }));
  collector.outcome(outcomeOf('docs-site/skip', { action: 'skip', attempts: 0, durationMs: 9_999 }));
  for (const key of ['docs-site/a', 'docs-site/b', 'docs-site/b', undefined])
    collector.event(
      { type: 'retry', verb: 'ListObjectsV2', key, attempt: 1, delayMs: 1, error: new Error(`of ${key}`) },
      0,
    );
  const { slowest, retried } = collector.collected();
  assert.deepEqual(
    slowest.map(({ path }) => path),
    ['300', '20', '5'],
  );
  assert.deepEqual(retried[0], { path: 'b', count: 2, message: 'of docs-site/b' });
  assert.ok(retried.some(({ path }) => path === 'ListObjectsV2'));
});

test('changed headers are the reason of their row', () => {
  const [row] = collect(siteOutcomes(3)).rows.filter(({ status }) => status === 'headers');
  assert.match(row?.reason ?? '', /^cache-control: no-cache → /);
});
