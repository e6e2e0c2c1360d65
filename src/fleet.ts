import { copyPrepared } from './copy.js';
import { BATCH_SIZE, type BatchSize, copyBatches, type JobBase, putBatches } from './fleet/batches.js';
import { COORDINATOR_TIMES, type CoordinatorTimes, coordinate } from './fleet/coordinator.js';
import { jobOptions, publicEndpoint, type QueueOptions } from './fleet/options.js';
import { openQueue, type QueueTimes } from './fleet/queue.js';
import { RANGE_SIZE } from './fleet/range-job.js';
import { rateSharing } from './fleet/rate-shares.js';
import { VERSION } from './model/version.js';
import type { DistributedEnd } from './open-put.js';
import type { ConnectionOptions } from './options/resolved.js';
import type { CopyOptions, PutOptions } from './options/types.js';
import { LARGEST_COPY } from './plan/copy-method.js';
import type { PreparedPut } from './prepare-put.js';
import { putPrepared } from './put.js';
import type { OnEvent, Outcome } from './report/types.js';
import type { Job } from './run/job.js';
import type { Run } from './run/run.js';
import type { RetryOptions } from './s3/middleware/retry.js';
import { openBucketOfRun } from './s3/open.js';
import type { FoundBlocks, Unusable } from './source/types.js';
import type { PreparedCopy } from './transfer/copy/context.js';
import { warnOfSkipped } from './transfer/put/settle.js';

export { type Allowed, readAllowed } from './fleet/allowed.js';
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
  const common = { version: VERSION, run: fleet.queueRun };
  const options = { ...jobOptions('put', given), bucket, prefix };
  // A password is refused before anything is sent.
  publicEndpoint(connection.endpointUrl ?? fleet.endpointUrl);
  const distribute = async (run: Run, found: FoundBlocks): Promise<DistributedEnd> => {
    const base: JobBase = {
      ...common,
      options: { ...options, ...defined(await placeOf(run, bucket, connection, prepared, fleet)) },
    };
    return distributed(run, fleet, internals, (settle) => {
      const onUnusable = (unit: Unusable): Promise<void> | undefined => {
        warnOfSkipped(run.record, unit);
        return settle(unit);
      };
      return putBatches(found, base, prefix, onUnusable, sizeOf(internals));
    });
  };
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
  const common = { version: VERSION, run: fleet.queueRun };
  const options = {
    ...jobOptions('copy', given),
    // The path rule differs where keys or prefixes are named.
    ...((given.key !== undefined || given.fromPrefix !== undefined) && { named: true }),
    source: given.source,
    destination: given.destination,
  };
  // A password is refused before anything is sent.
  for (const { endpointUrl } of [source, dest]) publicEndpoint(endpointUrl ?? fleet.endpointUrl);
  // What the server copies in one request is not sent by several workers.
  const oneRequest = prepared.oneService ? Math.min(LARGEST_COPY, prepared.splitAbove ?? LARGEST_COPY) : 0;
  const size = { ...sizeOf(internals), alone: Math.max(sizeOf(internals).alone, oneRequest) };
  return copyPrepared(prepared, onEvent, {
    async distributeCopy(run, found) {
      const from = await placeOf(run, prepared.paths.sourceBucket, source, prepared, fleet);
      const to = await placeOf(run, prepared.paths.bucket, dest, prepared, fleet);
      const places = defined({
        sourceEndpointUrl: from.endpointUrl,
        sourceRegion: from.region,
        destEndpointUrl: to.endpointUrl,
        destRegion: to.region,
      });
      const base: JobBase = { ...common, options: { ...options, ...places } };
      return distributed(run, fleet, { ...internals, lists: true }, (onUnusable) =>
        copyBatches(found, base, onUnusable, size),
      );
    },
  });
}

/**
 * Where a bucket is. The environment and the profile of the coordinator may say it, and workers have others: they would write to another server. Sends no request.
 * @throws UsageError for an endpoint of the profile that has a password
 */
async function placeOf(
  run: Run,
  name: string,
  connection: ConnectionOptions,
  { options: { maxAttempts, retryDelay } }: { readonly options: Pick<RetryOptions, 'maxAttempts' | 'retryDelay'> },
  fleet: QueueOptions,
): Promise<{ readonly endpointUrl: string | undefined; readonly region: string | undefined }> {
  const { location, access } = await openBucketOfRun(run, name, connection, { maxAttempts, retryDelay });
  const endpointUrl = publicEndpoint(connection.endpointUrl ?? fleet.endpointUrl ?? location.endpoint);
  // A server that is not AWS has the region that requests are signed for; on AWS a bucket's own is found.
  const region = endpointUrl === undefined ? (location.region ?? connection.region) : access.region();
  return { endpointUrl, region };
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
  // A copy lists its source here; a put sends no request.
  { lists = false, ...internals }: FleetInternals & { readonly lists?: boolean },
  batchesOf: (onUnusable: (unit: Unusable) => Promise<void> | undefined) => Batches,
): Promise<DistributedEnd> {
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
