import type { FollowRate } from '../run/run.js';
import type { BatchJob } from './job.js';

/**
 * Passes the share of a run's batches on to the runs of the engine in which they are done: one for batches, and one for each range that is sent meanwhile,
 * which have equal parts of it.
 */
export interface RateRelay {
  /** A batch of a run is being done, until the result is called. */
  feed(run: string, follow: FollowRate | undefined): () => void;
  /** What a run of the engine follows; undefined where it has no rate. */
  of(job: Pick<BatchJob, 'run' | 'options'>): FollowRate | undefined;
}

interface Channel {
  share?: number | undefined;
  readonly sets: Set<(share: number | undefined) => void>;
}

function divide({ share, sets }: Channel): void {
  if (share !== undefined) for (const set of sets) set(share / sets.size);
}

export function rateRelay(): RateRelay {
  /** A worker meets few runs at a time, and forgets those that are over. */
  const channels = new Map<string, Channel>();
  const users = new Map<string, number>();

  function use(run: string): { readonly channel: Channel; readonly leave: () => void } {
    const channel = channels.get(run) ?? { sets: new Set() };
    channels.set(run, channel);
    users.set(run, (users.get(run) ?? 0) + 1);
    const leave = (): void => {
      const left = (users.get(run) ?? 1) - 1;
      users.set(run, left);
      if (left > 0) return;
      users.delete(run);
      channels.delete(run);
    };
    return { channel, leave };
  }

  return {
    feed(run, follow) {
      if (follow === undefined) return () => {};
      const { channel, leave } = use(run);
      const unfollow = follow((share) => {
        channel.share = share;
        divide(channel);
      });
      return () => {
        unfollow();
        leave();
      };
    },
    of({ run, options }) {
      if (typeof options.maxRequestRate !== 'number') return undefined;
      return (set) => {
        const { channel, leave } = use(run);
        channel.sets.add(set);
        divide(channel);
        return () => {
          channel.sets.delete(set);
          divide(channel);
          leave();
        };
      };
    },
  };
}
