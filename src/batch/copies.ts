import { randomBytes } from 'node:crypto';
import { S3RequestError, SourceError, UsageError } from '../errors.js';
import type { ResolvedBatchOptions } from '../options/batch.js';
import { msg } from '../report/message.js';
import { isUnchanged, REASONS } from '../report/reasons.js';
import type { Outcome, ReportBatchJob } from '../report/types.js';
import { blocksOf } from '../run/blocks.js';
import { hasEnded, type RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import { runConcurrently } from '../run/workers.js';
import { REAL_CLOCK, type RetryClock } from '../s3/middleware/retry.js';
import { serviceEndpoint } from '../s3/plain-settings.js';
import type { CopyEntry } from '../source/bucket.js';
import { copied, type PreparedCopy } from '../transfer/copy/context.js';
import type { PlannedCopy } from '../transfer/copy/settle.js';
import { replacing, settleObject } from '../transfer/result.js';
import { type Candidate, candidateOf, findHeaders } from './candidates.js';
import { copyChecker, findCopies } from './check-copies.js';
import { loadSdk } from './control.js';
import { targetPrefix, whyNotByJob } from './eligibility.js';
import { groupJobs, jobDollars } from './jobs.js';
import {
  type BatchBuckets,
  createJobs,
  type EndedJob,
  type JobContext,
  openControl,
  planJobs,
  readReports,
  waitForJobs,
} from './run-jobs.js';
import { findVersions } from './versions.js';

export type { BatchBuckets } from './run-jobs.js';

/** Where objects go that no job copies, and outcomes of those that one has copied. */
export interface BatchSink {
  readonly rest: (copy: PlannedCopy) => void;
  readonly note: (outcome: Outcome) => void;
}

/** The part of a copy that S3 Batch Operations does. */
export interface BatchCopies {
  /** Begins, before anything is listed: waits for jobs that an earlier run has created. */
  begin(run: Run, buckets: BatchBuckets): Promise<void>;
  /** Takes a copy that a job can make; false where none can. */
  takes(copy: PlannedCopy): boolean;
  /** The outcome of an object, which is a copy where a job of an earlier run has made it. */
  outcomeOf(entry: CopyEntry, outcome: Outcome | undefined): Outcome | undefined;
  readonly isNeeded: () => boolean;
  /** Creates the jobs, waits for them, and checks what they have copied. Returns how the run ended, where it did. */
  carryOut(sink: BatchSink): Promise<RunEnd | undefined>;
}

/** What only tests replace. */
export interface BatchLimits {
  readonly clock?: RetryClock | undefined;
  /** A set of headers beyond the largest gets a job if so many objects have it: a job costs as much as 50,000 copies. */
  readonly leastInJob?: number | undefined;
  /** Bytes of a manifest, which is held in memory. */
  readonly manifestBytes?: number | undefined;
}

const LEAST_IN_JOB = 10_000;
const MOST_SETS = 20;
const MANIFEST_BYTES = 64 * 1024 * 1024;
const WAY = 'by S3 Batch Operations';

export function batchCopies(
  prepared: PreparedCopy,
  batch: ResolvedBatchOptions,
  { clock = REAL_CLOCK, leastInJob = LEAST_IN_JOB, manifestBytes = MANIFEST_BYTES }: BatchLimits = {},
): BatchCopies {
  const { options, paths, splitAbove, dest } = prepared;
  const { dryRun } = options;
  const target = { bucket: paths.bucket, prefix: targetPrefix(paths) };
  const runName = `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
  const candidates: Candidate[] = [];
  /** Keys of the source that jobs of an earlier run have copied, with their jobs. */
  const copiedBefore = new Map<string, string>();
  const jobs = new Map<string, ReportBatchJob>();
  let context: JobContext | undefined;
  /** When the listing began, by the clock that requests are signed by, and by this machine's. */
  let began = { signed: 0, local: 0 };

  function show(job: ReportBatchJob): void {
    jobs.set(job.id ?? `planned ${jobs.size}`, job);
    context?.run.record.emit({ type: 'batchJob', job });
  }

  /** Waits for the jobs of an earlier run, and keeps what they have copied. */
  async function takeUp(own: JobContext): Promise<void> {
    const control = await openControl(own);
    const ended = await waitForJobs(own, control, batch.jobs);
    for (const one of ended) refuseOtherJob(one, target);
    await readReports(own, ended, (task, id) => {
      if (task.bucket !== paths.sourceBucket) throw otherSource(id, task.bucket, paths.sourceBucket);
      if (task.succeeded) copiedBefore.set(task.key, id);
    });
    for (const { state } of ended)
      if (state.status === 'Cancelled') throw cancelledBefore(state.id, target.bucket, copiedBefore.size);
  }

  /**
   * The youngest that an object without a version may be: as old as the listing. By S3's clock, where a response shows it, because S3 compares the
   * date with its own.
   */
  function unmodifiedSince(date: string | undefined): Date {
    const local = Date.now();
    const server = Date.parse(date ?? '');
    const start = Number.isNaN(server) ? began.signed : server - (local - began.local);
    return new Date(Math.floor(start / 1_000) * 1_000);
  }

  /** A HEAD of one object shows whether the bucket has versions, and S3's time. */
  async function bindObjects({ run, buckets }: JobContext, fit: readonly Candidate[]): Promise<Date> {
    const [first] = fit;
    if (first === undefined) return unmodifiedSince(undefined);
    run.record.countHead('versions of the source');
    const { source } = buckets;
    const { headers = {} } = (await source.headObject(first.sourceKey, run.signal)) ?? {};
    if (headers['x-amz-version-id'] !== undefined) {
      const byKey = new Map(fit.map((candidate) => [candidate.sourceKey, candidate]));
      const prefixes = paths.selections.map((one) => (one.kind === 'key' ? one.key : (one.orKey ?? one.prefix)));
      await findVersions(run, source, prefixes, byKey);
    }
    return unmodifiedSince(headers.date);
  }

  async function runJobs(own: JobContext, fit: readonly Candidate[], sink: BatchSink): Promise<readonly EndedJob[]> {
    const since = await bindObjects(own, fit);
    const { groups, others } = groupJobs(fit, { least: leastInJob, most: MOST_SETS });
    for (const { planned } of others) sink.rest(planned);
    const planned = planJobs(groups, paths.sourceBucket, manifestBytes);
    const control = await openControl(own);
    const ids = await createJobs(own, control, planned, since);
    const ended = await waitForJobs(own, control, ids);
    const bySource = new Map(
      planned.flatMap(({ objects }) => objects.map((candidate) => [candidate.sourceKey, candidate] as const)),
    );
    await readReports(own, ended, ({ key, succeeded }, id) => {
      const candidate = bySource.get(key);
      if (candidate?.jobId === id) candidate.task = succeeded ? 'succeeded' : 'failed';
    });
    return ended;
  }

  /** Settles what jobs should have copied: each object is copied, left to the usual copy, or failed by the job's cancellation. */
  async function settleAll(
    { run, buckets }: JobContext,
    all: readonly Candidate[],
    ended: readonly EndedJob[],
    sink: BatchSink,
  ): Promise<RunEnd> {
    const { source, dest } = buckets;
    const cancelled = new Set(ended.flatMap(({ state }) => (state.status === 'Cancelled' ? state.id : [])));
    await findCopies(run, dest, new Map(all.map((candidate) => [candidate.key, candidate])));
    const check = copyChecker(run, source, dest);
    return settle(run, all, sink, async (candidate) => {
      const judged = await check(candidate);
      if (judged !== 'again') return { verified: judged === 'copied' ? 'md5' : 'none' };
      const { jobId = '', task, planned } = candidate;
      if (task === 'unreported' && cancelled.has(jobId)) throw notCopied(candidate, jobId);
      sink.rest(planned);
      return undefined;
    });
  }

  function settle(
    run: Run,
    all: readonly Candidate[],
    sink: BatchSink,
    judge: (candidate: Candidate) => Promise<{ readonly verified: 'md5' | 'none' } | undefined>,
  ): Promise<RunEnd> {
    const work = settleObject<Candidate>(run, {
      async settle(candidate) {
        const judged = await judge(candidate);
        if (judged === undefined) return undefined;
        const { planned, jobId, headers, found, versionId: _ } = candidate;
        const reason = jobId === undefined ? WAY : `${WAY}, job ${jobId}`;
        const method = { by: 'object', layout: 'own', relayed: false, reason } as const;
        const stored = { etag: found?.etag, verified: judged.verified, attempts: 0 };
        return replacing(copied(planned.entry, planned.decision, method, stored, headers), planned.remote);
      },
    });
    return runConcurrently(run, blocksOf(all), async (entry) => {
      const outcome = await work({ kind: 'planned', entry, remote: { state: 'unread' } });
      if (outcome !== undefined) sink.note(outcome);
      return outcome;
    });
  }

  return {
    async begin(run, buckets) {
      refuseOtherServers(buckets);
      await loadSdk();
      run.record.include(() => (jobs.size === 0 ? {} : { batchJobs: [...jobs.values()] }));
      const { profile } = dest;
      context = { run, buckets, batch, runName, target, profile, clock, show };
      if (batch.jobs.length > 0 && !dryRun) await takeUp(context);
      began = { signed: buckets.source.now(), local: Date.now() };
    },

    takes(copy) {
      if (batch.jobs.length > 0 || whyNotByJob(copy.entry, splitAbove) !== undefined) return false;
      candidates.push(candidateOf(copy));
      return true;
    },

    outcomeOf(entry, outcome) {
      const id = copiedBefore.get(entry.sourceKey);
      if (id === undefined || outcome?.action !== 'skip' || !isUnchanged(outcome.reason)) return outcome;
      const { size: bytes, etag } = entry;
      const facts = { action: 'copy', reason: REASONS.copiedByJob, bytes, way: `${WAY}, job ${id}` } as const;
      return { ...outcome, ...facts, verified: 'md5', ...(etag !== undefined && { etag }) };
    },

    isNeeded: () => candidates.length > 0,

    async carryOut(sink) {
      if (context === undefined) throw new TypeError('begin() comes first');
      const { run, buckets } = context;
      const requestPayer = dest.requestHeaders['x-amz-request-payer'] !== undefined;
      const oddly = ({ planned }: Candidate): void => sink.rest(planned);
      const given = { ...prepared, dryRun, requestPayer };
      const { fit, end } = await findHeaders(run, buckets.source, given, candidates.splice(0), oddly);
      if (end !== undefined || fit.length === 0) return end;
      if (dryRun) {
        const { groups, others } = groupJobs(fit, { least: leastInJob, most: MOST_SETS });
        for (const { planned } of others) sink.rest(planned);
        const planned = planJobs(groups, paths.sourceBucket, manifestBytes);
        for (const { objects } of planned) show(plannedJob(objects.length));
        const all = planned.flatMap(({ objects }) => objects);
        return ended(await settle(run, all, sink, async () => ({ verified: 'none' })));
      }
      const done = await runJobs(context, fit, sink);
      const all = fit.filter(({ jobId }) => jobId !== undefined);
      return ended(await settleAll(context, all, done, sink));
    },
  };
}

function ended(end: RunEnd): RunEnd | undefined {
  return hasEnded(end) ? end : undefined;
}

function plannedJob(objects: number): ReportBatchJob {
  return { status: 'planned', objects, succeeded: 0, failed: 0, dollars: jobDollars(objects) };
}

/** Refuses a server that is not AWS: the SDK would send its credentials to AWS. */
function refuseOtherServers({ dest }: BatchBuckets): void {
  const { endpoint } = dest.location;
  if (endpoint === undefined || serviceEndpoint('S3_CONTROL') !== undefined) return;
  throw new UsageError(
    msg`{batchOperations} is a service of AWS, and the destination is at ${endpoint}.`,
    msg`Leave {batchOperations} out. Where that server has S3 Control too, name its address in AWS_ENDPOINT_URL_S3_CONTROL.`,
  );
}

/** Refuses a job that copies elsewhere: what it has copied is not what this run is about. */
function refuseOtherJob({ state, job }: EndedJob, { bucket, prefix }: JobContext['target']): void {
  const { TargetResource, TargetKeyPrefix = '' } = job.Operation?.S3PutObjectCopy ?? {};
  const own = TargetResource?.replace(/^arn:[^:]+:s3:::/, '');
  if (own === bucket && TargetKeyPrefix === prefix) return;
  const there = own === undefined ? 'copies nothing' : `copies to s3://${own}/${TargetKeyPrefix}`;
  throw new UsageError(
    msg`The job ${state.id} of {batchJob} ${there}, and this run copies to s3://${bucket}/${prefix}.`,
    'Give the source and the destination of the run that has created it.',
  );
}

function otherSource(id: string, found: string, own: string): UsageError {
  return new UsageError(
    msg`The job ${id} of {batchJob} copies from s3://${found}, and this run copies from s3://${own}.`,
    'Give the source and the destination of the run that has created it.',
  );
}

function cancelledBefore(id: string, bucket: string, done: number): S3RequestError {
  return new S3RequestError(`The job ${id} was cancelled after it had copied ${done} objects`, {
    code: 'BatchJobCancelled',
    verb: 'DescribeJob',
    bucket,
    hint: msg`A run without {batchJob} creates another job for what is missing.`,
  });
}

function notCopied({ origin }: Candidate, id: string): SourceError {
  return new SourceError('BatchJobCancelled', `${origin} was not copied: the job ${id} was cancelled before`, {
    hint: 'Run again: what has been copied is compared and skipped.',
  });
}
