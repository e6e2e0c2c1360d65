import { HttpFailure, type Patience, SLICE_BYTES } from './http-client.js';
import type { InFlight } from './in-flight.js';
import type { SendQueues, SocketName } from './send-queues.js';

export interface WatchdogOptions {
  readonly patience: Patience;
  readonly now: () => number;
  readonly sendQueues: (sockets: readonly SocketName[]) => Promise<SendQueues | undefined>;
}

/** The most that a slow line adds for a slice, as a multiple of the patience itself. */
const MAX_SEND_FACTOR = 10;
/** The most that a slow line adds for a response, as such a multiple: what the response waits for cannot be observed. */
const MAX_RESPONSE_FACTOR = 3;
/** The most that a line adds if the system does not provide its send queues, as such a multiple. */
const MAX_BLIND_FACTOR = 2;
/** About how many bytes of one body proxies and the server's own system hold, which cannot be observed from here. */
const HIDDEN_BYTES = 256 * 1024;
/** Assumed milliseconds per byte in transit until responses show the real value: 1 Mbit/s. */
const ASSUMED_MS_PER_BYTE = 1 / 125;
/** The most that anything but the measured line adds for a response, as a multiple of the patience itself. */
const MAX_UNMEASURED_FACTOR = 1;
/**
 * The most that one slice per body in flight, at 1 Mbit/s, adds before the line was measured, as a multiple of the patience itself. A receiver
 * that has fallen behind opens its window again in large steps: until then a slow line looks like a dead one. One body alone adds a second.
 */
const MAX_ASSUMED_FACTOR = 3;
/** By which factor the first measured rates may be too high. */
const FIRST_RATE_FACTOR = 3;
/** The fewest bytes per second of a response that goes on: less is a drip, not a slow line. */
const LEAST_RESPONSE_RATE = 512;
/**
 * A response may take this many times its patience from its first byte to its last, besides the time of its bytes. While S3 copies or completes, it
 * sends white space, and these requests have a longer patience.
 */
const MAX_DRIP_FACTOR = 4;
/** Weight of the newest response in the average. A quick one weighs less, because a proxy may serve its connections unevenly. */
const NEWEST_WEIGHT = 0.3;
const NEWEST_QUICK_WEIGHT = 0.1;

/**
 * Fails requests that make no progress. All connections of a client share one line, so a slow line makes each of them look dead for a while. To
 * distinguish the two, the watchdog measures whether the bytes that the system holds for a connection decrease, and how fast the whole line moves;
 * it measures only while a request has waited for longer than a quarter of its patience. A request gets extra time: as much as the measured line
 * needs to serve all others in between. A dead line has no rate, and until a line was measured little extra time is assumed.
 *
 * What proxies hold cannot be measured. A response gets the time that earlier responses took for the bytes in transit, at most once the patience.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #line: LineRate;
  /**
   * The requests, each at its `index`. Not a Set: a Set replaces its table again and again, and a table in the old space keeps all requests that it
   * held, with their bodies, until a full garbage collection.
   */
  readonly #requests: (InFlight | undefined)[] = [];
  readonly #free: number[] = [];
  #hidden = 0;
  /** The largest total of the next slices of all requests since one of them began to wait, in bytes. */
  #slices = 0;
  #msPerByte = ASSUMED_MS_PER_BYTE;
  #measuring = false;
  #reading = false;
  /** Whether the system does not provide how many bytes it holds. */
  #blind = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#line = new LineRate(options.patience.sendMs / 10);
  }

  /** How often `check` is to be called, in ms. */
  get intervalMs(): number {
    const { sendMs, responseMs } = this.#options.patience;
    return Math.max(25, Math.min(sendMs, responseMs) / 20);
  }

  get size(): number {
    return this.#requests.length - this.#free.length;
  }

  add(request: InFlight): void {
    request.index = this.#free.pop() ?? this.#requests.length;
    this.#requests[request.index] = request;
    this.#hidden += Math.min(request.bytes, HIDDEN_BYTES);
    request.hiddenBytes = this.#hidden;
  }

  /** Forgets a request that has its response, or failed. */
  remove(request: InFlight, responded: boolean): void {
    if (!this.#tracks(request)) return;
    this.#requests[request.index] = undefined;
    this.#free.push(request.index);
    this.#hidden -= Math.min(request.bytes, HIDDEN_BYTES);
    if (responded) this.#line.moved(request.bytes - request.sent);
  }

  #tracks(request: InFlight): boolean {
    return this.#requests[request.index] === request;
  }

  #inFlight(): InFlight[] {
    return this.#requests.filter((request) => request !== undefined);
  }

  /** Takes in that a response began after `afterMs`. */
  responseBegan(request: InFlight, afterMs: number): void {
    if (request.bytes === 0 || request.responseMs !== undefined) return;
    const msPerByte = afterMs / request.hiddenBytes;
    this.#msPerByte +=
      (msPerByte > this.#msPerByte ? NEWEST_WEIGHT : NEWEST_QUICK_WEIGHT) * (msPerByte - this.#msPerByte);
  }

  /** Checks all requests. To be called after pending I/O was handled: a busy event loop must not look like a silent server. */
  async check(): Promise<void> {
    const now = this.#options.now();
    let anyWaits = false;
    for (const request of this.#inFlight())
      anyWaits ||= now - request.progressAt >= this.#measureAfterMs(request) || this.#drips(request, now);
    if (!anyWaits) {
      this.#measuring = false;
      return;
    }
    // A hanging read of `/proc` must not delay the judgement.
    if (!this.#reading) await this.#measure();
    this.#judge();
  }

  /** After how many milliseconds without progress a request is worth a measurement. */
  #measureAfterMs({ phase, bytes, sent, responseMs }: InFlight): number {
    const { patience } = this.#options;
    if (phase === 'reading') return Number.POSITIVE_INFINITY;
    return (sent >= bytes ? (responseMs ?? patience.responseMs) : patience.sendMs) / 4;
  }

  /** Measures what has left this machine since the last measurement. */
  async #measure(): Promise<void> {
    const sending = this.#inFlight().filter(({ sent, bytes, socket }) => sent < bytes && socket !== undefined);
    let queues: SendQueues | undefined;
    if (sending.length > 0) {
      this.#reading = true;
      queues = await this.#options.sendQueues(sending.map(({ socket }) => socket as SocketName));
      this.#reading = false;
      this.#blind = queues === undefined;
    }
    const now = this.#options.now();
    for (const request of sending) {
      if (!this.#tracks(request)) continue;
      const queued = request.socket === undefined ? undefined : queues?.(request.socket);
      // A system with an empty queue would have accepted the slice, so its zero is not a real value (gVisor prints zeros).
      if (queued === 0 && request.phase === 'sending') this.#blind = true;
      this.#updateProgress(request, queued, now);
    }
    if (this.#measuring) {
      this.#line.measure(now);
      return;
    }
    this.#line.restart(now);
    this.#slices = 0;
    this.#measuring = true;
  }

  #updateProgress(request: InFlight, queued: number | undefined, now: number): void {
    const { queued: before, sent, taken } = request;
    // The queue may already hold a part of the next slice, so its shrinking proves more than its length.
    const shrunk = before >= 0 && queued !== undefined ? Math.max(0, before - queued) : 0;
    request.sent = Math.min(request.bytes, Math.max(sent + shrunk, taken - (queued ?? 0)));
    this.#line.moved(request.sent - sent);
    if (queued === undefined) return;
    request.queued = queued;
    // The first measurement does not show when bytes moved. A queue that grows was given room by bytes that left.
    if (before >= 0 && (queued !== before || request.sent > sent)) request.progressAt = now;
  }

  #judge(): void {
    const now = this.#options.now();
    const extraSendMs = this.#extraSendMs();
    for (const request of this.#inFlight()) {
      const error = this.#failureOf(request, now, extraSendMs);
      if (error !== undefined) request.abandon(error);
    }
  }

  /**
   * Whether a response comes in so few bytes that waiting for its end is useless, although none of its pauses is too long. The body of an object
   * goes on at any useful rate, however long it takes.
   */
  #drips(request: InFlight, now: number): boolean {
    const { phase, responseFrom, received, responseMs } = request;
    if (phase !== 'receiving') return false;
    const took = now - responseFrom - (received * 1_000) / LEAST_RESPONSE_RATE;
    const patienceMs = MAX_DRIP_FACTOR * (responseMs ?? this.#options.patience.responseMs);
    return took >= patienceMs && took >= patienceMs + this.#extraResponseMs(request);
  }

  /** The error of a request that made no progress for `waited` ms; undefined while it may go on waiting. */
  #failureOf(request: InFlight, now: number, extraSendMs: number): HttpFailure | undefined {
    const waited = now - request.progressAt;
    const { phase, bytes, taken, sent } = request;
    const { connectMs, sendMs } = this.#options.patience;
    // A slow source is not a stalled network.
    if (phase === 'reading') return undefined;
    if (phase === 'connecting')
      return waited >= connectMs ? new HttpFailure('ConnectTimeout', 'could not connect in time') : undefined;
    const stalled = waited >= sendMs + extraSendMs;
    if (phase === 'sending') return stalled ? stallError(waited, taken, bytes) : undefined;
    // The system holds much of the body, so sending has stalled. The peer may still have all of it, with only its acknowledgements lost. A smaller
    // rest may be waiting for room in a proxy, so the patience for a response applies to it.
    if (phase === 'waiting' && stalled && request.queued > 2 * HIDDEN_BYTES && sent < bytes)
      return silenceError(waited, `accepted only ${sent} of ${bytes} bytes`);
    if (this.#drips(request, now)) return dripError(now - request.responseFrom, request.received);
    const responseMs = request.responseMs ?? this.#options.patience.responseMs;
    if (waited < responseMs || waited < responseMs + this.#extraResponseMs(request)) return undefined;
    return silenceError(waited, phase === 'receiving' ? 'stopped in the middle of its response' : 'sent no response');
  }

  /** The ms that a live line adds to the patience for the next slice. */
  #extraSendMs(): number {
    const { sendMs } = this.#options.patience;
    let slices = 0;
    for (const { bytes, sent } of this.#inFlight()) slices += Math.min(bytes - sent, SLICE_BYTES);
    // Requests that have ended since then were served in the meantime, too.
    this.#slices = Math.max(this.#slices, slices);
    const measured = this.#line.msFor(this.#slices);
    // Receive windows that open in large steps make the first measurements too high.
    const least = measured === undefined ? MAX_ASSUMED_FACTOR * sendMs : FIRST_RATE_FACTOR * measured;
    const assumed = Math.min(MAX_ASSUMED_FACTOR * sendMs, least, this.#slices * ASSUMED_MS_PER_BYTE);
    return Math.max(assumed, this.#msFor(this.#slices, sendMs, MAX_SEND_FACTOR));
  }

  /** The ms that a live line adds to the patience for a response. */
  #extraResponseMs({ hiddenBytes }: InFlight): number {
    const { responseMs } = this.#options.patience;
    const hidden = Math.max(hiddenBytes, this.#hidden);
    return Math.max(
      this.#msFor(hidden, responseMs, MAX_RESPONSE_FACTOR),
      Math.min(MAX_UNMEASURED_FACTOR * responseMs, hidden * this.#msPerByte),
    );
  }

  #msFor(bytes: number, patienceMs: number, most: number): number {
    // Without the send queues, only bursts of slices are visible, and the rate of a burst is not the line's.
    const assumed = this.#blind ? Math.min(MAX_BLIND_FACTOR * patienceMs, bytes * ASSUMED_MS_PER_BYTE) : 0;
    return Math.max(assumed, Math.min(most * patienceMs, this.#line.msFor(bytes) ?? 0));
  }
}

/**
 * How fast the line of a client is, measured while a request waits. Only bytes that moved count, so the rate stays when the whole line falls
 * silent; and nothing is assumed, so a line that never moved has no rate.
 * @internal
 */
export class LineRate {
  /** Weight of the newest measurement. */
  static readonly #newestWeight = 0.5;
  readonly #leastMs: number;
  #rate = 0;
  #movedBytes = 0;
  #since = 0;

  /** @param leastMs minimum duration of one measurement */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** Forgets the rate: an earlier one does not apply now. */
  restart(now: number): void {
    this.#rate = 0;
    this.#movedBytes = 0;
    this.#since = now;
  }

  /** Counts bytes that left this machine, or whose response arrived. */
  moved(bytes: number): void {
    this.#movedBytes += bytes;
  }

  /** Takes a measurement if the last one is old enough. */
  measure(now: number): void {
    const ms = now - this.#since;
    if (this.#movedBytes === 0 || ms < this.#leastMs) return;
    const rate = this.#movedBytes / ms;
    this.#rate = this.#rate === 0 ? rate : this.#rate + LineRate.#newestWeight * (rate - this.#rate);
    this.#movedBytes = 0;
    this.#since = now;
  }

  /** Milliseconds that the line needs for `bytes`; undefined while nothing was measured. */
  msFor(bytes: number): number | undefined {
    return this.#rate === 0 ? undefined : bytes / this.#rate;
  }
}

/** The error for a body of which the system accepted nothing more for too long. */
function stallError(waitedMs: number, sent: number, of: number): HttpFailure {
  const what = `sending stalled for ${seconds(waitedMs)} after ${sent} of ${of} bytes of the body`;
  return new HttpFailure('StalledSend', what);
}

/**
 * The error for a response that did not begin, or did not continue.
 * @param what what the server did instead
 */
function silenceError(waitedMs: number, what: string): HttpFailure {
  return new HttpFailure('SilentServer', `the server ${what} for ${seconds(waitedMs)}`);
}

/** The error for a response that came in too few bytes. */
function dripError(tookMs: number, received: number): HttpFailure {
  const what = `the server sent only ${received} bytes of its response in ${seconds(tookMs)}`;
  return new HttpFailure('SilentServer', what);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
