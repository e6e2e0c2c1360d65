import { DEFAULT_PATIENCE, type HttpFailure, SLICE_BYTES } from '../../src/s3/http/http-client.js';
import type { InFlight, RequestPhase } from '../../src/s3/http/in-flight.js';
import { Watchdog } from '../../src/s3/http/watchdog.js';

export interface LineOptions {
  /** Bytes in a millisecond for all connections together; 0 is a dead line. */
  readonly rate: number;
  /** Bytes of one connection that the kernel buffers before writes wait. */
  readonly kernelBytes?: number;
  /** Bytes of one connection that a proxy buffers, delivered or not. */
  readonly proxyBytes?: number;
  /** Bytes of one connection that the line carries before it turns to the next one. */
  readonly chunk?: number;
  /** Milliseconds from the end of the body to the response; undefined: the server never responds. */
  readonly latencyMs?: number | undefined;
  /** The system does not report its send queues. */
  readonly blind?: boolean;
  /** Reading the send queues never ends. */
  readonly hangs?: boolean;
}

/** How a request ended, and after how many milliseconds. */
export interface End {
  readonly code: string;
  readonly at: number;
}

const STEP_MS = 50;

/** One request over a simulated line. */
export class SimulatedRequest implements InFlight {
  readonly socket = { localPort: 1, remotePort: 1, remoteAddress: '127.0.0.1' };
  phase: RequestPhase = 'sending';
  taken = 0;
  queued = -1;
  sent = 0;
  hiddenBytes = 0;
  index = -1;
  received = 0;
  responseFrom = 0;
  /** Accepted by the system; seen by the peer; arrived at the server. */
  accepted = 0;
  acknowledged = 0;
  arrived = 0;
  arrivedAt = 0;
  full = false;
  servedAt = 0;
  /** Its connection is dead. */
  dead = false;
  end: End | undefined;

  readonly bytes: number;
  readonly responseMs: number | undefined;
  progressAt: number;
  readonly #line: SimulatedLine;

  constructor(bytes: number, line: SimulatedLine, responseMs: number | undefined) {
    this.bytes = bytes;
    this.responseMs = responseMs;
    this.progressAt = line.now;
    this.#line = line;
  }

  abandon(error: HttpFailure): void {
    this.#line.finish(this, error.code);
  }
}

/** A line, the systems at its ends and a watchdog, in virtual time. */
export class SimulatedLine {
  now = 0;
  readonly watchdog: Watchdog;
  readonly requests: SimulatedRequest[] = [];
  #turns = 0;
  #budget = 0;

  options: LineOptions;

  constructor(options: LineOptions) {
    this.options = options;
    this.watchdog = new Watchdog({
      patience: DEFAULT_PATIENCE,
      now: () => this.now,
      sendQueues: async () => {
        if (this.options.hangs === true) await new Promise(() => {});
        if (this.options.blind === true) return undefined;
        return (socket) => {
          const one = this.requests.find((request) => request.socket === socket);
          return one === undefined ? undefined : one.accepted - one.acknowledged;
        };
      },
    });
  }

  send(bytes: number, responseMs?: number): SimulatedRequest {
    const request = new SimulatedRequest(bytes, this, responseMs);
    this.requests.push(request);
    this.watchdog.add(request);
    return request;
  }

  finish(request: SimulatedRequest, code: string): void {
    this.watchdog.remove(request, code === 'answered');
    request.end = { code, at: this.now };
  }

  /** Advances the time until every request has ended, at most by `mostMs`. */
  async run(mostMs: number): Promise<readonly (End | undefined)[]> {
    const until = this.now + mostMs;
    while (this.now < until && this.requests.some(({ end }) => end === undefined)) {
      this.now += STEP_MS;
      this.#transmit();
      for (const request of this.requests) this.#progress(request);
      if (this.now % this.watchdog.intervalMs < STEP_MS) await this.watchdog.check();
    }
    return this.requests.map(({ end }) => end);
  }

  /** Transmits what the connections have to send, in turn. */
  #transmit(): void {
    const { rate, chunk = 16 * 1024 } = this.options;
    this.#budget += rate * STEP_MS;
    const wanting = () =>
      this.requests.filter((one) => !one.dead && one.end === undefined && one.arrived < one.accepted);
    for (let all = wanting(); all.length > 0; all = wanting()) {
      const one = all.reduce((first, other) => (other.servedAt < first.servedAt ? other : first));
      const bytes = Math.min(chunk, one.accepted - one.arrived);
      if (bytes > this.#budget) return;
      this.#budget -= bytes;
      one.arrived += bytes;
      if (one.arrived === one.bytes) one.arrivedAt = this.now;
      one.servedAt = ++this.#turns;
      this.#fill(one);
    }
    this.#budget = 0;
  }

  /** Fills the buffers of the peer and of the system. Once full, the system makes a process wait until a third of its buffer is free. */
  #fill(one: SimulatedRequest): void {
    const { kernelBytes = 4 * 1024 * 1024, proxyBytes = 64 * 1024 } = this.options;
    for (let before = -1; before !== one.accepted; ) {
      before = one.accepted;
      const seen = one.dead ? one.acknowledged : Math.min(one.accepted, one.arrived + proxyBytes);
      one.acknowledged = Math.max(one.acknowledged, seen);
      const free = kernelBytes - (one.accepted - one.acknowledged);
      if (one.full && free < kernelBytes / 3) return;
      one.accepted += Math.min(free, one.bytes - one.accepted);
      one.full = one.accepted < one.bytes;
    }
  }

  #progress(one: SimulatedRequest): void {
    if (one.end !== undefined || one.phase === 'reading') return;
    this.#fill(one);
    const whole = one.accepted === one.bytes;
    const taken = whole ? one.bytes : Math.floor(one.accepted / SLICE_BYTES) * SLICE_BYTES;
    if (taken > one.taken || (whole && one.phase === 'sending')) one.progressAt = this.now;
    one.taken = taken;
    if (whole && one.phase === 'sending') one.phase = 'waiting';
    const { latencyMs } = this.options;
    if (latencyMs === undefined || one.dead || one.arrived < one.bytes || this.now < one.arrivedAt + latencyMs) return;
    this.watchdog.responseBegan(one, this.now - one.progressAt);
    this.finish(one, 'answered');
  }
}
