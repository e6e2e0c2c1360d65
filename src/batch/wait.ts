import type { JobDescriptor } from '@aws-sdk/client-s3-control';
import type { RetryClock } from '../s3/middleware/retry.js';
import type { BatchControl } from './control.js';

/** How far a job is. */
export interface JobState {
  readonly id: string;
  /** S3's word, such as `Active`. */
  readonly status: string;
  /** Objects of the job; 0 until S3 has read its manifest. */
  readonly tasks: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Why it failed, or was suspended or cancelled; empty where S3 does not say. */
  readonly why: string;
}

const ENDED: ReadonlySet<string> = new Set(['Complete', 'Failed', 'Cancelled']);

/** Whether a job does nothing more. */
export function hasJobEnded({ status }: Pick<JobState, 'status'>): boolean {
  return ENDED.has(status);
}

export function jobState(id: string, job: JobDescriptor): JobState {
  const { Status: status = '', ProgressSummary: progress, FailureReasons: reasons = [] } = job;
  const why = reasons.map(({ FailureCode, FailureReason }) => [FailureCode, FailureReason].filter(Boolean).join(': '));
  return {
    id,
    status,
    tasks: progress?.TotalNumberOfTasks ?? 0,
    succeeded: progress?.NumberOfTasksSucceeded ?? 0,
    failed: progress?.NumberOfTasksFailed ?? 0,
    why: [...why, job.SuspendedCause, job.StatusUpdateReason].filter(Boolean).join('; ').slice(0, 1_000),
  };
}

/** Milliseconds between two looks at a job: the first and the longest. A job takes minutes at least. */
const WAIT_MS = { first: 2_000, longest: 60_000 };

/**
 * Waits until a job has ended.
 * @param onChange is called with each state that differs from the last one
 */
export async function waitForJob(
  control: BatchControl,
  id: string,
  clock: RetryClock,
  signal: AbortSignal,
  onChange: (state: JobState, job: JobDescriptor) => void,
): Promise<{ readonly state: JobState; readonly job: JobDescriptor }> {
  let shown = '';
  for (let wait = WAIT_MS.first; ; wait = Math.min(wait * 1.5, WAIT_MS.longest)) {
    const job = await control.describeJob(id, signal);
    const state = jobState(id, job);
    const text = JSON.stringify(state);
    if (text !== shown) onChange(state, job);
    shown = text;
    if (hasJobEnded(state)) return { state, job };
    await clock.sleep(wait, signal);
  }
}
