import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3RequestError } from '../../../src/errors.js';
import { ERROR_CODES, errorCode } from '../../../src/model/error-codes.js';
import { hintFor } from '../../../src/model/hints.js';
import { endsEveryRun, stopPolicy } from '../../../src/run/fatal-errors.js';
import { isAnswerLost, verdict, verdictFor } from '../../../src/s3/middleware/retry-policy.js';

/**
 * What becomes of a failed PutObject with this code: its verdict without a status, with 400, with 503 and with 500, that of a
 * CompleteMultipartUpload without a status; then whether the answer may be lost, whether it ends a run always, and while nothing has worked yet;
 * whether it was recovered from, how many attempts it is worth, and whether it has a hint.
 */
const VERDICTS: Readonly<Record<string, string>> = {
  InternalError: 'transient transient transient transient transient no no no no - yes',
  RequestTimeout: 'transient transient transient transient transient no no no no - yes',
  OperationAborted: 'transient transient transient transient final no no no no - yes',
  ConditionalRequestConflict: 'transient transient transient transient final no no no no - yes',
  TimeoutError: 'transient transient transient transient final yes no no no - yes',
  TruncatedAnswer: 'transient transient transient transient final yes no no no - yes',
  ETagMismatch: 'transient transient transient transient transient no no no no 2 no',
  InvalidDigest: 'transient transient transient transient transient no no no no 2 yes',
  BadDigest: 'transient transient transient transient transient no no no no 2 yes',
  XAmzContentSHA256Mismatch: 'transient transient transient transient transient no no no no 2 yes',
  UnansweredKey: 'final final throttle transient final yes no no no - no',
  InvalidPartOrder: 'final final throttle transient final no no no no - yes',
  IncompleteBody: 'transient transient transient transient transient no no no no - no',
  XAmzContentChecksumMismatch: 'transient transient transient transient transient no no no no 2 yes',
  ConnectTimeout: 'transient transient transient transient transient no no no no - yes',
  StalledSend: 'transient transient transient transient transient no no no no - yes',
  SilentServer: 'transient transient transient transient final yes no no no - yes',
  MalformedAnswer: 'transient transient transient transient final yes no no no - yes',
  Mended: 'transient transient transient transient transient no no no yes - no',
  ChecksumRefused: 'transient transient transient transient transient no no no yes - no',
  ECONNRESET: 'transient final throttle transient final yes no no no - yes',
  EMFILE: 'transient final throttle transient transient no no no no - yes',
  ENFILE: 'transient final throttle transient transient no no no no - yes',
  EADDRNOTAVAIL: 'transient final throttle transient transient no no no no - yes',
  ECONNREFUSED: 'transient final throttle transient transient no no yes no - yes',
  ECONNABORTED: 'transient final throttle transient final yes no no no - yes',
  EPIPE: 'transient final throttle transient final yes no no no - yes',
  ETIMEDOUT: 'transient final throttle transient final yes no no no - yes',
  EAI_AGAIN: 'transient final throttle transient transient no no yes no - yes',
  EHOSTUNREACH: 'transient final throttle transient transient no no yes no - yes',
  ENETUNREACH: 'transient final throttle transient transient no no yes no - yes',
  ERR_STREAM_PREMATURE_CLOSE: 'transient final throttle transient final yes no no no - yes',
  ENOTFOUND: 'final final throttle transient final no no yes no - yes',
  EPROTO: 'final final throttle transient final no no yes no - yes',
  ERR_TLS_CERT_ALTNAME_INVALID: 'final final throttle transient final no no yes no - yes',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'final final throttle transient final no no yes no - yes',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'final final throttle transient final no no yes no - yes',
  SlowDown: 'throttle throttle throttle throttle throttle no no no no - yes',
  TooManyRequests: 'throttle throttle throttle throttle throttle no no no no - yes',
  Throttling: 'throttle throttle throttle throttle throttle no no no no - yes',
  ThrottlingException: 'throttle throttle throttle throttle throttle no no no no - yes',
  RequestLimitExceeded: 'throttle throttle throttle throttle throttle no no no no - yes',
  NoSuchBucket: 'final final throttle transient final no yes yes no - yes',
  InvalidBucketName: 'final final throttle transient final no yes yes no - yes',
  AllAccessDisabled: 'final final throttle transient final no yes yes no - yes',
  AccountProblem: 'final final throttle transient final no yes yes no - yes',
  InvalidAccessKeyId: 'final final throttle transient final no yes yes no - yes',
  SignatureDoesNotMatch: 'final final throttle transient final no yes yes no - yes',
  InvalidToken: 'final final throttle transient final no yes yes no - yes',
  ExpiredToken: 'final final throttle transient final no yes yes no - yes',
  ExpiredTokenException: 'final final throttle transient final no yes yes no - yes',
  TokenRefreshRequired: 'final final throttle transient final no yes yes no - yes',
  RequestTimeTooSkewed: 'final final throttle transient final no yes yes no - yes',
  WrongRegion: 'final final throttle transient final no yes yes no - yes',
  PermanentRedirect: 'final final throttle transient final no yes yes no - yes',
  TemporaryRedirect: 'final final throttle transient final no no yes no - yes',
  NotARegion: 'transient transient transient transient transient no no yes no - yes',
  EndlessListing: 'final final throttle transient final no yes yes no - yes',
  AuthorizationHeaderMalformed: 'final final throttle transient final no yes yes no - yes',
  AccessControlListNotSupported: 'final final throttle transient final no yes yes no - yes',
  AccessControlListDisabled: 'final final throttle transient final no yes yes no - yes',
  ProxyAuthenticationRequired: 'final final throttle transient final no yes yes no - yes',
  CredentialsProviderError: 'final final throttle transient final no yes yes no - yes',
  TokenProviderError: 'final final throttle transient final no yes yes no - yes',
  AccessDenied: 'final final throttle transient final no no no no - yes',
  EntityTooLarge: 'final final throttle transient final no no no no - yes',
  KeyTooLongError: 'final final throttle transient final no no no no - yes',
  InvalidArgument: 'final final throttle transient final no no no no - yes',
  NotImplemented: 'final final throttle transient final no no no no - yes',
  NoSuchUpload: 'final final throttle transient final no no no no - yes',
  NoSuchKey: 'final final throttle transient final no no no no - yes',
  InvalidPart: 'final final throttle transient final no no no no - yes',
  PreconditionFailed: 'final final throttle transient final no no no no - yes',
  NotAnS3Answer: 'final final throttle transient final no no no no - yes',
  BadGateway: 'final final throttle transient final no no no no - yes',
  GatewayTimeout: 'final final throttle transient final no no no no - yes',
  Http418: 'final final throttle transient final no no no no - no',
  UnknownError: 'final final throttle transient final no no no no - no',
};

const yes = (met: boolean): string => (met ? 'yes' : 'no');

function verdictsOf(code: string): string {
  const error = (status?: number) => new S3RequestError(code, { code, status, verb: 'PutObject', bucket: 'b' });
  const lone = error();
  const after = stopPolicy().after({
    action: 'fail',
    reason: '',
    origin: 'a',
    key: 'a',
    bytes: 0,
    sourceBytes: 0,
    verified: 'none',
    attempts: 1,
    durationMs: 1,
    error: lone,
  });
  return [
    ...[undefined, 400, 503, 500].map((status) => verdict(error(status))),
    verdictFor('CompleteMultipartUpload', lone),
    yes(isAnswerLost(lone)),
    yes(endsEveryRun(lone)),
    yes(after !== undefined),
    yes(errorCode(code).recovered === true),
    errorCode(code).attempts ?? '-',
    yes(hintFor({ code, bucket: 'b', region: 'r', verb: 'PutObject' }) !== undefined),
  ].join(' ');
}

for (const [code, expected] of Object.entries(VERDICTS))
  test(`${code}: ${expected}`, () => assert.equal(verdictsOf(code), expected));

test('every code of the table has its verdicts here', () => {
  assert.deepEqual(
    Object.keys(ERROR_CODES).filter((code) => !(code in VERDICTS)),
    [],
  );
});

test('a code that names a property of every object is unknown', () => {
  for (const code of ['constructor', 'toString', '__proto__']) assert.deepEqual(errorCode(code), {});
});
