import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { RangeJob } from './job.js';
import { isRunning, JOB_OPTIONS, type RawStatus, statesOf } from './queue.js';
import { within } from './within.js';

/** The queue as the leader of one upload sees it: a worker that has the batch with the object. */
export interface RangeQueue {
  /** Whether Redis is connected. Where it is not, nothing else here may be called. */
  isConnected(): boolean;
  /** Whether the run has a coordinator that has not stopped it. */
  isRunning(): Promise<boolean>;
  /** The states of ranges, in one round trip; undefined for one that Redis does not know. */
  states(ids: readonly string[]): Promise<readonly (RawStatus | undefined)[]>;
  /** Adds ranges before all that waits, the first one at the front; one that Redis knows already stays as it is. */
  add(jobs: readonly { readonly id: string; readonly job: RangeJob }[]): Promise<void>;
  /** Removes a range, unless a worker has it: then false. */
  remove(id: string): Promise<boolean>;
  /** The same, unless it has ended, too: a worker may have sent its parts since the last look, and Redis has what it says of them. */
  removeUnlessEnded(id: string): Promise<boolean>;
}

/** How long a command may take, in ms. */
const COMMAND_MS = 5_000;

/** One step in Redis, which BullMQ does not have. A job without a lock is in one of these lists, or has ended, or its worker was lost. */
const REMOVE_UNLESS_ENDED = `
local job, lock, waiting, active = unpack(KEYS)
if redis.call('HEXISTS', job, 'finishedOn') == 1 or redis.call('EXISTS', lock) == 1 then return 0 end
redis.call('LREM', waiting, 1, ARGV[1])
redis.call('LREM', active, 1, ARGV[1])
return redis.call('DEL', job)`;

/** @param redis its connection. Commands of a worker wait for Redis as long as it takes, so a leader waits for them only a while. */
export function rangeQueue(queue: Queue, redis: Redis, run: string): RangeQueue {
  const soon = <T>(work: Promise<T>): Promise<T> => within(COMMAND_MS, work);
  return {
    isConnected: () => redis.status === 'ready',
    isRunning: () => soon(isRunning(redis, run)),
    states: (ids) => soon(statesOf(redis, queue, ids)),
    async add(jobs) {
      // A stack: what comes last is taken first.
      const last = [...jobs].reverse();
      const bulk = last.map(({ id, job }) => ({
        name: job.kind,
        data: job,
        opts: { ...JOB_OPTIONS, jobId: id, lifo: true },
      }));
      await soon(queue.addBulk(bulk));
    },
    remove: async (id) => (await soon(queue.remove(id))) === 1,
    async removeUnlessEnded(id) {
      const keys = [id, `${id}:lock`, 'wait', 'active'].map((name) => queue.toKey(name));
      return (await soon(redis.eval(REMOVE_UNLESS_ENDED, keys.length, ...keys, id))) === 1;
    },
  };
}
