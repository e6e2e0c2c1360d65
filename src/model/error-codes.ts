import { msg, type Text } from '../report/message.js';
import { VERBS, type Verb } from './verbs.js';

/**
 * What each error code means for retries, recovery, completions, resume, the end of a run, and the user. A step that waits for one certain code,
 * such as `AccessDenied` of a HEAD, names that code itself. The table is in `model/`, because `run/` reads it too and may not import `s3/`.
 *
 * The codes are S3's (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), the system's, and those of this package's own
 * clients: `StalledSend`, `SilentServer`, `ConnectTimeout`, `TruncatedAnswer`, `MalformedAnswer`, `NotAnS3Answer`, `NotARegion`, `EndlessListing`, `ETagMismatch`.
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
  /** Whether no server responds at all, so that slowing down cannot help. */
  readonly unreachable?: boolean;
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
  /** What fixes it, where that is known. */
  readonly hint?: (refusal: Refusal) => Text;
}

/** The facts that a hint may use. */
export interface Refusal {
  readonly code: string;
  readonly bucket: string;
  readonly region: string | undefined;
  /** Origin that a redirect leads to. */
  readonly location?: string | undefined;
  readonly verb: Verb;
}

const TRANSIENT: ErrorCode = { retry: 'transient' };
const THROTTLE: ErrorCode = { retry: 'throttle' };
const MISMATCH: ErrorCode = { retry: 'transient', attempts: 2 };
const DOUBTFUL: ErrorCode = { doubtful: true };
const LOST: ErrorCode = { retry: 'transient', answerLost: true };
const CONFLICT: ErrorCode = { retry: 'transient', conflict: true };
const RECOVERED: ErrorCode = { retry: 'transient', recovered: true };
const BROKEN: ErrorCode = { connection: true, answerLost: true };
const UNREACHED: ErrorCode = { connection: true, unsent: true, unreachable: true };
const SHARED: ErrorCode = { endsRun: 'always' };
const EXPIRED: ErrorCode = { endsRun: 'always', expired: true };
const AT_FIRST: ErrorCode = { endsRun: 'at first' };
const UNTRUSTED: ErrorCode = {
  ...AT_FIRST,
  hint: () => "Node does not trust the endpoint's certificate. Name its CA in NODE_EXTRA_CA_CERTS.",
};
const UNKNOWN: ErrorCode = {};

/** Requests carry credentials, so they are never sent where a redirect leads. */
function redirectHint({ location }: Refusal): Text {
  return location === undefined
    ? msg`The endpoint is another one. Check {endpointUrl} and {region}.`
    : msg`Requests with credentials do not follow redirects. Set {endpointUrl} to "${location}" if that is your server.`;
}

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
  XAmzContentSHA256Mismatch: MISMATCH,
  XAmzContentChecksumMismatch: MISMATCH,

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
  ECONNREFUSED: {
    ...UNREACHED,
    ...AT_FIRST,
    hint: () => msg`Nothing listens at this endpoint. Check {endpointUrl} and that the server runs.`,
  },
  EAI_AGAIN: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  ENOTFOUND: {
    ...AT_FIRST,
    hint: () =>
      msg`The host name does not resolve. Check {endpointUrl}, region and bucket; a server without virtual hosts needs {forcePathStyle}.`,
  },
  EPROTO: {
    ...AT_FIRST,
    hint: () => msg`The endpoint does not speak TLS. Use an http:// endpoint, or {secure: false}.`,
  },

  // A page with status 200 comes in the place of every object; one with 403 may be a firewall's refusal of one.
  NotAnS3Answer: {
    ...AT_FIRST,
    endsRunWith: 200,
    corrupted: true,
    hint: () => 'Check the endpoint, and whether a proxy or a login page responds in its place.',
  },

  NoSuchBucket: {
    ...SHARED,
    hint: ({ bucket }) =>
      msg`There is no bucket "${bucket}" at this endpoint. Check its name, and {endpointUrl} where one is given.`,
  },
  InvalidBucketName: SHARED,
  AllAccessDisabled: SHARED,
  AccountProblem: SHARED,
  InvalidAccessKeyId: {
    ...SHARED,
    hint: () => msg`S3 does not know this access key. Check AWS_ACCESS_KEY_ID, the profile, and {endpointUrl}.`,
  },
  SignatureDoesNotMatch: {
    ...SHARED,
    hint: () => 'The secret key does not belong to the access key. Check AWS_SECRET_ACCESS_KEY for missing characters.',
  },
  InvalidToken: {
    ...SHARED,
    hint: () => 'The session token does not belong to the access key. Check AWS_SESSION_TOKEN.',
  },
  ExpiredToken: { ...EXPIRED, hint: () => 'The session has expired. Get new credentials and run again.' },
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  RequestTimeTooSkewed: {
    ...SHARED,
    hint: () => "This machine's clock is more than 15 minutes off. Set it, for example by NTP.",
  },
  WrongRegion: {
    ...SHARED,
    hint: ({ bucket, region }) => msg`The bucket "${bucket}" is in ${region}. Set {region} to "${region}".`,
  },
  PermanentRedirect: { ...SHARED, hint: redirectHint },
  TemporaryRedirect: { ...AT_FIRST, hint: redirectHint },
  // A response that cannot be read: the next one may be right.
  NotARegion: {
    retry: 'transient',
    ...AT_FIRST,
    hint: () => msg`Check the endpoint, and what is between this machine and it; {region} must be the bucket's region.`,
  },
  EndlessListing: {
    ...SHARED,
    hint: () =>
      'The server, or what is between, repeats pages of its listings. Check whether its version has such a fault, and whether another tool lists this bucket to its end.',
  },
  AuthorizationHeaderMalformed: {
    ...SHARED,
    hint: () => msg`The region that requests are signed for is not the one this server expects. Set {region}.`,
  },
  AccessControlListNotSupported: {
    ...SHARED,
    hint: ({ bucket }) =>
      msg`ACLs are disabled on "${bucket}" (Object Ownership: bucket owner enforced). Leave the {acl} option and grant headers out; use a bucket policy instead.`,
  },
  AccessControlListDisabled: SHARED,

  AccessDenied: {
    hint: ({ verb, bucket }) =>
      msg`The credentials lack ${VERBS[verb].permission} on "${bucket}", or the bucket's policy denies it. A bucket whose requester pays needs {requestPayer}; {expectedBucketOwner}, or for the source of a copy {expectedSourceBucketOwner}, must name the account that owns the bucket where it is given.`,
  },
  CredentialsProviderError: {
    ...SHARED,
    hint: () => msg`No credentials were found. {giveCredentials}`,
  },
  EntityTooLarge: { hint: () => 'S3 takes at most 5 GiB in one put.' },
  KeyTooLongError: { hint: () => 'A key has at most 1,024 bytes of UTF-8.' },
  InvalidArgument: { hint: () => 'The server does not take one of the headers; its message says which.' },
  NotImplemented: { hint: () => 'This server does not implement something that the request asks for.' },
};

/** Node and OpenSSL have many codes for a certificate that is not trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;
const TLS = /^ERR_(?:TLS|SSL)_/;

/** What a code means; an empty row for an unknown code. */
export function errorCode(code: string): ErrorCode {
  if (Object.hasOwn(ERROR_CODES, code)) return ERROR_CODES[code] ?? UNKNOWN;
  // Each provider of credentials throws an error with a name of its own.
  if (isCredentialsError(code)) return SHARED;
  if (CERTIFICATE.test(code)) return UNTRUSTED;
  return TLS.test(code) ? AT_FIRST : UNKNOWN;
}

/** Whether there were no credentials to sign with, so that no request was sent. */
export function isCredentialsError(code: string): boolean {
  return code.endsWith('ProviderError');
}
