import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { SourceError, UsageError } from '../errors.js';
import { isMd5 } from '../model/etag.js';
import type { ResolvedBatchOptions } from '../options/batch.js';
import type { HeaderMap } from '../options/types.js';
import { type Planned, type RemoteKeys, remoteLookup, withRemoteState } from '../plan/listing/lookup.js';
import type { Lookup } from '../plan/listing/merge.js';
import { parallelListing } from '../plan/listing/parallel.js';
import { msg } from '../report/message.js';
import { isUnchanged, REASONS } from '../report/reasons.js';
import type { Outcome, ReportBatchJob } from '../report/types.js';
import { type Blocks, blocksFrom } from '../run/blocks.js';
import { hasEnded, type RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import { runConcurrently } from '../run/workers.js';
import { REAL_CLOCK, type RetryClock } from '../s3/middleware/retry.js';
import { ownEndpoint } from '../s3/plain-settings.js';
import type { CopyEntry } from '../source/bucket.js';
import { copied, type PreparedCopy } from '../transfer/copy/context.js';
import type { PlannedCopy } from '../transfer/copy/settle.js';
import { headRemote } from '../transfer/head.js';
import type { UnitQueue } from '../transfer/phases.js';
import { replacing, settleObject } from '../transfer/result.js';
import { type Candidate, candidateContext, findHeaders } from './candidates.js';
import { copiesOf, copyChecker, type FinishedJob, type JobCopy } from './check-copies.js';
import { loadSdk } from './control.js';
import { type CopiedBefore, copiedBefore } from './earlier-jobs.js';
import { targetPrefix, whyNotByJob } from './eligibility.js';
import { jobDollars, type PlannedJob, planJobs, RARE_HEADERS, setCounts, setOf } from './jobs.js';
import { pause, UNTIL_PAUSE } from './pause.js';
import { candidateCodec, plannedCodec } from './planned-codec.js';
import {
  type BatchBuckets,
  createJobs,
  type EndedJob,
  type FailedTasks,
  type JobContext,
  openControl,
  readTasks,
  waitForJobs,
  warnOfEnd,
  warnOfTasks,
} from './run-jobs.js';
import type { Spool } from './spool.js';
import { spoolsOf } from './spools.js';
import { lookAtSource, NO_FACTS, withVersions } from './versions.js';

export type { BatchBuckets } from './run-jobs.js';

type PlannedEntry = Extract<Planned<CopyEntry>, { readonly kind: 'planned' }>;

/** Where objects go that no job copies, and outcomes of those that one has copied. */
export interface BatchSink {
  readonly rest: (copy: PlannedCopy) => void;
  readonly note: (outcome: Outcome) => void;
}

/**
 * The part of a copy that S3 Batch Operations does. What it knows of each object is in temporary files, which are read in key order beside listings, so
 * that its memory does not grow with the objects.
 */
export interface BatchCopies {
  /** Begins, before anything is listed: waits for jobs that an earlier run has created. */
  begin(run: Run, buckets: BatchBuckets): Promise<void>;
  /** What the source has, in key order, of which it notes what jobs of an earlier run have copied. */
  noting(units: Blocks<Planned<CopyEntry>>): Blocks<Planned<CopyEntry>>;
  /** Takes a copy that a job can make; false where none can. */
  takes(copy: PlannedCopy): boolean;
  /** The outcome of an object, which is a copy where a job of an earlier run has made it. */
  outcomeOf(planned: PlannedEntry, outcome: Outcome | undefined): Outcome | undefined;
  readonly isNeeded: () => boolean;
  /** Where copies wait that no job makes. */
  readonly queue: UnitQueue<PlannedCopy>;
  /** Creates the jobs, waits for them, and checks what they have copied. Returns how the run ended, where it did. */
  carryOut(sink: BatchSink): Promise<RunEnd | undefined>;
}

/** What only tests replace. */
export interface BatchLimits {
  readonly clock?: RetryClock | undefined;
  /** A set of headers beyond the largest gets a job if so many objects have it: a job costs as much as 50,000 copies. */
  readonly leastInJob?: number | undefined;
  /** Bytes of a manifest at most, and of its parts. */
  readonly manifestBytes?: number | undefined;
  readonly partBytes?: number | undefined;
}

const LEAST_IN_JOB = 10_000;
/** Sets of headers that get jobs. */
const MOST_SETS = 20;
const PART_BYTES = 8 * 1024 * 1024;
/**
 * An upload has at most 10,000 parts. S3 lets the manifest of a copy name 20 billion objects, which take more bytes than this in any case.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-copy-object.html
 */
const MANIFEST_BYTES = 9_000 * PART_BYTES;
const WAY = 'by S3 Batch Operations';

/** What there is once the run has begun. */
interface Begun {
  readonly context: JobContext;
  /** What jobs may copy. */
  readonly planned: Spool<PlannedCopy>;
  /** What is copied from here. */
  readonly rest: Spool<PlannedCopy>;
  readonly before: CopiedBefore;
  /** When the listing began, by the clock that requests are signed by, and by this machine's. */
  readonly began: { readonly signed: number; readonly local: number };
}

export function batchCopies(
  prepared: PreparedCopy,
  batch: ResolvedBatchOptions,
  limits: BatchLimits = {},
): BatchCopies {
  const { clock = REAL_CLOCK, leastInJob = LEAST_IN_JOB } = limits;
  const { manifestBytes = MANIFEST_BYTES, partBytes = PART_BYTES } = limits;
  const { options, paths, splitAbove, dest } = prepared;
  const { dryRun } = options;
  const target = { bucket: paths.bucket, prefix: targetPrefix(paths) };
  // Of the form of RUN_NAME, by whose length prefixes are judged.
  const runName = `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
  const jobs = new Map<string, ReportBatchJob>();
  /** How many objects no job was to copy, by reason. */
  const notByJob = new Map<string, number>();
  let begun: Begun | undefined;

  function now(): Begun {
    if (begun === undefined) throw new TypeError('begin() comes first');
    return begun;
  }

  function count(why: string): void {
    notByJob.set(why, (notByJob.get(why) ?? 0) + 1);
  }

  function contextOf(run: Run, buckets: BatchBuckets): JobContext {
    const { profile, requestHeaders } = dest;
    const hasOwner = requestHeaders['x-amz-expected-bucket-owner'] !== undefined;
    const show = (state: ReportBatchJob): void => {
      const name = state.id ?? `planned ${jobs.size}`;
      const before = jobs.get(name);
      // S3 counts no objects before it has read the manifest.
      const { objects, dollars } = (state.objects === 0 && before) || state;
      const job = { ...state, objects, dollars };
      jobs.set(name, job);
      if (!isDeepStrictEqual(job, before)) run.record.emit({ type: 'batchJob', job });
    };
    return { run, buckets, batch, runName, target, hasOwner, profile, clock, partBytes, ...spoolsOf(run), show };
  }

  /**
   * The youngest that an object without a version may be: as old as the listing. By S3's clock, where a response shows it, because S3 compares the
   * date with its own.
   */
  function unmodifiedSince(date: string | undefined): Date {
    const { began } = now();
    const server = Date.parse(date ?? '');
    const start = Number.isNaN(server) ? began.signed : server - (Date.now() - began.local);
    return new Date(Math.floor(start / 1_000) * 1_000);
  }

  /** What the keys of the source that are copied begin with. */
  function prefixesOf({ entry }: PlannedCopy): readonly string[] {
    return paths.selections.flatMap((one) => {
      if (one.kind === 'key') return one.versionId === undefined ? one.key : [];
      return entry.sourceKey === one.orKey ? one.orKey : one.prefix;
    });
  }

  /** Plans jobs for what was taken. */
  async function plan(
    { context, planned }: Begun,
    sink: BatchSink,
  ): Promise<{ readonly jobs: readonly PlannedJob[]; readonly since: Date; readonly end?: RunEnd | undefined }> {
    const { run, buckets, openPlain, openSorted } = context;
    const codec = candidateCodec(paths);
    const [first] = planned.read();
    const none = { jobs: [], since: unmodifiedSince(undefined) };
    if (first === undefined) return none;
    const { versioned, date } = dryRun ? NO_FACTS : await lookAtSource(run, buckets.source, planned.read());
    const since = unmodifiedSince(date);
    const fromHere = (copy: PlannedCopy, why: string): void => {
      count(why);
      sink.rest(copy);
    };
    const finding = candidateContext(run, buckets.source, prepared, dryRun, fromHere);
    const sorted = openSorted(codec, ({ planned }: Candidate) => planned.key);
    const { candidates, end } = await findHeaders(finding, planned.read(), sorted);
    if (end !== undefined) return { ...none, end };
    const fieldsOf = ({ headers }: { readonly headers: HeaderMap }) => finding.fieldsOf(headers) ?? {};
    const counts = setCounts();
    const fit = openPlain(codec);
    const bound = versioned ? withVersions(run, buckets.source, prefixesOf(first), candidates) : candidates;
    for await (const candidate of bound) {
      counts.add(setOf(fieldsOf(candidate), candidate.versionId));
      fit.add(candidate);
      if (fit.size % UNTIL_PAUSE === 0) await pause(run.signal);
    }
    sorted.remove();
    planned.remove();
    const plannedJobs = await planJobs(fit.read(), {
      bucket: paths.sourceBucket,
      sets: counts.largest({ least: leastInJob, most: MOST_SETS }),
      mostBytes: manifestBytes,
      fieldsOf,
      open: () => openPlain(codec),
      others: (candidate) => fromHere(candidate.planned, RARE_HEADERS),
      signal: run.signal,
    });
    fit.remove();
    return { jobs: plannedJobs, since };
  }

  /** Creates jobs, waits for them, and reads their reports. */
  async function runJobs(context: JobContext, planned: readonly PlannedJob[], since: Date) {
    const control = await openControl(context);
    const ids = await createJobs(context, control, planned, since);
    const ended = await waitForJobs(context, control, ids, ids);
    const failed: FailedTasks = { count: 0, first: undefined };
    const finished: FinishedJob[] = [];
    for (const [index, one] of ended.entries()) {
      const { id } = one.state;
      warnOfEnd(context.run, one.state);
      const { objects } = planned[index] as PlannedJob;
      finished.push({ id, objects, report: await readTasks(context, one, failed) });
    }
    warnOfTasks(context.run, failed);
    return { finished, ended };
  }

  /** Settles what jobs should have copied: each object is copied, left to the usual copy, or failed by the job's cancellation. */
  async function settleAll(
    { run, buckets }: JobContext,
    finished: readonly FinishedJob[],
    ended: readonly EndedJob[],
    sink: BatchSink,
  ): Promise<RunEnd> {
    const { source, dest } = buckets;
    const cancelled = new Set(ended.flatMap(({ state }) => (state.status === 'Cancelled' ? state.id : [])));
    const check = copyChecker(run, source, dest);
    return settle(run, finished, destinationNow(run, dest), sink, async (copy, listed) => {
      const found = listed.state === 'unlisted' ? await headRemote(run, dest, copy.key) : listed;
      const judged = await check(copy, found);
      if (judged !== 'again') return judged === 'copied' ? 'md5' : 'none';
      const { jobId, task, planned } = copy;
      if (task === 'unreported' && cancelled.has(jobId)) throw notCopied(copy);
      sink.rest(planned);
      return undefined;
    });
  }

  /** A listing of the destination after the jobs. */
  function destinationNow({ record, stop }: Run, dest: BatchBuckets['dest']): RemoteKeys {
    const { prefix } = paths;
    const list = parallelListing(dest.listObjects, { prefix, bucket: dest.name, signal: stop.signal });
    return remoteLookup({ list, prefix, ordered: true, entries: undefined, warn: record.warn });
  }

  function settle(
    run: Run,
    finished: readonly FinishedJob[],
    remote: RemoteKeys | undefined,
    sink: BatchSink,
    judge: Judge,
  ): Promise<RunEnd> {
    const work = settleObject<JobCopy>(run, {
      async settle(copy, listed) {
        const verified = await judge(copy, listed);
        if (verified === undefined) return undefined;
        const { planned, jobId, headers } = copy;
        const reason = jobId === PLANNED ? WAY : `${WAY}, job ${jobId}`;
        const method = { by: 'object', layout: 'own', relayed: false, reason } as const;
        const etag = listed.state === 'present' ? listed.etag : undefined;
        const stored = { etag, verified, attempts: 0 };
        return replacing(copied(planned.entry, planned.decision, method, stored, headers), planned.remote);
      },
    });
    return runConcurrently(run, withRemoteState(blocksFrom(copiesOf(finished)), remote), async (unit) => {
      const outcome = await work(unit);
      if (outcome !== undefined) sink.note(outcome);
      return outcome;
    });
  }

  return {
    async begin(run, buckets) {
      refuseOtherServers(buckets);
      await loadSdk();
      run.record.include(() => ({
        ...(jobs.size > 0 && { batchJobs: [...jobs.values()] }),
        ...(notByJob.size > 0 && { notByJob: Object.fromEntries(notByJob) }),
      }));
      const context = contextOf(run, buckets);
      const { openPlain, openSorted } = context;
      const before = await copiedBefore(context, dryRun ? [] : batch.jobs, paths.sourceBucket);
      const codec = plannedCodec(paths);
      begun = {
        context,
        planned: openSorted(codec, ({ key }) => key),
        rest: openPlain(codec),
        before,
        began: { signed: buckets.source.now(), local: Date.now() },
      };
    },

    noting: (units) => now().before.noting(units),

    takes(copy) {
      if (batch.jobs.length > 0) return false;
      const why = whyNotByJob(copy.entry, splitAbove);
      if (why === undefined) now().planned.add(copy);
      else count(why);
      return why === undefined;
    },

    outcomeOf({ entry, remote }, outcome) {
      const id = now().before.jobOf(entry);
      if (id === undefined || outcome?.action !== 'skip' || !isUnchanged(outcome.reason)) return outcome;
      const { size: bytes, etag } = entry;
      const facts = { action: 'copy', reason: REASONS.copiedByJob, bytes, way: `${WAY}, job ${id}` } as const;
      // With sizes only, or where a KMS key makes ETags differ, the job's report is all there is.
      if (remote.state !== 'present' || !isMd5(etag) || remote.etag !== etag) return { ...outcome, ...facts };
      return { ...outcome, ...facts, verified: 'md5', etag };
    },

    isNeeded: () => now().planned.size > 0,

    queue: {
      add: (copy) => now().rest.add(copy),
      take: () => blocksFrom(now().rest.read()),
      drop: () => begun?.rest.remove(),
    },

    async carryOut(sink) {
      const { context } = now();
      const { jobs: planned, since, end } = await plan(now(), sink);
      if (end !== undefined || planned.length === 0) return end;
      if (!dryRun) {
        const { finished, ended: done } = await runJobs(context, planned, since);
        return ended(await settleAll(context, finished, done, sink));
      }
      for (const { objects } of planned) context.show(plannedJob(objects.size));
      const made = planned.map(({ objects }) => ({ id: PLANNED, objects, report: undefined }));
      return ended(await settle(context.run, made, undefined, sink, async () => 'none'));
    },
  };
}

/** How the copy of an object is verified; undefined where a job has not made it. Throws where nobody makes it. */
type Judge = (copy: JobCopy, listed: Lookup) => Promise<'md5' | 'none' | undefined>;

/** In the place of an id, for a job of a dry run. */
const PLANNED = '';

function ended(end: RunEnd): RunEnd | undefined {
  return hasEnded(end) ? end : undefined;
}

function plannedJob(objects: number): ReportBatchJob {
  return { status: 'planned', objects, succeeded: 0, failed: 0, dollars: jobDollars(objects) };
}

/** Refuses a server that is not AWS, unless it is said to have S3 Control: the SDK would send its credentials to AWS, or a request that it does not know. */
function refuseOtherServers({ dest }: BatchBuckets): void {
  const { endpoint } = dest.location;
  if (endpoint === undefined || ownEndpoint('S3_CONTROL') !== undefined) return;
  throw new UsageError(
    msg`{batchOperations} is a service of AWS, and the destination is at ${endpoint}.`,
    msg`Leave {batchOperations} out. Where that server has S3 Control too, name its address in AWS_ENDPOINT_URL_S3_CONTROL.`,
  );
}

function notCopied({ origin, jobId }: JobCopy): SourceError {
  return new SourceError('BatchJobCancelled', `${origin} was not copied: the job ${jobId} was cancelled before`, {
    hint: 'Run again: what has been copied is compared and skipped.',
  });
}
