import type { BatchJob } from './job.js';
import type { JobQueue } from './queue.js';
import { isRangeId } from './range-job.js';

/**
 * Takes the batches out of the queue that a stopped run of this name has left, where they have other options: workers would write their objects after those
 * of this run, with the old headers.
 * @param onWait called where a worker still has such a batch
 * @returns whether there is none any more; to be called again until it is so
 */
export function earlierRun(
  queue: Pick<JobQueue, 'left' | 'held' | 'jobOf' | 'remove'>,
  onWait: () => void,
): (job: Pick<BatchJob, 'version' | 'options'>) => Promise<boolean> {
  const known = new Set<string>();
  const others = new Set<string>();
  let gone = false;

  return async ({ version, options }) => {
    if (gone) return true;
    const own = JSON.stringify([version, options]);
    const ids = [...(await queue.left()), ...(await queue.held())];
    // A range only adds parts to an upload, which the worker with its batch completes.
    for (const id of ids.filter((one) => !known.has(one) && !isRangeId(one))) {
      known.add(id);
      const job = (await queue.jobOf(id)) as Partial<BatchJob> | undefined;
      if (job !== undefined && JSON.stringify([job.version, job.options]) !== own) others.add(id);
    }
    if (others.size > 0) await queue.remove([...others]);
    const held = others.size > 0 ? await queue.held() : [];
    gone = !held.some((id) => others.has(id));
    if (!gone) onWait();
    return gone;
  };
}
