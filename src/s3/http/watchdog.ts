import { HttpFailure, type Patience, SLICE_BYTES } from './http-client.js';
import { LineRate } from './line-rate.js';
import type { SendQueues, SocketName } from './send-queues.js';
import { silentServer, stalledSend } from './standstill.js';

/** What a request waits for: a connection, its own source, the system to take a slice, the answer to begin, or the rest of the answer. */
export type Phase = 'connecting' | 'reading' | 'sending' | 'waiting' | 'answering';

/** One request under way, as far as its progress goes. The client writes `phase`, `progressAt` and `taken`; the watchdog writes `left`. */
export interface InFlight {
  /** Length of the body. */
  readonly bytes: number;
  /** The request's own patience for its answer. */
  readonly answerMs: number | undefined;
  readonly socket: SocketName | undefined;
  phase: Phase;
  /** When it last made progress, on the clock of `performance.now()`. */
  progressAt: number;
  /** Bytes of the body that the system has taken. */
  taken: number;
  /** Bytes of the body that are known to have left this machine; -1 until the watchdog looked. */
  left: number;
  abandon(error: HttpFailure): void;
}

export interface WatchdogOptions {
  readonly patience: Patience;
  readonly now: () => number;
  readonly sendQueues: (sockets: readonly SocketName[]) => Promise<SendQueues | undefined>;
}

/** The longest that a slow line adds, as a multiple of the patience itself. */
const MOST = 10;
/** The longest that a line adds where the system does not say what it holds. */
const MOST_BLIND = 2;
/** Proxies on the way, and the server's own system, hold about so many bytes of one body, which nobody here can see. */
const HIDDEN_BYTES = 256 * 1024;
/** Milliseconds that a byte on the way takes until answers have shown it: 1 Mbit/s. */
const ASSUMED_MS_PER_BYTE = 1 / 125;
/** The longest that anything but the measured line adds, as a multiple of the patience itself. */
const MOST_UNMEASURED = 1;
/** Weight of the newest answer. */
const NEWEST = 0.3;

/**
 * Gives up requests without progress. All connections of a client share one line, so a slow line makes each of them look dead for a while. What
 * tells them apart is measured, only while a request waits for longer than a quarter of its patience: whether the bytes that the system holds for
 * its connection become fewer, and how fast the whole line moves. A request gets the time on top that the measured line takes to serve all others
 * in between. A dead line has no rate and adds nothing, from the first request on.
 *
 * What proxies hold cannot be measured. For an answer, the time that earlier answers took for the bytes on the way is added, at most once the patience.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #line: LineRate;
  readonly #inFlight = new Set<InFlight>();
  #hidden = 0;
  #msPerByte = ASSUMED_MS_PER_BYTE;
  #measuring = false;
  #reading = false;
  /** The system does not say how many bytes it holds. */
  #blind = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#line = new LineRate(options.patience.sendMs / 10);
  }

  /** How often `check` should be called. */
  get intervalMs(): number {
    const { sendMs, answerMs } = this.#options.patience;
    return Math.max(25, Math.min(sendMs, answerMs) / 20);
  }

  get size(): number {
    return this.#inFlight.size;
  }

  began(request: InFlight): void {
    this.#inFlight.add(request);
    this.#hidden += Math.min(request.bytes, HIDDEN_BYTES);
  }

  /** The request has its answer, or failed. */
  ended(request: InFlight, answered: boolean): void {
    if (!this.#inFlight.delete(request)) return;
    this.#hidden -= Math.min(request.bytes, HIDDEN_BYTES);
    if (answered) this.#line.moved(request.bytes - Math.max(0, request.left));
  }

  /** An answer began after so many milliseconds. */
  answerBegan(request: InFlight, afterMs: number): void {
    if (request.bytes > 0 && request.answerMs === undefined)
      this.#msPerByte += NEWEST * (afterMs / this.#hidden - this.#msPerByte);
  }

  /** Looks at all requests. Call it once I/O was handled: a busy event loop must not look like a silent server. */
  async check(): Promise<void> {
    const now = this.#options.now();
    const soon = this.#options.patience.sendMs / 4;
    let waits = false;
    for (const request of this.#inFlight)
      if (request.phase !== 'reading' && now - request.progressAt >= soon) waits = true;
    if (!waits) {
      this.#measuring = false;
      return;
    }
    // A file system that hangs must not hold up the verdict.
    if (!this.#reading) await this.#measure();
    this.#judge();
  }

  /** Finds out what has left this machine since the last time. */
  async #measure(): Promise<void> {
    const sending = [...this.#inFlight].filter(({ left, bytes, socket }) => left < bytes && socket !== undefined);
    let queues: SendQueues | undefined;
    if (sending.length > 0) {
      this.#reading = true;
      queues = await this.#options.sendQueues(sending.map(({ socket }) => socket as SocketName));
      this.#reading = false;
      this.#blind = queues === undefined;
    }
    const now = this.#options.now();
    for (const request of sending) {
      const queued = request.socket === undefined ? undefined : queues?.(request.socket);
      // A system that holds nothing would have taken the slice: it does not know (gVisor prints zeros).
      if (queued === 0 && request.phase === 'sending') this.#blind = true;
      const before = request.left;
      request.left = Math.max(before, 0, request.taken - (queued ?? 0));
      if (request.left === before) continue;
      this.#line.moved(request.left - Math.max(0, before));
      // The first look does not say when the bytes left.
      if (queued !== undefined && before >= 0) request.progressAt = now;
    }
    if (this.#measuring) this.#line.measure(now);
    else this.#line.restart(now);
    this.#measuring = true;
  }

  #judge(): void {
    const now = this.#options.now();
    const { connectMs, sendMs, answerMs } = this.#options.patience;
    const extra = this.#extra();
    for (const request of [...this.#inFlight]) {
      const waited = now - request.progressAt;
      switch (request.phase) {
        case 'connecting':
          if (waited >= connectMs) request.abandon(new HttpFailure('ConnectTimeout', 'could not connect in time'));
          break;
        case 'sending':
          if (waited >= sendMs + extra.sendMs) request.abandon(stalledSend(waited, request.taken, request.bytes));
          break;
        case 'waiting':
        case 'answering':
          if (waited >= (request.answerMs ?? answerMs) + extra.answerMs)
            request.abandon(silentServer(waited, request.phase === 'answering'));
          break;
        // A slow source is no stalled network.
        case 'reading':
          break;
      }
    }
  }

  /** What a living line adds to the patience for the next slice, and for an answer. */
  #extra(): { readonly sendMs: number; readonly answerMs: number } {
    let slices = 0;
    for (const { bytes, left } of this.#inFlight) slices += Math.min(bytes - Math.max(0, left), SLICE_BYTES);
    const { sendMs, answerMs } = this.#options.patience;
    const unseen = Math.min(MOST_UNMEASURED * answerMs, this.#hidden * this.#msPerByte);
    return { sendMs: this.#msFor(slices, sendMs), answerMs: Math.max(unseen, this.#msFor(this.#hidden, answerMs)) };
  }

  #msFor(bytes: number, patienceMs: number): number {
    const measured = this.#line.msFor(bytes);
    if (measured !== undefined) return Math.min(MOST * patienceMs, measured);
    return this.#blind ? Math.min(MOST_BLIND * patienceMs, bytes * ASSUMED_MS_PER_BYTE) : 0;
  }
}
