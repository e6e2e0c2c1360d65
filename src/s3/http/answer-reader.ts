import { type AnswerHead, type Framing, framingOf, parseHead } from './answer-head.js';
import { malformed } from './answer-headers.js';
import { ChunkedBody } from './chunked-body.js';
import { type HttpAnswer, HttpFailure, MAX_ANSWER_BYTES } from './http-client.js';

const MAX_HEAD = 64 * 1024;
const NONE = Buffer.alloc(0);

/** Reads one answer from the bytes of a connection, however they are cut. */
export class AnswerReader {
  readonly #method: string;
  #text = '';
  #head: AnswerHead | undefined;
  #framing: Framing = { by: 'none' };
  #chunks: ChunkedBody | undefined;
  #pieces: Buffer[] = [];
  #size = 0;
  #done = false;
  #surplus = false;

  /** @param method of the request: an answer to HEAD has no body */
  constructor(method: string) {
    this.#method = method;
  }

  /** Has a byte of the answer arrived? */
  get begun(): boolean {
    return this.#text !== '' || this.#head !== undefined;
  }

  get done(): boolean {
    return this.#done;
  }

  /** The status, once the head is there. */
  get status(): number | undefined {
    return this.#head?.status;
  }

  /** May another request follow on this connection? Only after an answer that was framed, kept open, and followed by nothing. */
  get reusable(): boolean {
    return this.#done && !this.#surplus && this.#head?.keepAlive === true && this.#framing.by !== 'close';
  }

  /** Takes bytes in; they are only read during the call. Throws `HttpFailure` where they are no answer. */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#done)
      at = this.#head === undefined ? this.#readHead(bytes, at) : this.#readBody(bytes, at);
    if (at < bytes.length) this.#surplus = true;
  }

  /** The connection has ended. Throws `HttpFailure` where that leaves the answer unfinished. */
  end(): void {
    if (this.#done) return;
    if (this.#framing.by !== 'close' || this.#head === undefined)
      throw new HttpFailure('TruncatedAnswer', 'the connection ended in the middle of the answer');
    this.#done = true;
  }

  /** The answer, once it is done. */
  answer(): HttpAnswer {
    if (this.#head === undefined) throw new TypeError('there is no answer yet');
    const [first = NONE] = this.#pieces;
    const body = this.#pieces.length > 1 ? Buffer.concat(this.#pieces, this.#size) : first;
    return answerOf(this.#head, body);
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#text.length;
    this.#text += bytes.toString('latin1', at);
    const end = this.#text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) {
      if (this.#text.length > MAX_HEAD) throw malformed('has a head without an end');
      return bytes.length;
    }
    const head = parseHead(this.#text.slice(0, end));
    const after = at + end + 4 - before;
    // 100 Continue and the like precede the answer.
    if (head.status < 200) {
      if (head.status === 101) throw malformed('switches to another protocol');
      this.#text = '';
      return after;
    }
    this.#head = head;
    this.#framing = framingOf(this.#method, head);
    const { by } = this.#framing;
    if (by === 'none' || (by === 'length' && this.#framing.length === 0)) this.#done = true;
    if (by === 'length') this.#checkSize(this.#framing.length);
    if (by === 'chunks') this.#chunks = new ChunkedBody();
    return after;
  }

  #readBody(bytes: Buffer, at: number): number {
    if (this.#chunks !== undefined) {
      const end = this.#chunks.read(bytes, at, (piece) => this.#keep(piece));
      this.#done = this.#chunks.done;
      return end;
    }
    const left = this.#framing.by === 'length' ? this.#framing.length - this.#size : bytes.length - at;
    const end = Math.min(bytes.length, at + left);
    this.#keep(bytes.subarray(at, end));
    this.#done = this.#framing.by === 'length' && this.#size === this.#framing.length;
    return end;
  }

  /** Copies, because the connection reads everything into one buffer. */
  #keep(piece: Buffer): void {
    this.#checkSize(this.#size + piece.length);
    this.#pieces.push(Buffer.from(piece));
    this.#size += piece.length;
  }

  #checkSize(bytes: number): void {
    if (bytes > MAX_ANSWER_BYTES) throw malformed(`has more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`);
  }
}

/** Its headers are taken apart only for who wants them all. */
function answerOf({ status, headers }: AnswerHead, body: Buffer): HttpAnswer {
  return { status, body, header: (name) => headers.get(name), headers: () => headers.all() };
}
