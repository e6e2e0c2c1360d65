import { AnswerHeaders, malformed } from './answer-headers.js';

/** Status line and headers of one answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: AnswerHeaders;
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

/**
 * Takes the head of an answer apart; strictly, because two readings of one answer are how answers get mixed up. Throws `HttpFailure`.
 * @param text without the empty line at its end
 */
export function parseHead(text: string): AnswerHead {
  const end = text.indexOf('\r\n');
  const line = end < 0 ? text : text.slice(0, end);
  const status = STATUS_LINE.exec(line);
  if (status === null) throw malformed(`begins with ${JSON.stringify(line.slice(0, 40))}`);
  const headers = new AnswerHeaders(end < 0 ? '' : `${text.slice(end + 2)}\r\n`);
  const connection = headers.get('connection')?.toLowerCase() ?? '';
  const keepAlive = status[1] === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  return { status: Number(status[2]), headers, keepAlive };
}

const NONE: Framing = { by: 'none' };

/** Where the body of an answer to `method` ends. Throws `HttpFailure`. */
export function framingOf(method: string, { status, headers }: AnswerHead): Framing {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== undefined && length !== undefined) throw malformed('has both a length and chunks');
  if (method === 'HEAD' || status === 204 || status === 304) return NONE;
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw malformed(`has the transfer encoding ${JSON.stringify(coding)}`);
    return { by: 'chunks' };
  }
  if (length === undefined) return { by: 'close' };
  // The same length twice says it once.
  const [first = '', ...more] = length.split(', ');
  if (more.some((other) => other !== first)) throw malformed('names two lengths');
  if (!/^\d{1,15}$/.test(first)) throw malformed(`has the length ${JSON.stringify(length.slice(0, 40))}`);
  return { by: 'length', length: Number(first) };
}
