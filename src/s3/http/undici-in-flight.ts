import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type HttpFailure, type HttpRequest, ONE_WRITE_BYTES, SLICE_BYTES } from './http-client.js';
import type { InFlight, Phase } from './in-flight.js';
import type { Watchdog } from './watchdog.js';

/** One request on undici, with the progress that undici lets see: the slices it takes, and the socket it writes them to. */
export class UndiciInFlight implements InFlight {
  readonly request: HttpRequest;
  readonly bytes: number;
  readonly answerMs: number | undefined;
  readonly body: Buffer | Readable | undefined;
  socket: Socket | undefined;
  phase: Phase = 'connecting';
  progressAt: number = performance.now();
  taken = 0;
  queued = -1;
  left = 0;
  ahead = 0;
  place = -1;
  readonly #watchdog: Watchdog;
  readonly #controller = new AbortController();
  #whole = false;
  /** Bytes of the body that undici has; it and the socket hold some of them back. */
  #given = 0;
  #sourceReads = false;

  constructor(request: HttpRequest, watchdog: Watchdog) {
    const { body } = request;
    this.request = request;
    this.#watchdog = watchdog;
    this.bytes = body?.length ?? 0;
    this.answerMs = request.answerMs;
    this.#whole = body === undefined;
    if (body instanceof Uint8Array && body.length <= ONE_WRITE_BYTES) {
      this.body = body;
      this.#given = this.bytes;
      this.#whole = true;
    } else if (body !== undefined) {
      this.body = Readable.from(this.#slices(), { objectMode: false, highWaterMark: SLICE_BYTES });
    }
  }

  /** Aborted by the watchdog. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** undici has taken all of the body. */
  get whole(): boolean {
    return this.#whole;
  }

  abandon(error: HttpFailure): void {
    this.#controller.abort(error);
  }

  /** Starts the request and learns which socket undici writes it to. */
  findSocket<T>(start: () => T): T {
    observe();
    starting = this;
    try {
      return start();
    } finally {
      starting = undefined;
    }
  }

  /** The head goes out on this socket. */
  sentOn(socket: Socket): void {
    this.socket = socket;
    this.#progress(this.bytes === 0 ? 'waiting' : 'sending');
  }

  /** A piece of the answer arrived. */
  answered(): void {
    if (this.phase === 'waiting') this.#watchdog.answerBegan(this, performance.now() - this.progressAt);
    this.#progress('answering');
  }

  /** Finds out how much of the body the system has taken. */
  update(): void {
    const { socket, body } = this;
    if (this.phase === 'connecting' || this.phase === 'answering') return;
    const held = (socket?.writableLength ?? 0) + (body instanceof Readable ? body.readableLength : 0);
    const taken = Math.max(this.taken, this.#given - held);
    if (taken > this.taken) {
      this.taken = taken;
      this.progressAt = performance.now();
    }
    if (taken >= this.bytes) this.phase = 'waiting';
    else this.phase = this.#sourceReads && held === 0 ? 'reading' : 'sending';
  }

  #progress(phase: Phase): void {
    this.phase = phase;
    this.progressAt = performance.now();
  }

  async *#slices(): AsyncGenerator<Buffer, void> {
    const { body } = this.request;
    if (body === undefined) return;
    this.#sourceReads = true;
    for await (const slice of body instanceof Uint8Array ? cut(body) : body.slices()) {
      this.#sourceReads = false;
      this.#given += slice.length;
      this.#progress(this.phase === 'answering' ? 'answering' : 'sending');
      // undici keeps a slice for longer than it is good.
      yield body instanceof Uint8Array ? slice : Buffer.from(slice);
      this.#sourceReads = true;
    }
    this.#whole = true;
  }
}

function* cut(body: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < body.length; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES);
}

/** The request that `dispatcher.request` is being called for: undici makes its own object of it during the call. */
let starting: UndiciInFlight | undefined;
const ofUndici = new WeakMap<object, UndiciInFlight>();
let observing = false;

/** Listens to undici's diagnostics channels, the only place where it names the socket of a request. */
function observe(): void {
  if (observing) return;
  observing = true;
  subscribe('undici:request:create', (message) => {
    // A tunnel through a proxy may be asked for during the call, by a request of its own; ours comes first.
    if (starting !== undefined) ofUndici.set((message as { request: object }).request, starting);
    starting = undefined;
  });
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, socket } = message as { request: object; socket: Socket };
    ofUndici.get(request)?.sentOn(socket);
  });
}
