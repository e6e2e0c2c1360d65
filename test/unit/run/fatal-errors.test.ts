import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3RequestError, SourceError } from '../../../src/errors.js';
import type { Outcome } from '../../../src/report/types.js';
import { endsEveryRun, stopPolicy } from '../../../src/run/fatal-errors.js';

const refusal = (code: string, status?: number) =>
  new S3RequestError(code, { code, verb: 'PutObject', bucket: 'site', status });

function outcome(action: Outcome['action'], error?: Error, reason = ''): Outcome {
  const facts = { action, reason, origin: '', key: '', bytes: 0, sourceBytes: 0, attempts: 1, durationMs: 0 };
  return { ...facts, verified: 'none', ...(error !== undefined && { error }) };
}

const failed = (code: string, status = 403) => outcome('fail', refusal(code, status));
const unreached = (code: string) => outcome('fail', refusal(code));
const skipped = (reason: string) => outcome('skip', undefined, reason);

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
    assert.equal(endsEveryRun(refusal(code)), shared);
    const policy = stopPolicy();
    assert.equal(policy.after(outcome('put')), undefined);
    assert.equal(policy.after(failed(code))?.code, shared ? code : undefined);
  });
}

for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EPROTO', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED']) {
  test(`${code} ends a run only while nothing has worked`, () => {
    assert.equal(stopPolicy().after(unreached(code))?.code, code);
    for (const worked of [outcome('put'), skipped('same content'), skipped('exists'), failed('InvalidArgument', 400)]) {
      const policy = stopPolicy();
      policy.after(worked);
      assert.equal(policy.after(unreached(code)), undefined);
    }
    const policy = stopPolicy();
    policy.after(skipped('a socket'));
    assert.equal(policy.after(unreached(code))?.code, code);
  });
}

test('a page with status 200 ends a run while nothing has worked, and eight refusals by pages while nothing was put', () => {
  assert.equal(stopPolicy().after(failed('NotAnS3Answer', 200))?.code, 'NotAnS3Answer');
  const policy = stopPolicy();
  for (let n = 1; n <= 7; n++) assert.equal(policy.after(failed('NotAnS3Answer', 404)), undefined, `${n}`);
  assert.equal(policy.after(failed('NotAnS3Answer', 404))?.code, 'NotAnS3Answer');
});

for (const [code, status] of [
  ['XMinioInvalidObjectName', 400],
  ['InvalidArgument', 400],
  ['KeyTooLongError', 400],
  ['MethodNotAllowed', 405],
  ['PreconditionFailed', 412],
] as const) {
  test(`${code} concerns its object and never ends a run, however often and whenever it occurs`, () => {
    const policy = stopPolicy();
    for (let n = 1; n <= 500; n++) assert.equal(policy.after(failed(code, status)), undefined, `${n}`);
    assert.equal(policy.atEnd(), undefined);
  });
}

test('the eighth denied write ends a run without an allowed one, whatever is in between', () => {
  const policy = stopPolicy();
  for (let n = 1; n <= 7; n++) {
    assert.equal(policy.after(failed('AccessDenied')), undefined, `${n}`);
    assert.equal(policy.after(outcome('skip')), undefined);
    assert.equal(policy.after(failed('InternalError', 500)), undefined);
  }
  assert.equal(policy.after(failed('AccessDenied'))?.code, 'AccessDenied');
});

test('after one successful put, denied writes are failures of their objects', () => {
  const policy = stopPolicy();
  for (let n = 1; n <= 7; n++) policy.after(failed('AccessDenied'));
  policy.after(outcome('put'));
  for (let n = 1; n <= 20; n++) assert.equal(policy.after(failed('AccessDenied')), undefined);
  assert.equal(policy.atEnd(), undefined);
});

test('at the end, a refusal of all writes fails the run, and a refusal among other failures does not', () => {
  const all = stopPolicy();
  for (let n = 1; n <= 3; n++) all.after(failed('AccessDenied'));
  all.after(skipped('same content'));
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

test('objects with status 500 are failures, and a hundred in a row end a run', () => {
  const policy = stopPolicy();
  for (let n = 1; n <= 99; n++) assert.equal(policy.after(failed('InternalError', 500)), undefined, `${n}`);
  policy.after(skipped('same content'));
  for (let n = 1; n <= 99; n++) assert.equal(policy.after(failed('InternalError', 500)), undefined, `${n}`);
  assert.equal(policy.after(failed('SlowDown', 503))?.code, 'SlowDown');
});

test('eight objects without a response end a run in which nothing has worked; sixteen in a row end any run', () => {
  const first = stopPolicy();
  for (let n = 1; n <= 7; n++) assert.equal(first.after(unreached('ECONNRESET')), undefined, `${n}`);
  assert.equal(first.after(unreached('SilentServer'))?.code, 'SilentServer');
  const later = stopPolicy();
  for (let n = 1; n <= 15; n++) {
    if (n === 1) later.after(outcome('put'));
    assert.equal(later.after(unreached('ECONNREFUSED')), undefined, `${n}`);
    // A listing that was read before proves nothing about the server now.
    later.after(skipped('same content'));
  }
  later.after(failed('InvalidArgument', 400));
  for (let n = 1; n <= 15; n++) assert.equal(later.after(unreached('ECONNREFUSED')), undefined, `${n}`);
  assert.equal(later.after(unreached('ECONNREFUSED'))?.code, 'ECONNREFUSED');
});

test('eight corrupted objects end a run in which none was stored correctly', () => {
  const policy = stopPolicy();
  for (let n = 1; n <= 7; n++) assert.equal(policy.after(failed('ETagMismatch', 200)), undefined, `${n}`);
  assert.equal(policy.after(failed('ETagMismatch', 200))?.code, 'ETagMismatch');
  const worked = stopPolicy();
  worked.after(outcome('put'));
  for (let n = 1; n <= 20; n++) assert.equal(worked.after(failed('ETagMismatch', 200)), undefined, `${n}`);
});
