import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS, type Column, comparePaths, LISTED, summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import type { Outcome } from '../../../src/report/types.js';
import { failed, put } from './samples.js';

const skip = (key: string, reason = 'same content'): Outcome => put(key, { action: 'skip', reason, bytes: 0 });

test('changes are in groups by folder, kind and column, and what is in no folder is last', () => {
  const { add, summary } = summarizeOutcomes('docs');
  add(put('docs/index.html', { reason: 'content differs', bytes: 5, replacedBytes: 4 }));
  add(put('docs/guide/b.html'));
  add(put('docs/guide/a.html'));
  add(skip('docs/guide/c.html'));
  add(put('docs/assets/app.js', { contentType: 'text/javascript', cacheControl: 'no-cache', contentEncoding: 'gzip' }));
  add(put('docs/guide/deep/d.html', { action: 'copy', way: 'copied by the server' }));
  const groups = summary().changes.map(({ folder, kind, column, count, first }) => [
    `${folder} ${kind.title} ${column} ${count}`,
    first.map(({ path }) => path),
  ]);
  assert.deepEqual(groups, [
    ['assets/ Scripts new 1', ['assets/app.js']],
    ['guide/ Pages new 3', ['guide/a.html', 'guide/b.html', 'guide/deep/d.html']],
    [' Pages changed 1', ['index.html']],
  ]);
  const [assets, guide, root] = summary().changes.map(({ first }) => first.at(-1));
  assert.deepEqual(assets, {
    path: 'assets/app.js',
    column: 'new',
    reason: 'new',
    bytes: 1_234,
    contentType: 'text/javascript',
    cacheControl: 'no-cache',
    contentEncoding: 'gzip',
  });
  assert.equal(guide?.way, 'copied by the server');
  assert.equal(root?.replacedBytes, 4);
});

test('of a large group the first by path are kept, whatever order they come in, and all are counted', () => {
  const { add, summary } = summarizeOutcomes();
  for (let index = 0; index < 1_000; index += 1) add(put(`a/page-${(index * 37) % 1_000}.html`));
  const [group, ...others] = summary().changes;
  assert.deepEqual(others, []);
  assert.equal(group?.count, 1_000);
  assert.deepEqual(
    group?.first.map(({ path }) => path),
    Array.from({ length: LISTED + 1 }, (_, index) => `a/page-${index}.html`),
  );
});

test('of very many folders the first 2,000 are kept, with 5,000 changes at most, and those beyond are dissolved', () => {
  const { add, summary } = summarizeOutcomes();
  for (let index = 0; index < 20_000; index += 1) add(put(`${index % 2_003}/${index}`));
  const { changes } = summary();
  const counted = changes.reduce((sum, { count }) => sum + count, 0);
  const kept = changes.reduce((sum, { first }) => sum + first.length, 0);
  assert.deepEqual([changes.length, kept, counted], [2_001, 5_000 + LISTED + 1, 20_000]);
  assert.deepEqual([changes.at(-1)?.folder, changes.at(-1)?.first[0]?.path], ['', '2000/2000']);
});

test('of more than 40 folders those with three changes at most are dissolved', () => {
  const { add, summary } = summarizeOutcomes();
  for (let index = 1; index <= 40; index += 1) add(put(`post-${index}/index.html`));
  assert.equal(summary().changes.length, 40);
  for (let index = 0; index < 4; index += 1) add(put(`images/${index}.png`));
  for (let index = 0; index < 3; index += 1) add(put(`fonts/${index}.woff`));
  add(put('index.html', { reason: 'content differs' }));
  add(put('404.html'));
  const groups = summary().changes.map(({ folder, kind, column, count, first }) => [
    `${folder} ${kind.title} ${column} ${count}`,
    first.slice(0, 2).map(({ path }) => path),
    first.length,
  ]);
  assert.deepEqual(groups, [
    ['images/ Images new 4', ['images/0.png', 'images/1.png'], 4],
    [' Pages new 41', ['404.html', 'post-1/index.html'], LISTED + 1],
    [' Pages changed 1', ['index.html'], 1],
    [' Fonts new 3', ['fonts/0.woff', 'fonts/1.woff'], 3],
  ]);
});

test('paths are in the order of people, and only equal ones are equal', () => {
  const paths = ['page-10', 'page-2', 'b/', 'a/z', 'a\u0000', 'a', 'A'];
  assert.deepEqual([...paths].sort(comparePaths), ['a', 'a\u0000', 'A', 'a/z', 'b/', 'page-2', 'page-10']);
  for (const one of paths) for (const other of paths) assert.equal(comparePaths(one, other) === 0, one === other);
});

test('files are counted by kind and by what happened to them', () => {
  const { add, summary } = summarizeOutcomes();
  const outcomes: readonly (readonly [Partial<Outcome>, Column | undefined])[] = [
    [{ action: 'put', reason: 'new' }, 'new'],
    [{ action: 'copy', reason: 'new' }, 'new'],
    [{ action: 'put', reason: 'content differs' }, 'changed'],
    [{ action: 'put', reason: 'size differs' }, 'changed'],
    [{ action: 'put', reason: 'local size unknown' }, 'changed'],
    [{ action: 'put', reason: 'content unproven, parts of another size' }, 'changed'],
    [{ action: 'metadata', reason: 'headers differ' }, 'headers'],
    [{ action: 'put', reason: 'headers differ' }, 'changed'],
    [{ action: 'skip', reason: 'headers differ, not repaired' }, 'unchanged'],
    [{ action: 'put', reason: 'forced' }, 'not compared'],
    [{ action: 'put', reason: 'remote unreadable' }, 'not compared'],
    [{ action: 'delete', reason: 'absent in the source' }, 'deleted'],
    [{ action: 'skip', reason: 'same content' }, 'unchanged'],
    [{ action: 'skip', reason: 'same content, headers not compared' }, 'unchanged'],
    [{ action: 'skip', reason: 'same size' }, 'unchanged'],
    [{ action: 'skip', reason: 'exists' }, 'skipped'],
    [{ action: 'fail', reason: 'unreadable', shared: true }, 'failed'],
    [{ action: 'unknown', reason: 'in flight' }, undefined],
  ];
  for (const [outcome] of outcomes) add(put('a.html', outcome));
  add(put('b.css'));
  const expected = (column: Column): number => outcomes.filter(([, one]) => one === column).length;
  const [pages, styles, ...others] = summary().kinds;
  assert.equal(pages?.kind.title, 'Pages');
  for (const column of COLUMNS) assert.equal(pages?.counts[column], expected(column), column);
  assert.deepEqual([styles?.kind.title, styles?.counts.new], ['Styles', 1]);
  assert.deepEqual(others, []);
});

test('the ten largest are outcomes, greatest first, of equal ones the earlier', () => {
  const { add, summary } = summarizeOutcomes();
  for (let index = 0; index < 100; index += 1) add(put(`${index}`, { bytes: Math.floor(index / 2) }));
  assert.deepEqual(
    summary().largest.map(({ key }) => key),
    ['98', '99', '96', '97', '94', '95', '92', '93', '90', '91'],
  );
});

test('failures are outcomes by class, the most frequent first, with three examples and the first hint', () => {
  const { add, summary } = summarizeOutcomes();
  add(failed('x', 'ENOENT', { message: 'gone' }));
  for (const key of ['a', 'b', 'c', 'd'])
    add(failed(key, 'AccessDenied', { message: `no ${key}`, hint: `hint ${key}` }));
  assert.deepEqual(summary().failures, [
    { code: 'AccessDenied', count: 4, examples: ['a', 'b', 'c'], message: 'no a', hint: 'hint a' },
    { code: 'ENOENT', count: 1, examples: ['x'], message: 'gone', hint: undefined },
  ]);
});

test('an archive that failed as a whole is named by its origin', () => {
  const { add, summary } = summarizeOutcomes();
  add({ ...failed('', 'BadArchive'), origin: 'site.tgz' });
  assert.deepEqual(summary().failures[0]?.examples, ['site.tgz']);
});

test('a failure without a code is outcomes by its name, one without an error by its reason', () => {
  const { add, summary } = summarizeOutcomes();
  add(put('a', { action: 'fail', reason: 'unreadable', error: new TypeError('wrong') }));
  add(put('b', { action: 'fail', reason: 'unreadable' }));
  assert.deepEqual(
    summary().failures.map(({ code, message }) => [code, message]),
    [
      ['TypeError', 'wrong'],
      ['Error', 'unreadable'],
    ],
  );
});

test('a server that makes up a code for each object does not fill the memory', () => {
  const { add, summary } = summarizeOutcomes();
  for (let index = 0; index < 1_000; index += 1) add(failed(`${index}`, `Code${index}`));
  const { failures } = summary();
  assert.equal(failures.length, 101);
  assert.equal(failures[0]?.code, 'Other errors');
  assert.equal(failures[0]?.count, 900);
});

test('objects that met the error that ended the run are in no class, and unknown ones are no changes', () => {
  const { add, summary } = summarizeOutcomes();
  add({ ...failed('a', 'AccessDenied'), shared: true });
  add(put('b', { action: 'unknown', bytes: 0 }));
  assert.deepEqual([summary().failures, summary().changes, summary().largest], [[], [], []]);
});

test('codes of any length are cut', () => {
  const { add, summary } = summarizeOutcomes();
  add(failed('a', 'X'.repeat(10_000)));
  assert.equal(summary().failures[0]?.code.length, 201);
});
