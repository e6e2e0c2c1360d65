import { StartRate } from '../../src/run/limiter.js';
import { startPacer } from '../../src/run/pacer.js';
import { RetryBudget } from '../../src/s3/middleware/retry.js';
import { retryDelay } from '../../src/s3/middleware/retry-policy.js';
import { Timeline } from './timeline.js';

/** A client and a server in virtual time: each request waits the latency, then for the client's processor, then for its share of the line. */
export interface World {
  readonly latencyMs: number;
  /** Of one request, served one after the other; the event loop is busy meanwhile. */
  readonly cpuMs?: number;
  /** Of one request on the server, which serves one after the other. */
  readonly serverCpuMs?: number;
  /** Of the line that all requests share, and of one connection at most. */
  readonly line?: { readonly bytesPerSecond: number; readonly perConnection?: number };
  /** Above it the server answers 503; one second's worth may come at once. */
  readonly perSecond?: number;
  /** The millisecond from which the server no longer limits the rate. */
  readonly liftedAt?: number;
  /** The server answers 503 to what exceeds this many in flight. */
  readonly atOnce?: number;
  /** Share of requests that the server refuses at random, from 0 to 1. */
  readonly refusedShare?: number;
  /** The status of these responses. */
  readonly status?: 503 | 500;
  /** When the server answers 503 to everything, in milliseconds. */
  readonly outages?: readonly (readonly [from: number, to: number])[];
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
  /** Objects done within the first `ms` milliseconds. */
  readonly doneBy: (ms: number) => number;
  /** When each request started. */
  readonly starts: readonly number[];
  /** Requests refused within the first `ms` milliseconds. */
  readonly refusedBy: (ms: number) => number;
}

export interface SimulatedClient {
  readonly concurrency: number | 'auto';
  /** Requests that it may start in a second. */
  readonly maxRate?: number;
  readonly most?: number;
  /** It ends when this many are done. */
  readonly objects?: number;
  /** When it begins. */
  readonly startsAt?: number;
}

export interface Simulation extends SimulatedClient {
  readonly world: World;
  /** It ends after this many virtual milliseconds. */
  readonly ms: number;
  readonly seed?: number;
}

/** Objects in progress at once, those that wait for a retry included: two for each request in flight, at least 128. */
const slotsFor = (limit: number) => Math.min(1_024, Math.max(128, 2 * limit));

/** Runs the real pace, token bucket and retry rules against a world. The same arguments give the same result. */
export function simulate({ world, ms, seed, ...client }: Simulation): Simulated {
  const [simulated] = simulateClients(world, [client], ms, seed);
  return simulated as Simulated;
}

/** The same for several clients of one server, each with a processor and a budget of its own. */
export function simulateClients(
  world: World,
  clients: readonly SimulatedClient[],
  ms: number,
  seed = 1,
): readonly Simulated[] {
  const random = seeded(seed);
  const time = new Timeline(world.line);
  const serves = processor(time, world.serverCpuMs ?? 0);
  const server = { time, random, refuses: serverOf(world, time, random), serves, world };
  const running = clients.map((client) => startClient(server, client));
  while (time.now < ms && running.some((client) => !client.ended()) && time.step());
  return running.map((client) => client.result(ms));
}

interface Server {
  readonly time: Timeline;
  /** Milliseconds until the server's processor has served one more request that arrives now. */
  readonly serves: () => number;
  readonly random: () => number;
  readonly world: World;
  readonly refuses: (inFlight: number) => boolean;
}

function serverOf(world: World, time: Timeline, random: () => number): (inFlight: number) => boolean {
  const { outages = [], atOnce = Infinity, refusedShare = 0, perSecond, liftedAt = Infinity } = world;
  let allowedAt = 0;
  return (inFlight) => {
    if (inFlight > atOnce) return true;
    if (outages.some(([from, to]) => time.now >= from && time.now < to)) return true;
    if (refusedShare > 0 && random() < refusedShare) return true;
    if (perSecond === undefined || time.now >= liftedAt) return false;
    const until = Math.max(allowedAt, time.now) + 1_000 / perSecond;
    if (until - time.now > 1_000) return true;
    allowedAt = until;
    return false;
  };
}

/** Serves one request after the other. */
function processor(time: Timeline, cpuMs: number): () => number {
  let freeAt = 0;
  return () => {
    freeAt = Math.max(freeAt, time.now) + cpuMs;
    return freeAt - time.now;
  };
}

interface RunningClient {
  readonly ended: () => boolean;
  readonly result: (ms: number) => Simulated;
}

function startClient(server: Server, client: SimulatedClient): RunningClient {
  const { time, random, world } = server;
  const { concurrency, maxRate, most = 512, objects = Infinity, startsAt = 0 } = client;
  const budget = new RetryBudget(() => time.now);
  const limits: [number, number][] = [];
  const rates: [number, number | undefined][] = [];
  const times: number[] = [];
  const refusals: number[] = [];
  const starts: number[] = [];
  let startRate: StartRate | undefined;
  let [limit, perSecond, inFlight] = [0, undefined as number | undefined, 0];
  let [waking, inProgress, bytesDone, begun] = [false, 0, 0, 0];
  let [cpuFreeAt, cpuUsed, lastAt] = [0, 0, 0];
  const again: Sending[] = [];

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
      boundStarts();
    },
    maxRate,
    get inFlight() {
      return inFlight;
    },
  };
  function boundStarts(): void {
    const lower = Math.min(perSecond ?? Infinity, maxRate ?? Infinity);
    if (lower === Infinity) startRate = undefined;
    else startRate = startRate?.changed(lower, time.now) ?? new StartRate(lower, time.now);
  }
  boundStarts();
  const loopTime = () => {
    const active = cpuUsed - Math.max(0, cpuFreeAt - time.now);
    return { active, idle: time.now - active };
  };
  const pace = startPacer({ limiter, concurrency, most, now: () => time.now, loopTime });

  function fill(): void {
    while (inFlight < limit && (again.length > 0 || (inProgress < slotsFor(limit) && begun < objects))) {
      const waitMs = startRate?.take(time.now) ?? 0;
      if (waitMs > 0) {
        if (waking) return;
        waking = true;
        time.after(Math.ceil(waitMs), () => {
          waking = false;
          fill();
        });
        return;
      }
      send(again.shift() ?? fresh());
    }
  }

  function fresh(): Sending {
    inProgress += 1;
    begun += 1;
    return { bytes: world.bytes?.(random) ?? 0, attempts: 0 };
  }

  function send({ bytes, attempts }: Sending): void {
    inFlight += 1;
    starts.push(time.now);
    const startedAt = time.now;
    const refused = server.refuses(inFlight);
    time.after(server.serves() + world.latencyMs * (0.9 + 0.2 * random()), () => {
      const cpuMs = world.cpuMs ?? 0;
      cpuUsed += cpuMs;
      cpuFreeAt = Math.max(cpuFreeAt, time.now) + cpuMs;
      time.after(cpuFreeAt - time.now, () => {
        if (refused || bytes === 0) end();
        else time.transfer(bytes, end);
      });
    });

    function end(): void {
      const kind = world.status === 500 ? 'transient' : 'throttle';
      const failed = kind === 'throttle' ? 'throttled' : 'failed';
      pace.finished(time.now - startedAt, refused ? 0 : bytes, refused ? failed : 'answered');
      inFlight -= 1;
      if (refused) {
        refusals.push(time.now);
        const unaffordableMs = budget.take(kind);
        if (unaffordableMs > 0) pace.exhausted();
        const wait = kind === 'throttle' && !pace.overloaded() ? 'refusal' : kind;
        time.after(retryDelay(wait, attempts + 1, undefined, random()) + unaffordableMs, () => {
          again.push({ bytes, attempts: attempts + 1 });
          fill();
        });
      } else {
        budget.refund();
        inProgress -= 1;
        bytesDone += bytes;
        lastAt = time.now;
        times.push(time.now);
      }
      fill();
    }
  }

  const by = (list: readonly number[]) => (at: number) => list.filter((when) => when <= at).length;
  if (startsAt === 0) fill();
  else time.after(startsAt, fill);
  return {
    ended: () => times.length >= objects,
    result: (ms) => ({
      done: times.length,
      bytes: bytesDone,
      throttles: refusals.length,
      endedAt: times.length >= objects ? lastAt : ms,
      limits,
      rates,
      starts,
      doneBy: by(times),
      refusedBy: by(refusals),
    }),
  };
}

/** One object that is being sent. */
interface Sending {
  readonly bytes: number;
  readonly attempts: number;
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
