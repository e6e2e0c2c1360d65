/**
 * What each error code means for retries, recovery, completions, resume and the end of a run; `hints.ts` has what a user can do. A step that waits for one certain code,
 * such as `AccessDenied` of a HEAD, names that code itself. The table is in `model/`, because `run/` reads it too and may not import `s3/`.
 *
 * The codes are S3's (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), the system's, and those of this package's own
 * clients: `StalledSend`, `SilentServer`, `ConnectTimeout`, `TruncatedAnswer`, `MalformedAnswer`, `NotAnS3Answer`, `NotARegion`, `EndlessListing`, `ETagMismatch`, `UnansweredKey`.
 */
export interface ErrorCode {
  /** `transient`: a retry may succeed. `throttle`: the server is overloaded. Absent: the HTTP status decides. */
  readonly retry?: 'transient' | 'throttle';
  /** Limit on attempts, where it is lower than usual: a retry reads the bytes again, so a second mismatch is real. */
  readonly attempts?: number;
  /** Whether the cause was fixed between two attempts: the retry is not counted and does not wait. */
  readonly recovered?: boolean;
  /** Whether new credentials may help. */
  readonly expired?: boolean;
  /** Whether a connection failed: transient where there is no HTTP status. */
  readonly connection?: boolean;
  /** Whether the server did not get the whole request, so that it did nothing. */
  readonly unsent?: boolean;
  /**
   * Whether no server is reached at all, so that slowing down cannot help. A host that has responded in this run is away for a while; before that, its
   * address may be wrong.
   */
  readonly unreachable?: boolean;
  /** Whether this machine lacks what a connection needs: the request waits, and fewer are sent. */
  readonly shortage?: boolean;
  /** Whether the request may have succeeded although its response was lost. */
  readonly answerLost?: boolean;
  /** Whether two writes met: a completion then begins with a new upload. */
  readonly conflict?: boolean;
  /** Whether, after a completion, only the object itself shows whether it was stored. */
  readonly doubtful?: boolean;
  /** Whether a connection or a server stands still: it counts as a refusal for the send rate. */
  readonly stalled?: boolean;
  /** Whether every later request would fail the same way: `always`, or `at first`, while no request has succeeded yet. */
  readonly endsRun?: 'always' | 'at first';
  /** The only HTTP status with which `endsRun` holds; absent for any. */
  readonly endsRunWith?: number;
  /** Whether something other than the server, or between, has changed or replaced the response. */
  readonly corrupted?: boolean;
}

const TRANSIENT: ErrorCode = { retry: 'transient' };
const THROTTLE: ErrorCode = { retry: 'throttle' };
const MISMATCH: ErrorCode = { retry: 'transient', attempts: 2 };
const DOUBTFUL: ErrorCode = { doubtful: true };
const LOST: ErrorCode = { retry: 'transient', answerLost: true };
const CONFLICT: ErrorCode = { retry: 'transient', conflict: true };
const RECOVERED: ErrorCode = { retry: 'transient', recovered: true };
const BROKEN: ErrorCode = { connection: true, answerLost: true };
const UNREACHED: ErrorCode = { connection: true, unsent: true, unreachable: true, endsRun: 'at first' };
const SHORTAGE: ErrorCode = { connection: true, unsent: true, shortage: true };
const SHARED: ErrorCode = { endsRun: 'always' };
const EXPIRED: ErrorCode = { endsRun: 'always', expired: true };
const AT_FIRST: ErrorCode = { endsRun: 'at first' };
const UNKNOWN: ErrorCode = {};

/** @internal */
export const ERROR_CODES: Readonly<Record<string, ErrorCode>> = {
  InternalError: TRANSIENT,
  RequestTimeout: TRANSIENT,
  IncompleteBody: TRANSIENT,
  OperationAborted: CONFLICT,
  ConditionalRequestConflict: CONFLICT,

  SlowDown: THROTTLE,
  TooManyRequests: THROTTLE,
  Throttling: THROTTLE,
  ThrottlingException: THROTTLE,
  RequestLimitExceeded: THROTTLE,

  ETagMismatch: { ...MISMATCH, ...DOUBTFUL },
  BadDigest: MISMATCH,
  // Garage's code for a digest that does not match.
  InvalidDigest: MISMATCH,
  XAmzContentSHA256Mismatch: MISMATCH,
  XAmzContentChecksumMismatch: MISMATCH,

  // A key that the response to a DeleteObjects leaves out: deleting it alone shows it.
  UnansweredKey: { answerLost: true },

  InvalidPart: DOUBTFUL,
  InvalidPartOrder: DOUBTFUL,
  NoSuchUpload: DOUBTFUL,

  // Programs see this code in `retry` events, so it keeps its name.
  Mended: RECOVERED,
  ChecksumRefused: RECOVERED,

  TimeoutError: LOST,
  TruncatedAnswer: LOST,
  MalformedAnswer: LOST,
  SilentServer: { ...LOST, stalled: true },
  StalledSend: { retry: 'transient', unsent: true, stalled: true },
  ConnectTimeout: { retry: 'transient', unsent: true },

  ECONNRESET: BROKEN,
  ECONNABORTED: BROKEN,
  EPIPE: BROKEN,
  ETIMEDOUT: BROKEN,
  ERR_STREAM_PREMATURE_CLOSE: BROKEN,
  EMFILE: SHORTAGE,
  ENFILE: SHORTAGE,
  // No local port is left: those of closed connections are free again after a minute.
  EADDRNOTAVAIL: SHORTAGE,
  ECONNREFUSED: UNREACHED,
  EAI_AGAIN: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  // Not transient, so that a misspelt name ends the run at once.
  ENOTFOUND: { ...AT_FIRST, unreachable: true },
  EPROTO: AT_FIRST,

  // A page with status 200 comes in the place of every object; one with 403 may be a firewall's refusal of one.
  NotAnS3Answer: {
    ...AT_FIRST,
    endsRunWith: 200,
    corrupted: true,
  },

  NoSuchBucket: SHARED,
  InvalidBucketName: SHARED,
  AllAccessDisabled: SHARED,
  AccountProblem: SHARED,
  InvalidAccessKeyId: SHARED,
  SignatureDoesNotMatch: SHARED,
  InvalidToken: SHARED,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  RequestTimeTooSkewed: SHARED,
  WrongRegion: SHARED,
  PermanentRedirect: SHARED,
  TemporaryRedirect: AT_FIRST,
  // A response that cannot be read: the next one may be right.
  NotARegion: { retry: 'transient', ...AT_FIRST },
  EndlessListing: SHARED,
  AuthorizationHeaderMalformed: SHARED,
  AccessControlListNotSupported: SHARED,
  AccessControlListDisabled: SHARED,
  CredentialsProviderError: SHARED,
  ProxyAuthenticationRequired: SHARED,
};

/** Node and OpenSSL have many codes for a certificate that is not trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;
const TLS = /^ERR_(?:TLS|SSL)_/;

/** What a code means; an empty row for an unknown code. */
export function errorCode(code: string): ErrorCode {
  if (Object.hasOwn(ERROR_CODES, code)) return ERROR_CODES[code] ?? UNKNOWN;
  // Each provider of credentials throws an error with a name of its own.
  if (isCredentialsError(code)) return SHARED;
  if (CERTIFICATE.test(code)) return AT_FIRST;
  return TLS.test(code) ? AT_FIRST : UNKNOWN;
}

/** Whether there were no credentials to sign with, so that no request was sent. */
export function isCredentialsError(code: string): boolean {
  return code.endsWith('ProviderError');
}
