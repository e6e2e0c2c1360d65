import type { JobDescriptor } from '@aws-sdk/client-s3-control';
import { S3RequestError } from '../errors.js';
import type { ResolvedBatchOptions } from '../options/batch.js';
import { jobsLeft } from '../report/batch-jobs.js';
import { msg } from '../report/message.js';
import type { ReportBatchJob } from '../report/types.js';
import type { Run } from '../run/run.js';
import type { RetryClock } from '../s3/middleware/retry.js';
import type { OpenBucket } from '../s3/open.js';
import type { Candidate } from './candidates.js';
import { type BatchControl, openBatchControl } from './control.js';
import type { JobTask } from './job-report.js';
import { type JobGroup, jobDollars, jobToken } from './jobs.js';
import { manifestLine, manifestsOf } from './manifest.js';
import type { JobHeaders } from './operation.js';
import { readReport, reportPlace } from './read-report.js';
import { type JobState, waitForJob } from './wait.js';

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
  /** Whose shared config may name an endpoint. */
  readonly profile: string | undefined;
  readonly clock: RetryClock;
  /** Keeps how a job is doing, and shows it. */
  readonly show: (job: ReportBatchJob) => void;
}

/** A manifest that is not stored yet, and the job that it is for. */
export interface PlannedJob {
  readonly fields: JobHeaders;
  readonly versioned: boolean;
  readonly manifest: Buffer;
  readonly objects: readonly Candidate[];
}

/** A job that has ended. */
export interface EndedJob {
  readonly state: JobState;
  readonly job: JobDescriptor;
}

/** The jobs of groups of objects: one for each manifest. @param most bytes of a manifest */
export function planJobs(groups: readonly JobGroup<Candidate>[], bucket: string, most: number): readonly PlannedJob[] {
  return groups.flatMap(({ fields, versioned, objects }) => {
    let at = 0;
    const lines = objects.map(({ sourceKey: key, versionId }) => manifestLine(bucket, { key, versionId }));
    return manifestsOf(lines, most).map(({ body, lines: count }) => {
      const own = objects.slice(at, at + count);
      at += count;
      return { fields, versioned, manifest: body, objects: own };
    });
  });
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
  const { run, buckets, batch, runName, target, show } = context;
  const { role, reports } = batch;
  if (role === undefined) throw new TypeError('a job needs a role');
  const bucket = reports.bucket === buckets.dest.name ? buckets.dest : await buckets.open(reports.bucket);
  const prefix = `${reports.prefix}${runName}`;
  const ids: string[] = [];
  try {
    for (const [index, { manifest: body, objects, fields: own, versioned }] of planned.entries()) {
      const key = `${prefix}/manifest-${index + 1}.csv`;
      const headers = { 'content-type': 'text/csv' };
      const { etag } = await bucket.putObject(
        { key, body: { size: body.length, read: () => body }, headers },
        run.signal,
      );
      if (etag === undefined) throw withoutEtag(bucket.name, key);
      const fields = versioned ? own : { ...own, UnModifiedSinceConstraint: unmodifiedSince };
      const id = await control.createJob(
        {
          token: jobToken(runName, etag, fields),
          description: `s3-parallel-put ${runName}, ${index + 1} of ${planned.length}`,
          role,
          manifest: { bucket: bucket.name, key, etag, versioned },
          reports: { bucket: reports.bucket, prefix },
          target,
          fields,
        },
        run.signal,
      );
      ids.push(id);
      for (const object of objects) object.jobId = id;
      const [count, dollars] = [objects.length, jobDollars(objects.length)];
      show({ id, status: 'New', objects: count, succeeded: 0, failed: 0, dollars });
    }
  } catch (error) {
    if (ids.length > 0) run.record.warn('batch-jobs-left', jobsLeft(ids));
    throw error;
  }
  return ids;
}

function withoutEtag(bucket: string, key: string): S3RequestError {
  return new S3RequestError(`PutObject s3://${bucket}/${key}: the response names no ETag, which a job needs`, {
    code: 'NoETag',
    verb: 'PutObject',
    bucket,
    key,
    status: 200,
  });
}

/** Waits for jobs together. On an abort, a warning says how what they copy is taken up again. */
export async function waitForJobs(
  { run, clock, show }: JobContext,
  control: BatchControl,
  ids: readonly string[],
): Promise<readonly EndedJob[]> {
  const { signal, record } = run;
  const onChange = ({ id, status, tasks: objects, succeeded, failed, why }: JobState): void => {
    show({ id, status, objects, succeeded, failed, dollars: jobDollars(objects), ...(why !== '' && { why }) });
    if (status === 'Suspended' || status === 'Paused')
      record.warn(
        `batch-job-${id}`,
        msg`The job ${id} is ${status.toLowerCase()}${why === '' ? '' : ` (${why})`}: somebody has to let it run, or to cancel it: aws s3control update-job-status does both.`,
      );
  };
  try {
    return await Promise.all(ids.map((id) => waitForJob(control, id, clock, signal, onChange)));
  } catch (error) {
    record.warn('batch-jobs-left', jobsLeft(ids));
    throw error;
  }
}

/** Reads the completion reports of jobs, and warns of what they say as a whole. Throws `S3RequestError` where one cannot be used. */
export async function readReports(
  { run, buckets }: JobContext,
  ended: readonly EndedJob[],
  onTask: (task: JobTask, id: string) => void,
): Promise<void> {
  const { record, signal } = run;
  let failed = 0;
  let first: JobTask | undefined;
  for (const { state, job } of ended) {
    const { id, status, why } = state;
    const reason = why === '' ? '' : ` (${why})`;
    if (status === 'Failed')
      record.warn(
        `batch-job-${id}`,
        msg`The job ${id} has failed${reason}: what it has not copied is copied from here. Check the role of {batchRole}; docs/batch-operations.md has its policies.`,
      );
    if (status === 'Cancelled') record.warn(`batch-job-${id}`, msg`The job ${id} was cancelled${reason}.`);
    const place = reportPlace(job);
    if (place === undefined) continue;
    const bucket = place.bucket === buckets.dest.name ? buckets.dest : await buckets.open(place.bucket);
    await readReport(
      bucket,
      place,
      id,
      (task) => {
        if (!task.succeeded) {
          failed += 1;
          first ??= task;
        }
        onTask(task, id);
      },
      signal,
    );
  }
  if (first === undefined) return;
  const objects = failed === 1 ? '1 object' : `${failed} objects`;
  const what = [first.code, first.message].filter(Boolean).join(': ').slice(0, 300);
  record.warn(
    'batch-tasks-failed',
    msg`${objects} could not be copied by a job, and ${failed === 1 ? 'is' : 'are'} copied from here. First: ${first.key}: ${what}`,
  );
}
