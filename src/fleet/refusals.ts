import type { BatchJob } from './job.js';

/** What becomes of a batch that a worker has refused. */
export type AfterRefusal = 'again' | 'fail' | 'end';

/** Refused batches of a directory, or of a copy, since a worker has last done one. */
interface Refused {
  readonly since: number;
  readonly by: Set<string>;
  /** All workers that were connected at the last refusal. */
  byAll: boolean;
  failed: number;
}

/** Batches of a directory that fail one after the other before the run ends: nobody can do them any more. */
const FAILED_BEFORE_END = 3;
/** As often one batch is refused at most, also where it is unknown which workers there are. */
const MOST_REFUSALS = 20;

/** Account of refusals in one run. */
export interface Refusals {
  /** A worker has done a batch. */
  done(job: BatchJob): void;
  /**
   * A worker has refused a batch. @param times how often this batch was refused @param connected names of all workers
   */
  refused(job: BatchJob, worker: string, times: number, connected: readonly string[]): AfterRefusal;
  /** Whether nothing of a batch can be done: no worker has ever done one of its directory, and all that there are refuse it. */
  isRefusedByAll(job: BatchJob): boolean;
}

/**
 * Decides about batches that workers refuse, because they do not have the directory or may not do them. Such a batch goes to the others. Once all that are
 * connected have refused its directory for a while, it is clear that the batch cannot be done: nor can the run, where none of that directory ever was.
 * @param graceMs how long workers that have only just been started are waited for
 */
export function refusals(graceMs: number, now: () => number = () => performance.now()): Refusals {
  const refused = new Map<string, Refused>();
  const accepted = new Set<string>();
  const nameOf = (job: BatchJob): string => (job.kind === 'put' ? job.root : '');
  return {
    done(job) {
      accepted.add(nameOf(job));
      refused.delete(nameOf(job));
    },
    refused(job, worker, times, connected) {
      const name = nameOf(job);
      const one = refused.get(name) ?? { since: now(), by: new Set(), byAll: false, failed: 0 };
      refused.set(name, one);
      one.by.add(worker);
      one.byAll = connected.length > 0 && connected.every((other) => one.by.has(other));
      if (!(one.byAll && now() - one.since >= graceMs) && times < MOST_REFUSALS) return 'again';
      one.failed += 1;
      return accepted.has(name) && one.failed < FAILED_BEFORE_END ? 'fail' : 'end';
    },
    isRefusedByAll: (job) => !accepted.has(nameOf(job)) && refused.get(nameOf(job))?.byAll === true,
  };
}
