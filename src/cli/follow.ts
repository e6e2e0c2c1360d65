import { PartialFailureError } from '../errors.js';
import type { Job } from '../job.js';
import type { Outcome } from '../report/outcome.js';
import type { Report } from '../report/report.js';

/** How a run ended: a report without an error is a success, an error without a report is a usage error or a bug. */
export interface End {
  readonly report?: Report | undefined;
  readonly error?: unknown;
}

/** Shows every outcome of a job; resolves with how it ended. */
export async function follow(job: Job, show: (outcome: Outcome) => Promise<void> | undefined): Promise<End> {
  try {
    for await (const outcome of job) {
      const busy = show(outcome);
      if (busy !== undefined) await busy;
    }
    return { report: await job };
  } catch (error) {
    return { error, report: error instanceof Error && 'report' in error ? (error.report as Report) : undefined };
  }
}

/** Whether a run came as far as an object. */
export function hasOutcomes(report: Report | undefined): boolean {
  return Object.values(report?.counts ?? {}).some((count) => count > 0);
}

/** What ended a run before its end; objects that failed did not. */
export function stoppedBy(error: unknown): Error | undefined {
  if (error === undefined || error instanceof PartialFailureError) return undefined;
  return error instanceof Error ? error : new Error(String(error));
}
