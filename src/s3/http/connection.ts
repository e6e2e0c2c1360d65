import type { Socket } from 'node:net';
import {
  asFailure,
  type HttpAnswer,
  HttpFailure,
  type HttpRequest,
  ONE_WRITE_BYTES,
  SLICE_BYTES,
  type SlicedBody,
} from './http-client.js';
import { type Exchange, newExchange } from './in-flight.js';
import type { Watchdog } from './watchdog.js';

/** Most objects of a site, and their heads, fit; what is larger has a buffer of its own. */
const SEND_BYTES = 16 * 1024;

/** One connection that stays open: one request at a time, its answer read while the body is still being sent. */
export class Connection {
  readonly #socket: Socket;
  readonly #watchdog: Watchdog;
  readonly #headOf: (request: HttpRequest) => string;
  #exchange: Exchange | undefined;
  #buffer: Buffer | undefined;
  #broken = false;
  /** When it fell idle, on the clock of `performance.now()`. */
  idleSince = 0;

  /** @param headOf the head of a request, where a proxy wants it otherwise */
  constructor(socket: Socket, watchdog: Watchdog, headOf: (request: HttpRequest) => string = requestHead) {
    this.#socket = socket;
    this.#watchdog = watchdog;
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
      const exchange = newExchange(request, this.#socket, this.abandon, resolve, reject);
      this.#exchange = exchange;
      this.#watchdog.began(exchange);
      this.#write(exchange, head);
    });
  }

  /** Gives the request under way up, and the connection. */
  readonly abandon = (error: Error): void => this.#fail(error);

  /** Bytes have arrived; `bytes` is only good during the call. */
  received(bytes: Buffer): void {
    const exchange = this.#exchange;
    // What a server says unasked belongs to no request; the next one must not take it for its answer.
    if (exchange === undefined) {
      this.#break();
      return;
    }
    const now = performance.now();
    if (exchange.phase === 'waiting') this.#watchdog.answerBegan(exchange, now - exchange.progressAt);
    exchange.phase = 'answering';
    exchange.progressAt = now;
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
    exchange.progressAt = performance.now();
    exchange.taken += bytes;
    const { body } = exchange.request;
    if (body === undefined || exchange.taken >= body.length) {
      exchange.whole = true;
      if (exchange.phase === 'sending') exchange.phase = 'waiting';
      this.#settleIfDone(exchange);
      return;
    }
    if (!(body instanceof Uint8Array)) {
      void this.#sendNext(exchange, body);
      return;
    }
    const slice = body.subarray(exchange.taken, exchange.taken + SLICE_BYTES);
    this.#socket.write(slice, (failed) => this.#taken(exchange, slice.length, failed));
  }

  /** Sends the next slice of a body that is not one buffer. */
  async #sendNext(exchange: Exchange, body: SlicedBody): Promise<void> {
    exchange.slices ??= body.slices()[Symbol.asyncIterator]();
    // An answer that began before its body was complete is judged as an answer.
    if (exchange.phase === 'sending') exchange.phase = 'reading';
    try {
      const { done, value } = await exchange.slices.next();
      if (this.#exchange !== exchange) return;
      if (exchange.phase === 'reading') exchange.phase = 'sending';
      exchange.progressAt = performance.now();
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
    this.#watchdog.ended(exchange, true);
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
    if (exchange !== undefined) this.#watchdog.ended(exchange, false);
    exchange?.reject(error);
  }

  #break(): void {
    this.#broken = true;
    this.#socket.destroy();
  }
}

/** Methods whose requests announce a body even where it is empty (RFC 9110, 8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(['PUT', 'POST', 'PATCH']);
const TARGET = /^[!-~]+$/;
/** What a line may hold; anything above Latin-1 would be cut to a byte, and a line break could come of that. */
const VALUE = /^[\t -~\x80-\xff]*$/;

/**
 * The head of a request as text in Latin-1. Throws `TypeError` where a header or the target would break out of its line: they are checked where
 * they come from, so that is a mistake here.
 * @param target what stands in the request line; a proxy wants the whole URL
 */
export function requestHead(request: HttpRequest, target: string = request.target): string {
  if (!TARGET.test(target)) throw new TypeError(`the request target ${JSON.stringify(target)} is not encoded`);
  let head = `${request.method} ${target} HTTP/1.1\r\n`;
  for (const name in request.headers) {
    const value = request.headers[name] ?? '';
    if (!VALUE.test(value)) throw new TypeError(`the header ${name} holds a line break, or what is not Latin-1`);
    head += `${name}: ${value}\r\n`;
  }
  const { body, method } = request;
  if ((body !== undefined || WITH_BODY.has(method)) && request.headers['content-length'] === undefined)
    head += `content-length: ${body?.length ?? 0}\r\n`;
  return `${head}\r\n`;
}
