import { errorCode } from '../model/error-codes.js';

/** A failed request to another service of AWS, whose own client of the SDK sends it. */
export interface ServiceFailure {
  readonly code: string;
  /** Undefined where there was no response. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** In one line; empty where nothing was said. */
  readonly message: string;
  readonly cause: unknown;
}

/** The parts of an error of the SDK or the system that are read. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly statusCode?: number };
}

/** What the SDK adds for programmers, where the response is no document of the service. */
const SDK_ADVICE = / ?Deserialization error: to see the raw response, .*$/;

/** What a client of the SDK has thrown. */
export function serviceFailure(thrown: unknown): ServiceFailure {
  const error: Thrown = typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) };
  const status = error.$metadata?.httpStatusCode ?? error.$response?.statusCode;
  const name = error.Code ?? (status === undefined ? error.code : undefined) ?? error.name ?? 'UnknownError';
  const code =
    /^(?:Error|Unknown|UnknownError|SyntaxError)$/.test(name) && status !== undefined ? `Http${status}` : name;
  const said = (error.message ?? '').replaceAll(/\s+/g, ' ').replace(SDK_ADVICE, '').trim().slice(0, 1_000);
  const message = /^(?:Unknown|UnknownError)$/.test(said) ? '' : said;
  return { code, status, requestId: error.$metadata?.requestId, message, cause: thrown };
}

/** Why such a request may succeed if it is sent again. */
export function serviceRetryKind({
  code,
  status,
}: Pick<ServiceFailure, 'code' | 'status'>): 'transient' | 'throttle' | undefined {
  const { retry, connection, expired } = errorCode(code);
  if (code === 'TooManyRequestsException' || retry === 'throttle' || status === 429 || status === 503)
    return 'throttle';
  if (retry === 'transient' || expired === true || (status !== undefined && status >= 500)) return 'transient';
  return status === undefined && connection === true ? 'transient' : undefined;
}
