import { counted, number, printable, smallDollars } from './format.js';
import { msg, type Text } from './message.js';
import type { Report, ReportBatchJob } from './types.js';

/** Whether a job in this state goes on only once somebody lets it. */
export function isJobHeld(status: string): boolean {
  return status === 'Suspended' || status === 'Paused';
}

/** How a job is doing: `Job 5ba4a1c1: Active, 1,200 of 100,000 objects copied, 3 failed`. */
export function batchJobText({ id, status, objects, succeeded, failed, why = '' }: ReportBatchJob): string {
  if (status === 'planned') return `A job is planned for ${counted(objects, 'object', 'objects')}`;
  const bad = failed > 0 ? `, ${number(failed)} failed` : '';
  const reason = why === '' ? '' : ` (${why})`;
  // The warning that says so is shown at the end of the run, which waits for the job.
  const help = isJobHeld(status) ? '; aws s3control update-job-status lets it run, or cancels it' : '';
  return printable(
    `Job ${id ?? ''}: ${status}, ${number(succeeded)} of ${number(objects)} objects copied${bad}${reason}${help}`,
  );
}

/** What a run that is aborted leaves behind. A job may be suspended, so that nobody can say that it goes on. */
export function jobsLeft(ids: readonly string[]): Text {
  const [jobs, were, copies] = ids.length === 1 ? ['The job', 'was', 'it copies'] : ['The jobs', 'were', 'they copy'];
  return msg`${jobs} ${ids.join(', ')} ${were} not cancelled. Wait for what ${copies} by the same options with {batchJob}.`;
}

/** What a run may leave behind that ends before S3 has responded to its request for a job. */
export function jobUnknown(description: string): Text {
  return msg`A job may be there whose id is not known. Its description is "${description}", by which aws s3control list-jobs shows it. Wait for what it copies by the same options with {batchJob}, or cancel it.`;
}

/** The jobs of a run, or those that a dry run would create, what they cost, and what no job was to copy. */
export function batchJobLines(report: Report): readonly string[] {
  const { batchJobs = [], dryRun } = report;
  if (batchJobs.length === 0) return notByJobLines(report);
  const jobs = counted(batchJobs.length, 'job', 'jobs');
  const sum = (of: (job: ReportBatchJob) => number): number => batchJobs.reduce((all, job) => all + of(job), 0);
  const objects = counted(
    sum((job) => job.objects),
    'object',
    'objects',
  );
  const price = `${smallDollars(sum((job) => job.dollars))} with their copies, by the prices of us-east-1 when this was written (https://aws.amazon.com/s3/pricing/)`;
  const failed = sum((job) => job.failed);
  const bad = failed > 0 ? `, ${number(failed)} failed there` : '';
  return [
    `S3 Batch Operations: ${jobs} for ${objects}${bad}, ${price}.`,
    ...(dryRun ? [] : batchJobs.map(jobLine)),
    ...notByJobLines(report),
  ];
}

/** They may have failed, or not have been reached. */
function notByJobLines({ notByJob = {} }: Report): readonly string[] {
  const reasons = Object.entries(notByJob).map(([why, count]) => `${number(count)} (${why})`);
  return reasons.length === 0 ? [] : [`Without a job: ${reasons.join(', ')}.`];
}

/** How a job has ended, and where its report is. */
function jobLine(job: ReportBatchJob): string {
  return printable(`  ${batchJobText(job)}${job.report === undefined ? '' : `; report ${job.report}`}`);
}
