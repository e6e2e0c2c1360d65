import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeOutcomes } from '../../../src/action/outcome-summary.js';
import { failed, put } from './samples.js';

test('changes are told in their order, and skips are not', () => {
  const { take, told } = summarizeOutcomes();
  take(put('a'));
  take(put('b', { action: 'skip', reason: 'same content', bytes: 0 }));
  take(put('c', { action: 'copy', reason: 'content differs', bytes: 5, way: 'copied by the server' }));
  assert.deepEqual(told().changes, [
    { key: 'a', action: 'put', reason: 'new', bytes: 1_234 },
    { key: 'c', action: 'copy', reason: 'content differs', bytes: 5, way: 'copied by the server' },
  ]);
  assert.equal(told().moreChanges, 0);
});

test('of very many changes the first 5,000 are told, and the count of the rest', () => {
  const { take, told } = summarizeOutcomes();
  for (let index = 0; index < 5_003; index += 1) take(put(`${index}`));
  assert.equal(told().changes.length, 5_000);
  assert.equal(told().changes.at(-1)?.key, '4999');
  assert.equal(told().moreChanges, 3);
});

test('the ten slowest and the ten largest are told, greatest first, of equal ones the earlier', () => {
  const { take, told } = summarizeOutcomes();
  for (let index = 0; index < 100; index += 1)
    take(put(`${index}`, { durationMs: (index * 37) % 100, bytes: Math.floor(index / 2) }));
  assert.deepEqual(
    told().slowest.map(({ durationMs }) => durationMs),
    [99, 98, 97, 96, 95, 94, 93, 92, 91, 90],
  );
  assert.deepEqual(
    told().largest.map(({ key }) => key),
    ['98', '99', '96', '97', '94', '95', '92', '93', '90', '91'],
  );
});

test('failures are told by class, the most frequent first, with three examples and the first hint', () => {
  const { take, told } = summarizeOutcomes();
  take(failed('x', 'ENOENT', { message: 'gone' }));
  for (const key of ['a', 'b', 'c', 'd'])
    take(failed(key, 'AccessDenied', { message: `no ${key}`, hint: `hint ${key}` }));
  assert.deepEqual(told().failures, [
    { code: 'AccessDenied', count: 4, examples: ['a', 'b', 'c'], message: 'no a', hint: 'hint a' },
    { code: 'ENOENT', count: 1, examples: ['x'], message: 'gone', hint: undefined },
  ]);
});

test('a failure without a code is told by its name, one without an error by its reason', () => {
  const { take, told } = summarizeOutcomes();
  take(put('a', { action: 'fail', reason: 'unreadable', error: new TypeError('wrong') }));
  take(put('b', { action: 'fail', reason: 'unreadable' }));
  assert.deepEqual(
    told().failures.map(({ code, message }) => [code, message]),
    [
      ['TypeError', 'wrong'],
      ['Error', 'unreadable'],
    ],
  );
});

test('a server that makes up a code for each object does not fill the memory', () => {
  const { take, told } = summarizeOutcomes();
  for (let index = 0; index < 1_000; index += 1) take(failed(`${index}`, `Code${index}`));
  const { failures } = told();
  assert.equal(failures.length, 101);
  assert.equal(failures[0]?.code, 'Other errors');
  assert.equal(failures[0]?.count, 900);
});
