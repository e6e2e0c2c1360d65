import type { JobDescriptor } from '@aws-sdk/client-s3-control';
import { S3RequestError } from '../errors.js';
import type { ResolvedBatchOptions } from '../options/batch.js';
import { isJobHeld, jobsLeft, jobUnknown } from '../report/batch-jobs.js';
import { msg } from '../report/message.js';
import type { ReportBatchJob } from '../report/types.js';
import type { Run } from '../run/run.js';
import type { RetryClock } from '../s3/middleware/retry.js';
import type { OpenBucket } from '../s3/open.js';
import type { Candidate } from './candidates.js';
import type { ReportLine } from './check-copies.js';
import { type BatchControl, openBatchControl } from './control.js';
import type { JobTask } from './job-report.js';
import { jobDollars, jobToken, type PlannedJob } from './jobs.js';
import { manifestLine } from './manifest.js';
import { readReport, reportAddress, reportPlace, UNUSABLE } from './read-report.js';
import { plainCodec, type Spool } from './spool.js';
import type { OpenPlain, OpenSorted } from './spools.js';
import { storeManifest } from './store-manifest.js';
import { hasJobEnded, type JobState, waitForJob } from './wait.js';

/** The buckets of a copy. */
export interface BatchBuckets {
  readonly source: OpenBucket;
  readonly dest: OpenBucket;
  /** Opens another bucket as the destination is opened. */
  readonly open: (name: string) => Promise<OpenBucket>;
}

/** What the jobs of one run share. */
export interface JobContext {
  readonly run: Run;
  readonly buckets: BatchBuckets;
  readonly batch: ResolvedBatchOptions;
  /** What all jobs of the run are called. */
  readonly runName: string;
  /** Where they copy to: `prefix` without its slash, empty for none. */
  readonly target: { readonly bucket: string; readonly prefix: string };
  /** Whether an option names the account that must own the destination's bucket. */
  readonly hasOwner: boolean;
  /** Whose shared config may name an endpoint. */
  readonly profile: string | undefined;
  readonly clock: RetryClock;
  /** Bytes of a part of a manifest. */
  readonly partBytes: number;
  readonly openPlain: OpenPlain;
  readonly openSorted: OpenSorted;
  /** Keeps how a job is doing, and shows it. */
  readonly show: (job: ReportBatchJob) => void;
}

/** A job that has ended. */
export interface EndedJob {
  readonly state: JobState;
  readonly job: JobDescriptor;
}

/** Opens S3 Control in the region of the destination, which a request finds where nothing names it. */
export async function openControl({ run, buckets, batch, profile, clock }: JobContext): Promise<BatchControl> {
  const { dest } = buckets;
  run.record.countHead('region of the destination');
  await dest.headObject(`${batch.reports.prefix}region`, run.signal).catch((error: unknown) => {
    if (!(error instanceof S3RequestError) || error.status === undefined) throw error;
  });
  const { access, name: bucket } = dest;
  return run.own(await openBatchControl({ access, profile, bucket, role: batch.role, clock }, run.signal));
}

/**
 * Stores the manifests and creates the jobs. Where one cannot be created, its error is thrown, and those before it go on at S3.
 * @param unmodifiedSince objects without a version that are younger are not copied
 * @returns the ids of the jobs, in the order of the plan
 */
export async function createJobs(
  context: JobContext,
  control: BatchControl,
  planned: readonly PlannedJob[],
  unmodifiedSince: Date,
): Promise<readonly string[]> {
  const { run, buckets, batch, runName, target, partBytes, show } = context;
  const { signal, record } = run;
  const { role, reports } = batch;
  if (role === undefined) throw new TypeError('a job needs a role');
  const bucket = await bucketOf(context, reports.bucket);
  const prefix = `${reports.prefix}${runName}`;
  const place = { bucket: reports.bucket, prefix: `${prefix}/` };
  const store = { bucket, warn: record.warn, signal, partBytes };
  const ids: string[] = [];
  /** The description of the job that is requested, until there is a response. */
  let requested: string | undefined;
  if (context.hasOwner) await checkOwner(context);
  try {
    for (const [index, { objects, bytes, fields: own, versioned }] of planned.entries()) {
      const key = `${prefix}/manifest-${index + 1}.csv`;
      const etag = await storeManifest(store, key, linesOf(buckets.source.name, objects.read()), bytes);
      const fields = versioned ? own : { ...own, UnModifiedSinceConstraint: unmodifiedSince };
      const description = `s3-parallel-put ${runName}, ${index + 1} of ${planned.length}`;
      requested = description;
      const id = await control.createJob(
        {
          token: jobToken(runName, etag, fields),
          description,
          role,
          manifest: { bucket: bucket.name, key, etag, versioned },
          reports: { bucket: reports.bucket, prefix },
          target,
          fields,
        },
        signal,
      );
      requested = undefined;
      ids.push(id);
      const [count, dollars] = [objects.size, jobDollars(objects.size)];
      const report = reportAddress(place, id);
      show({ id, status: 'New', objects: count, succeeded: 0, failed: 0, dollars, report });
    }
  } catch (error) {
    if (ids.length > 0) record.warn('batch-jobs-left', jobsLeft(ids));
    if (requested !== undefined && !isRefusal(error)) record.warn('batch-job-unknown', jobUnknown(requested));
    throw error;
  }
  return ids;
}

/** Whether S3 has refused a request, so that it has done nothing. */
function isRefusal(error: unknown): boolean {
  return error instanceof S3RequestError && error.status !== undefined && error.status < 500;
}

/**
 * A job cannot check who owns the bucket that it writes. The plan may have listed nothing there, and takes a listing that is denied for a missing
 * permission, which another owner looks like. So a listing has to succeed before there is a job.
 */
async function checkOwner({ run, buckets, target }: JobContext): Promise<void> {
  const prefix = target.prefix === '' ? '' : `${target.prefix}/`;
  await buckets.dest.listObjects({ prefix, delimiter: '/' }, run.signal);
}

function* linesOf(bucket: string, objects: Iterable<Candidate>): Generator<string, void> {
  for (const { planned, versionId } of objects) yield manifestLine(bucket, { key: planned.entry.sourceKey, versionId });
}

async function bucketOf({ buckets }: JobContext, name: string): Promise<OpenBucket> {
  return name === buckets.dest.name ? buckets.dest : await buckets.open(name);
}

/**
 * Waits for jobs together. On an abort, a warning says how what they copy is taken up again.
 * @param created those that this run has created; whether there are others is seen
 */
export async function waitForJobs(
  { run, clock, show }: JobContext,
  control: BatchControl,
  ids: readonly string[],
  created: readonly string[] = [],
): Promise<readonly EndedJob[]> {
  const { signal, record } = run;
  /** Jobs that are there, and go on. */
  const going = new Set(ids.filter((id) => created.includes(id)));
  const onChange = (state: JobState, job: JobDescriptor): void => {
    const { id, status, tasks: objects, succeeded, failed, why } = state;
    if (hasJobEnded(state)) going.delete(id);
    else going.add(id);
    const place = reportPlace(job);
    const report = place === undefined ? {} : { report: reportAddress(place, id) };
    const dollars = jobDollars(objects);
    show({ id, status, objects, succeeded, failed, dollars, ...report, ...(why !== '' && { why }) });
    // A code of its own: the end of the job may need a warning, too.
    if (isJobHeld(status))
      record.warn(
        `batch-job-held-${id}`,
        msg`The job ${id} was found ${status.toLowerCase()}${why === '' ? '' : ` (${why})`}. Until somebody lets it run, or cancels it, it copies nothing: aws s3control update-job-status does both.`,
      );
  };
  // An error of one ends the waiting for all.
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  try {
    return await Promise.all(ids.map((id) => waitForJob(control, id, clock, either, onChange)));
  } catch (error) {
    failure.abort(error);
    if (going.size > 0) record.warn('batch-jobs-left', jobsLeft([...going]));
    throw error;
  }
}

/** The tasks of the jobs of a run that have failed. */
export interface FailedTasks {
  count: number;
  first: JobTask | undefined;
}

/** Says how a job has ended, where that is not well. */
export function warnOfEnd({ record }: Pick<Run, 'record'>, { id, status, why }: JobState): void {
  const reason = why === '' ? '' : ` (${why})`;
  if (status === 'Failed')
    record.warn(
      `batch-job-${id}`,
      msg`The job ${id} has failed${reason}: what it has not copied is copied from here. Check the role of {batchRole}; docs/batch-operations.md has its policies.`,
    );
  if (status === 'Cancelled') record.warn(`batch-job-${id}`, msg`The job ${id} was cancelled${reason}.`);
}

/**
 * Reads the completion report of a job into a spool. Undefined, with a warning, where there is none, or none that can be used: then only the listing
 * of the destination shows what the job has copied.
 * @throws S3RequestError where it cannot be read
 */
export async function readTasks(
  context: JobContext,
  { state, job }: EndedJob,
  failed: FailedTasks,
  onTask: (task: JobTask) => void = () => {},
): Promise<Spool<ReportLine> | undefined> {
  const { run, openSorted } = context;
  const { id, succeeded, failed: bad } = state;
  const tried = succeeded + bad > 0;
  const tasks = openSorted<ReportLine>(plainCodec(), ([key]) => key, MOST_LINES);
  const own: FailedTasks = { count: 0, first: undefined };
  const place = reportPlace(job);
  let why = tried ? `The job ${id} has no completion report` : '';
  try {
    const found =
      place !== undefined &&
      (await readReport(
        await bucketOf(context, place.bucket),
        place,
        id,
        (task) => {
          onTask(task);
          tasks.add([task.key, task.succeeded ? 1 : 0]);
          if (task.succeeded) return;
          own.count += 1;
          own.first ??= task;
        },
        run.signal,
      ));
    if (found) {
      failed.count += own.count;
      failed.first ??= own.first;
      return tasks;
    }
  } catch (error) {
    if (!(error instanceof S3RequestError) || error.code !== UNUSABLE) throw error;
    why = error.message;
  }
  tasks.remove();
  if (why !== '')
    run.record.warn(
      `batch-report-${id}`,
      `${why}. What the job has copied is found by ETags, and the rest is copied from here.`,
    );
  return undefined;
}

/** Lines of a report that are sorted in memory: S3 says nothing about their order. */
const MOST_LINES = 50_000;

/** Warns of all tasks that have failed. */
export function warnOfTasks({ record }: Pick<Run, 'record'>, { count, first }: FailedTasks): void {
  if (first === undefined) return;
  const objects = count === 1 ? '1 object' : `${count} objects`;
  const what = [first.code, first.message].filter(Boolean).join(': ').slice(0, 300);
  record.warn(
    'batch-tasks-failed',
    msg`${objects} could not be copied by a job, and ${count === 1 ? 'is' : 'are'} copied from here. First: ${first.key}: ${what}`,
  );
}
