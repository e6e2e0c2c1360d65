import { HttpFailure } from './http-client.js';

/** Status line and headers of one answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the server keeps the connection open after this answer. */
  readonly keepAlive: boolean;
}

/** How an answer's body ends (RFC 9112, 6.3). */
export type Framing =
  | { readonly by: 'none' }
  | { readonly by: 'length'; readonly length: number }
  | { readonly by: 'chunks' }
  | { readonly by: 'close' };

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Takes the head of an answer apart; strictly, because two readings of one answer are how answers get mixed up. Throws `HttpFailure`. */
export function parseHead(text: string): AnswerHead {
  const lines = text.split('\r\n');
  const status = STATUS_LINE.exec(lines[0] ?? '');
  if (status === null) throw malformed(`begins with ${JSON.stringify((lines[0] ?? '').slice(0, 40))}`);
  const headers: Record<string, string> = Object.create(null);
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || !NAME.test(name)) throw malformed(`has the header line ${JSON.stringify(line.slice(0, 40))}`);
    const value = line.slice(colon + 1).trim();
    if (/[\r\n\0]/.test(value)) throw malformed(`has a line break inside of the header ${name}`);
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (name !== 'content-length') headers[name] = `${before}, ${value}`;
    else if (before !== value) throw malformed('names two lengths');
  }
  const connection = (headers.connection ?? '').toLowerCase();
  const keepAlive = status[1] === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  return { status: Number(status[2]), headers, keepAlive };
}

/** Where the body of an answer to `method` ends. Throws `HttpFailure`. */
export function framingOf(method: string, { status, headers }: AnswerHead): Framing {
  const { 'transfer-encoding': coding, 'content-length': length } = headers;
  if (coding !== undefined && length !== undefined) throw malformed('has both a length and chunks');
  if (method === 'HEAD' || status === 204 || status === 304) return { by: 'none' };
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw malformed(`has the transfer encoding ${JSON.stringify(coding)}`);
    return { by: 'chunks' };
  }
  if (length === undefined) return { by: 'close' };
  if (!/^\d{1,15}$/.test(length)) throw malformed(`has the length ${JSON.stringify(length.slice(0, 40))}`);
  return { by: 'length', length: Number(length) };
}

export function malformed(what: string): HttpFailure {
  return new HttpFailure('MalformedAnswer', `the answer ${what}, which is not HTTP/1.1 as it must be`);
}
