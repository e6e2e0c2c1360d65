import { randomUUID } from 'node:crypto';
import type { JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { UsageError } from '../errors.js';
import { msg } from '../report/message.js';
import type { BatchJob } from './job.js';
import { connect, loadPackages, queueLabel } from './redis.js';
import { errorDuringRun, queueError } from './redis-errors.js';
import type { PackedResult } from './result.js';
import { within } from './within.js';

/** All keys begin with `s3pp:batches:`, and those of a run with `s3pp:run:`. */
export const KEY_PREFIX = 's3pp';
export const QUEUE_NAME = 'batches';
/** BullMQ writes each result into a stream of events, too, and keeps 10,000 of them. Nobody reads that stream, and results would outlive their run. */
export const NO_EVENTS = { events: { maxLen: 0 } } as const;

/** How long a job that has ended stays in Redis where nobody takes its result, in seconds: its run was stopped, and may go on later. */
const KEPT_S = 7 * 24 * 3600;
/** Of every job. What it failed with is for the coordinator or the leader, who add it again; BullMQ removes old ones whenever another one ends. */
export const JOB_OPTIONS: Pick<JobsOptions, 'attempts' | 'removeOnComplete' | 'removeOnFail'> = {
  attempts: 1,
  removeOnComplete: { age: KEPT_S },
  removeOnFail: { age: KEPT_S },
};

/** Where the shares of a run's request rate are. */
export function sharesKey(run: string): string {
  return `${KEY_PREFIX}:rate:${run}`;
}

/** What Redis says of a job. */
export interface JobStatus<T = PackedResult> {
  /** A worker has taken it, at least once. */
  readonly started: boolean;
  /** The worker that has taken it last. */
  readonly worker: string | undefined;
  /** What the worker returned; undefined until then. */
  readonly value: T | undefined;
  /** Why BullMQ calls it failed; undefined where it does not. */
  readonly failed: string | undefined;
}

/** What Redis says of a job of any kind. */
export type RawStatus = JobStatus<unknown>;

/** The queue as the coordinator of one run sees it. */
export interface JobQueue {
  /** The states of jobs, in one round trip; undefined for a job that Redis does not know. */
  states(ids: readonly string[]): Promise<readonly (JobStatus | undefined)[]>;
  /** The data of a job; undefined where Redis does not know it. */
  jobOf(id: string): Promise<unknown>;
  /** Adds jobs; one that Redis knows already stays as it is. */
  add(jobs: readonly { readonly id: string; readonly job: BatchJob }[]): Promise<void>;
  /** Removes jobs; one that a worker has stays. */
  remove(ids: readonly string[]): Promise<void>;
  /** Ids of all jobs of this run that wait or have ended, ranges included. */
  left(): Promise<readonly string[]>;
  /** Ids of all jobs of this run that workers have. */
  held(): Promise<readonly string[]>;
  /** How many workers are connected. */
  workers(): Promise<number>;
  /** Stores the shares of a request rate, until the run ends or nobody holds it any more. */
  storeShares(shares: string): Promise<void>;
  /** Their names; none where the server does not say. */
  workerNames(): Promise<readonly string[]>;
  /** Keeps the run for this coordinator. @throws UsageError where another one has it by now */
  hold(): Promise<void>;
  /** Says that the run is being stopped: nobody adds ranges from now on. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface QueueTimes {
  /** How long a run belongs to a coordinator that says nothing, in ms. */
  readonly holdMs: number;
  /** How long an error of Redis that may pass, such as one about memory, is waited for, in ms. */
  readonly passingMs: number;
}

const TIMES: QueueTimes = { holdMs: 20_000, passingMs: 60_000 };

/** Fields of BullMQ's hash of a job. */
const FIELDS = ['timestamp', 'processedOn', 'finishedOn', 'returnvalue', 'failedReason', 'pb'] as const;

/**
 * Opens the queue for one run, and takes the run.
 * @throws UsageError where Redis cannot be the queue, or another coordinator has the run
 */
export async function openQueue(url: string, run: string, times: Partial<QueueTimes> = {}): Promise<JobQueue> {
  const { holdMs, passingMs } = { ...TIMES, ...times };
  const packages = await loadPackages();
  const redis = await connect(packages, url, false);
  const queue = new packages.Queue<BatchJob>(QUEUE_NAME, {
    connection: redis,
    prefix: KEY_PREFIX,
    skipVersionCheck: true,
    streams: NO_EVENTS,
  });
  queue.on('error', () => {});
  const key = runKey(run);
  const own = randomUUID();
  const close = async (): Promise<void> => {
    // Where Redis is gone, nothing has to be given back.
    const closed = release(redis, key, own, sharesKey(run)).finally(() => queue.close());
    await within(2_000, closed).catch(() => {});
    redis.disconnect();
  };
  try {
    await takeRun(redis, { key, own, holdMs }, run, queueLabel(url));
  } catch (error) {
    await close();
    throw error instanceof UsageError ? error : queueError(queueLabel(url), error as Error);
  }
  const hold = (): Promise<void> => holdRun(redis, { key, own, holdMs }, run);
  const storeShares = async (shares: string): Promise<void> => {
    await redis.set(sharesKey(run), shares, 'PX', holdMs);
  };
  const stopRun = async (): Promise<void> => {
    await redis.set(key, STOPPED + own, 'PX', holdMs);
  };
  const all = { ...operations(queue, redis, run), hold, storeShares, stop: stopRun };
  return { ...withErrors(all, queueLabel(url), passingMs), close };
}

/** An error that only somebody can change is a `UsageError`, and so is one that may pass, after a while in which nothing could be written. */
function withErrors(queue: Omit<JobQueue, 'close'>, shown: string, passingMs: number): Omit<JobQueue, 'close'> {
  let since: number | undefined;
  async function explained<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof Error) || error instanceof UsageError) throw error;
      const kind = errorDuringRun(error);
      if (kind === 'lasts') throw queueError(shown, error);
      if (kind === 'passes') {
        since ??= performance.now();
        if (performance.now() - since > passingMs) throw queueError(shown, error);
      }
      throw error;
    }
  }
  return {
    states: (ids) => explained(queue.states(ids)),
    jobOf: (id) => explained(queue.jobOf(id)),
    add: (jobs) => explained(queue.add(jobs)),
    remove: (ids) => explained(queue.remove(ids)),
    left: () => explained(queue.left()),
    held: () => explained(queue.held()),
    workers: () => explained(queue.workers()),
    workerNames: () => explained(queue.workerNames()),
    stop: () => explained(queue.stop()),
    storeShares: (shares) => explained(queue.storeShares(shares)),
    async hold() {
      // It writes.
      await explained(queue.hold());
      since = undefined;
    },
  };
}

function operations(
  queue: Queue<BatchJob>,
  redis: Redis,
  run: string,
): Omit<JobQueue, 'hold' | 'stop' | 'storeShares' | 'close'> {
  return {
    states: async (ids) => (await statesOf(redis, queue, ids)) as readonly (JobStatus | undefined)[],
    async jobOf(id) {
      const data = await redis.hget(queue.toKey(id), 'data');
      return data === null ? undefined : JSON.parse(data);
    },
    async add(jobs) {
      await queue.addBulk(
        jobs.map(({ id, job }) => ({ name: job.kind, data: job, opts: { ...JOB_OPTIONS, jobId: id } })),
      );
    },
    async remove(ids) {
      await Promise.all(ids.map((id) => queue.remove(id)));
    },
    async left() {
      const waiting = redis.lrange(queue.toKey('wait'), 0, -1);
      const ended = (['completed', 'failed'] as const).map((name) => redis.zrange(queue.toKey(name), 0, -1));
      return (await Promise.all([waiting, ...ended])).flat().filter((id) => isOfRun(id, run));
    },
    async held() {
      return (await redis.lrange(queue.toKey('active'), 0, -1)).filter((id) => isOfRun(id, run));
    },
    async workers() {
      return (await connectedWorkers(queue, redis)).length;
    },
    async workerNames() {
      const names = (await connectedWorkers(queue, redis)).map(({ rawname }) => / *:w:(.*)$/.exec(rawname ?? '')?.[1]);
      return names.filter((name) => name !== undefined);
    },
  };
}

/** The connections of workers. Redis lists those of all its databases, and a worker of another one takes nothing from this queue. */
export async function connectedWorkers(
  queue: Pick<Queue, 'getWorkers'>,
  { options: { db = 0 } }: Pick<Redis, 'options'>,
): Promise<readonly { readonly rawname?: string }[]> {
  const all: readonly { readonly rawname?: string; readonly db?: string }[] = await queue.getWorkers();
  return all.filter((one) => one.db === undefined || one.db === String(db));
}

/** The states of jobs, in one round trip; undefined for a job that Redis does not know. */
export async function statesOf(
  redis: Redis,
  queue: Pick<Queue, 'toKey'>,
  ids: readonly string[],
): Promise<readonly (RawStatus | undefined)[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(queue.toKey(id), ...FIELDS);
  const answers = (await pipeline.exec()) ?? [];
  return ids.map((_id, index) => {
    const [error, fields] = answers[index] ?? [new Error('Redis did not answer'), []];
    if (error !== null) throw error;
    return statusOf(fields as readonly (string | null)[]);
  });
}

function statusOf([known, started, ended, value, failed, worker]: readonly (string | null | undefined)[]):
  | RawStatus
  | undefined {
  if (typeof known !== 'string') return undefined;
  const finished = typeof ended === 'string';
  return {
    started: typeof started === 'string',
    worker: worker ?? undefined,
    value: finished && typeof value === 'string' ? (JSON.parse(value) as unknown) : undefined,
    failed: finished && typeof failed === 'string' ? failed : undefined,
  };
}

/** The id of a batch: adding it twice is adding it once. */
export function batchId(run: string, number: number): string {
  return `${run}-${number}`;
}

function isOfRun(id: string, run: string): boolean {
  return id.startsWith(`${run}-`) && /^\d+(?:[.~][\w.]+)*$/.test(id.slice(run.length + 1));
}

interface Hold {
  readonly key: string;
  readonly own: string;
  readonly holdMs: number;
}

/** A coordinator that was killed keeps its run for a moment: waits for that. */
async function takeRun(redis: Redis, { key, own, holdMs }: Hold, run: string, shown: string): Promise<void> {
  for (const until = performance.now() + holdMs * 1.25; ; ) {
    if ((await redis.set(key, own, 'PX', holdMs, 'NX')) === 'OK') return;
    if (performance.now() > until) break;
    await new Promise((resolve) => setTimeout(resolve, Math.min(500, holdMs / 4)));
  }
  throw new UsageError(
    msg`The run "${run}" on ${shown} has a coordinator already.`,
    msg`Wait for its end, or give this run another name by {queueRun}.`,
  );
}

/** Redis that was restarted may have lost the key. */
async function holdRun(redis: Redis, { key, own, holdMs }: Hold, run: string): Promise<void> {
  const holder = await redis.get(key);
  if (holder !== null && holder !== own)
    throw new UsageError(
      msg`Another coordinator has taken the run "${run}" over.`,
      'Let it finish; its report has the whole run.',
    );
  await redis.set(key, own, 'PX', holdMs);
}

async function release(redis: Redis, key: string, own: string, shares: string): Promise<void> {
  const holder = await redis.get(key);
  if (holder === own || holder === STOPPED + own) await redis.del(key, shares);
}

/** What a coordinator that stops its run writes before its name. */
const STOPPED = 'stopped ';

function runKey(run: string): string {
  return `${KEY_PREFIX}:run:${run}`;
}

/** Whether a run has a coordinator that has not stopped it. */
export async function isRunning(redis: Redis, run: string): Promise<boolean> {
  const holder = await redis.get(runKey(run));
  return holder !== null && !holder.startsWith(STOPPED);
}
