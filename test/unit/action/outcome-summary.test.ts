import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { failed, put } from './samples.js';

test('changes are outcomes in their order, and skips are not', () => {
  const { add, summary } = summarizeOutcomes();
  add(put('a'));
  add(put('b', { action: 'skip', reason: 'same content', bytes: 0 }));
  add(put('c', { action: 'copy', reason: 'content differs', bytes: 5, way: 'copied by the server' }));
  assert.deepEqual(summary().changes, [
    { key: 'a', action: 'put', reason: 'new', bytes: 1_234 },
    { key: 'c', action: 'copy', reason: 'content differs', bytes: 5, way: 'copied by the server' },
  ]);
  assert.equal(summary().moreChanges, 0);
});

test('of very many changes the first 5,000 are outcomes, and the count of the rest', () => {
  const { add, summary } = summarizeOutcomes();
  for (let index = 0; index < 5_003; index += 1) add(put(`${index}`));
  assert.equal(summary().changes.length, 5_000);
  assert.equal(summary().changes.at(-1)?.key, '4999');
  assert.equal(summary().moreChanges, 3);
});

test('the ten slowest and the ten largest are outcomes, greatest first, of equal ones the earlier', () => {
  const { add, summary } = summarizeOutcomes();
  for (let index = 0; index < 100; index += 1)
    add(put(`${index}`, { durationMs: (index * 37) % 100, bytes: Math.floor(index / 2) }));
  assert.deepEqual(
    summary().slowest.map(({ durationMs }) => durationMs),
    [99, 98, 97, 96, 95, 94, 93, 92, 91, 90],
  );
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
  assert.deepEqual([summary().failures, summary().changes, summary().slowest], [[], [], []]);
});

test('codes of any length are cut', () => {
  const { add, summary } = summarizeOutcomes();
  add(failed('a', 'X'.repeat(10_000)));
  assert.equal(summary().failures[0]?.code.length, 201);
});
