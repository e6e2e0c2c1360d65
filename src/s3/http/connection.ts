import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { buffers } from '../../run/body-buffers.js';
import {
  asFailure,
  CLOSE_FROM_STATUS,
  HttpFailure,
  type HttpRequest,
  type HttpResponse,
  SLICE_BYTES,
  type SlicedBody,
} from './http-client.js';
import { type SocketInFlight, socketInFlight } from './in-flight.js';
import { giveSocketBuffer, SOCKET_BUFFER_BYTES, takeSocketBuffer } from './socket-buffers.js';
import type { Watchdog } from './watchdog.js';

/** Bytes before a body that is read into the buffer it is sent from: enough for most heads. */
const HEAD_ROOM = 2 * 1024;

/** Bytes of one record of TLS. */
const TLS_RECORD_BYTES = 16 * 1024;

/** One kept-alive connection: one request at a time. The response is read while the body is still being sent. */
export class Connection {
  readonly #socket: Socket;
  readonly #watchdog: Watchdog;
  readonly #writeHead: (request: HttpRequest) => string;
  #inFlight: SocketInFlight | undefined;
  #buffer: Buffer | undefined;
  #broken = false;
  readonly #secure: boolean;
  /** When it became idle, on the clock of `performance.now()`. */
  idleSince = 0;

  /** @param writeHead writes the head of a request; a proxy needs another form */
  constructor(socket: Socket, watchdog: Watchdog, writeHead: (request: HttpRequest) => string = requestHead) {
    this.#socket = socket;
    this.#watchdog = watchdog;
    this.#writeHead = writeHead;
    this.#secure = socket instanceof TLSSocket;
    this.#broken = socket.destroyed;
    socket.on('error', (error) => this.#fail(asFailure(error)));
    socket.on('end', () => this.#onEnd());
    socket.on('close', () => this.#onClose());
  }

  /** Whether it can take another request. */
  get usable(): boolean {
    return !this.#broken && this.#inFlight === undefined && !this.#socket.destroyed;
  }

  /**
   * Sends one request. Calls `resolve` once the response is complete, or `reject` once it cannot be any more; then `usable` says whether another
   * request can follow. Throws `TypeError` as {@link requestHead} does; then neither is called.
   */
  send(request: HttpRequest, resolve: (response: HttpResponse) => void, reject: (error: Error) => void): void {
    const head = this.#writeHead(request);
    const inFlight = socketInFlight(request, this.#socket, this.abandon, resolve, reject);
    this.#inFlight = inFlight;
    this.#watchdog.add(inFlight);
    this.#write(inFlight, head);
  }

  /**
   * Memory for the body of the next request, which is then sent without a copy; undefined for one that is too long. Valid until the request after that
   * begins.
   */
  lend(length: number): Buffer | undefined {
    if (length > SOCKET_BUFFER_BYTES - HEAD_ROOM) return undefined;
    return this.#sendBuffer().subarray(HEAD_ROOM, HEAD_ROOM + length);
  }

  /** Fails the request in flight and closes the connection. */
  readonly abandon = (error: Error): void => this.#fail(error);

  /** Takes bytes that have arrived; `bytes` is valid only during the call. */
  received(bytes: Buffer): void {
    const inFlight = this.#inFlight;
    // Bytes without a request belong to no request: the next one must not read them as its response.
    if (inFlight === undefined) {
      this.#break();
      return;
    }
    const now = performance.now();
    if (inFlight.phase === 'waiting') this.#watchdog.responseBegan(inFlight, now - inFlight.progressAt);
    if (inFlight.phase !== 'receiving') inFlight.responseFrom = now;
    inFlight.phase = 'receiving';
    inFlight.progressAt = now;
    inFlight.received += bytes.length;
    try {
      inFlight.reader.read(bytes);
      this.#resolveIfDone(inFlight);
    } catch (error) {
      this.#fail(asFailure(error as Error));
    }
  }

  #write(inFlight: SocketInFlight, head: string): void {
    const { body } = inFlight.request;
    if (!(body instanceof Uint8Array) || body.length === 0) {
      this.#socket.write(head, 'latin1', (error) => this.#onWritten(inFlight, 0, error));
      return;
    }
    const own = this.#buffer;
    if (own !== undefined && body.buffer === own.buffer && head.length <= HEAD_ROOM) {
      own.write(head, HEAD_ROOM - head.length, 'latin1');
      const bytes = own.subarray(HEAD_ROOM - head.length, HEAD_ROOM + body.length);
      this.#socket.write(bytes, (error) => this.#onWritten(inFlight, body.length, error));
      return;
    }
    const length = head.length + body.length;
    if (length <= SOCKET_BUFFER_BYTES) {
      const bytes = this.#sendBuffer().subarray(0, length);
      // First the body, which may be in this buffer.
      body.copy(bytes, head.length);
      bytes.write(head, 0, 'latin1');
      this.#socket.write(bytes, (error) => this.#onWritten(inFlight, body.length, error));
      return;
    }
    this.#writeTogether(inFlight, head, body);
  }

  /** Sends the head and the first slice by one call of the system: a head alone wakes the server and costs as much as 64 KiB of a body. */
  #writeTogether(inFlight: SocketInFlight, head: string, body: Buffer): void {
    const buffer = head.length > SOCKET_BUFFER_BYTES ? Buffer.allocUnsafeSlow(head.length) : this.#sendBuffer();
    buffer.write(head, 0, 'latin1');
    // TLS would copy both to join them; the head and the beginning of the body fill one of its records instead.
    const copied = this.#secure ? Math.max(0, Math.min(body.length, TLS_RECORD_BYTES - head.length)) : 0;
    if (copied > 0) body.copy(buffer, head.length, 0, copied);
    const slice = body.subarray(copied, SLICE_BYTES);
    const socket = this.#socket;
    if (!this.#secure) socket.cork();
    socket.write(buffer.subarray(0, head.length + copied));
    socket.write(slice, (error) => this.#onWritten(inFlight, copied + slice.length, error));
    if (!this.#secure) socket.uncork();
  }

  /** A buffer to send from, until the system has accepted its bytes: other connections use it then, so that few are in use. */
  #sendBuffer(): Buffer {
    this.#buffer ??= takeSocketBuffer();
    return this.#buffer;
  }

  #giveBuffer(): void {
    if (this.#buffer !== undefined) giveSocketBuffer(this.#buffer);
    this.#buffer = undefined;
  }

  /** The system has accepted a write with `bytes` bytes of the body: sends the next slice. */
  #onWritten(inFlight: SocketInFlight, bytes: number, error: Error | null | undefined): void {
    if (this.#inFlight !== inFlight) return;
    if (error !== undefined && error !== null) {
      this.#fail(asFailure(error));
      return;
    }
    const { body } = inFlight.request;
    // A body that was lent may yet be hashed, to compare it with the response.
    if (!(body instanceof Uint8Array && body.buffer === this.#buffer?.buffer)) this.#giveBuffer();
    inFlight.progressAt = performance.now();
    inFlight.responseFrom = inFlight.progressAt;
    inFlight.taken += bytes;
    if (body === undefined || inFlight.taken >= body.length) {
      inFlight.whole = true;
      if (body instanceof Uint8Array) buffers.accepted(body);
      if (inFlight.phase === 'sending') inFlight.phase = 'waiting';
      this.#resolveIfDone(inFlight);
      return;
    }
    if (!(body instanceof Uint8Array)) {
      void this.#writeSlice(inFlight, body);
      return;
    }
    const slice = body.subarray(inFlight.taken, inFlight.taken + SLICE_BYTES);
    this.#socket.write(slice, (failed) => this.#onWritten(inFlight, slice.length, failed));
  }

  /** Reads and sends the next slice of a body that is not one buffer. */
  async #writeSlice(inFlight: SocketInFlight, body: SlicedBody): Promise<void> {
    inFlight.slices ??= body.slices()[Symbol.asyncIterator]();
    // Once the response has begun, the patience for responses applies, although the body is incomplete.
    if (inFlight.phase === 'sending') inFlight.phase = 'reading';
    try {
      const { done, value } = await inFlight.slices.next();
      if (this.#inFlight !== inFlight) return;
      if (inFlight.phase === 'reading') inFlight.phase = 'sending';
      inFlight.progressAt = performance.now();
      if (done === true) throw new HttpFailure('ECONNABORTED', 'the body ended before its length');
      this.#socket.write(value, (failed) => this.#onWritten(inFlight, value.length, failed));
    } catch (error) {
      if (this.#inFlight === inFlight) this.#fail(asFailure(error as Error));
    }
  }

  #resolveIfDone(inFlight: SocketInFlight): void {
    const { reader } = inFlight;
    if (!reader.done) return;
    // A refusal ends the request immediately, without the rest of the body. A success counts only once the whole body was sent.
    const refused = (reader.status ?? 0) >= 300;
    if (!inFlight.whole && !refused) return;
    this.#inFlight = undefined;
    if (!reader.reusable || !inFlight.whole || (reader.status ?? 0) >= CLOSE_FROM_STATUS) this.#break();
    this.#watchdog.remove(inFlight, true);
    inFlight.resolve(reader.response());
  }

  #onEnd(): void {
    const inFlight = this.#inFlight;
    if (inFlight === undefined) {
      this.#break();
      return;
    }
    const { reader } = inFlight;
    try {
      if (!reader.begun) throw new HttpFailure('ECONNRESET', 'the server closed the connection without a response');
      reader.end();
      // A success without the whole body is an error; a refusal does not need the rest of it.
      if (!inFlight.whole && (reader.status ?? 0) < 300)
        throw new HttpFailure(
          'ECONNRESET',
          'the server responded and closed the connection before it had the whole body',
        );
      this.#resolveIfDone(inFlight);
    } catch (error) {
      this.#fail(asFailure(error as Error));
    }
  }

  #onClose(): void {
    this.#onEnd();
    this.#giveBuffer();
  }

  #fail(error: Error): void {
    const inFlight = this.#inFlight;
    this.#inFlight = undefined;
    this.#break();
    if (inFlight !== undefined) this.#watchdog.remove(inFlight, false);
    inFlight?.reject(error);
  }

  #break(): void {
    this.#broken = true;
    this.#socket.destroy();
  }
}

/** Methods whose requests announce a body even if it is empty (RFC 9110, 8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(['PUT', 'POST', 'PATCH']);
const TARGET = /^[!-~]+$/;
/** Characters that a header value may have. Anything above Latin-1 would be cut to one byte, which could become a line break. */
const VALUE = /^[\t -~\x80-\xff]*$/;

/** Whether a value can be that of a header. */
export function isHeaderValue(value: string): boolean {
  return VALUE.test(value);
}

/**
 * The head of a request as Latin-1 text. Throws `TypeError` if a header or the target would break out of its line: options are checked before,
 * so that would be a bug.
 * @param target for the request line; a proxy needs the whole URL
 */
export function requestHead(request: HttpRequest, target: string = request.target): string {
  if (!TARGET.test(target)) throw new TypeError(`the request target ${JSON.stringify(target)} is not encoded`);
  let head = `${request.method} ${target} HTTP/1.1\r\n${request.head ?? ''}`;
  for (const name in request.headers) {
    const value = request.headers[name] ?? '';
    if (!isHeaderValue(value))
      throw new TypeError(`the header ${name} has a line break, or a character outside of Latin-1`);
    head += `${name}: ${value}\r\n`;
  }
  const { body, method } = request;
  if ((body !== undefined || WITH_BODY.has(method)) && request.headers['content-length'] === undefined)
    head += `content-length: ${body?.length ?? 0}\r\n`;
  return `${head}\r\n`;
}
