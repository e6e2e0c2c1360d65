import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job as QueuedJob } from 'bullmq';
import { UsageError } from '../errors.js';
import type { FollowRate } from '../run/run.js';
import type { AroundParts } from '../transfer/multipart/types.js';
import { type AnyJob, type BatchJob, type RangeJob, readJob, sizeOf } from './job.js';
import { connectedWorkers, KEY_PREFIX, NO_EVENTS, QUEUE_NAME, sharesKey } from './queue.js';
import { batchOfRange, isRangeId, packRange, RANGE_SIZE, type RangeResult, type RangeSize } from './range-job.js';
import { rangeQueue } from './range-queue.js';
import { removeRanges, shareParts } from './ranges.js';
import { connect, loadPackages, queueLabel } from './redis.js';
import { errorDuringRun, queueError } from './redis-errors.js';
import {
  type BatchResult,
  isMistakeOfRun,
  NO_COUNTS,
  type PackedResult,
  type PassedError,
  packResult,
  passError,
} from './result.js';
import type { OwnRangeResult } from './send-range.js';
import { within } from './within.js';
import { WORKER_RATE_TIMES, type WorkerRateTimes, workerRate } from './worker-rate.js';

/** How a worker waits; tests replace it. */
export interface WorkerTimes extends WorkerRateTimes {
  /** How long a batch belongs to a worker that says nothing, in ms. */
  readonly lockMs: number;
  /** Between two looks for batches of lost workers, in ms. */
  readonly stalledMs: number;
  /** How long a worker that is asked to stop goes on with its batch, in ms: less than most systems wait before they kill. */
  readonly graceMs: number;
  /** Between two looks at ranges of an upload that other workers send, in ms. */
  readonly pollMs: number;
}

export const WORKER_TIMES: WorkerTimes = {
  lockMs: 30_000,
  stalledMs: 15_000,
  graceMs: 20_000,
  pollMs: 200,
  ...WORKER_RATE_TIMES,
};

/** A batch that has lost this many workers is cut in two, so that what kills them is found. */
const STALLS_BEFORE_CUT = 3;
/** While the last requests of one batch are in flight, those of the next one begin. */
const BATCHES_AT_ONCE = 2;
/** As often a job is taken from a lost worker before it fails. */
const MOST_STALLS = 20;

/** How long a worker keeps a batch that it refuses, from the second in a row: each twice as long, up to the most. In ms. */
const FIRST_HELD_MS = 50;
const MOST_HELD_MS = 15_000;

/** How the requests of a batch are sent. */
export interface AroundBatch {
  /** The rate that they keep to; undefined where there is none. */
  readonly followRate: FollowRate | undefined;
  /** Has other workers send parts of large objects, too. */
  readonly aroundParts: AroundParts;
}

/** What a worker says of itself. */
export type WorkerEvent =
  | { readonly type: 'ready'; readonly name: string }
  | {
      readonly type: 'batch';
      readonly id: string;
      readonly result: BatchResult;
      readonly seconds: number;
      readonly withoutMessage: number;
    }
  | { readonly type: 'range'; readonly id: string; readonly result: RangeResult; readonly seconds: number }
  | { readonly type: 'trouble'; readonly message: string };

export interface WorkerOptions {
  readonly queue: string;
  /**
   * Does the work of one batch: an outcome for each entry, in order. It stops soon after an abort of its signal, and returns what is done by then. It
   * throws only where the batch is to be given to another worker.
   */
  readonly runBatch: (job: BatchJob, signal: AbortSignal, around: AroundBatch) => Promise<Omit<BatchResult, 'worker'>>;
  /** The same for some parts of one upload. */
  readonly runRange: (
    job: RangeJob,
    signal: AbortSignal,
    followRate: FollowRate | undefined,
  ) => Promise<OwnRangeResult>;
  readonly onEvent: (event: WorkerEvent) => void;
  /** Asks it to stop: it finishes its batch, or gives it back. */
  readonly stop: AbortSignal;
  /** Does not wait for the batch. */
  readonly stopNow?: AbortSignal;
  readonly times?: Partial<WorkerTimes>;
  /** Which objects other workers help to send. */
  readonly rangeSize?: Partial<RangeSize> | undefined;
}

/** Why a worker ended: undefined where it was asked to. */
export interface WorkerEnd {
  readonly error?: PassedError | UsageError;
}

/**
 * Takes batches from the queue, one after the other, until it is asked to stop, or until an error shows that it can do none.
 * @throws UsageError where the queue cannot be used
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerEnd> {
  const { onEvent, stop } = options;
  const times = { ...WORKER_TIMES, ...options.times };
  const { lockMs, stalledMs, graceMs, pollMs } = times;
  const rangeSize = { ...RANGE_SIZE, ...options.rangeSize };
  // Containers may share a host name and a process id.
  const name = `${hostname().replaceAll(/[^\w.-]/g, '_')}:${process.pid}:${randomBytes(2).toString('hex')}`;
  const packages = await loadPackages();
  const redis = await connect(packages, options.queue, true);
  const rate = workerRate({
    name,
    read: (run) => redis.get(sharesKey(run)),
    connected: async () => (await connectedWorkers(queue, redis)).length,
    times,
  });
  const abort = new AbortController();
  let end: WorkerEnd | undefined;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  let succeeded = false;
  let refusedInARow = 0;
  let closing: Promise<void> | undefined;
  /** What it has, until Redis has the result. */
  const held = new Set<string>();

  async function takeJob({ id = '', data, stalledCounter }: QueuedJob<AnyJob>): Promise<PackedResult | RangeResult> {
    const began = performance.now();
    held.add(id);
    const job = tried(data);
    if (!(job instanceof UsageError) && job.kind === 'range') return takeRange(id, job);
    const result = job instanceof UsageError ? giveBack(job) : await work(id, job, stalledCounter);
    const packed = packResult(result);
    onEvent({
      type: 'batch',
      id,
      result,
      seconds: (performance.now() - began) / 1_000,
      withoutMessage: packed.withoutMessage ?? 0,
    });
    return packed;
  }

  function tried(data: unknown): AnyJob | UsageError {
    try {
      return readJob(data);
    } catch (error) {
      if (error instanceof UsageError) return error;
      throw error;
    }
  }

  async function takeRange(id: string, job: RangeJob): Promise<RangeResult> {
    const began = performance.now();
    const nothing = { state: 'back', records: [], attempts: 0, counts: NO_COUNTS } as const;
    const { run, batch } = job;
    const own = abort.signal.aborted
      ? nothing
      : await rate.bounded({ run, options: batch.options }, abort.signal, (followRate) =>
          options.runRange(job, abort.signal, followRate),
        );
    const result = packRange({ ...own, worker: name });
    await holdBack(result.state === 'refused');
    if (result.state === 'ended' && endsWorker(result.error, succeeded))
      leave({ ...(result.error && { error: result.error }) });
    if (result.records.length > 0) succeeded = true;
    onEvent({ type: 'range', id, result, seconds: (performance.now() - began) / 1_000 });
    return result;
  }

  /** A range that has ended after its object has no one who takes its result: it was with a worker that was lost, say. */
  async function removeLate(id: string): Promise<void> {
    if (isRangeId(id) && (await redis.exists(queue.toKey(batchOfRange(id)))) === 0) await queue.remove(id);
  }

  async function work(id: string, job: BatchJob, stalls: number): Promise<BatchResult> {
    const size = sizeOf(job);
    const nothing = { worker: name, outcomes: new Array<undefined>(size).fill(undefined), counts: NO_COUNTS } as const;
    if (stalls >= STALLS_BEFORE_CUT && size > 1) return { ...nothing, state: 'cut' };
    if (abort.signal.aborted) return { ...nothing, state: 'back' };
    const left = new Set<string>();
    const leader = { queue: rangeQueue(queue, redis, job.run), id, job, size: rangeSize, pollMs, left };
    const aroundParts = shareParts(leader);
    const done = await rate.bounded(job, abort.signal, (followRate) =>
      options.runBatch(job, abort.signal, { followRate, aroundParts }),
    );
    const result = { ...done, worker: name };
    await removeRanges(leader, abort.signal);
    await holdBack(result.state === 'refused');
    if (result.state === 'ended' && endsWorker(result.error, succeeded))
      leave({ ...(result.error && { error: result.error }) });
    if (result.outcomes.some((one) => one !== undefined && one.action !== 'fail')) succeeded = true;
    return result;
  }

  /** A worker that refuses one after the other leaves the next ones to those that can do them. */
  async function holdBack(refused: boolean): Promise<void> {
    refusedInARow = refused ? refusedInARow + 1 : 0;
    if (refusedInARow < 2) return;
    const ms = Math.min(MOST_HELD_MS, FIRST_HELD_MS * 2 ** refusedInARow);
    await Promise.race([finished, sleep(ms, undefined, { ref: false })]);
  }

  /** The batch goes to another worker, and this one can do none. */
  function giveBack(error: UsageError): BatchResult {
    leave({ error });
    const passed = passError(error);
    // The number of objects is unknown: it is not read.
    return { state: 'back', worker: name, outcomes: [], counts: NO_COUNTS, error: passed };
  }

  function leave(why: WorkerEnd): void {
    end ??= why;
    // At once: the end of a job fetches the next one, unless its worker is closing.
    closing ??= worker.close();
    closing.catch(() => {});
    finish();
  }

  const queue = new packages.Queue<AnyJob>(QUEUE_NAME, {
    connection: redis,
    prefix: KEY_PREFIX,
    skipVersionCheck: true,
    streams: NO_EVENTS,
  });
  queue.on('error', () => {});
  const worker = new packages.Worker<AnyJob, PackedResult | RangeResult>(QUEUE_NAME, takeJob, {
    connection: redis,
    // Jobs say by it who has them.
    name,
    prefix: KEY_PREFIX,
    skipVersionCheck: true,
    concurrency: BATCHES_AT_ONCE,
    lockDuration: lockMs,
    stalledInterval: stalledMs,
    maxStalledCount: MOST_STALLS,
    // Redis may be away for a while.
    runRetryDelay: 1_000,
  });
  worker.on('error', (error) => {
    if (errorDuringRun(error) === 'lasts') leave({ error: queueError(queueLabel(options.queue), error) });
    else onEvent({ type: 'trouble', message: error.message });
  });
  worker.on('completed', ({ id = '' }) => {
    held.delete(id);
    void removeLate(id).catch(() => {});
  });
  worker.on('failed', (job) => held.delete(job?.id ?? ''));
  const onStop = (): void => leave({});
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  onEvent({ type: 'ready', name });
  await finished;
  const giveUp = (): void => abort.abort(new Error('the worker was asked to stop'));
  const timer = setTimeout(giveUp, graceMs);
  options.stopNow?.addEventListener('abort', giveUp, { once: true });
  if (options.stopNow?.aborted === true) giveUp();
  const hasNothing = (): boolean => held.size === 0 && redis.status !== 'ready';
  await waitForBatches(closing ?? worker.close(), hasNothing, () => abort.signal.aborted);
  clearTimeout(timer);
  redis.disconnect();
  return end ?? {};
}

/** Waits for the batches and their results; but not for a Redis that is away, once there is nothing to say to it. */
async function waitForBatches(
  closing: Promise<void>,
  hasNothing: () => boolean,
  isGivenUp: () => boolean,
): Promise<void> {
  for (;;) {
    const done = await within(
      1_000,
      closing.then(() => true),
    ).catch(() => false);
    if (done || hasNothing()) return;
    if (!isGivenUp()) continue;
    await within(10_000, closing).catch(() => {});
    return;
  }
}

/**
 * Whether an error that ended the work on a batch would end all others too. After a success a refused permission may be one of the batch's own prefix; anything else, such as
 * credentials that have expired, stops the worker. A bucket that does not exist, say, is a mistake of the run, which the coordinator ends.
 */
function endsWorker(error: PassedError | undefined, succeeded: boolean): boolean {
  if (error !== undefined && isMistakeOfRun(error)) return false;
  return !(succeeded && error?.code === 'AccessDenied');
}
