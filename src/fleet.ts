import { copyWithConnectionEnvironment, withConnectionEnvironment } from './config/connection-environment.js';
import type { Environment } from './config/layers.js';
import { type CopyInternals, copyPrepared } from './copy.js';
import { type SourceError, UsageError } from './errors.js';
import { ALL_ALLOWED, type Allowed, refusalOf } from './fleet/allowed.js';
import { copyBatches, type JobBase, putBatches } from './fleet/batches.js';
import { COORDINATOR_TIMES, type CoordinatorTimes, coordinate } from './fleet/coordinator.js';
import { differenceOf, isSameRoot, missingRoot } from './fleet/files.js';
import { type BatchFile, type BatchJob, type CopyJob, sizeOf as entriesOf, type PutJob } from './fleet/job.js';
import { jobOptions, publicEndpoint, type QueueOptions } from './fleet/options.js';
import { openQueue, type QueueTimes } from './fleet/queue.js';
import { type RateRelay, rateRelay } from './fleet/rate-relay.js';
import { rateSharing } from './fleet/rate-shares.js';
import { NO_COUNTS, passError } from './fleet/result.js';
import { type BatchWork, type DoneBatch, type SharedRuns, sharedRuns } from './fleet/shared-run.js';
import {
  runWorker as takeBatches,
  type WorkerEnd,
  type WorkerEvent,
  type WorkerOptions,
  type WorkerTimes,
} from './fleet/worker.js';
import { parseAddress, withSlash } from './model/key.js';
import type { PutInternals } from './open-put.js';
import type { CopyKey, CopyOptions, PutOptions } from './options/types.js';
import { dropUnit } from './plan/listing/lookup.js';
import { prepareCopy } from './prepare-copy.js';
import { type PreparedPut, preparePut } from './prepare-put.js';
import { filesOf, putPrepared } from './put.js';
import type { OnEvent, Outcome } from './report/types.js';
import type { Job } from './run/job.js';
import type { RunEnd } from './run/record.js';
import type { Run } from './run/run.js';
import type { CopyEntry } from './source/bucket.js';
import { createFilter } from './source/filter.js';
import type { Found, FoundBlocks, Source, Unusable } from './source/types.js';
import type { PreparedCopy } from './transfer/copy/context.js';
import { VERSION } from './version.js';

export { type Allowed, readAllowed } from './fleet/allowed.js';
export { checkRunName, type QueueOptions } from './fleet/options.js';
export { checkQueueUrl, queueLabel } from './fleet/redis.js';
export type { WorkerEnd, WorkerEvent } from './fleet/worker.js';

/** What only tests replace. */
export interface FleetInternals extends Partial<CoordinatorTimes>, Partial<QueueTimes> {
  /** Entries of a batch. */
  readonly batchSize?: number;
}

/**
 * Has a put done by workers: surveys and walks the source, and queues what is found. The job is that of a put.
 * @param given the options as the user gave them, of which the jobs get those about objects
 * @throws UsageError for options that workers cannot carry out
 */
export function putByFleet(
  prepared: PreparedPut,
  given: PutOptions,
  fleet: QueueOptions,
  onEvent: OnEvent,
  internals: FleetInternals = {},
): Job {
  const { bucket, prefix, connection } = prepared.options;
  const base: JobBase = {
    version: VERSION,
    run: fleet.queueRun,
    options: {
      ...jobOptions('put', given),
      bucket,
      prefix,
      ...defined({
        endpointUrl: publicEndpoint(connection.endpointUrl ?? fleet.endpointUrl),
        region: connection.region,
      }),
    },
  };
  const distribute = (run: Run, found: FoundBlocks): Promise<RunEnd> =>
    distributed(run, fleet, internals, (onUnusable) => putBatches(found, base, prefix, onUnusable, sizeOf(internals)));
  return putPrepared(prepared, onEvent, { distribute });
}

/** The same for a copy. */
export function copyByFleet(
  prepared: PreparedCopy,
  given: CopyOptions,
  fleet: QueueOptions,
  onEvent: OnEvent,
  internals: FleetInternals = {},
): Job {
  const { source, dest } = prepared;
  const base: JobBase = {
    version: VERSION,
    run: fleet.queueRun,
    options: {
      ...jobOptions('copy', given),
      // The path rule differs where keys or prefixes are named.
      ...((given.key !== undefined || given.fromPrefix !== undefined) && { named: true }),
      source: given.source,
      destination: given.destination,
      ...defined({
        sourceEndpointUrl: publicEndpoint(source.endpointUrl ?? fleet.endpointUrl),
        sourceRegion: source.region,
        destEndpointUrl: publicEndpoint(dest.endpointUrl ?? fleet.endpointUrl),
        destRegion: dest.region,
      }),
    },
  };
  return copyPrepared(prepared, onEvent, {
    distributeCopy: (run, found) =>
      distributed(run, fleet, { ...internals, lists: true }, (onUnusable) =>
        copyBatches(found, base, onUnusable, sizeOf(internals)),
      ),
  });
}

function sizeOf({ batchSize }: FleetInternals): { most: number; mostBytes: number } | undefined {
  return batchSize === undefined ? undefined : { most: batchSize, mostBytes: Number.POSITIVE_INFINITY };
}

function defined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

type Batches = ReturnType<typeof putBatches>;

async function distributed(
  run: Run,
  { queue: url, queueRun: name }: QueueOptions,
  // A copy lists its source here; a put sends no request.
  { lists = false, ...internals }: FleetInternals & { readonly lists?: boolean },
  batchesOf: (onUnusable: (unit: Unusable) => Promise<void> | undefined) => Batches,
): Promise<RunEnd> {
  const queue = run.own(await openQueue(url, name, internals));
  const batches = batchesOf((unit) => {
    const outcome = outcomeOfUnusable(unit);
    run.record.settle(outcome);
    if (run.failFast && outcome.action === 'fail') run.stop.now();
    return run.settled(outcome);
  });
  const { limiter } = run;
  const rate =
    limiter.maxRate === undefined
      ? undefined
      : rateSharing({ rate: limiter.maxRate, lists, limiter, store: queue.storeShares });
  return coordinate(run, batches, queue, { name, times: { ...COORDINATOR_TIMES, ...internals }, rate });
}

function outcomeOfUnusable({ action, reason, origin, key, error }: Unusable): Outcome {
  const facts = { action, reason, origin, key, bytes: 0, sourceBytes: 0 } as const;
  return { ...facts, verified: 'none', attempts: 0, durationMs: 0, ...(error !== undefined && { error }) };
}

/** Options of a worker's own: its connections, credentials and resources. They win over those of a job. */
export type OwnWorkerOptions = Partial<
  Pick<
    PutOptions & CopyOptions,
    | 'concurrency'
    | 'threads'
    | 'memory'
    | 'profile'
    | 'sourceProfile'
    | 'destProfile'
    | 'credentials'
    | 'proxy'
    | 'httpClient'
    | 'endpointUrl'
    | 'sourceEndpointUrl'
    | 'destEndpointUrl'
  >
>;

export interface FleetWorkerOptions {
  readonly queue: string;
  readonly own: OwnWorkerOptions;
  /** What it may read and write. @default everything */
  readonly allowed?: Allowed;
  /** The variables of the process: they may name a proxy. */
  readonly env: Environment;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly stop: AbortSignal;
  readonly stopNow?: AbortSignal;
  readonly times?: Partial<WorkerTimes>;
  /** What only tests replace. */
  readonly internals?: PutInternals;
}

/**
 * Takes batches from a queue and puts or copies them with this machine's own credentials, until it is asked to stop.
 * @throws UsageError where the queue cannot be used
 */
export async function workForFleet({
  own,
  allowed = ALL_ALLOWED,
  env,
  internals = {},
  ...options
}: FleetWorkerOptions): Promise<WorkerEnd> {
  const runs = sharedRuns();
  const rates = rateRelay();
  const around: BatchRun = { allowed, env, internals, rates };
  const runBatch: WorkerOptions['runBatch'] = async (job, signal, followRate) => {
    const leave = rates.feed(job.run, followRate);
    try {
      return job.kind === 'put'
        ? await putBatch(runs, job, () => partOfPut(job, own, around), signal)
        : await doBatch(runs, job, () => partOfCopy(job, own, around), signal);
    } finally {
      leave();
    }
  };
  try {
    return await takeBatches({ ...options, runBatch });
  } finally {
    await runs.close();
  }
}

/** A batch as a part of a run, or why this worker leaves it to others. */
type PartOrRefusal<P> = BatchWork<P> | { readonly refusal: SourceError };

/** Options that cannot work end the batch before it has begun. */
async function doBatch<P>(
  runs: SharedRuns,
  job: BatchJob,
  partOf: () => PartOrRefusal<P>,
  signal: AbortSignal,
): Promise<DoneBatch> {
  let part: PartOrRefusal<P>;
  try {
    part = partOf();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return notBegun(job, 'ended', error);
  }
  return 'refusal' in part ? notBegun(job, 'refused', part.refusal) : runs.run(part, signal);
}

async function putBatch(
  runs: SharedRuns,
  job: PutJob,
  partOf: () => PartOrRefusal<Source>,
  signal: AbortSignal,
): Promise<DoneBatch> {
  const done = await doBatch(runs, job, partOf, signal);
  // A file system that went away meanwhile is no reason to end the worker.
  const gone = done.state === 'ended' && done.error?.kind !== 's3' ? missingRoot(job) : undefined;
  return gone === undefined ? done : notBegun(job, 'refused', gone);
}

function notBegun(job: BatchJob, state: 'ended' | 'refused', error: Error): DoneBatch {
  const outcomes = new Array<undefined>(entriesOf(job)).fill(undefined);
  return { state, outcomes, counts: NO_COUNTS, error: passError(error) };
}

interface BatchRun {
  readonly allowed: Allowed;
  readonly env: Environment;
  readonly internals: CopyInternals;
  readonly rates: RateRelay;
}

/** Batches of one run share what their options say, so they are prepared once. */
function runName({ kind, run, options }: BatchJob): string {
  return JSON.stringify([kind, run, options]);
}

function partOfPut(
  job: PutJob,
  own: OwnWorkerOptions,
  { allowed, env, internals, rates }: BatchRun,
): PartOrRefusal<Source> {
  const { prefix = '', bucket, endpointUrl, symlinks } = job.options;
  const keys = job.files.map(([path, , , , key]) => key ?? String(prefix) + path);
  const refusal =
    refusalOf(allowed, {
      root: job.root,
      followsLinks: symlinks === 'follow',
      to: { bucket: String(bucket), keys: [...keys, withSlash(String(prefix))] },
      endpoints: { to: own.endpointUrl === undefined ? endpointUrl : undefined },
    }) ?? missingRoot(job);
  if (refusal !== undefined) return { refusal };
  const { sourceProfile: _, destProfile: __, sourceEndpointUrl: ___, destEndpointUrl: ____, ...forPut } = own;
  const options = { ...job.options, ...forPut, source: job.root, filesFrom: job.files.map(([path]) => path) };
  const given = { ...options, ifNoFilesFound: 'ignore' } as unknown as PutOptions;
  const checked = preparePut(withConnectionEnvironment(given, env));
  // The coordinator has filtered.
  const names = createFilter({ ...checked.options, include: [], exclude: [], hidden: true, junk: true });
  const prepared: PreparedPut = { ...checked, names };
  return {
    run: runName(job),
    keys,
    part: checkedSource(filesOf(prepared), job),
    start: (parts, onEvent) => putPrepared(prepared, onEvent, { ...internals, followRate: rates.of(job), parts }),
  };
}

/** A source whose files are compared with those of the batch. */
function checkedSource(source: Source, { root, rootStamp, files }: PutJob): Source {
  const known = new Map(files.map((file) => [file[0], file]));
  const sameRoot = isSameRoot(root, rootStamp);
  return { ...source, walk: (signal) => checkedBlocks(source.walk(signal), known, sameRoot) };
}

async function* checkedBlocks(
  blocks: FoundBlocks,
  known: ReadonlyMap<string, BatchFile>,
  sameRoot: boolean,
): AsyncGenerator<readonly Found[], void> {
  for await (const block of blocks)
    yield block.map((unit): Found => {
      const file = unit.kind === 'entry' ? known.get(unit.relativePath) : undefined;
      if (unit.kind !== 'entry' || file === undefined) return unit;
      const error = differenceOf(unit.file ?? { path: unit.origin }, file, sameRoot);
      if (error === undefined) return unit;
      const { key, origin } = unit;
      dropUnit(unit);
      return { kind: 'unusable', action: 'fail', key, origin, reason: error.message, error };
    });
}

function partOfCopy(
  job: CopyJob,
  own: OwnWorkerOptions,
  { allowed, env, internals, rates }: BatchRun,
): PartOrRefusal<readonly CopyEntry[]> {
  const { threads: _, endpointUrl, ...forCopy } = own;
  const { named, ...options } = job.options;
  const given = {
    ...options,
    ...(endpointUrl !== undefined && { sourceEndpointUrl: endpointUrl, destEndpointUrl: endpointUrl }),
    ...forCopy,
    ifNoFilesFound: 'ignore',
  };
  const copyOptions = copyWithConnectionEnvironment(given as unknown as CopyOptions, env);
  const prepared = prepareCopy(named === true ? { ...copyOptions, key: keysOf(job) } : copyOptions);
  const entries = job.objects.map((object) => entryOf(object, prepared));
  const { sourceEndpointUrl, destEndpointUrl } = job.options;
  const { sourceBucket, bucket } = prepared.paths;
  const keys = entries.map(({ key }) => key);
  const refusal = refusalOf(allowed, {
    from: { bucket: sourceBucket, keys: entries.map(({ sourceKey }) => sourceKey) },
    to: { bucket, keys },
    endpoints: {
      from: (own.sourceEndpointUrl ?? endpointUrl) === undefined ? sourceEndpointUrl : undefined,
      to: (own.destEndpointUrl ?? endpointUrl) === undefined ? destEndpointUrl : undefined,
    },
  });
  if (refusal !== undefined) return { refusal };
  return {
    // Where keys are named, each batch has its own.
    run: named === true ? `${runName(job)} ${JSON.stringify(job.objects[0])}` : runName(job),
    keys,
    part: entries,
    start: (parts, onEvent) =>
      copyPrepared(prepared, onEvent, { ...internals, followRate: rates.of(job), entries: parts }),
  };
}

/** The keys of a batch as a user names them: relative to the source's path. */
function keysOf({ options, objects }: CopyJob): CopyKey[] {
  const { path } = parseAddress(String(options.source), 'source');
  const base = withSlash(path);
  return objects.map(([key, , , , , versionId]) => {
    const name = key.slice(base.length);
    return versionId === null ? name : { key: name, versionId };
  });
}

function entryOf(
  [sourceKey, size, etag, modified, storageClass, versionId]: CopyJob['objects'][number],
  { paths }: PreparedCopy,
): CopyEntry {
  const version = versionId === null ? '' : ` (version ${versionId})`;
  return {
    kind: 'entry',
    key: paths.prefix + sourceKey.slice(paths.base.length),
    origin: `s3://${paths.sourceBucket}/${sourceKey}${version}`,
    sourceKey,
    versionId: versionId ?? undefined,
    size,
    etag: etag ?? undefined,
    modified: modified ?? undefined,
    storageClass: storageClass ?? undefined,
  };
}
