import { S3RequestError } from '../errors.js';
import { isCertificateError } from '../model/error-codes.js';
import { VERBS } from '../model/verbs.js';
import type { Verb } from '../report/types.js';
import { elementText } from './answers/xml.js';
import type { HttpResponse } from './http/http-client.js';

/** One request, as errors and events name it. */
export interface Call {
  readonly verb: Verb;
  readonly bucket: string;
  readonly key?: string | undefined;
}

/** The parts of an SDK or system error that are read; none is certain to be there. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly Code?: string;
  /** Of this package's own errors. */
  readonly hint?: string;
  /** The answer is no document of S3. */
  readonly foreign?: boolean;
  /** The answer that the SDK could not read; its message then is about the reading. */
  readonly $responseBodyText?: string;
  readonly Region?: string;
  /** The header that a server does not know, in a 501. */
  readonly Header?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: {
    readonly statusCode?: number;
    /** The status as it came: the SDK makes a 503 of a 200 that holds an error, whatever error that is. */
    readonly originalStatus?: number;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/** Codes for answers without a body (HEAD), by status. */
const BY_STATUS: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  307: 'TemporaryRedirect',
  400: 'BadRequest',
  403: 'AccessDenied',
  404: 'NotFound',
  412: 'PreconditionFailed',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  502: 'BadGateway',
  503: 'SlowDown',
  504: 'GatewayTimeout',
};

const BODILESS: ReadonlySet<string> = new Set([
  'Error',
  'Unknown',
  'UnknownError',
  'SyntaxError',
  'NotFound',
  'Forbidden',
  'BadRequest',
]);
const SYSTEM_CODE = /^(E[A-Z]+|UND_ERR_.*)$/;

/** Turns whatever a client threw into the one error that the engine knows. */
export function requestError(call: Call, thrown: unknown): S3RequestError {
  if (thrown instanceof S3RequestError) return thrown;
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }) as Thrown;
  const headers = error.$response?.headers ?? {};
  const answered = error.$response?.originalStatus ?? error.$response?.statusCode ?? error.$metadata?.httpStatusCode;
  // A truncated answer carries the status of its head, but it is the connection that failed.
  const broken = error.code !== undefined && SYSTEM_CODE.test(error.code);
  const status = broken ? undefined : answered;
  const region = headers['x-amz-bucket-region'] ?? error.Region;
  const foreign = error.foreign ?? (call.verb !== 'HeadObject' && isNotS3(error.$responseBodyText ?? '', headers));
  if (foreign && status === 200) return notS3Response(call);
  const code = foreign && isRefusal(status) ? 'NotAnS3Answer' : codeOf(error, status, region);
  const requestId = error.$metadata?.requestId ?? headers['x-amz-request-id'];
  return new S3RequestError(describe(call, code, status, requestId, detailOf(error, foreign)), {
    ...call,
    code,
    status,
    requestId,
    region,
    retryAfterMs: retryAfter(headers['retry-after']),
    serverTime: timeOf(headers.date),
    // A server that is overloaded may have a page for that.
    hint:
      foreign && (status ?? 500) < 500
        ? NOT_S3_HINT
        : (error.hint ?? hintFor({ code, bucket: call.bucket, region, verb: call.verb })),
    cause: thrown,
  });
}

/** Redirects have codes of their own, and a server that is overloaded may have a page for that. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}

/** What the server says besides the code. */
function detailOf(
  { message, Header: header, $responseBodyText: unread }: Thrown,
  foreign: boolean,
): string | undefined {
  if (foreign) return NOT_S3;
  if (unread !== undefined) return 'the answer cannot be read';
  return message === undefined || header === undefined ? message : `${message} (${header})`;
}

/** Other servers' words for what S3 has a code for. */
const SYNONYMS: Readonly<Record<string, string>> = {
  // versitygw, with status 404.
  XAdminUserNotFound: 'InvalidAccessKeyId',
};

function codeOf(error: Thrown, status: number | undefined, region: string | undefined): string {
  const given = error.Code ?? error.name;
  const named = given === undefined ? undefined : (SYNONYMS[given] ?? given);
  if (region !== undefined && isMisplaced(named, status)) return 'WrongRegion';
  // The SDK calls resets timeouts too.
  if (error.name === 'TimeoutError') return SYSTEM_CODE.test(error.code ?? '') ? (error.code ?? '') : 'TimeoutError';
  if (status === 200 && error.$responseBodyText !== undefined) return 'TruncatedAnswer';
  if (status === undefined) return error.code ?? named ?? 'UnknownError';
  return isBodiless(named, status) || named === undefined ? (BY_STATUS[status] ?? `Http${status}`) : named;
}

/** S3 names the bucket's region in many answers; only these say that the request went to another. */
function isMisplaced(named: string | undefined, status: number | undefined): boolean {
  if (status === 301 || named === 'PermanentRedirect') return true;
  return status === 400 && (named === 'AuthorizationHeaderMalformed' || isBodiless(named, status));
}

/** What the SDK calls an error whose answer had no document. */
function isBodiless(named: string | undefined, status: number): boolean {
  return named === undefined || named === String(status) || BODILESS.has(named);
}

function describe(call: Call, code: string, status?: number, requestId?: string, message?: string): string {
  const what = call.key === undefined ? `s3://${call.bucket}` : `s3://${call.bucket}/${call.key}`;
  const facts = [status, requestId === undefined ? undefined : `request ${requestId}`].filter(
    (fact) => fact !== undefined,
  );
  const detail =
    message === undefined || message === '' || message === code || /^(Unknown|UnknownError)$/.test(message)
      ? ''
      : `: ${message}`;
  return `${call.verb} ${what}: ${code}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}${detail}`;
}

/** A date of HTTP in ms since 1970. */
export function timeOf(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** `Retry-After` is seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** What is said of an answer that no S3 gives: a proxy's, a web server's or a login page. */
export const NOT_S3 = 'the answer is a page, not an answer of S3';
export const NOT_S3_HINT = 'Check the endpoint, and whether a proxy or a login page answers in its place.';

/** No document of S3 is HTML, or anything but XML. */
export function isNotS3(text: string, headers: Readonly<Record<string, string | undefined>> = {}): boolean {
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) return true;
  const start = text.trimStart().slice(0, 64);
  return start !== '' && (!start.startsWith('<') || /^<(!doctype\s+html|html|head|body)\b/i.test(start));
}

/** Such an answer with status 200: whatever answered is no S3, and asking again will not make it one. */
export function notS3Response(call: Call): S3RequestError {
  const name = call.key === undefined ? call.bucket : `${call.bucket}/${call.key}`;
  const message = `${call.verb} s3://${name}: ${NOT_S3}`;
  return new S3RequestError(message, { ...call, code: 'NotAnS3Answer', status: 200, hint: NOT_S3_HINT });
}

/** An answer whose status is no success as an `S3RequestError`. */
export function answerError(call: Call, { status, headers: all, body }: HttpResponse): S3RequestError {
  const headers = all();
  const text = body.length === 0 ? '' : body.toString();
  const told = (name: string): string | undefined => {
    try {
      return elementText(text, name);
    } catch {
      // A document that is cut off tells no more than its status.
      return undefined;
    }
  };
  return requestError(call, {
    name: told('Code') ?? 'UnknownError',
    message: told('Message') ?? '',
    Region: told('Region'),
    Header: told('Header'),
    foreign: text !== '' && isNotS3(text, headers),
    $metadata: { httpStatusCode: status, requestId: headers['x-amz-request-id'] ?? told('RequestId') },
    $response: { statusCode: status, headers },
  });
}

/** What a hint can draw on. */
export interface Refusal {
  readonly code: string;
  readonly bucket: string;
  readonly region: string | undefined;
  readonly verb: Verb;
}

type Hint = (refusal: Refusal) => string;

const HINTS: Readonly<Record<string, Hint>> = {
  AccessDenied: ({ verb, bucket }) =>
    `The credentials lack ${VERBS[verb].permission} on "${bucket}", or the bucket's policy denies it. A bucket whose requester pays needs requestPayer; expectedBucketOwner, or for the source of a copy expectedSourceBucketOwner, must name the account that owns the bucket where it is given.`,
  AccessControlListNotSupported: ({ bucket }) =>
    `ACLs are disabled on "${bucket}" (Object Ownership: bucket owner enforced). Leave the acl option and grant headers out; use a bucket policy instead.`,
  NoSuchBucket: ({ bucket }) =>
    `There is no bucket "${bucket}" at this endpoint. Check its name, and endpointUrl where one is given.`,
  InvalidAccessKeyId: () => 'S3 does not know this access key. Check AWS_ACCESS_KEY_ID, the profile, and endpointUrl.',
  SignatureDoesNotMatch: () =>
    'The secret key does not belong to the access key. Check AWS_SECRET_ACCESS_KEY for missing characters.',
  InvalidToken: () => 'The session token does not belong to the access key. Check AWS_SESSION_TOKEN.',
  ExpiredToken: () => 'The session has expired. Get new credentials and run again.',
  RequestTimeTooSkewed: () => "This machine's clock is more than 15 minutes off. Set it, for example by NTP.",
  WrongRegion: ({ bucket, region }) => `The bucket "${bucket}" is in ${region}. Set region to "${region}".`,
  AuthorizationHeaderMalformed: () =>
    'The region that requests are signed for is not the one this server expects. Set region.',
  CredentialsProviderError: () =>
    'No credentials could be had. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile, or use a role.',
  ECONNREFUSED: () => 'Nothing listens at this endpoint. Check endpointUrl and that the server runs.',
  ENOTFOUND: () =>
    'The host name does not resolve. Check endpointUrl, region and bucket; a server without virtual hosts needs forcePathStyle.',
  EPROTO: () => 'The endpoint does not speak TLS. Use an http:// endpoint, or secure: false.',
  SelfSignedCertificate: () => "Node does not trust the endpoint's certificate. Name its CA in NODE_EXTRA_CA_CERTS.",
  EntityTooLarge: () => 'S3 takes at most 5 GiB in one put.',
  KeyTooLongError: () => 'A key has at most 1,024 bytes of UTF-8.',
  InvalidArgument: () => 'The server does not take one of the headers; its message says which.',
  NotImplemented: () => 'This server does not implement something that the request asks for.',
};

/** The fix for a refusal, where it is known. @internal */
export function hintFor(refusal: Refusal): string | undefined {
  const hint = HINTS[refusal.code] ?? (isCertificateError(refusal.code) ? HINTS.SelfSignedCertificate : undefined);
  return hint?.(refusal);
}
