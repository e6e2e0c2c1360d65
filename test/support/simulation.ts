import { RetryBudget } from '../../src/s3/retry-budget.js';
import { retryDelay } from '../../src/s3/retry-policy.js';
import { startPace } from '../../src/transfer/pace.js';
import { StartRate } from '../../src/transfer/start-rate.js';
import { Timeline } from './timeline.js';

/** A client and a server in virtual time: each request waits the latency, then for the client's processor, then for its share of the line. */
export interface World {
  readonly latencyMs: number;
  /** Of one request, served one after the other; the event loop is busy meanwhile. */
  readonly cpuMs?: number;
  /** Of the line that all requests share, and of one connection at most. */
  readonly line?: { readonly bytesPerSecond: number; readonly perConnection?: number };
  /** Above it the server answers 503; one second's worth may come at once. */
  readonly perSecond?: number;
  /** The server answers 503 to what exceeds this many in flight. */
  readonly atOnce?: number;
  /** From when to when the server answers everything by 503, in milliseconds. */
  readonly outage?: readonly [from: number, to: number];
  /** Bytes of the next object. */
  readonly bytes?: (random: () => number) => number;
}

export interface Simulated {
  readonly done: number;
  readonly bytes: number;
  readonly throttles: number;
  /** Virtual milliseconds until the last object, or the end. */
  readonly endedAt: number;
  /** The limit after every change of it, and when. */
  readonly limits: readonly (readonly [at: number, limit: number])[];
  readonly rates: readonly (readonly [at: number, rate: number | undefined])[];
  /** Objects done by so many milliseconds. */
  readonly doneBy: (ms: number) => number;
}

export interface Simulation {
  readonly world: World;
  readonly concurrency: number | 'auto';
  readonly most?: number;
  /** It ends when so many are done, or after so many virtual milliseconds. */
  readonly objects?: number;
  readonly ms: number;
  readonly seed?: number;
}

/** Objects that are under way at once, waiting for a retry included. */
const UNDER_WAY = 1_024;

/** Runs the real pace, token bucket and retry rules against a world. The same arguments give the same result. */
export function simulate({ world, concurrency, most = 512, objects = Infinity, ms, seed = 1 }: Simulation): Simulated {
  const random = seeded(seed);
  const time = new Timeline(world.line);
  const budget = new RetryBudget(() => time.now);
  const limits: [number, number][] = [];
  const rates: [number, number | undefined][] = [];
  const times: number[] = [];
  let startRate: StartRate | undefined;
  let [limit, perSecond, inFlight, held] = [0, undefined as number | undefined, 0, 0];
  let [waking, underWay, done, bytesDone, throttles, begun] = [false, 0, 0, 0, 0, 0];
  let [cpuFreeAt, cpuUsed, allowedAt] = [0, 0, 0];
  const again: { readonly bytes: number; readonly attempts: number }[] = [];

  const limiter = {
    get limit() {
      return limit;
    },
    set limit(value: number) {
      limit = value;
      limits.push([time.now, value]);
    },
    get rate() {
      return perSecond;
    },
    set rate(value: number | undefined) {
      if (value === perSecond) return;
      perSecond = value;
      rates.push([time.now, value]);
      if (value === undefined) startRate = undefined;
      else startRate = startRate?.changed(value, time.now) ?? new StartRate(value, time.now);
    },
    get inFlight() {
      return inFlight;
    },
    get held() {
      return held;
    },
  };
  const loopTime = () => {
    const active = cpuUsed - Math.max(0, cpuFreeAt - time.now);
    return { active, idle: time.now - active };
  };
  const pace = startPace({ limiter, concurrency, most, now: () => time.now, loopTime });

  function fill(): void {
    while (inFlight < limit && (again.length > 0 || (underWay < UNDER_WAY && begun < objects))) {
      const waitMs = startRate?.take(time.now) ?? 0;
      if (waitMs > 0) {
        if (waking) return;
        waking = true;
        held += 1;
        time.after(Math.ceil(waitMs), () => {
          waking = false;
          fill();
        });
        return;
      }
      const next = again.shift() ?? fresh();
      send(next.bytes, next.attempts + 1);
    }
  }

  function fresh() {
    underWay += 1;
    begun += 1;
    return { bytes: world.bytes?.(random) ?? 0, attempts: 0 };
  }

  function send(bytes: number, attempts: number): void {
    inFlight += 1;
    const startedAt = time.now;
    const refused = refuses();
    time.after(world.latencyMs * (0.9 + 0.2 * random()), () => {
      const cpuMs = world.cpuMs ?? 0;
      cpuUsed += cpuMs;
      cpuFreeAt = Math.max(cpuFreeAt, time.now) + cpuMs;
      time.after(cpuFreeAt - time.now, () => {
        if (refused || bytes === 0) end();
        else time.transfer(bytes, end);
      });
    });

    function end(): void {
      pace.finished(time.now - startedAt, refused ? 0 : bytes, refused ? 'throttled' : 'answered');
      inFlight -= 1;
      if (refused) {
        throttles += 1;
        const unaffordableMs = budget.take('throttle');
        if (unaffordableMs > 0) pace.exhausted();
        time.after(retryDelay('throttle', attempts, undefined, random()) + unaffordableMs, () => {
          again.push({ bytes, attempts });
          fill();
        });
      } else {
        budget.refund();
        underWay -= 1;
        done += 1;
        bytesDone += bytes;
        times.push(time.now);
      }
      fill();
    }
  }

  function refuses(): boolean {
    const { outage, atOnce = Infinity } = world;
    if (inFlight > atOnce) return true;
    if (outage !== undefined && time.now >= outage[0] && time.now < outage[1]) return true;
    if (world.perSecond === undefined) return false;
    const each = 1_000 / world.perSecond;
    const until = Math.max(allowedAt, time.now) + each;
    if (until - time.now > 1_000) return true;
    allowedAt = until;
    return false;
  }

  fill();
  while (time.now < ms && done < objects && time.step());
  const doneBy = (at: number) => times.filter((when) => when <= at).length;
  return { done, bytes: bytesDone, throttles, endedAt: Math.min(ms, time.now), limits, rates, doneBy };
}

/** Mulberry32: numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
