import {
  HttpFailure,
  type HttpResponse,
  joinedValue,
  MAX_HEAD_BYTES,
  MAX_REFUSAL_BYTES,
  MAX_RESPONSE_BYTES,
  tooLarge,
} from './http-client.js';

const EMPTY = Buffer.alloc(0);

/** Parses one response from the bytes of a connection, however they are split. */
export class ResponseReader {
  readonly #method: string;
  readonly #maxBytes: number;
  #text = '';
  #head: ResponseHead | undefined;
  #framing: Framing = { by: 'none' };
  #chunks: ChunkedBody | undefined;
  #pieces: Buffer[] = [];
  #size = 0;
  #done = false;
  #hasExtraBytes = false;

  /**
   * @param method of the request: a response to HEAD has no body
   * @param maxBytes of the body
   */
  constructor(method: string, maxBytes: number = MAX_RESPONSE_BYTES) {
    this.#method = method;
    this.#maxBytes = maxBytes;
  }

  /** Whether a byte of the response has arrived. */
  get begun(): boolean {
    return this.#text !== '' || this.#head !== undefined;
  }

  get done(): boolean {
    return this.#done;
  }

  /** The status, once the head has arrived. */
  get status(): number | undefined {
    return this.#head?.status;
  }

  /** Whether another request may use this connection: only after a response with a framed body, keep-alive, and no bytes after it. */
  get reusable(): boolean {
    return this.#done && !this.#hasExtraBytes && this.#head?.keepAlive === true && this.#framing.by !== 'close';
  }

  /** Parses bytes, which are valid only during the call. Throws `HttpFailure` if they are not a response. */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#done)
      at = this.#head === undefined ? this.#readHead(bytes, at) : this.#readBody(bytes, at);
    if (at < bytes.length) this.#hasExtraBytes = true;
  }

  /** To be called when the connection has ended. Throws `HttpFailure` if the response is incomplete. */
  end(): void {
    if (this.#done) return;
    if (this.#framing.by !== 'close' || this.#head === undefined)
      throw new HttpFailure('TruncatedAnswer', 'the connection ended in the middle of the response');
    this.#done = true;
  }

  /** The response, once it is complete. */
  response(): HttpResponse {
    if (this.#head === undefined) throw new TypeError('there is no response yet');
    const [first = EMPTY] = this.#pieces;
    const body = this.#pieces.length > 1 ? Buffer.concat(this.#pieces, this.#size) : first;
    return httpResponse(this.#head, body);
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#text.length;
    this.#text += bytes.toString('latin1', at);
    const end = this.#text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) {
      // Servers of other protocols greet, and wait then.
      if (!this.#text.startsWith('HTTP/'.slice(0, this.#text.length))) throw malformed('does not begin with HTTP/');
      if (this.#text.length > MAX_HEAD_BYTES) throw malformed('has a head without an end');
      return bytes.length;
    }
    const head = parseHead(this.#text.slice(0, end));
    const after = at + end + 4 - before;
    // Informational responses such as 100 Continue precede the final one.
    if (head.status < 200) {
      if (head.status === 101) throw malformed('switches to another protocol');
      this.#text = '';
      return after;
    }
    this.#head = head;
    this.#framing = framingOf(this.#method, head);
    const { by } = this.#framing;
    if (by === 'none' || (by === 'length' && this.#framing.length === 0)) this.#done = true;
    if (by === 'length' && !this.#isRefusal && this.#framing.length > this.#maxBytes) throw tooLarge(this.#maxBytes);
    if (by === 'chunks') this.#chunks = new ChunkedBody();
    return after;
  }

  #readBody(bytes: Buffer, at: number): number {
    if (this.#chunks !== undefined) {
      const end = this.#chunks.read(bytes, at, (piece) => this.#keep(piece));
      this.#done ||= this.#chunks.done;
      return end;
    }
    const left = this.#framing.by === 'length' ? this.#framing.length - this.#size : bytes.length - at;
    const end = Math.min(bytes.length, at + left);
    this.#keep(bytes.subarray(at, end));
    this.#done ||= this.#framing.by === 'length' && this.#size === this.#framing.length;
    return end;
  }

  get #isRefusal(): boolean {
    return (this.#head?.status ?? 0) >= 300;
  }

  /** Copies the piece, because the connection reads everything into one buffer. */
  #keep(piece: Buffer): void {
    if (this.#done) return;
    const size = this.#size + piece.length;
    if (this.#isRefusal) {
      if (size > MAX_REFUSAL_BYTES) {
        // The beginning is enough; the rest is not waited for.
        this.#done = true;
        this.#hasExtraBytes = true;
      }
    } else if (size > this.#maxBytes) throw tooLarge(this.#maxBytes);
    const kept = this.#done ? piece.subarray(0, MAX_REFUSAL_BYTES - this.#size) : piece;
    this.#pieces.push(Buffer.from(kept));
    this.#size += kept.length;
  }
}

/** Parses all headers only if `headers()` is called. */
function httpResponse({ status, headers }: ResponseHead, body: Buffer): HttpResponse {
  return { status, body, header: (name) => headers.get(name), headers: () => headers.all() };
}

/** Status line and headers of one response. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Whether the server keeps the connection open after this response. */
  readonly keepAlive: boolean;
}

/** How the end of a response's body is found (RFC 9112, 6.3). */
export type Framing =
  | { readonly by: 'none' }
  | { readonly by: 'length'; readonly length: number }
  | { readonly by: 'chunks' }
  | { readonly by: 'close' };

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/;

/**
 * Parses the head of a response. Strictly, because parsers that read one response differently mix responses up. Throws `HttpFailure`.
 * @param text without the empty line at its end
 */
function parseHead(text: string): ResponseHead {
  const end = text.indexOf('\r\n');
  const line = end < 0 ? text : text.slice(0, end);
  const status = STATUS_LINE.exec(line);
  if (status === null) throw malformed(`begins with ${JSON.stringify(line.slice(0, 40))}`);
  const headers = new ResponseHeaders(end < 0 ? '' : `${text.slice(end + 2)}\r\n`);
  const connection = headers.get('connection')?.toLowerCase() ?? '';
  const keepAlive = status[1] === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  return { status: Number(status[2]), headers, keepAlive };
}

const NO_BODY: Framing = { by: 'none' };

/** How the body of a response to `method` ends. Throws `HttpFailure`. */
function framingOf(method: string, { status, headers }: ResponseHead): Framing {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== undefined && length !== undefined) throw malformed('has both a length and chunks');
  if (method === 'HEAD' || status === 204 || status === 304) return NO_BODY;
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw malformed(`has the transfer encoding ${JSON.stringify(coding)}`);
    return { by: 'chunks' };
  }
  if (length === undefined) return { by: 'close' };
  // The same length twice is allowed.
  const [first = '', ...more] = length.split(', ');
  if (more.some((other) => other !== first)) throw malformed('has two different lengths');
  if (!/^\d{1,15}$/.test(first)) throw malformed(`has the length ${JSON.stringify(length.slice(0, 40))}`);
  return { by: 'length', length: Number(first) };
}

/** Complete header lines: none folded, no space before a colon, no bare line breaks. */
const HEADER_LINES = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*\r\n)*$/;

/**
 * The headers of a response. They are validated together and then looked up in the text: a response to a put has a dozen, of which four are read.
 * The values of a repeated name are joined.
 */
class ResponseHeaders {
  readonly #text: string;
  /** A line break and then the text in lower case. */
  readonly #lower: string;

  /** @param text the lines of a head after the first, each with its line break. Throws `HttpFailure` if they are not headers. */
  constructor(text: string) {
    if (!HEADER_LINES.test(text))
      throw malformed(`has the header line ${JSON.stringify(firstInvalid(text).slice(0, 40))}`);
    this.#text = text;
    this.#lower = `\n${text.toLowerCase()}`;
  }

  /** @param name in lower case */
  get(name: string): string | undefined {
    const wanted = `\n${name}:`;
    let found: string | undefined;
    for (let at = this.#lower.indexOf(wanted); at >= 0; at = this.#lower.indexOf(wanted, at + 1)) {
      const start = at + wanted.length - 1;
      const value = this.#text.slice(start, this.#text.indexOf('\r', start)).trim();
      found = joinedValue(name, found, value);
    }
    return found;
  }

  /** All headers, names in lower case. */
  all(): Record<string, string> {
    const headers: Record<string, string> = Object.create(null);
    for (const line of this.#text.split('\r\n')) {
      const name = line.slice(0, Math.max(line.indexOf(':'), 0)).toLowerCase();
      if (name !== '' && headers[name] === undefined) headers[name] = this.get(name) ?? '';
    }
    return headers;
  }
}

function firstInvalid(text: string): string {
  const lines = text.split('\r\n').slice(0, -1);
  return lines.find((line) => !HEADER_LINES.test(`${line}\r\n`)) ?? text;
}

function malformed(what: string): HttpFailure {
  return new HttpFailure('MalformedAnswer', `the response ${what}, which is not valid HTTP/1.1`);
}

const CHUNK_HEADER = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i;
const MAX_LINE_CHARS = 4_096;
const CR = 13;
const LF = 10;

/**
 * Parses a chunked body (RFC 9112, 7.1), however its bytes are split. Trailers are read and dropped: checksums, which S3 may send in them, are never
 * requested in trailers.
 */
class ChunkedBody {
  #state: 'size' | 'bytes' | 'after' | 'trailer' | 'done' = 'size';
  #line = '';
  #left = 0;

  get done(): boolean {
    return this.#state === 'done';
  }

  /**
   * Reads from `start`, passes pieces of the body to `take`, and returns the index at which the body or the bytes ended. Throws `HttpFailure`.
   * A piece is valid only during the call.
   */
  read(bytes: Buffer, start: number, take: (piece: Buffer) => void): number {
    let at = start;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'bytes') {
        const end = Math.min(bytes.length, at + this.#left);
        take(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = 'after';
      } else {
        at = this.#readLine(bytes, at);
      }
    }
    return at;
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(LF, at);
    this.#line += bytes.toString('latin1', at, end < 0 ? bytes.length : end + 1);
    if (this.#line.length > MAX_LINE_CHARS) throw malformed('has a chunk header without an end');
    if (end < 0) return bytes.length;
    if (this.#line.charCodeAt(this.#line.length - 2) !== CR) throw malformed('has a line that ends without CR');
    const line = this.#line.slice(0, -2);
    this.#line = '';
    this.#handleLine(line);
    return end + 1;
  }

  #handleLine(line: string): void {
    if (this.#state === 'after') {
      if (line !== '') throw malformed('has a chunk that is longer than its header says');
      this.#state = 'size';
    } else if (this.#state === 'trailer') {
      if (line === '') this.#state = 'done';
    } else {
      const size = CHUNK_HEADER.exec(line)?.[1];
      if (size === undefined) throw malformed(`has the chunk header ${JSON.stringify(line.slice(0, 40))}`);
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'bytes';
    }
  }
}
