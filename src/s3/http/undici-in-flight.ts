import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { CLOSE_FROM_STATUS, type HttpFailure, type HttpRequest, joinedValue, SLICE_BYTES } from './http-client.js';
import type { InFlight, RequestPhase } from './in-flight.js';
import type { Watchdog } from './watchdog.js';

/** Bodies up to this size are sent in one write together with the head. */
const ONE_WRITE_BYTES = 64 * 1024;

/** One request on undici, with the progress that undici exposes: the slices that it reads, and the socket that it writes them to. */
export class UndiciInFlight implements InFlight {
  readonly request: HttpRequest;
  readonly bytes: number;
  readonly responseMs: number | undefined;
  readonly body: Buffer | Readable | undefined;
  socket: Socket | undefined;
  phase: RequestPhase = 'connecting';
  progressAt: number = performance.now();
  taken = 0;
  queued = -1;
  sent = 0;
  hiddenBytes = 0;
  received = 0;
  responseFrom: number = performance.now();
  index = -1;
  readonly #watchdog: Watchdog;
  readonly #controller = new AbortController();
  #bodySent = false;
  /** Bytes of the body that undici was given. It and the socket may still hold some of them. */
  #given = 0;
  #awaitsSource = false;
  #closesConnection = false;
  #rawHeaders: readonly Uint8Array[] | undefined;

  constructor(request: HttpRequest, watchdog: Watchdog) {
    const { body } = request;
    this.request = request;
    this.#watchdog = watchdog;
    this.bytes = body?.length ?? 0;
    this.responseMs = request.responseMs;
    this.#bodySent = body === undefined;
    if (body instanceof Uint8Array && body.length <= ONE_WRITE_BYTES) {
      this.body = body;
      this.#given = this.bytes;
      this.#bodySent = true;
    } else if (body !== undefined) {
      this.body = Readable.from(this.#slices(), { objectMode: false, highWaterMark: SLICE_BYTES });
    }
  }

  /** Aborted when the watchdog fails the request. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the head was written to a socket. */
  get begun(): boolean {
    return this.phase !== 'connecting';
  }

  /** Whether undici has read the whole body. */
  get bodySent(): boolean {
    return this.#bodySent;
  }

  abandon(error: HttpFailure): void {
    this.#controller.abort(error);
  }

  /** Starts the request, and finds the socket that undici writes it to. */
  findSocket<T>(start: () => T): T {
    subscribeOnce();
    starting = this;
    try {
      return start();
    } finally {
      starting = undefined;
    }
  }

  /** To be called when the head is written to `socket`. */
  sentOn(socket: Socket): void {
    this.socket = socket;
    this.#enterPhase(this.bytes === 0 ? 'waiting' : 'sending');
  }

  /** To be called with the names and values of the response's head, as bytes. */
  headArrived(rawHeaders: unknown): void {
    if (Array.isArray(rawHeaders) && rawHeaders.every((bytes) => bytes instanceof Uint8Array))
      this.#rawHeaders = rawHeaders;
  }

  /**
   * The headers with each byte as one character, as the other client reads them: undici reads bytes as UTF-8, and drops those that are not.
   * Undefined if undici does not show them.
   */
  headers(): Record<string, string> | undefined {
    const raw = this.#rawHeaders;
    if (raw === undefined) return undefined;
    const headers: Record<string, string> = Object.create(null);
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = textOf(raw[at]).toLowerCase();
      headers[name] = joinedValue(name, headers[name], textOf(raw[at + 1]).trim());
    }
    return headers;
  }

  /** To be called when a piece of the response's body has arrived, or its head, as a piece of 0 bytes. */
  responseArrived(bytes: number): void {
    if (this.phase === 'waiting') this.#watchdog.responseBegan(this, performance.now() - this.progressAt);
    if (this.phase !== 'receiving') this.responseFrom = performance.now();
    this.received += bytes;
    this.#enterPhase('receiving');
  }

  /** To be called when the head of the response has such a status that its connection is not to be used again. */
  closeAfterResponse(): void {
    this.#closesConnection = true;
  }

  /** To be called when undici has read the whole response, before it can use the connection again. */
  responseRead(): void {
    if (this.#closesConnection) this.socket?.destroy();
  }

  /** Updates how much of the body the system has accepted. */
  update(): void {
    const { socket, body } = this;
    if (this.phase === 'connecting' || this.phase === 'receiving') return;
    const held = (socket?.writableLength ?? 0) + (body instanceof Readable ? body.readableLength : 0);
    const taken = Math.max(this.taken, this.#given - held);
    if (taken > this.taken) {
      this.taken = taken;
      this.progressAt = performance.now();
    }
    if (taken >= this.bytes) this.phase = 'waiting';
    else this.phase = this.#awaitsSource && held === 0 ? 'reading' : 'sending';
  }

  #enterPhase(phase: RequestPhase): void {
    this.phase = phase;
    this.progressAt = performance.now();
  }

  async *#slices(): AsyncGenerator<Buffer, void> {
    const { body } = this.request;
    if (body === undefined) return;
    this.#awaitsSource = true;
    for await (const slice of body instanceof Uint8Array ? slicesOf(body) : body.slices()) {
      this.#awaitsSource = false;
      this.#given += slice.length;
      this.#enterPhase(this.phase === 'receiving' ? 'receiving' : 'sending');
      this.responseFrom = this.progressAt;
      // undici keeps a slice for longer than the slice is valid.
      yield body instanceof Uint8Array ? slice : Buffer.from(slice);
      this.#awaitsSource = true;
    }
    this.#bodySent = true;
  }
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function* slicesOf(body: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < body.length; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES);
}

/** The request that `dispatcher.request` is being called for: undici creates its own request object during the call. */
let starting: UndiciInFlight | undefined;
const byUndiciRequest = new WeakMap<object, UndiciInFlight>();
let subscribed = false;

/** Subscribes once to undici's diagnostics channels, which alone name the socket of a request. */
function subscribeOnce(): void {
  if (subscribed) return;
  subscribed = true;
  subscribe('undici:request:create', (message) => {
    // During the call undici may also create a request for a tunnel through a proxy; ours is created first.
    if (starting !== undefined) byUndiciRequest.set((message as { request: object }).request, starting);
    starting = undefined;
  });
  subscribe('undici:request:headers', (message) => {
    const { request, response } = message as {
      request: object;
      response: { readonly statusCode: number; readonly headers?: unknown };
    };
    const inFlight = byUndiciRequest.get(request);
    inFlight?.headArrived(response.headers);
    if (response.statusCode >= CLOSE_FROM_STATUS) inFlight?.closeAfterResponse();
  });
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, socket } = message as { request: object; socket: Socket };
    byUndiciRequest.get(request)?.sentOn(socket);
  });
  subscribe('undici:request:trailers', (message) => {
    byUndiciRequest.get((message as { request: object }).request)?.responseRead();
  });
}
