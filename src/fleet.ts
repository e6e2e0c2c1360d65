import { copyWithConnectionEnvironment, withConnectionEnvironment } from './config/connection-environment.js';
import type { Environment } from './config/layers.js';
import { type CopyInternals, copyPrepared } from './copy.js';
import { UsageError } from './errors.js';
import { BATCH_SIZE, type BatchSize, copyBatches, type JobBase, putBatches } from './fleet/batches.js';
import { collectBatch } from './fleet/collect.js';
import { COORDINATOR_TIMES, type CoordinatorTimes, coordinate } from './fleet/coordinator.js';
import { differenceOf, isSameRoot, onlyFile } from './fleet/files.js';
import type { BatchFile, CopyJob, PutJob, RangeJob } from './fleet/job.js';
import { jobOptions, publicEndpoint, type QueueOptions } from './fleet/options.js';
import { openQueue, type QueueTimes } from './fleet/queue.js';
import { RANGE_SIZE, type RangeSize } from './fleet/range-job.js';
import type { BatchResult } from './fleet/result.js';
import { collectRange, type OwnRangeResult, refusedRange } from './fleet/send-range.js';
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
import { LARGEST_COPY } from './plan/copy-method.js';
import { dropUnit } from './plan/listing/lookup.js';
import { prepareCopy } from './prepare-copy.js';
import { type PreparedPut, preparePut } from './prepare-put.js';
import { putPrepared } from './put.js';
import type { OnEvent, Outcome } from './report/types.js';
import type { Job } from './run/job.js';
import type { RunEnd } from './run/record.js';
import type { Run } from './run/run.js';
import type { CopyEntry } from './source/bucket.js';
import { createFilter } from './source/filter.js';
import type { Found, FoundBlocks, Source, Unusable } from './source/types.js';
import type { PreparedCopy } from './transfer/copy/context.js';
import { sendRangeOfObject } from './transfer/copy/send-range.js';
import { sendRangeOfFile } from './transfer/put/send-range.js';
import { VERSION } from './version.js';

export { checkRunName, type QueueOptions } from './fleet/options.js';
export { checkQueueUrl, queueLabel } from './fleet/redis.js';
export type { WorkerEnd, WorkerEvent } from './fleet/worker.js';

/** What only tests replace. */
export interface FleetInternals extends Partial<CoordinatorTimes>, Partial<QueueTimes> {
  /** Entries of a batch. */
  readonly batchSize?: number;
  /** Bytes above which an object is a batch. */
  readonly rangesAbove?: number;
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
  // What the server copies in one request is not sent by several workers.
  const oneRequest = prepared.oneService ? Math.min(LARGEST_COPY, prepared.splitAbove ?? LARGEST_COPY) : 0;
  const size = { ...sizeOf(internals), alone: Math.max(sizeOf(internals).alone, oneRequest) };
  return copyPrepared(prepared, onEvent, {
    distributeCopy: (run, found) =>
      distributed(run, fleet, internals, (onUnusable) => copyBatches(found, base, onUnusable, size)),
  });
}

function sizeOf({ batchSize, rangesAbove: alone = RANGE_SIZE.above }: FleetInternals): BatchSize {
  return batchSize === undefined
    ? { ...BATCH_SIZE, alone }
    : { most: batchSize, mostBytes: Number.POSITIVE_INFINITY, alone };
}

function defined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

type Batches = ReturnType<typeof putBatches>;

async function distributed(
  run: Run,
  { queue: url, queueRun: name }: QueueOptions,
  internals: FleetInternals,
  batchesOf: (onUnusable: (unit: Unusable) => Promise<void> | undefined) => Batches,
): Promise<RunEnd> {
  const queue = run.own(await openQueue(url, name, internals));
  const batches = batchesOf((unit) => {
    const outcome = outcomeOfUnusable(unit);
    run.record.settle(outcome);
    if (run.failFast && outcome.action === 'fail') run.stop.now();
    return run.settled(outcome);
  });
  return coordinate(run, batches, queue, { name, times: { ...COORDINATOR_TIMES, ...internals } });
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
  /** The variables of the process: they may name a proxy. */
  readonly env: Environment;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly stop: AbortSignal;
  readonly stopNow?: AbortSignal;
  readonly times?: Partial<WorkerTimes>;
  readonly rangeSize?: Partial<RangeSize>;
  /** What only tests replace. */
  readonly internals?: PutInternals;
}

/**
 * Takes batches from a queue and puts or copies them with this machine's own credentials, until it is asked to stop.
 * @throws UsageError where the queue cannot be used
 */
export async function workForFleet({ own, env, internals = {}, ...options }: FleetWorkerOptions): Promise<WorkerEnd> {
  const runBatch: WorkerOptions['runBatch'] = (job, signal, aroundParts) => {
    const run = { env, signal, internals: { ...internals, aroundParts } };
    return job.kind === 'put' ? putBatch(job, own, run) : copyBatch(job, own, run);
  };
  const runRange: WorkerOptions['runRange'] = (job, signal) => sendRange(job, own, { env, signal, internals });
  return takeBatches({ ...options, runBatch, runRange });
}

interface BatchRun {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly internals: CopyInternals;
}

async function putBatch(
  job: PutJob,
  own: OwnWorkerOptions,
  { env, signal, internals }: BatchRun,
): Promise<Omit<BatchResult, 'worker'>> {
  const prefix = String(job.options.prefix ?? '');
  const keys = job.files.map(([path, , , , key]) => key ?? prefix + path);
  return collectBatch(keys, (onEvent) => {
    const prepared = prepareBatch(job, own, { env, signal });
    // The coordinator has filtered.
    const everything = createFilter({ ...prepared.options, include: [], exclude: [], hidden: true, junk: true });
    const around = (source: Source): Source => checked(source, job);
    return putPrepared({ ...prepared, names: everything }, onEvent, { ...internals, around });
  });
}

function prepareBatch(job: PutJob, own: OwnWorkerOptions, { env, signal }: Omit<BatchRun, 'internals'>): PreparedPut {
  const { sourceProfile: _, destProfile: __, sourceEndpointUrl: ___, destEndpointUrl: ____, ...forPut } = own;
  const options = { ...job.options, ...forPut, source: job.root, filesFrom: job.files.map(([path]) => path), signal };
  const given = { ...options, ifNoFilesFound: 'ignore' } as unknown as PutOptions;
  return preparePut(withConnectionEnvironment(given, env));
}

/** A source whose files are compared with those of the batch. It has no survey, because the coordinator's was one. */
function checked({ survey: _, ...source }: Source, { root, rootStamp, files }: PutJob): Source {
  const known = new Map(files.map((file) => [file[0], file]));
  const sameRoot = isSameRoot(root, rootStamp);
  return { ...source, walk: (signal) => checkedBlocks(source.walk(signal), root, known, sameRoot) };
}

async function* checkedBlocks(
  blocks: FoundBlocks,
  root: string,
  known: ReadonlyMap<string, BatchFile>,
  sameRoot: boolean,
): AsyncGenerator<readonly Found[], void> {
  for await (const block of blocks)
    yield block.map((unit): Found => {
      const file = unit.kind === 'entry' ? known.get(unit.relativePath) : undefined;
      if (unit.kind !== 'entry' || file === undefined) return unit;
      const error = differenceOf(root, file, sameRoot);
      if (error === undefined) return unit;
      const { key, origin } = unit;
      dropUnit(unit);
      return { kind: 'unusable', action: 'fail', key, origin, reason: error.message, error };
    });
}

async function copyBatch(
  job: CopyJob,
  own: OwnWorkerOptions,
  { env, signal, internals }: BatchRun,
): Promise<Omit<BatchResult, 'worker'>> {
  let prepared: PreparedCopy;
  try {
    prepared = prepareCopyBatch(job, own, { env, signal });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return collectBatch(
      job.objects.map(([key]) => key),
      () => {
        throw error;
      },
    );
  }
  const entries = job.objects.map((object) => entryOf(object, prepared));
  return collectBatch(
    entries.map(({ key }) => key),
    (onEvent) => copyPrepared(prepared, onEvent, { ...internals, entries: inOrder(entries) }),
  );
}

function prepareCopyBatch(
  job: CopyJob,
  own: OwnWorkerOptions,
  { env, signal }: Omit<BatchRun, 'internals'>,
): PreparedCopy {
  const { threads: _, endpointUrl, ...forCopy } = own;
  const { named, ...options } = job.options;
  const given = {
    ...options,
    ...(endpointUrl !== undefined && { sourceEndpointUrl: endpointUrl, destEndpointUrl: endpointUrl }),
    ...forCopy,
    signal,
    ifNoFilesFound: 'ignore',
  };
  const copyOptions = copyWithConnectionEnvironment(given as unknown as CopyOptions, env);
  return prepareCopy(named === true ? { ...copyOptions, key: keysOf(job) } : copyOptions);
}

/** Sends some parts of an object to the upload that another worker has opened. */
async function sendRange(
  job: RangeJob,
  own: OwnWorkerOptions,
  { env, signal, internals }: BatchRun,
): Promise<OwnRangeResult> {
  const { batch, relayed } = job;
  const { limiterClock } = internals;
  try {
    if (batch.kind === 'put') {
      const { options } = prepareBatch(batch, own, { env, signal });
      return await collectRange(job, { ...options, signal, limiterClock }, async (run, parts) =>
        sendRangeOfFile(run, options, onlyFile(batch), parts, internals),
      );
    }
    const prepared = prepareCopyBatch(batch, own, { env, signal });
    const [entry] = batch.objects.map((object) => entryOf(object, prepared));
    return await collectRange(job, { ...prepared.options, signal, limiterClock }, (run, parts) =>
      sendRangeOfObject(run, prepared, { entry: entry as CopyEntry, relayed }, parts, internals),
    );
  } catch (error) {
    if (error instanceof UsageError) return refusedRange(error);
    throw error;
  }
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

async function* inOrder(entries: readonly CopyEntry[]): AsyncGenerator<CopyEntry, void> {
  yield* entries;
}
