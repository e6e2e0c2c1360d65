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
    const arrived = bytes.toString('latin1', at);
    this.#text = before === 0 ? arrived : this.#text + arrived;
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

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: .*)?$/;

const CLOSES = /\bclose\b/;
const KEEPS_ALIVE = /\bkeep-alive\b/;

/**
 * Parses the head of a response. Strictly, because parsers that read one response differently mix responses up. Throws `HttpFailure`.
 * @param text without the empty line at its end
 */
function parseHead(text: string): ResponseHead {
  const end = text.indexOf('\r\n');
  const line = end < 0 ? text : text.slice(0, end);
  const status = line === OK ? 200 : statusOf(line);
  const headers = new ResponseHeaders(text, end < 0 ? text.length : end + 2);
  const connection = headers.get('connection')?.toLowerCase() ?? '';
  const keepAlive = line.startsWith('HTTP/1.1') ? !CLOSES.test(connection) : KEEPS_ALIVE.test(connection);
  return { status, headers, keepAlive };
}

const OK = 'HTTP/1.1 200 OK';

function statusOf(line: string): number {
  const status = STATUS_LINE.exec(line)?.[1];
  if (status === undefined) throw malformed(`begins with ${JSON.stringify(line.slice(0, 40))}`);
  return Number(status);
}

const NO_BODY: Framing = { by: 'none' };
const EMPTY_BODY: Framing = { by: 'length', length: 0 };

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
  if (length === '0') return EMPTY_BODY;
  // The same length twice is allowed.
  const [first = '', ...more] = length.split(', ');
  if (more.some((other) => other !== first)) throw malformed('has two different lengths');
  if (!/^\d{1,15}$/.test(first)) throw malformed(`has the length ${JSON.stringify(length.slice(0, 40))}`);
  return { by: 'length', length: Number(first) };
}

/** A header name (RFC 9110, 5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** The names that servers send, in lower case by how they are written: there are few, so most are checked once. */
const knownNames = new Map<string, string>();
const MOST_NAMES = 1000;

/** The names of one head, in their order. */
interface NameList {
  readonly written: string[];
  readonly lower: string[];
}

/** The names of the last head. A server sends nearly the same ones each time, so they are compared instead of read. */
let lastNames: NameList = { written: [], lower: [] };

function beginningOf({ written, lower }: NameList, count: number): NameList {
  return { written: written.slice(0, count), lower: lower.slice(0, count) };
}

/** The headers of a response, in their order. A line that is folded, or has a space before its colon, is refused. */
class ResponseHeaders {
  readonly #text: string;
  readonly #names: readonly string[];
  /** Where each value begins in the text, and where it ends. */
  readonly #bounds: number[] = [];

  /**
   * @param text the head without the empty line at its end
   * @param start where its first header begins
   * Throws `HttpFailure` if they are not headers.
   */
  constructor(text: string, start: number) {
    this.#text = text;
    if (text.includes('\0', start)) throw invalidLine(text, text.indexOf('\0', start));
    let names = lastNames;
    let own: NameList | undefined;
    let count = 0;
    for (let at = start; at < text.length; ) {
      const lineFeed = text.indexOf('\n', at);
      const end = lineFeed < 0 ? text.length : lineFeed - 1;
      // A line ends with CR LF, and neither of them is anywhere else.
      const carriageReturn = text.indexOf('\r', at);
      if (carriageReturn !== (lineFeed < 0 ? -1 : end)) throw invalidLine(text, at);
      const same = names.written[count];
      let colon = same === undefined ? -1 : at + same.length;
      if (same === undefined || text.charCodeAt(colon) !== COLON || !text.startsWith(same, at)) {
        colon = text.indexOf(':', at);
        if (colon < 0 || colon > end) throw invalidLine(text, at);
        const written = text.slice(at, colon);
        const lower = lowerName(text, written, at);
        own ??= beginningOf(names, count);
        own.written.push(written);
        own.lower.push(lower);
        names = own;
      }
      this.#bounds.push(colon + 1, end);
      count += 1;
      at = end + 2;
    }
    if (count < names.lower.length) names = beginningOf(names, count);
    lastNames = names;
    this.#names = names.lower;
  }

  /** @param name in lower case. The values of a repeated name are joined. */
  get(name: string): string | undefined {
    const names = this.#names;
    const first = names.indexOf(name);
    if (first < 0) return undefined;
    let found = this.#value(first);
    for (let at = names.indexOf(name, first + 1); at >= 0; at = names.indexOf(name, at + 1))
      found = joinedValue(name, found, this.#value(at));
    return found;
  }

  /** All headers, names in lower case. */
  all(): Record<string, string> {
    const headers: Record<string, string> = Object.create(null);
    for (const name of this.#names) headers[name] ??= this.get(name) ?? '';
    return headers;
  }

  #value(at: number): string {
    return this.#text.slice(this.#bounds[2 * at], this.#bounds[2 * at + 1]).trim();
  }
}

const COLON = 58;

/** @param start of the line with this name */
function lowerName(text: string, written: string, start: number): string {
  const known = knownNames.get(written);
  if (known !== undefined) return known;
  if (!NAME.test(written)) throw invalidLine(text, start);
  // Detached from the head: a slice would keep all of it in memory.
  const lower = Buffer.from(written.toLowerCase(), 'latin1').toString('latin1');
  if (knownNames.size < MOST_NAMES) knownNames.set(Buffer.from(written, 'latin1').toString('latin1'), lower);
  return lower;
}

/** @param at in the line */
function invalidLine(text: string, at: number): HttpFailure {
  const start = text.lastIndexOf('\r\n', Math.max(at - 1, 0));
  const from = start < 0 ? 0 : start + 2;
  const end = text.indexOf('\r\n', from);
  const line = text.slice(from, end < 0 ? text.length : end);
  return malformed(`has the header line ${JSON.stringify(line.slice(0, 40))}`);
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
