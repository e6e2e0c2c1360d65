import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { S3RequestError, SourceError } from '../../../src/errors.js';
import { MOST_RESULT_BYTES } from '../../../src/fleet/job.js';
import {
  type BatchResult,
  type EntryOutcome,
  NO_COUNTS,
  packResult,
  type TakenResult,
  unpackResult,
} from '../../../src/fleet/result.js';
import { msg } from '../../../src/report/message.js';

const put: EntryOutcome = {
  action: 'put',
  reason: 'new',
  bytes: 12,
  sourceBytes: 30,
  etag: '0123456789abcdef0123456789abcdef',
  verified: 'crc32',
  attempts: 2,
  durationMs: 31,
  contentType: 'text/plain; charset=utf-8',
  contentEncoding: 'gzip',
  replacedBytes: 7,
};

/** Keys and labels of a batch of this size. */
function batchOf(size: number): { readonly keys: readonly string[]; readonly origins: readonly string[] } {
  const keys = Array.from({ length: size }, (_, at) => `k${at}`);
  return { keys, origins: keys.map((key) => `/source/${key}`) };
}

function throughQueue(result: BatchResult): TakenResult {
  const packed = packResult(result);
  assert.ok(Buffer.byteLength(JSON.stringify(packed)) <= MOST_RESULT_BYTES);
  return unpackResult(JSON.parse(JSON.stringify(packed)), batchOf(result.outcomes.length));
}

test('outcomes and errors pass through the queue', () => {
  const denied = new S3RequestError('put b: AccessDenied (403)', {
    code: 'AccessDenied',
    verb: 'PutObject',
    bucket: 'site',
    status: 403,
    requestId: 'ID',
    hint: msg`Leave {acl} out.`,
  });
  const failed: EntryOutcome = { ...put, action: 'fail', reason: denied.message, bytes: 0, error: denied };
  const { etag: _, ...withoutEtag } = put;
  const outcomes = [put, undefined, failed, withoutEtag];
  const counts = { ...NO_COUNTS, requests: { PutObject: 4 }, retries: 1, warnings: [['code', 'text']] as const };
  const taken = throughQueue({ state: 'done', worker: 'host:1', outcomes, counts });
  assert.deepEqual(taken.outcomes[0], { ...put, key: 'k0', origin: '/source/k0' });
  assert.equal(taken.outcomes[1], undefined);
  assert.deepEqual(taken.outcomes[3], { ...withoutEtag, key: 'k3', origin: '/source/k3' });
  assert.deepEqual(taken.counts, counts);
  const error = taken.outcomes[2]?.error;
  assert.ok(error instanceof S3RequestError);
  assert.equal(error.message, denied.message);
  assert.equal(error.requestId, 'ID');
  assert.equal(error.hint, 'Leave --acl out.');
});

test('a thousand outcomes fit, and so do a thousand failures of any length', () => {
  const random = (length: number): string =>
    Array.from({ length }, () => Math.random().toString(36).slice(2, 12)).join('');
  const outcomes = Array.from({ length: 1_000 }, (_, at) => ({ ...put, etag: random(4).slice(0, 32), durationMs: at }));
  const taken = throughQueue({ state: 'done', worker: 'host:1', outcomes, counts: NO_COUNTS });
  assert.deepEqual(
    taken.outcomes.map((one) => one?.durationMs),
    outcomes.map((one) => one.durationMs),
  );
  const failures = outcomes.map((one): EntryOutcome => {
    const error = new SourceError('EACCES', random(300));
    return { ...one, action: 'fail', reason: error.message, error };
  });
  const cut = throughQueue({ state: 'done', worker: 'host:1', outcomes: failures, counts: NO_COUNTS });
  assert.ok(
    cut.outcomes.every(
      (one) => one?.action === 'fail' && one.error instanceof SourceError && one.error.code === 'EACCES',
    ),
  );
  assert.ok(cut.withoutMessage > 0);
});

test('any numbers pass through the queue', () => {
  const outcome = fc.record({
    action: fc.constantFrom('put', 'copy', 'skip', 'metadata' as const),
    reason: fc.string(),
    bytes: fc.nat(),
    sourceBytes: fc.nat(),
    verified: fc.constantFrom('none', 'crc32', 'md5' as const),
    attempts: fc.nat(),
    durationMs: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(fc.option(outcome, { nil: undefined })), (outcomes) => {
      const given = outcomes.map((one) => one && { ...one }) as readonly (EntryOutcome | undefined)[];
      const { outcomes: taken } = throughQueue({ state: 'done', worker: 'w', outcomes: given, counts: NO_COUNTS });
      const { keys, origins } = batchOf(given.length);
      assert.deepEqual(
        taken,
        given.map((one, at) => one && { ...one, key: keys[at], origin: origins[at] }),
      );
    }),
  );
});

test('a result of another size is refused', () => {
  const packed = packResult({ state: 'done', worker: 'w', outcomes: [put], counts: NO_COUNTS });
  assert.throws(() => unpackResult(packed, batchOf(2)), /another number of objects/);
});
