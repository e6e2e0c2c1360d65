import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autoPaths } from '../../../src/cloudfront/auto-paths.js';
import { collectChanges } from '../../../src/cloudfront/changes.js';
import { S3RequestError, SourceError } from '../../../src/errors.js';
import type { Outcome, OutcomeAction } from '../../../src/report/types.js';

const outcome = (key: string, action: OutcomeAction, reason: string, error?: Error): Outcome => ({
  action,
  reason,
  origin: key,
  key,
  bytes: 0,
  sourceBytes: 0,
  verified: 'none',
  attempts: 1,
  durationMs: 1,
  ...(error !== undefined && { error }),
});
const failure = (verb: string, code: string): Error => new S3RequestError(code, { code, verb, bucket: 'site' });

test('each outcome is a change, a new key, or neither', () => {
  const rows: readonly (readonly [OutcomeAction, string, 'changed' | 'created' | 'unchanged', Error?])[] = [
    ['put', 'new', 'created'],
    ['put', 'content differs', 'changed'],
    ['put', 'forced', 'changed'],
    ['put', 'remote unreadable', 'changed'],
    ['metadata', 'headers differ', 'changed'],
    ['delete', 'not in the source', 'changed'],
    ['unknown', 'in flight', 'changed'],
    ['skip', 'same content', 'unchanged'],
    ['skip', 'kept until 2026-01-01', 'unchanged'],
    ['fail', 'denied', 'unchanged', failure('PutObject', 'AccessDenied')],
    ['fail', 'not found', 'unchanged', new SourceError('ENOENT', 'gone')],
    // The response was lost, and the object may be stored.
    ['fail', 'reset', 'changed', failure('PutObject', 'ECONNRESET')],
    ['fail', 'reset', 'unchanged', failure('HeadObject', 'ECONNRESET')],
    ['fail', 'refused', 'unchanged', failure('PutObject', 'ECONNREFUSED')],
  ];
  for (const [action, reason, kind, error] of rows) {
    const changes = collectChanges();
    changes.add(outcome('a', action, reason, error));
    assert.deepEqual([...changes[kind]], ['a'], `${action} ${reason}`);
    assert.equal(changes.count, kind === 'unchanged' ? 0 : 1);
  }
});

test('more keys than are kept are everything', () => {
  const changes = collectChanges(2);
  for (const key of ['a', 'b', 'c']) changes.add(outcome(key, 'put', 'new'));
  for (const key of ['d', 'e']) changes.add(outcome(key, 'delete', 'not in the source'));
  for (const key of ['x', 'y', 'z']) changes.add(outcome(key, 'skip', 'same content'));
  assert.deepEqual(autoPaths(changes, undefined, 10), ['/d', '/d/', '/e', '/e/']);
  changes.add(outcome('f', 'delete', 'not in the source'));
  assert.deepEqual(autoPaths(changes, undefined, 10), ['/*']);
  assert.deepEqual([changes.count, changes.changed.size, changes.created.size, changes.unchanged.size], [6, 2, 2, 2]);
});

test('what another run has changed or created stays so, where this one finds it unchanged', () => {
  const changes = collectChanges();
  for (const kind of ['changed', 'created'] as const) {
    changes.addKey(kind, kind);
    changes.add(outcome(kind, 'skip', 'same content'));
  }
  assert.deepEqual(
    [[...changes.changed], [...changes.created], [...changes.unchanged]],
    [['changed'], ['created'], []],
  );
});
