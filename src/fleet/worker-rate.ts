import { setTimeout as sleep } from 'node:timers/promises';
import type { FollowRate } from '../run/run.js';
import type { BatchJob } from './job.js';
import { readShares, type StoredShares } from './rate-shares.js';

/** How a worker follows its share; tests replace it. */
export interface WorkerRateTimes {
  /** Between two looks at the share, in ms: less than between two counts of workers. */
  readonly shareMs: number;
  /** How long a worker without a share waits for a coordinator to count it, in ms. */
  readonly uncountedMs: number;
}

export const WORKER_RATE_TIMES: WorkerRateTimes = { shareMs: 1_000, uncountedMs: 10_000 };

export interface WorkerRateOptions {
  /** The worker as the coordinator knows it. */
  readonly name: string;
  /** The stored shares of a run. It may take as long as Redis is away. */
  readonly read: (run: string) => Promise<string | null>;
  /** How many workers are connected. */
  readonly connected: () => Promise<number>;
  readonly times: WorkerRateTimes;
}

/** Lets the batches of a worker keep to its share of the request rate of their run. */
export interface WorkerRate {
  /**
   * Does the work on a batch once the worker has a share, and lets it follow that. A run without a rate begins at once.
   * @param signal its abort ends the wait
   */
  bounded<T>(
    job: Pick<BatchJob, 'run' | 'options'>,
    signal: AbortSignal,
    work: (followRate: FollowRate | undefined) => Promise<T>,
  ): Promise<T>;
}

export function workerRate({ name, read, connected, times }: WorkerRateOptions): WorkerRate {
  /** The newest share, which is kept where Redis or the coordinator is away. */
  let last: { readonly run: string; readonly share: number } | undefined;

  return {
    async bounded({ run, options }, signal, work) {
      const { maxRequestRate: rate } = options;
      if (typeof rate !== 'number') return work(undefined);
      const began = performance.now();
      const listeners = new Set<(share: number) => void>();
      const over = new AbortController();
      let share: number | undefined;
      let begin = (): void => {};
      const known = new Promise<void>((resolve) => (begin = resolve));

      function take(newest: number): void {
        share = Math.min(newest, rate as number);
        last = { run, share };
        begin();
        for (const set of listeners) set(share);
      }

      const before = last?.run === run ? last.share : undefined;
      let alone = false;
      async function look(): Promise<void> {
        const stored = readShares(await read(run));
        if (over.signal.aborted) return;
        const verdict = shareOf({ stored, name, share, before, waitedMs: performance.now() - began, alone, times });
        if (verdict === 'wait') return;
        alone = verdict === 'uncounted';
        if (verdict !== 'uncounted') return take(verdict);
        // No coordinator shares the rate: all that are connected may send as much as this one.
        const equal = (rate as number) / Math.max(1, await connected());
        if (!over.signal.aborted) take(equal);
      }

      void repeat(look, times.shareMs, over.signal);
      // Redis may be away.
      const late = setTimeout(() => {
        if (share === undefined && before !== undefined) take(before);
      }, times.shareMs);
      signal.addEventListener('abort', begin, { once: true });
      if (signal.aborted) begin();
      try {
        await known;
        return await work((set) => {
          set(share ?? rate);
          listeners.add(set);
          return () => void listeners.delete(set);
        });
      } finally {
        over.abort();
        clearTimeout(late);
        signal.removeEventListener('abort', begin);
      }
    },
  };
}

/** Does something again and again, whether it fails or not. */
async function repeat(look: () => Promise<void>, ms: number, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    await look().catch(() => {});
    await sleep(ms, undefined, { signal: until }).catch(() => {});
  }
}

interface ShareFacts {
  /** What the coordinator has stored; undefined where there is none. */
  readonly stored: StoredShares | undefined;
  readonly name: string;
  /** The share that is in use; undefined while the batch waits for one. */
  readonly share: number | undefined;
  /** The share in the last batch, where that was of the same run. */
  readonly before: number | undefined;
  readonly waitedMs: number;
  /** Whether the share in use is one that no coordinator has given. */
  readonly alone: boolean;
  readonly times: Pick<WorkerRateTimes, 'uncountedMs'>;
}

/**
 * What a worker may send: a share in requests per second, `wait` for no other than before, or `uncounted`: nobody shares the rate.
 * @internal
 */
export function shareOf({
  stored,
  name,
  share,
  before,
  waitedMs,
  alone,
  times,
}: ShareFacts): number | 'wait' | 'uncounted' {
  if (stored?.workers.includes(name) === true) return stored.perWorker;
  if (alone) return 'uncounted';
  // The others send as much as the coordinator has stored: more than that is never right.
  if (share !== undefined) return Math.min(share, stored?.perWorker ?? share);
  // Without a coordinator nobody takes what this worker had.
  if (stored === undefined && before !== undefined) return before;
  return waitedMs < times.uncountedMs ? 'wait' : 'uncounted';
}
