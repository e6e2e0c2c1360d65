import { HttpFailure, type Patience, SLICE_BYTES } from './http-client.js';
import type { InFlight } from './in-flight.js';
import type { SendQueues, SocketName } from './send-queues.js';

export interface WatchdogOptions {
  readonly patience: Patience;
  readonly now: () => number;
  readonly sendQueues: (sockets: readonly SocketName[]) => Promise<SendQueues | undefined>;
}

/** The longest that a slow line adds for a slice, as a multiple of the patience itself. */
const MOST_SEND = 10;
/** The longest that a slow line adds for an answer: what it waits for is out of sight. */
const MOST_ANSWER = 3;
/** The longest that a line adds where the system does not say what it holds. */
const MOST_BLIND = 2;
/** Proxies on the way, and the server's own system, hold about so many bytes of one body, which nobody here can see. */
const HIDDEN_BYTES = 256 * 1024;
/** Milliseconds that a byte on the way takes until answers have shown it: 1 Mbit/s. */
const ASSUMED_MS_PER_BYTE = 1 / 125;
/** The longest that anything but the measured line adds for an answer, as a multiple of the patience itself. */
const MOST_UNMEASURED = 1;
/**
 * The longest that a slice at 1 Mbit/s for each body under way adds before the line was measured, as a multiple of the patience itself. A receiver
 * that has fallen behind opens its window again by large steps: until then a slow line looks like a dead one. One body alone adds a second.
 */
const MOST_ASSUMED = 3;
/** How many times too high the rate may be measured at first. */
const TOO_HIGH = 3;
/** Weight of the newest answer; of a quick one less, as a proxy may serve its connections unevenly. */
const NEWEST = 0.3;
const NEWEST_QUICK = 0.1;

/**
 * Gives up requests without progress. All connections of a client share one line, so a slow line makes each of them look dead for a while. What
 * tells them apart is measured, only while a request waits for longer than a quarter of its patience: whether the bytes that the system holds for
 * its connection become fewer, and how fast the whole line moves. A request gets the time on top that the measured line takes to serve all others
 * in between. A dead line has no rate: until the line was measured, little is assumed of it.
 *
 * What proxies hold cannot be measured. For an answer, the time that earlier answers took for the bytes on the way is added, at most once the patience.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #line: LineRate;
  /**
   * The requests, each at its place. Not a Set: that replaces its table again and again, and a table in the old space keeps all requests that it
   * held, with their bodies, until a full collection.
   */
  readonly #places: (InFlight | undefined)[] = [];
  readonly #free: number[] = [];
  #hidden = 0;
  /** The most that the next slices of all requests were, since a request waits. */
  #slices = 0;
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
    return this.#places.length - this.#free.length;
  }

  began(request: InFlight): void {
    request.place = this.#free.pop() ?? this.#places.length;
    this.#places[request.place] = request;
    this.#hidden += Math.min(request.bytes, HIDDEN_BYTES);
    request.ahead = this.#hidden;
  }

  /** The request has its answer, or failed. */
  ended(request: InFlight, answered: boolean): void {
    if (!this.#has(request)) return;
    this.#places[request.place] = undefined;
    this.#free.push(request.place);
    this.#hidden -= Math.min(request.bytes, HIDDEN_BYTES);
    if (answered) this.#line.moved(request.bytes - request.left);
  }

  #has(request: InFlight): boolean {
    return this.#places[request.place] === request;
  }

  #inFlight(): InFlight[] {
    return this.#places.filter((request) => request !== undefined);
  }

  /** An answer began after so many milliseconds. */
  answerBegan(request: InFlight, afterMs: number): void {
    if (request.bytes === 0 || request.answerMs !== undefined) return;
    const shown = afterMs / request.ahead;
    this.#msPerByte += (shown > this.#msPerByte ? NEWEST : NEWEST_QUICK) * (shown - this.#msPerByte);
  }

  /** Looks at all requests. Call it once I/O was handled: a busy event loop must not look like a silent server. */
  async check(): Promise<void> {
    const now = this.#options.now();
    let waits = false;
    for (const request of this.#inFlight()) waits ||= now - request.progressAt >= this.#soonMs(request);
    if (!waits) {
      this.#measuring = false;
      return;
    }
    // A file system that hangs must not hold up the verdict.
    if (!this.#reading) await this.#measure();
    this.#judge();
  }

  /** After so many milliseconds without progress a request is worth a measurement. */
  #soonMs({ phase, bytes, left, answerMs }: InFlight): number {
    const { patience } = this.#options;
    if (phase === 'reading') return Number.POSITIVE_INFINITY;
    return (left >= bytes ? (answerMs ?? patience.answerMs) : patience.sendMs) / 4;
  }

  /** Finds out what has left this machine since the last time. */
  async #measure(): Promise<void> {
    const sending = this.#inFlight().filter(({ left, bytes, socket }) => left < bytes && socket !== undefined);
    let queues: SendQueues | undefined;
    if (sending.length > 0) {
      this.#reading = true;
      queues = await this.#options.sendQueues(sending.map(({ socket }) => socket as SocketName));
      this.#reading = false;
      this.#blind = queues === undefined;
    }
    const now = this.#options.now();
    for (const request of sending) {
      if (!this.#has(request)) continue;
      const queued = request.socket === undefined ? undefined : queues?.(request.socket);
      // A system that holds nothing would have taken the slice: it does not know (gVisor prints zeros).
      if (queued === 0 && request.phase === 'sending') this.#blind = true;
      this.#moved(request, queued, now);
    }
    if (this.#measuring) {
      this.#line.measure(now);
      return;
    }
    this.#line.restart(now);
    this.#slices = 0;
    this.#measuring = true;
  }

  #moved(request: InFlight, queued: number | undefined, now: number): void {
    const { queued: before, left, taken } = request;
    // A part of the next slice may be in the queue already, so a queue that shrinks proves more than its length does.
    const shrunk = before >= 0 && queued !== undefined ? Math.max(0, before - queued) : 0;
    request.left = Math.min(request.bytes, Math.max(left + shrunk, taken - (queued ?? 0)));
    this.#line.moved(request.left - left);
    if (queued === undefined) return;
    request.queued = queued;
    // The first look does not say when bytes moved. A queue that grows has had room made for it.
    if (before >= 0 && (queued !== before || request.left > left)) request.progressAt = now;
  }

  #judge(): void {
    const now = this.#options.now();
    const extraSendMs = this.#extraSendMs();
    for (const request of this.#inFlight()) {
      const error = this.#verdict(request, now - request.progressAt, extraSendMs);
      if (error !== undefined) request.abandon(error);
    }
  }

  /** What is wrong with a request that made no progress for so long. */
  #verdict(request: InFlight, waited: number, extraSendMs: number): HttpFailure | undefined {
    const { phase, bytes, taken, left } = request;
    const { connectMs, sendMs } = this.#options.patience;
    // A slow source is no stalled network.
    if (phase === 'reading') return undefined;
    if (phase === 'connecting')
      return waited >= connectMs ? new HttpFailure('ConnectTimeout', 'could not connect in time') : undefined;
    const stalled = waited >= sendMs + extraSendMs;
    if (phase === 'sending') return stalled ? stalledSend(waited, taken, bytes) : undefined;
    // The system holds much of the body, so the send stalls. The peer may have it all the same, and only its word be lost. Less than that a proxy
    // on the way may have no room for yet: it has the patience of an answer.
    if (phase === 'waiting' && stalled && request.queued > 2 * HIDDEN_BYTES && left < bytes)
      return silentServer(waited, `took no more than ${left} of ${bytes} bytes`);
    const answerMs = request.answerMs ?? this.#options.patience.answerMs;
    if (waited < answerMs || waited < answerMs + this.#extraAnswerMs(request)) return undefined;
    return silentServer(waited, phase === 'answering' ? 'stopped in its answer' : 'gave no answer');
  }

  /** What a living line adds to the patience for the next slice. */
  #extraSendMs(): number {
    const { sendMs } = this.#options.patience;
    let slices = 0;
    for (const { bytes, left } of this.#inFlight()) slices += Math.min(bytes - left, SLICE_BYTES);
    // Requests that are done by now were served in the meantime, too.
    this.#slices = Math.max(this.#slices, slices);
    const measured = this.#line.msFor(this.#slices);
    // Windows that open by large steps make the first measurements too high.
    const least = measured === undefined ? MOST_ASSUMED * sendMs : TOO_HIGH * measured;
    const assumed = Math.min(MOST_ASSUMED * sendMs, least, this.#slices * ASSUMED_MS_PER_BYTE);
    return Math.max(assumed, this.#msFor(this.#slices, sendMs, MOST_SEND));
  }

  /** What a living line adds to the patience for an answer. */
  #extraAnswerMs({ ahead }: InFlight): number {
    const { answerMs } = this.#options.patience;
    const hidden = Math.max(ahead, this.#hidden);
    return Math.max(
      this.#msFor(hidden, answerMs, MOST_ANSWER),
      Math.min(MOST_UNMEASURED * answerMs, hidden * this.#msPerByte),
    );
  }

  #msFor(bytes: number, patienceMs: number, most: number): number {
    // Without the system's word, slices come in bursts: the rate of a burst is not the line's.
    const assumed = this.#blind ? Math.min(MOST_BLIND * patienceMs, bytes * ASSUMED_MS_PER_BYTE) : 0;
    return Math.max(assumed, Math.min(most * patienceMs, this.#line.msFor(bytes) ?? 0));
  }
}

/**
 * How fast the line of a client is, measured while a request waits. Only bytes that moved are measured, so the rate does not change when the
 * whole line falls silent, and nothing is assumed: a line that never moved has no rate.
 * @internal
 */
export class LineRate {
  /** Weight of the newest measurement. */
  static readonly #newest = 0.5;
  readonly #leastMs: number;
  #rate = 0;
  #moved = 0;
  #since = 0;

  /** @param leastMs how long one measurement lasts at least */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** Forgets what it knows: a rate of earlier says nothing about now. */
  restart(now: number): void {
    this.#rate = 0;
    this.#moved = 0;
    this.#since = now;
  }

  /** So many bytes left this machine, or were answered. */
  moved(bytes: number): void {
    this.#moved += bytes;
  }

  /** Takes a measurement, where it is time for one. */
  measure(now: number): void {
    const ms = now - this.#since;
    if (this.#moved === 0 || ms < this.#leastMs) return;
    const rate = this.#moved / ms;
    this.#rate = this.#rate === 0 ? rate : this.#rate + LineRate.#newest * (rate - this.#rate);
    this.#moved = 0;
    this.#since = now;
  }

  /** Milliseconds that the line takes for so many bytes; undefined while nothing was measured. */
  msFor(bytes: number): number | undefined {
    return this.#rate === 0 ? undefined : bytes / this.#rate;
  }
}

/** A body of which nothing more was taken for too long. */
export function stalledSend(waitedMs: number, sent: number, of: number): HttpFailure {
  const what = `sending stood still for ${seconds(waitedMs)} after ${sent} of ${of} bytes of the body`;
  return new HttpFailure('StalledSend', what);
}

/**
 * An answer that did not begin, or did not go on.
 * @param what what the server did instead
 */
export function silentServer(waitedMs: number, what: string): HttpFailure {
  return new HttpFailure('SilentServer', `the server ${what} for ${seconds(waitedMs)}`);
}

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
