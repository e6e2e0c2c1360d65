import { S3RequestError } from '../errors.js';
import { ERROR_CODES } from '../model/error-codes.js';
import type { Failure, HintSettings } from '../model/hint-row.js';
import { hintFor } from '../model/hints.js';
import type { Verb } from '../model/verbs.js';
import { textIn } from '../report/message.js';
import { textOf } from './answers/body-text.js';
import { beginningOf, detachStrings } from './answers/xml.js';
import type { HttpResponse } from './http/http-client.js';

/** One request, as errors and events identify it. */
export interface Call {
  readonly verb: Verb;
  readonly bucket: string;
  readonly key?: string | undefined;
}

/** The parts of an SDK or system error that are read; all of them are optional. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly Code?: string;
  /** Of this package's own errors. */
  readonly hint?: string;
  /** Whether the response is not an S3 document. */
  readonly notS3?: boolean;
  /** The beginning of a response that is not an S3 document. */
  readonly page?: string;
  /** The body that the SDK could not parse; its message is then about the parsing. */
  readonly $responseBodyText?: string;
  readonly Region?: string | undefined;
  /** Where a redirect leads. */
  readonly location?: string | undefined;
  /** The header that the server does not support, in a 501. */
  readonly Header?: string | undefined;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: {
    readonly statusCode?: number;
    /** The status as received: the SDK turns a 200 that contains any error into a 503. */
    readonly originalStatus?: number;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/** Codes for responses without a body (HEAD), by status. */
const BY_STATUS: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  302: 'TemporaryRedirect',
  303: 'TemporaryRedirect',
  307: 'TemporaryRedirect',
  308: 'PermanentRedirect',
  400: 'BadRequest',
  403: 'AccessDenied',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  407: 'ProxyAuthenticationRequired',
  412: 'PreconditionFailed',
  413: 'ContentTooLarge',
  414: 'UriTooLong',
  429: 'TooManyRequests',
  431: 'HeadersTooLarge',
  500: 'InternalError',
  501: 'NotImplemented',
  502: 'BadGateway',
  503: 'SlowDown',
  504: 'GatewayTimeout',
};

/** Statuses that say why something before the server refuses a request, whatever page it sends. */
const FROM_BETWEEN: ReadonlySet<number> = new Set([407, 413, 414, 431]);

const SDK_NAMES_WITHOUT_BODY: ReadonlySet<string> = new Set([
  'Error',
  'Unknown',
  'UnknownError',
  'SyntaxError',
  'NotFound',
  'Forbidden',
  'BadRequest',
]);
const SYSTEM_CODE = /^(E[A-Z]+|UND_ERR_.*)$/;

/** Turns anything that a client threw into an `S3RequestError`. */
export function requestError(call: Call, thrown: unknown): S3RequestError {
  if (thrown instanceof S3RequestError) return thrown;
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }) as Thrown;
  const headers = error.$response?.headers ?? {};
  const received = error.$response?.originalStatus ?? error.$response?.statusCode ?? error.$metadata?.httpStatusCode;
  // A truncated response has the status of its head, but its connection failed.
  const broken = error.code !== undefined && SYSTEM_CODE.test(error.code);
  const status = broken ? undefined : received;
  const named = headers['x-amz-bucket-region'] || error.Region;
  const region = named !== undefined && REGION.test(named) ? named : undefined;
  const notS3 = error.notS3 ?? (call.verb !== 'HeadObject' && isNotS3(error.$responseBodyText ?? '', headers));
  if (notS3 && status === 200) return notS3Response(call, pageText(error));
  const between = notS3 && status !== undefined && FROM_BETWEEN.has(status);
  const code =
    notS3 && isRefusal(status)
      ? between
        ? (BY_STATUS[status] ?? 'NotAnS3Answer')
        : 'NotAnS3Answer'
      : codeOf(error, status, named, region);
  const requestId = capped(error.$metadata?.requestId ?? headers['x-amz-request-id'], MOST_CHARACTERS.requestId);
  const redirected = status !== undefined && status >= 300 && status < 400;
  const location = redirected ? placeOf(headers.location ?? error.location, call.bucket) : undefined;
  const message = notS3
    ? `${pageText(error)} ${BY_STATUS[status ?? 0] ?? ''}`
    : [error.message, error.Header].filter((text) => text !== undefined).join(' ');
  const failure: Failure = { code, bucket: call.bucket, region, location, verb: call.verb, message };
  const detail =
    code === 'NotARegion'
      ? `the response names the region ${JSON.stringify(capped(named, MOST_CHARACTERS.region))}, which is none`
      : location === undefined || region !== undefined
        ? detailOf(error, notS3, code)
        : `the server redirects to ${location}`;
  return new S3RequestError(describe(call, code, status, requestId, detail), {
    ...call,
    code,
    status,
    requestId,
    region,
    retryAfterMs: retryAfter(headers),
    serverTime: timeOf(headers.date),
    // An overloaded server may respond with an HTML page.
    hint:
      notS3 && !between && !redirected && (status ?? 500) < 500
        ? hintFor({ ...failure, code: 'NotAnS3Answer' })
        : (textIn(error, 'hint') ?? hintFor(failure)),
    // What a response says is in the message, at most so much of it; the rest would be kept with each of many failures.
    cause: thrown instanceof Error ? thrown : undefined,
  });
}

/** What is kept of the texts of a response: some servers send megabytes. */
const MOST_CHARACTERS = { code: 100, message: 1_000, requestId: 200, region: 63, location: 200 } as const;

function capped(text: string | undefined, most: number): string | undefined {
  return text === undefined || text.length <= most ? text : `${text.slice(0, most)}…`;
}

/** Other servers' regions may have any name; one of AWS is a label of a host name. */
const REGION = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** The server that a redirect leads to, as an endpoint. Only `Location` names its scheme. */
function placeOf(location: string | undefined, bucket: string): string | undefined {
  if (location === undefined || location.length > MOST_CHARACTERS.location) return undefined;
  const text = /^[\w.-]+(:\d+)?$/.test(location) ? `https://${location}` : location;
  if (!URL.canParse(text)) return undefined;
  const { protocol, host } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  return `${protocol}//${host.startsWith(`${bucket}.`) ? host.slice(bucket.length + 1) : host}`;
}

/** Whether a page means that the endpoint is not S3: redirects have codes of their own, and an overloaded server may send a page. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}

/** The server's message besides the code. */
function detailOf(
  { message: whole, Header: header, $responseBodyText: unread }: Thrown,
  notS3: boolean,
  code: string,
): string | undefined {
  if (code === 'ContentTooLarge') return 'a proxy or web server before S3 refuses a body of this size';
  if (notS3) return NOT_S3;
  if (unread !== undefined) return 'the response cannot be parsed';
  if (TLS.test(code)) return tlsText(whole ?? '');
  const message = capped(whole, MOST_CHARACTERS.message);
  return message === undefined || header === undefined ? message : `${message} (${header})`;
}

/** The beginning of a page, where it says what it is. */
function pageText({ page, $responseBodyText: unread, message }: Thrown): string {
  return (page ?? unread ?? message ?? '').slice(0, 4_096);
}

const TLS = /^(?:EPROTO|ERR_SSL_.*)$/;

/** OpenSSL's reason without its addresses, files and line breaks. */
function tlsText(message: string): string {
  const reason = (/error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/i.exec(message)?.[1] ?? '').trim();
  if (/wrong version number|packet length too long|http request/i.test(reason))
    return `the server does not respond in TLS (${reason})`;
  return reason === '' ? message.replaceAll(/\s*(?:\\n|\n)\s*/g, ' ').trim() : `TLS failed: ${reason}`;
}

/** Other servers' codes for errors that have a code in S3. */
const SYNONYMS: Readonly<Record<string, string>> = {
  // versitygw, with status 404.
  XAdminUserNotFound: 'InvalidAccessKeyId',
};

function codeOf(
  error: Thrown,
  status: number | undefined,
  named: string | undefined,
  region: string | undefined,
): string {
  const original = capped(error.Code ?? error.name, MOST_CHARACTERS.code);
  const name = original !== undefined && Object.hasOwn(SYNONYMS, original) ? SYNONYMS[original] : original;
  if (named !== undefined && isWrongRegion(name, status)) return region === undefined ? 'NotARegion' : 'WrongRegion';
  // The SDK also reports connection resets as timeouts.
  if (error.name === 'TimeoutError') return SYSTEM_CODE.test(error.code ?? '') ? (error.code ?? '') : 'TimeoutError';
  if (status === 200 && error.$responseBodyText !== undefined) return 'TruncatedAnswer';
  if (status === undefined) return error.code ?? name ?? 'UnknownError';
  const byStatus = BY_STATUS[status] ?? `Http${status}`;
  if (hasNoBody(name, status) || name === undefined) return byStatus;
  // Servers that are not S3 have codes of their own for a redirect.
  return status >= 300 && status < 400 && !Object.hasOwn(ERROR_CODES, name) ? byStatus : name;
}

/** Whether the request went to the wrong region. S3 names the bucket's region in many other responses too. */
function isWrongRegion(name: string | undefined, status: number | undefined): boolean {
  // S3 sends 307 for some time after a bucket was created in another region.
  if (status === 301 || status === 307 || status === 308 || name === 'PermanentRedirect') return true;
  return status === 400 && (name === 'AuthorizationHeaderMalformed' || hasNoBody(name, status));
}

/** Whether the SDK's name of an error shows that the response had no document. */
function hasNoBody(name: string | undefined, status: number): boolean {
  return name === undefined || name === String(status) || SDK_NAMES_WITHOUT_BODY.has(name);
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

/** An HTTP date in ms since 1970. */
export function timeOf(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * How long the server asks to wait, in ms; the longer one where two headers say so. `Retry-After` is seconds or a date (RFC 9110, 10.2.3), the date
 * by the server's clock; `x-amz-retry-after` is milliseconds, as the AWS SDKs read it.
 */
function retryAfter(headers: Readonly<Record<string, string>>): number | undefined {
  const { date, 'retry-after': standard = '', 'x-amz-retry-after': amazon = '' } = headers;
  const ms = [
    /^\d+$/.test(standard) ? Number(standard) * 1_000 : Date.parse(standard) - (timeOf(date) ?? Date.now()),
    /^\d+(?:\.\d+)?$/.test(amazon) ? Number(amazon) : Number.NaN,
  ].filter(Number.isFinite);
  return ms.length === 0 ? undefined : Math.max(0, ...ms);
}

/** The message for a response that is not from S3: the page of a proxy, a web server or a login. */
const NOT_S3 = 'the response is a page, not a response of S3';

/** Whether a response is HTML, or anything but XML, which S3 never sends. */
export function isNotS3(text: string, headers: Readonly<Record<string, string | undefined>> = {}): boolean {
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) return true;
  const start = text.trimStart().slice(0, 64);
  return start !== '' && (!start.startsWith('<') || /^<(!doctype\s+html|html|head|body)\b/i.test(start));
}

/** The error of such a response with status 200. It is final: the endpoint is not S3, and a retry would not change that. */
export function notS3Response(call: Call, page = ''): S3RequestError {
  const name = call.key === undefined ? call.bucket : `${call.bucket}/${call.key}`;
  const message = `${call.verb} s3://${name}: ${NOT_S3}`;
  const code = 'NotAnS3Answer';
  const hint = hintFor({ code, bucket: call.bucket, verb: call.verb, message: pageText({ page }) });
  return new S3RequestError(message, { ...call, code, status: 200, hint });
}

/** Turns an unsuccessful response into an `S3RequestError`. */
export function responseError(call: Call, response: HttpResponse): S3RequestError {
  const { status } = response;
  const headers = response.headers();
  const text = refusalText(response);
  const read = (name: string, most: number): string => beginningOf(text, name, most + 1) ?? '';
  // Slices of the document would keep all of it.
  const [code, message, region, endpoint, header, id] = detachStrings([
    read('Code', MOST_CHARACTERS.code),
    read('Message', MOST_CHARACTERS.message),
    read('Region', MOST_CHARACTERS.region),
    read('Endpoint', MOST_CHARACTERS.location),
    read('Header', MOST_CHARACTERS.code),
    headers['x-amz-request-id'] ?? read('RequestId', MOST_CHARACTERS.requestId),
  ]).map((one) => (one === '' ? undefined : one));
  return requestError(call, {
    name: code ?? 'UnknownError',
    message: message ?? '',
    Region: region,
    location: endpoint,
    Header: header,
    notS3: text !== '' && isNotS3(text, headers),
    page: text,
    $metadata: { httpStatusCode: status, ...(id !== undefined && { requestId: id }) },
    $response: { statusCode: status, headers },
  });
}

/** The document of a refusal. One that cannot be read says nothing: then the status is used. */
function refusalText(response: HttpResponse): string {
  try {
    return textOf(response);
  } catch {
    return '';
  }
}

/** The error of a listing that goes round: followed further, it would never end, and give objects twice. */
export function endlessListing(call: Call, why: string): S3RequestError {
  const code = 'EndlessListing';
  const hint = hintFor({ code, bucket: call.bucket, region: undefined, verb: call.verb });
  const message = `${call.verb} s3://${call.bucket}${call.key === undefined ? '' : `/${call.key}`}: the listing goes round: ${why}`;
  return new S3RequestError(message, { ...call, code, status: 200, hint });
}

/** The error with the hint that fits how the bucket is reached, where its hint is the table's; else the error itself. */
export function withSettings(error: S3RequestError, settings: HintSettings): S3RequestError {
  const { code, bucket, region, message } = error;
  const failure: Failure = { code, bucket, region, message, verb: error.verb as Verb };
  const better = hintFor({ ...failure, settings });
  if (error.hint !== hintFor(failure)?.toString() || better?.toString() === error.hint) return error;
  return new S3RequestError(message, { ...error, hint: better, cause: error.cause });
}
