import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3RequestError, SourceError } from '../../src/errors.js';
import { isShared, stopPolicy } from '../../src/plan/stop-policy.js';
import type { Outcome } from '../../src/report/outcome.js';

const refusal = (code: string, status?: number) =>
  new S3RequestError(code, { code, verb: 'PutObject', bucket: 'site', status });

function outcome(action: Outcome['action'], error?: Error): Outcome {
  const facts = { action, reason: '', origin: '', key: '', bytes: 0, sourceBytes: 0, attempts: 1, durationMs: 0 };
  return { ...facts, verified: 'none', ...(error !== undefined && { error }) };
}

const failed = (code: string, status = 403) => outcome('fail', refusal(code, status));

for (const [code, shared] of Object.entries({
  NoSuchBucket: true,
  InvalidAccessKeyId: true,
  SignatureDoesNotMatch: true,
  ExpiredToken: true,
  InvalidToken: true,
  WrongRegion: true,
  PermanentRedirect: true,
  AuthorizationHeaderMalformed: true,
  AccessControlListNotSupported: true,
  RequestTimeTooSkewed: true,
  CredentialsProviderError: true,
  AccessDenied: false,
  NoSuchKey: false,
  InternalError: false,
  SlowDown: false,
  EntityTooLarge: false,
  KeyTooLongError: false,
  InvalidArgument: false,
  PreconditionFailed: false,
  ETagMismatch: false,
  ECONNRESET: false,
  ECONNREFUSED: false,
})) {
  test(`${code} ${shared ? 'ends a run at any time' : 'does not end a run in which something was put'}`, () => {
    assert.equal(isShared(refusal(code)), shared);
    const policy = stopPolicy();
    assert.equal(policy.after(outcome('put')), undefined);
    assert.equal(policy.after(failed(code))?.code, shared ? code : undefined);
  });
}

for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EPROTO', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED']) {
  test(`${code} ends a run only while nothing was put`, () => {
    assert.equal(stopPolicy().after(failed(code))?.code, code);
    const policy = stopPolicy();
    policy.after(outcome('put'));
    assert.equal(policy.after(failed(code)), undefined);
  });
}

test('the eighth denied write ends a run in which none has worked, others in between or not', () => {
  const policy = stopPolicy();
  for (let n = 1; n <= 7; n++) {
    assert.equal(policy.after(failed('AccessDenied')), undefined, `${n}`);
    assert.equal(policy.after(outcome('skip')), undefined);
    assert.equal(policy.after(failed('InternalError')), undefined);
  }
  assert.equal(policy.after(failed('AccessDenied'))?.code, 'AccessDenied');
});

test('one put that worked makes every denied write a failure of its own', () => {
  const policy = stopPolicy();
  for (let n = 1; n <= 7; n++) policy.after(failed('AccessDenied'));
  policy.after(outcome('put'));
  for (let n = 1; n <= 20; n++) assert.equal(policy.after(failed('AccessDenied')), undefined);
  assert.equal(policy.atEnd(), undefined);
});

test('at the end a refusal that all writes met is the run’s own, one among other failures is not', () => {
  const all = stopPolicy();
  for (let n = 1; n <= 3; n++) all.after(failed('AccessDenied'));
  all.after(outcome('skip'));
  assert.equal(all.atEnd()?.code, 'AccessDenied');
  const some = stopPolicy();
  some.after(failed('AccessDenied'));
  some.after(outcome('fail', new SourceError('EACCES', 'cannot read')));
  assert.equal(some.atEnd(), undefined);
  assert.equal(stopPolicy().atEnd(), undefined);
});

test('errors of the source never end a run', () => {
  const policy = stopPolicy();
  for (let n = 1; n <= 20; n++)
    assert.equal(policy.after(outcome('fail', new SourceError('NoSuchBucket', 'a file of that name'))), undefined);
});

test('eight objects that fail alike end a run in which none has worked, whatever the code', () => {
  const policy = stopPolicy();
  for (let n = 1; n <= 7; n++) assert.equal(policy.after(failed('InternalError')), undefined, `${n}`);
  assert.equal(policy.after(failed('TimeoutError')), undefined);
  assert.equal(policy.after(failed('InternalError'))?.code, 'InternalError');
});

test('sixteen objects in a row that a server lost end a run that had worked, refusals do not', () => {
  const policy = stopPolicy();
  policy.after(outcome('put'));
  for (let n = 1; n <= 15; n++) assert.equal(policy.after(failed('InternalError', 500)), undefined, `${n}`);
  policy.after(outcome('put'));
  for (let n = 1; n <= 15; n++) assert.equal(policy.after(outcome('fail', refusal('ECONNREFUSED'))), undefined, `${n}`);
  for (let n = 1; n <= 20; n++) assert.equal(policy.after(failed('AccessDenied')), undefined, `${n}`);
  assert.equal(policy.after(failed('InternalError', 500))?.code, 'InternalError');
});
