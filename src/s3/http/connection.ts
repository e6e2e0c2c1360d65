import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.js';
import type { Exchange } from './exchange.js';
import {
  asFailure,
  type HttpAnswer,
  HttpFailure,
  type HttpRequest,
  ONE_WRITE_BYTES,
  type Patience,
  SLICE_BYTES,
  type SlicedBody,
} from './http-client.js';
import { requestHead } from './request-head.js';
import { silentServer, stalledSend } from './standstill.js';

/** Most objects of a site, and their heads, fit; what is larger has a buffer of its own. */
const SEND_BYTES = 16 * 1024;

/** One connection that stays open: one request at a time, its answer read while the body is still being sent. */
export class Connection {
  readonly #socket: Socket;
  readonly #patience: Patience;
  readonly #headOf: (request: HttpRequest) => string;
  #exchange: Exchange | undefined;
  #buffer: Buffer | undefined;
  #progressAt = 0;
  #broken = false;
  /** When it fell idle, on the clock of `performance.now()`. */
  idleSince = 0;

  /** @param headOf the head of a request, where a proxy wants it otherwise */
  constructor(socket: Socket, patience: Patience, headOf: (request: HttpRequest) => string = requestHead) {
    this.#socket = socket;
    this.#patience = patience;
    this.#headOf = headOf;
    this.#broken = socket.destroyed;
    socket.on('error', (error) => this.#fail(asFailure(error)));
    socket.on('end', () => this.#ended());
    socket.on('close', () => this.#ended());
  }

  /** May it take another request? */
  get usable(): boolean {
    return !this.#broken && this.#exchange === undefined && !this.#socket.destroyed;
  }

  /** Sends one request; settles when the whole answer is there or none will come. */
  send(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const head = this.#headOf(request);
      this.#progressAt = performance.now();
      const reader = new AnswerReader(request.method);
      this.#exchange = { request, reader, resolve, reject, sent: 0, whole: false };
      this.#write(this.#exchange, head);
    });
  }

  /** Gives the request under way up, and the connection. */
  abandon(error: Error): void {
    this.#fail(error);
  }

  /**
   * To be called now and then: gives up what has made no progress for too long.
   * @param patience what the line needs of those milliseconds, see `Link`
   */
  check(now: number, patience: (ms: number) => number): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    const waited = now - this.#progressAt;
    const { sendMs, answerMs } = this.#patience;
    if (!exchange.whole && !exchange.reader.begun) {
      if (waited >= patience(sendMs))
        this.#fail(stalledSend(waited, exchange.sent, exchange.request.body?.length ?? 0));
    } else if (waited >= patience(exchange.request.answerMs ?? answerMs)) {
      this.#fail(silentServer(waited, exchange.reader.begun));
    }
  }

  /** Bytes have arrived; `bytes` is only good during the call. */
  received(bytes: Buffer): void {
    const exchange = this.#exchange;
    // What a server says unasked belongs to no request; the next one must not take it for its answer.
    if (exchange === undefined) {
      this.#break();
      return;
    }
    this.#progressAt = performance.now();
    try {
      exchange.reader.read(bytes);
      this.#settleIfDone(exchange);
    } catch (error) {
      this.#fail(asFailure(error as Error));
    }
  }

  #write(exchange: Exchange, head: string): void {
    const { body } = exchange.request;
    if (!(body instanceof Uint8Array) || body.length === 0 || body.length > ONE_WRITE_BYTES) {
      this.#socket.write(head, 'latin1', (error) => this.#taken(exchange, 0, error));
      return;
    }
    const bytes = this.#sendBuffer(head.length + body.length);
    bytes.write(head, 0, 'latin1');
    body.copy(bytes, head.length);
    this.#socket.write(bytes, (error) => this.#taken(exchange, body.length, error));
  }

  /** Bytes to send from, used again by the next request: this one is answered only when they are all taken. */
  #sendBuffer(length: number): Buffer {
    if (length > SEND_BYTES) return Buffer.allocUnsafeSlow(length);
    this.#buffer ??= Buffer.allocUnsafeSlow(SEND_BYTES);
    return this.#buffer.subarray(0, length);
  }

  /** The system has taken what was written, so many bytes of the body with it: sends the next slice. */
  #taken(exchange: Exchange, bytes: number, error: Error | null | undefined): void {
    if (this.#exchange !== exchange) return;
    if (error !== undefined && error !== null) {
      this.#fail(asFailure(error));
      return;
    }
    this.#progressAt = performance.now();
    exchange.sent += bytes;
    const { body } = exchange.request;
    if (body === undefined || exchange.sent >= body.length) {
      exchange.whole = true;
      this.#settleIfDone(exchange);
      return;
    }
    if (!(body instanceof Uint8Array)) {
      void this.#sendNext(exchange, body);
      return;
    }
    const slice = body.subarray(exchange.sent, exchange.sent + SLICE_BYTES);
    this.#socket.write(slice, (failed) => this.#taken(exchange, slice.length, failed));
  }

  /** Sends the next slice of a body that is not one buffer. */
  async #sendNext(exchange: Exchange, body: SlicedBody): Promise<void> {
    exchange.slices ??= body.slices()[Symbol.asyncIterator]();
    try {
      const { done, value } = await exchange.slices.next();
      if (this.#exchange !== exchange) return;
      if (done === true) throw new HttpFailure('ECONNABORTED', 'the body ended before its length');
      this.#socket.write(value, (failed) => this.#taken(exchange, value.length, failed));
    } catch (error) {
      if (this.#exchange === exchange) this.#fail(asFailure(error as Error));
    }
  }

  #settleIfDone(exchange: Exchange): void {
    const { reader } = exchange;
    if (!reader.done) return;
    // A refusal counts at once, and the rest of the body stays here. A success that comes before the body is complete is true only after it.
    const refused = (reader.status ?? 0) >= 300;
    if (!exchange.whole && !refused) return;
    this.#exchange = undefined;
    if (!reader.reusable || !exchange.whole) this.#break();
    exchange.resolve(reader.answer());
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.#break();
      return;
    }
    const { reader } = exchange;
    try {
      if (!reader.begun) throw new HttpFailure('ECONNRESET', 'the server closed the connection without an answer');
      reader.end();
      // A success without all of the body is none; a refusal needs no more of it.
      if (!exchange.whole && (reader.status ?? 0) < 300)
        throw new HttpFailure(
          'ECONNRESET',
          'the server answered and closed the connection before it had the whole body',
        );
      this.#settleIfDone(exchange);
    } catch (error) {
      this.#fail(asFailure(error as Error));
    }
  }

  #fail(error: Error): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#break();
    exchange?.reject(error);
  }

  #break(): void {
    this.#broken = true;
    this.#socket.destroy();
  }
}
