import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { type BatchPlaces, readAllowed, refusalOf } from '../../../src/fleet/allowed.js';
import { makeTree } from '../../support/tree.js';

const to = { bucket: 'site', keys: ['docs/a'] };
const folder = (t: TestContext): string =>
  realpathSync(makeTree(t, { 'in/a.txt': 'a', 'input/a.txt': 'a', 'out/a.txt': 'a' }));
const reason = (allowed: ReturnType<typeof readAllowed>, places: Partial<BatchPlaces>): string | undefined =>
  refusalOf(allowed, { to, endpoints: {}, ...places })?.message;

test('without options everything is allowed', () => {
  assert.equal(reason(readAllowed(), { root: '/etc', followsLinks: true, endpoints: { to: 'http://h' } }), undefined);
  assert.equal(reason(readAllowed(), { from: { bucket: 'any', keys: ['k'] } }), undefined);
});

test('only directories inside of an allowed one are read', (t) => {
  const dir = folder(t);
  const allowed = readAllowed([join(dir, 'in')]);
  mkdirSync(join(dir, 'in/deep'));
  symlinkSync(join(dir, 'out'), join(dir, 'in/link'));
  symlinkSync(join(dir, 'in'), join(dir, 'same'));
  for (const root of ['in', 'in/deep', 'same'])
    assert.equal(reason(allowed, { root: join(dir, root) }), undefined, root);
  for (const root of ['out', '.', 'input', 'in/link', 'in/../out', 'gone'])
    assert.match(reason(allowed, { root: join(dir, root) }) ?? '', /may not read .*--allow-source names other places/);
  assert.match(reason(allowed, { root: join(dir, 'in'), followsLinks: true }) ?? '', /may not follow symlinks/);
  assert.match(reason(allowed, { from: { bucket: 'site', keys: ['a'] } }) ?? '', /may not read s3:\/\/site\/a/);
  assert.equal(reason(readAllowed(['/']), { root: dir }), undefined);
});

test('only keys inside of an allowed place are read and written', () => {
  const allowed = readAllowed(['s3://from/data'], ['s3://site/docs/', 's3://logs']);
  const from = { bucket: 'from', keys: ['data/a'] };
  assert.equal(reason(allowed, { from }), undefined);
  assert.equal(reason(allowed, { from, to: { bucket: 'logs', keys: ['x'] } }), undefined);
  for (const key of ['data', 'database', 'dat', ''])
    assert.match(reason(allowed, { from: { bucket: 'from', keys: ['data/a', key] } }) ?? '', /may not read/, key);
  assert.match(reason(allowed, { from: { bucket: 'other', keys: ['data/a'] } }) ?? '', /may not read s3:\/\/other/);
  assert.match(
    reason(allowed, { from, to: { bucket: 'site', keys: ['docs/a', 'a'] } }) ?? '',
    /may not write s3:\/\/site\/a/,
  );
  assert.match(reason(allowed, { root: '/' }) ?? '', /may not read \//);
});

test('an allowed bucket is one of the endpoint that the worker has itself', () => {
  const allowed = readAllowed(['s3://from'], ['s3://site']);
  const from = { bucket: 'from', keys: ['a'] };
  assert.match(reason(allowed, { from, endpoints: { from: 'http://h' } }) ?? '', /no endpoint .*http:\/\/h.*source/);
  assert.match(reason(allowed, { from, endpoints: { to: 'http://h' } }) ?? '', /no endpoint .*destination/);
});

test('what names no place is a usage error', () => {
  assert.throws(() => readAllowed(['/not/there']), /"\/not\/there", which cannot be read \(ENOENT\)/);
  for (const [source, destination] of [
    ['s3://', undefined],
    [undefined, 'h t'],
    [undefined, 's3://a'],
  ])
    assert.throws(
      () => readAllowed(source === undefined ? [] : [source], destination === undefined ? [] : [destination]),
      UsageError,
    );
});
