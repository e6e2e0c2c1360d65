import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestIds } from './error.js';

export interface Answer {
  readonly status: number;
  /** Lower-case names. Headers with an undefined value are not sent. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: Buffer | string;
}

export interface Envelope {
  readonly ids: RequestIds;
  readonly serverHeader: string | undefined;
  /** Milliseconds since the epoch, for the Date header. */
  readonly now: number;
}

/** Sends a complete response. A response to HEAD has the length of the body that it omits. */
export function send(response: ServerResponse, answer: Answer, envelope: Envelope): void {
  const body = bytesOf(answer);
  writeHead(response, answer, envelope, body.length);
  response.end(body.length === 0 || bodiless(response, answer) ? undefined : body);
}

/** Sends a response that ends too early: in the middle of its body, or of its head if it has no body. */
export function sendTruncated(response: ServerResponse, answer: Answer, envelope: Envelope): void {
  const body = bytesOf(answer);
  if (bodiless(response, answer)) {
    const head = `HTTP/1.1 ${answer.status} OK\r\nx-amz-request-id: ${envelope.ids.requestId}\r\nETa`;
    response.socket?.write(head);
    response.socket?.destroySoon();
    return;
  }
  writeHead(
    response,
    { ...answer, headers: { ...answer.headers, 'content-length': undefined } },
    envelope,
    body.length + 64,
  );
  response.flushHeaders();
  const half = body.subarray(0, body.length >> 1);
  if (half.length > 0) response.write(half);
  response.socket?.destroySoon();
}

/** Without a length the body is sent in chunks. */
export function writeHead(
  response: ServerResponse,
  answer: Answer,
  envelope: Envelope,
  length: number | undefined,
): void {
  const { ids, serverHeader, now } = envelope;
  response.sendDate = false;
  const headers: Record<string, string> = {
    'x-amz-id-2': ids.hostId,
    'x-amz-request-id': ids.requestId,
    date: new Date(now).toUTCString(),
  };
  if (serverHeader !== undefined) headers.server = serverHeader;
  const isHeadError = response.req.method === 'HEAD' && answer.status >= 300;
  const hasLength = length !== undefined && answer.status !== 204 && answer.status !== 304 && !isHeadError;
  if (hasLength) headers['content-length'] = String(length);
  // A client that waits for 100 Continue never sends its body now, so the connection cannot be reused.
  if (isWaiting(response.req)) headers.connection = 'close';
  // S3 sends neither Connection nor Keep-Alive while it keeps a connection open.
  else response.removeHeader('connection');
  for (const name in answer.headers) {
    const value = answer.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  response.writeHead(answer.status, headers);
}

const EMPTY: Buffer = Buffer.alloc(0);

function bytesOf(answer: Answer): Buffer {
  if (answer.body === undefined) return EMPTY;
  return typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
}

function bodiless(response: ServerResponse, answer: Answer): boolean {
  return response.req.method === 'HEAD' || answer.status === 204 || answer.status === 304;
}

function isWaiting(message: IncomingMessage): boolean {
  return message.headers.expect !== undefined && !message.readableDidRead;
}
