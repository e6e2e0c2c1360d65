import { createHash } from 'node:crypto';
import type { ReportInvalidation } from '../report/types.js';
import type { RetryClock } from '../s3/middleware/retry.js';
import { type CloudFront, CloudFrontError } from './requests.js';

/**
 * What a distribution may have in progress at once; the two limits are independent of each other. One invalidation has no more than the larger.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-invalidations
 */
const MOST_WILDCARDS = 15;
const MOST_PATHS = 3_000;

/** How long an invalidation, or room for one, is waited for. Most take less than a minute. */
const PATIENCE_MS = 30 * 60_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 20_000;

export interface InvalidateOptions {
  readonly cloudfront: CloudFront;
  readonly distributionId: string;
  /** Encoded; a `*` at the end is a wildcard. */
  readonly paths: readonly string[];
  /** Unique to the run. */
  readonly runId: string;
  /** Wait until all of them are completed. */
  readonly wait: boolean;
  readonly clock: RetryClock;
  readonly signal: AbortSignal;
  /** Is called where others have too many invalidations in progress, so that this waits. */
  readonly onBusy: () => void;
}

/**
 * Invalidates paths, in as few invalidations as the limits allow: one after the other, each once the one before is completed. An error ends it, and is in
 * the last of the results.
 * @param add takes each result, also those before an abort
 * @throws the reason of the signal
 */
export async function invalidate(options: InvalidateOptions, add: (result: ReportInvalidation) => void): Promise<void> {
  const { distributionId, runId, wait, signal } = options;
  const batches = batchesOf(options.paths);
  for (const [index, paths] of batches.entries()) {
    const isLast = index === batches.length - 1;
    const shared = { distributionId, paths };
    let id: string | undefined;
    try {
      const created = await createWhenFree(options, callerReference(runId, index + 1, paths), paths);
      id = created.id;
      const completed = created.completed || ((wait || !isLast) && (await waitUntilCompleted(options, id, wait)));
      add({ ...shared, id, status: completed ? 'completed' : 'created' });
    } catch (error) {
      // CloudFront goes on with what it has taken.
      if (signal.aborted && id !== undefined) add({ ...shared, id, status: 'created' });
      signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      const failed = { status: 'failed', error: message } as const;
      const rest = batches.slice(index + 1).flat();
      if (id === undefined) add({ distributionId, paths: [...paths, ...rest], ...failed });
      else add({ ...shared, id, ...failed });
      if (id !== undefined && rest.length > 0) add({ distributionId, paths: rest, ...failed });
      return;
    }
  }
}

/**
 * The paths of each invalidation.
 * @internal
 */
export function batchesOf(paths: readonly string[]): readonly (readonly string[])[] {
  const batches: { paths: string[]; wildcards: number }[] = [];
  // The first batch with room, of either kind.
  const next = { wildcard: 0, single: 0 };
  for (const path of paths) {
    const kind = path.endsWith('*') ? 'wildcard' : 'single';
    const isFull = ({ paths: all, wildcards }: { paths: readonly string[]; wildcards: number }): boolean =>
      all.length >= MOST_PATHS || (kind === 'wildcard' && wildcards >= MOST_WILDCARDS);
    for (;;) {
      const batch = batches[next[kind]];
      if (batch === undefined || !isFull(batch)) break;
      next[kind] += 1;
    }
    const batch = batches[next[kind]] ?? { paths: [], wildcards: 0 };
    if (batch.paths.length === 0) batches.push(batch);
    batch.paths.push(path);
    if (kind === 'wildcard') batch.wildcards += 1;
  }
  return batches.map((batch) => batch.paths);
}

/**
 * Makes a request that is sent twice one invalidation.
 * @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_InvalidationBatch.html
 */
function callerReference(runId: string, batch: number, paths: readonly string[]): string {
  const hash = createHash('sha256').update(paths.join('\n')).digest('hex').slice(0, 16);
  return `s3-parallel-put-${runId}-${batch}-${hash}`;
}

/** Creates an invalidation, as soon as those in progress leave room for it. */
async function createWhenFree(
  { cloudfront, distributionId, clock, signal, onBusy }: InvalidateOptions,
  reference: string,
  paths: readonly string[],
): Promise<{ readonly id: string; readonly completed: boolean }> {
  for (const ms of waits()) {
    try {
      return await cloudfront.createInvalidation(distributionId, reference, paths, signal);
    } catch (error) {
      if (!(error instanceof CloudFrontError) || error.code !== 'TooManyInvalidationsInProgress') throw error;
      if (ms === undefined) throw error;
    }
    onBusy();
    await clock.sleep(ms, signal);
  }
  throw new Error('unreachable');
}

/**
 * Waits for an invalidation; false where it cannot be read, and only a limit made it wait: then CloudFront says whether there is room.
 * @throws CloudFrontError where it is not completed after a long time, or cannot be read
 */
async function waitUntilCompleted(
  { cloudfront, distributionId, clock, signal }: InvalidateOptions,
  id: string,
  isWanted: boolean,
): Promise<boolean> {
  for (const ms of waits()) {
    try {
      if ((await cloudfront.invalidation(distributionId, id, signal)).completed) return true;
    } catch (error) {
      if (isWanted || !(error instanceof CloudFrontError) || error.code !== 'AccessDenied') throw error;
      return false;
    }
    if (ms === undefined) break;
    await clock.sleep(ms, signal);
  }
  const minutes = PATIENCE_MS / 60_000;
  throw new CloudFrontError(
    `The invalidation ${id} of ${distributionId} is not completed after ${minutes} minutes`,
    'InvalidationInProgress',
    undefined,
    undefined,
  );
}

/** How long to wait before the next try, in ms; undefined for none, after the last. */
function* waits(): Generator<number | undefined, void> {
  let waited = 0;
  for (let ms = FIRST_WAIT_MS; waited < PATIENCE_MS; ms = Math.min(ms * 2, LONGEST_WAIT_MS)) {
    yield ms;
    waited += ms;
  }
  yield undefined;
}
