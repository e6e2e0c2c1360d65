import { copyWithConnectionEnvironment, withConnectionEnvironment } from './config/connection-environment.js';
import type { Environment } from './config/layers.js';
import { type CopyInternals, copyPrepared } from './copy.js';
import { SourceError, UsageError } from './errors.js';
import { ALL_ALLOWED, type Allowed, refusalOf } from './fleet/allowed.js';
import { differenceOf, goneFile, isSameRoot, missingRoot, onlyFile } from './fleet/files.js';
import { type BatchFile, type BatchJob, type CopyJob, type PutJob, type RangeJob, sizeOf } from './fleet/job.js';
import { type PartsRelay, partsRelay } from './fleet/parts-relay.js';
import type { RangeSize } from './fleet/range-job.js';
import { type RateRelay, rateRelay } from './fleet/rate-relay.js';
import { NO_COUNTS, passError } from './fleet/result.js';
import { collectRange, type OwnRangeResult, rangeNotSent } from './fleet/send-range.js';
import { type BatchWork, type DoneBatch, type StartedRun, sharedRuns } from './fleet/shared-run.js';
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
import type { Job } from './run/job.js';
import { SlotGroup } from './run/limiter.js';
import type { Bucket } from './s3/bucket.js';
import type { CopyEntry } from './source/bucket.js';
import { createFilter } from './source/filter.js';
import { isMissing } from './source/listed-files.js';
import type { Found, FoundBlocks, Source } from './source/types.js';
import type { PreparedCopy } from './transfer/copy/context.js';
import { sendRangeOfObject } from './transfer/copy/send-range.js';
import { sendRangeOfFile } from './transfer/put/send-range.js';

export { type Allowed, readAllowed } from './fleet/allowed.js';
export type { WorkerEnd, WorkerEvent } from './fleet/worker.js';

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
  readonly rangeSize?: Partial<RangeSize>;
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
  const parts = partsRelay();
  // Two batches, or ranges beside a batch, have no more requests in flight than one.
  const slots = typeof own.concurrency === 'number' ? new SlotGroup(own.concurrency) : undefined;
  const around: WorkerParts = { own, allowed, env, internals: { ...internals, slots }, rates, parts };
  const runBatch: WorkerOptions['runBatch'] = async (job, signal, { followRate, aroundParts }) => {
    const leave = rates.feed(job.run, followRate);
    const run = <P>(part: BatchWork<P>): Promise<DoneBatch> => {
      const end = parts.add(part.run, part.keys, aroundParts);
      return runs.run(part, signal).finally(end);
    };
    try {
      return job.kind === 'put'
        ? await putBatch(job, () => partOfPut(job, around), run)
        : await doBatch(job, () => partOfCopy(job, around), run);
    } finally {
      leave();
    }
  };
  const runRange: WorkerOptions['runRange'] = async (job, signal, followRate) => {
    const leave = rates.feed(job.run, followRate);
    try {
      return await sendRange(job, around, signal);
    } finally {
      leave();
    }
  };
  try {
    return await takeBatches({ ...options, runBatch, runRange });
  } finally {
    await runs.close();
  }
}

/** What all batches of a worker share. */
interface WorkerParts {
  readonly own: OwnWorkerOptions;
  readonly allowed: Allowed;
  readonly env: Environment;
  readonly internals: CopyInternals;
  readonly rates: RateRelay;
  readonly parts: PartsRelay;
}

/** A batch as a part of a run, or why this worker leaves it to others. */
type PartOrRefusal<P> = BatchWork<P> | { readonly refusal: SourceError };

type RunPart = <P>(part: BatchWork<P>) => Promise<DoneBatch>;

/** Options that cannot work end the batch before it has begun. */
async function doBatch<P>(job: BatchJob, partOf: () => PartOrRefusal<P>, run: RunPart): Promise<DoneBatch> {
  let part: PartOrRefusal<P>;
  try {
    part = partOf();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return notBegun(job, 'ended', error);
  }
  return 'refusal' in part ? notBegun(job, 'refused', part.refusal) : run(part);
}

async function putBatch(job: PutJob, partOf: () => PartOrRefusal<Source>, run: RunPart): Promise<DoneBatch> {
  const done = await doBatch(job, partOf, run);
  // A file system that went away meanwhile is no reason to end the worker.
  const gone = done.state === 'ended' && done.error?.kind !== 's3' ? missingRoot(job) : undefined;
  return gone === undefined ? done : notBegun(job, 'refused', gone);
}

function notBegun(job: BatchJob, state: 'ended' | 'refused', error: Error): DoneBatch {
  const outcomes = new Array<undefined>(sizeOf(job)).fill(undefined);
  return { state, outcomes, counts: NO_COUNTS, error: passError(error) };
}

/** Batches of one run share what their options say, so they are done in one run of the engine. Where keys are named, each batch has its own. */
function runName(job: BatchJob): string {
  const { kind, run, options } = job;
  return JSON.stringify([
    kind,
    run,
    options,
    ...(options.named === true && job.kind === 'copy' ? (job.objects[0] ?? []) : []),
  ]);
}

function partOfPut(job: PutJob, worker: WorkerParts): PartOrRefusal<Source> {
  const { internals, rates, parts: ways } = worker;
  const refusal = refusalOfPut(job, worker) ?? missingRoot(job);
  if (refusal !== undefined) return { refusal };
  const prepared = preparePutBatch(job, worker);
  const followRate = rates.of(job);
  const aroundParts = ways.of(runName(job));
  return {
    run: runName(job),
    keys: keysOfPut(job),
    part: checkedSource(filesOf(prepared, { listedFolders: 'fail' }), job),
    start: (parts, onEvent) =>
      startedRun((onOpened) =>
        putPrepared(prepared, onEvent, { ...internals, followRate, aroundParts, parts, onOpened }),
      ),
  };
}

/** @param start starts a run, which says what it has opened */
function startedRun(start: (onOpened: (dest: Bucket) => void) => Job): StartedRun {
  let dest: Bucket | undefined;
  const job = start((bucket) => {
    dest = bucket;
  });
  return { job, keepsFiles: () => dest?.facts().keepsFiles === true };
}

function keysOfPut({ files, options: { prefix = '' } }: PutJob): readonly string[] {
  return files.map(([path, , , , key]) => key ?? String(prefix) + path);
}

function refusalOfPut(job: PutJob, { own, allowed }: WorkerParts): SourceError | undefined {
  const { prefix = '', bucket, endpointUrl, symlinks } = job.options;
  return refusalOf(allowed, {
    root: job.root,
    followsLinks: symlinks === 'follow',
    to: { bucket: String(bucket), keys: [...keysOfPut(job), withSlash(String(prefix))] },
    endpoints: { to: own.endpointUrl === undefined ? endpointUrl : undefined },
  });
}

function preparePutBatch(job: PutJob, { own, env }: WorkerParts): PreparedPut {
  const { sourceProfile: _, destProfile: __, sourceEndpointUrl: ___, destEndpointUrl: ____, ...forPut } = own;
  const options = { ...job.options, ...forPut, source: job.root, filesFrom: job.files.map(([path]) => path) };
  const given = { ...options, ifNoFilesFound: 'ignore' } as unknown as PutOptions;
  const checked = preparePut(withConnectionEnvironment(given, env));
  // The coordinator has filtered.
  return {
    ...checked,
    names: createFilter({ ...checked.options, include: [], exclude: [], hidden: true, junk: true }),
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
      // The list of files is the batch's, of which its user knows nothing.
      if (unit.kind === 'unusable' && unit.error instanceof SourceError && isMissing(unit.error.code)) {
        const gone = goneFile(unit.origin, unit.error.code);
        return { ...unit, reason: gone.message, error: gone };
      }
      const file = unit.kind === 'entry' ? known.get(unit.relativePath) : undefined;
      if (unit.kind !== 'entry' || file === undefined) return unit;
      const error = differenceOf(unit.file ?? { path: unit.origin }, file, sameRoot);
      if (error === undefined) return unit;
      const { key, origin } = unit;
      dropUnit(unit);
      return { kind: 'unusable', action: 'fail', key, origin, reason: error.message, error };
    });
}

function partOfCopy(job: CopyJob, worker: WorkerParts): PartOrRefusal<readonly CopyEntry[]> {
  const { internals, rates, parts: ways } = worker;
  const prepared = prepareCopyBatch(job, worker);
  const entries = job.objects.map((object) => entryOf(object, prepared));
  const refusal = refusalOfCopy(job, prepared, entries, worker);
  if (refusal !== undefined) return { refusal };
  const followRate = rates.of(job);
  const aroundParts = ways.of(runName(job));
  return {
    run: runName(job),
    keys: entries.map(({ key }) => key),
    part: entries,
    start: (parts, onEvent) =>
      startedRun((onOpened) =>
        copyPrepared(prepared, onEvent, { ...internals, followRate, aroundParts, entries: parts, onOpened }),
      ),
  };
}

function refusalOfCopy(
  { options: { sourceEndpointUrl, destEndpointUrl } }: CopyJob,
  { paths: { sourceBucket, bucket } }: PreparedCopy,
  entries: readonly CopyEntry[],
  { own, allowed }: WorkerParts,
): SourceError | undefined {
  const ownSource = own.sourceEndpointUrl ?? own.endpointUrl;
  const ownDest = own.destEndpointUrl ?? own.endpointUrl;
  return refusalOf(allowed, {
    from: { bucket: sourceBucket, keys: entries.map(({ sourceKey }) => sourceKey) },
    to: { bucket, keys: entries.map(({ key }) => key) },
    endpoints: {
      from: ownSource === undefined ? sourceEndpointUrl : undefined,
      to: ownDest === undefined ? destEndpointUrl : undefined,
    },
  });
}

function prepareCopyBatch(job: CopyJob, { own, env }: WorkerParts): PreparedCopy {
  const { threads: _, endpointUrl, ...forCopy } = own;
  const { named, ...options } = job.options;
  const given = {
    ...options,
    ...(endpointUrl !== undefined && { sourceEndpointUrl: endpointUrl, destEndpointUrl: endpointUrl }),
    ...forCopy,
    ifNoFilesFound: 'ignore',
  };
  const copyOptions = copyWithConnectionEnvironment(given as unknown as CopyOptions, env);
  return prepareCopy(named === true ? { ...copyOptions, key: keysOf(job) } : copyOptions);
}

/** Sends some parts of an object to the upload that another worker has opened. */
async function sendRange(job: RangeJob, worker: WorkerParts, signal: AbortSignal): Promise<OwnRangeResult> {
  const { batch, relayed } = job;
  const { internals, rates } = worker;
  const { limiterClock, slots } = internals;
  const shared = { signal, limiterClock, slots, followRate: rates.of(batch) };
  try {
    if (batch.kind === 'put') {
      const refusal = refusalOfPut(batch, worker) ?? missingRoot(batch);
      if (refusal !== undefined) return rangeNotSent('refused', refusal);
      const { options } = preparePutBatch(batch, worker);
      return await collectRange(job, { ...options, ...shared }, async (run, parts) =>
        sendRangeOfFile(run, options, onlyFile(batch), parts, internals),
      );
    }
    const prepared = prepareCopyBatch(batch, worker);
    const entries = batch.objects.map((object) => entryOf(object, prepared));
    const refusal = refusalOfCopy(batch, prepared, entries, worker);
    if (refusal !== undefined) return rangeNotSent('refused', refusal);
    return await collectRange(job, { ...prepared.options, ...shared }, (run, parts) =>
      sendRangeOfObject(run, prepared, { entry: entries[0] as CopyEntry, relayed }, parts, internals),
    );
  } catch (error) {
    if (error instanceof UsageError) return rangeNotSent('ended', error);
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
