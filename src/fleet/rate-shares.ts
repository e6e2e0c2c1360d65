/** How a request rate is shared between the workers of a run and its coordinator. A value; nothing in it is about Redis. */
export interface RateShares {
  /** Requests per second of each worker that may send. */
  readonly perWorker: number;
  /** Requests per second of the coordinator. */
  readonly own: number;
  /** Workers that have had a batch of this run lately, and when that was, in ms. */
  readonly seen: ReadonlyMap<string, number>;
  /** Those that may send. */
  readonly admitted: readonly string[];
}

/** What the coordinator knows at a count of workers. */
export interface WorkersCounted {
  /** Milliseconds on any steady clock. */
  readonly now: number;
  /** Workers that have a batch of this run. */
  readonly active: readonly string[];
  /** Connected workers, of all runs; undefined where it was not counted. */
  readonly connected: number | undefined;
  /** Requests per second that the coordinator has started since the last count; undefined where it starts none any more. */
  readonly used: number | undefined;
}

/** A worker without a batch of this run keeps its share for this time, so that the moment between two batches changes nothing. */
const GONE_MS = 10_000;
/** The least share of the coordinator while it lists: a page of a listing has 1,000 objects. */
const LEAST_OWN = 0.02;
/** The coordinator gets more from this part of its share on, and less below the other one. */
const MUCH_USED = 0.8;
const LITTLE_USED = 0.4;

/** @param lists whether the coordinator itself sends requests */
export function startingShares(rate: number, lists: boolean): RateShares {
  return { perWorker: rate, own: lists ? rate / 2 : 0, seen: new Map(), admitted: [] };
}

/**
 * The next shares. All together never have more than the rate: those that come get their share only at the count after the one that has lowered the
 * shares of the others, so that these have read it by then.
 */
export function nextShares(rate: number, before: RateShares, counted: WorkersCounted): RateShares {
  const { now, active, connected = Number.POSITIVE_INFINITY } = counted;
  const seen = new Map([...before.seen].filter(([, at]) => now - at < GONE_MS));
  for (const name of active) seen.set(name, now);
  // A worker that was lost keeps its batch for a while, but not its connection.
  const workers = Math.max(1, Math.min(seen.size, connected));
  const own = ownShare(rate, before.own, counted.used, workers);
  const names = [...seen.keys()];
  const known = names.filter((name) => before.seen.has(name));
  return { perWorker: (rate - own) / workers, own, seen, admitted: known.length > 0 ? known : names };
}

/** What the coordinator keeps for itself: it follows what it uses, up to as much as a worker has. */
function ownShare(rate: number, before: number, used: number | undefined, workers: number): number {
  if (used === undefined) return 0;
  const most = rate / (workers + 1);
  if (used >= MUCH_USED * before) return Math.min(most, Math.max(LEAST_OWN * rate, before * 2));
  if (used < LITTLE_USED * before) return Math.min(most, Math.max(LEAST_OWN * rate, before / 2));
  return Math.min(most, before);
}

/** The shares as they are stored. */
export function packShares({ perWorker, admitted }: RateShares): string {
  return JSON.stringify({ perWorker, workers: admitted });
}

/** What a worker reads of them. */
export interface StoredShares {
  readonly perWorker: number;
  readonly workers: readonly string[];
}

/** Undefined for anything else. */
export function readShares(text: string | null): StoredShares | undefined {
  if (text === null) return undefined;
  try {
    const { perWorker, workers } = JSON.parse(text) as Partial<Record<keyof StoredShares, unknown>>;
    if (typeof perWorker !== 'number' || !(perWorker > 0) || !Array.isArray(workers)) return undefined;
    return { perWorker, workers: workers.map(String) };
  } catch {
    return undefined;
  }
}

/** What the coordinator of a run does at each look at its queue. */
export interface RateSharing {
  /** Shares the rate anew where workers were counted, or where the first ones have come. */
  share(counted: Pick<WorkersCounted, 'active' | 'connected'> & { readonly listing: boolean }): Promise<void>;
}

export interface RateSharingOptions {
  /** Requests per second of all together. */
  readonly rate: number;
  /** Whether the coordinator sends requests while it lists. */
  readonly lists: boolean;
  /** The coordinator's own limiter. */
  readonly limiter: { maxRate: number | undefined; readonly started: number };
  /** Stores the shares. */
  readonly store: (shares: string) => Promise<void>;
  /** Milliseconds; tests replace it. */
  readonly now?: () => number;
}

/** Shares the rate of a run. */
export function rateSharing({
  rate,
  lists,
  limiter,
  store,
  now = () => performance.now(),
}: RateSharingOptions): RateSharing {
  let shares = startingShares(rate, lists);
  let countedAt = now();
  let startedBefore = limiter.started;
  if (lists) limiter.maxRate = shares.own;

  return {
    async share({ active, connected, listing }) {
      if (connected === undefined && (shares.admitted.length > 0 || active.length === 0)) return;
      const at = now();
      const used = ((limiter.started - startedBefore) * 1_000) / Math.max(1, at - countedAt);
      const next = nextShares(rate, shares, { now: at, active, connected, used: lists && listing ? used : undefined });
      await store(packShares(next));
      // More only once workers have read that they have less.
      if (next.own > 0) limiter.maxRate = Math.min(shares.own, next.own);
      shares = next;
      countedAt = at;
      startedBefore = limiter.started;
    },
  };
}
