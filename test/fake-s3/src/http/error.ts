import type { Answer } from './answer.js';
import { ERRORS, type ErrorCode } from './error-codes.js';
import { element, XML_HEAD } from './xml.js';

export interface ErrorExtras {
  /** Instead of the usual text. */
  readonly message?: string;
  /** Instead of the usual status. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal, as S3 words it. */
export class S3Error extends Error {
  readonly code: string;
  readonly status: number;
  /** Elements of the error document besides Code, Message, RequestId and HostId. */
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, details: Readonly<Record<string, string>> = {}, extras: ErrorExtras = {}) {
    const [status, message] = ERRORS[code];
    super(extras.message ?? message);
    this.code = code;
    this.status = extras.status ?? status;
    this.details = details;
    this.headers = extras.headers ?? {};
  }
}

export interface RequestIds {
  /** `x-amz-request-id` */
  readonly requestId: string;
  /** `x-amz-id-2` */
  readonly hostId: string;
}

/** The document that S3 sends with an error. */
export function errorDocument(
  code: string,
  message: string,
  details: Readonly<Record<string, string>>,
  ids: RequestIds,
): string {
  const middle = Object.entries(details).map(([name, value]) => element(name, value));
  const parts = [element('Code', code), element('Message', message), ...middle];
  return `${XML_HEAD}<Error>${parts.join('')}${element('RequestId', ids.requestId)}${element('HostId', ids.hostId)}</Error>`;
}

export function errorAnswer(error: S3Error, ids: RequestIds): Answer {
  const headers = { 'content-type': 'application/xml', ...error.headers };
  if (error.status === 304) return { status: 304, headers: error.headers };
  return { status: error.status, headers, body: errorDocument(error.code, error.message, error.details, ids) };
}
