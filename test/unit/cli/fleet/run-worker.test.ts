import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchLines } from '../../../../src/cli/fleet/run-worker.js';
import { type BatchResult, type BatchState, type EntryOutcome, NO_COUNTS } from '../../../../src/fleet/result.js';

const put: EntryOutcome = {
  action: 'put',
  reason: 'new',
  bytes: 1,
  sourceBytes: 1,
  verified: 'none',
  attempts: 1,
  durationMs: 1,
};
const failed: EntryOutcome = { ...put, action: 'fail', reason: 'put a: AccessDenied (403)' };

function linesOf(
  state: BatchState,
  outcomes: readonly EntryOutcome[],
  { quiet = false, verbose = false, withoutMessage = 0 } = {},
): readonly string[] {
  const error = { kind: 'source', code: 'ENOENT', message: 'it cannot read the directory /data (ENOENT)' } as const;
  const result: BatchResult = {
    state,
    worker: 'host:1:ab',
    outcomes,
    counts: NO_COUNTS,
    ...(state !== 'done' && { error }),
  };
  return batchLines({ type: 'batch', id: 'run-0', result, seconds: 1.25, withoutMessage }, { quiet, verbose });
}

test('a line says how the work on a batch ended', () => {
  assert.deepEqual(linesOf('done', [put, put]), ['run-0: 2 objects, 0 failed (1.3 s)']);
  assert.match(linesOf('refused', [])[0] ?? '', /^run-0: refused: it cannot read the directory \/data/);
  assert.match(linesOf('ended', [])[0] ?? '', /^run-0: stopped: /);
  assert.match(linesOf('back', [])[0] ?? '', /^run-0: given back/);
});

test('a quiet worker says only what somebody has to look at', () => {
  assert.deepEqual(linesOf('done', [put], { quiet: true }), []);
  assert.deepEqual(linesOf('back', [], { quiet: true }), []);
  for (const state of ['refused', 'ended', 'cut'] as const) assert.equal(linesOf(state, [], { quiet: true }).length, 1);
  assert.equal(linesOf('done', [put, failed], { quiet: true }).length, 1);
});

test('failures have lines of their own where the report may lack their messages', () => {
  assert.equal(linesOf('done', [put, failed]).length, 1);
  for (const more of [{ verbose: true }, { withoutMessage: 1 }])
    assert.equal(linesOf('done', [put, failed], more)[0], 'failed: put a: AccessDenied (403)');
});
