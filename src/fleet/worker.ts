import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job as QueuedJob } from 'bullmq';
import type { Redis } from 'ioredis';
import { UsageError } from '../errors.js';
import type { FollowRate } from '../run/run.js';
import { type BatchJob, readJob, sizeOf } from './job.js';
import { KEY_PREFIX, QUEUE_NAME, sharesKey } from './queue.js';
import { connect, loadPackages, type Packages, queueLabel } from './redis.js';
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
}

export const WORKER_TIMES: WorkerTimes = { lockMs: 30_000, stalledMs: 15_000, graceMs: 20_000, ...WORKER_RATE_TIMES };

/** A batch that has lost this many workers is cut in two, so that what kills them is found. */
const STALLS_BEFORE_CUT = 3;
/** While the last requests of one batch are in flight, those of the next one begin. */
const BATCHES_AT_ONCE = 2;
/** As often a job is taken from a lost worker before it fails. */
const MOST_STALLS = 20;

/** How long a worker keeps a batch that it refuses, from the second in a row: each twice as long, up to the most. In ms. */
const FIRST_HELD_MS = 50;
const MOST_HELD_MS = 15_000;

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
  | { readonly type: 'trouble'; readonly message: string };

export interface WorkerOptions {
  readonly queue: string;
  /**
   * Does the work of one batch: an outcome for each entry, in order. It stops soon after an abort of its signal, and returns what is done by then. It
   * throws only where the batch is to be given to another worker. Its requests keep to the rate that it follows, where there is one.
   */
  readonly runBatch: (
    job: BatchJob,
    signal: AbortSignal,
    followRate: FollowRate | undefined,
  ) => Promise<Omit<BatchResult, 'worker'>>;
  readonly onEvent: (event: WorkerEvent) => void;
  /** Asks it to stop: it finishes its batch, or gives it back. */
  readonly stop: AbortSignal;
  /** Does not wait for the batch. */
  readonly stopNow?: AbortSignal;
  readonly times?: Partial<WorkerTimes>;
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
  const { lockMs, stalledMs, graceMs } = times;
  // Containers may share a host name and a process id.
  const name = `${hostname().replaceAll(/[^\w.-]/g, '_')}:${process.pid}:${randomBytes(2).toString('hex')}`;
  const packages = await loadPackages();
  const redis = await connect(packages, options.queue, true);
  const rate = workerRate({
    name,
    read: (run) => redis.get(sharesKey(run)),
    connected: () => connectedWorkers(packages, redis),
    times,
  });
  const abort = new AbortController();
  let end: WorkerEnd | undefined;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  let succeeded = false;
  let refusedInARow = 0;
  let closing: Promise<void> | undefined;

  async function takeJob({ id = '', data, stalledCounter }: QueuedJob<BatchJob>): Promise<PackedResult> {
    const began = performance.now();
    const result = await work(data, stalledCounter);
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

  async function work(data: unknown, stalls: number): Promise<BatchResult> {
    let job: BatchJob;
    try {
      job = readJob(data);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return giveBack(error);
    }
    const size = sizeOf(job);
    const nothing = { worker: name, outcomes: new Array<undefined>(size).fill(undefined), counts: NO_COUNTS } as const;
    if (stalls >= STALLS_BEFORE_CUT && size > 1) return { ...nothing, state: 'cut' };
    if (abort.signal.aborted) return { ...nothing, state: 'back' };
    const done = await rate.bounded(job, abort.signal, (follow) => options.runBatch(job, abort.signal, follow));
    const result = { ...done, worker: name };
    refusedInARow = result.state === 'refused' ? refusedInARow + 1 : 0;
    // It leaves the next ones to workers that can do them.
    if (refusedInARow > 1)
      await Promise.race([
        finished,
        sleep(Math.min(MOST_HELD_MS, FIRST_HELD_MS * 2 ** refusedInARow), undefined, { ref: false }),
      ]);
    if (result.state === 'ended' && endsWorker(result.error, succeeded))
      leave({ ...(result.error && { error: result.error }) });
    if (result.outcomes.some((one) => one !== undefined && one.action !== 'fail')) succeeded = true;
    return result;
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

  const worker = new packages.Worker<BatchJob, PackedResult>(QUEUE_NAME, takeJob, {
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
  const onStop = (): void => leave({});
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  onEvent({ type: 'ready', name });
  await finished;
  const giveUp = (): void => abort.abort(new Error('the worker was asked to stop'));
  const timer = setTimeout(giveUp, graceMs);
  options.stopNow?.addEventListener('abort', giveUp, { once: true });
  if (options.stopNow?.aborted === true) giveUp();
  await waitForBatch(closing ?? worker.close(), () => abort.signal.aborted);
  clearTimeout(timer);
  redis.disconnect();
  return end ?? {};
}

async function connectedWorkers({ Queue }: Packages, redis: Redis): Promise<number> {
  const queue = new Queue(QUEUE_NAME, { connection: redis, prefix: KEY_PREFIX, skipVersionCheck: true });
  queue.on('error', () => {});
  try {
    return await queue.getWorkersCount();
  } finally {
    // The connection is the worker's, and stays open.
    await queue.close();
  }
}

/** Waits for the batch; but not for a Redis that is away. */
async function waitForBatch(closing: Promise<void>, isGivenUp: () => boolean): Promise<void> {
  for (;;) {
    const done = await within(
      1_000,
      closing.then(() => true),
    ).catch(() => false);
    if (done) return;
    if (!isGivenUp()) continue;
    await within(10_000, closing).catch(() => {});
    return;
  }
}

/**
 * Whether an error that ended the work on a batch would end all others too. After a success a refused permission may be one of the batch's own prefix; anything else, such as
 * credentials that have expired, stops the worker. A bucket that does not exist is a mistake of the run, which the coordinator ends.
 */
function endsWorker(error: PassedError | undefined, succeeded: boolean): boolean {
  if (error !== undefined && isMistakeOfRun(error)) return false;
  return !(succeeded && error?.code === 'AccessDenied');
}
