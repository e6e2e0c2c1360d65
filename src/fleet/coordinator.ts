import { setTimeout as sleep } from 'node:timers/promises';
import { SourceError, UsageError } from '../errors.js';
import { msg } from '../report/message.js';
import type { Outcome } from '../report/types.js';
import { orAborted } from '../run/abort.js';
import type { RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import { type Batch, cutInTwo } from './batches.js';
import { earlierRun } from './earlier-run.js';
import { batchId, type JobQueue, type JobStatus } from './queue.js';
import { isRangeId } from './range-job.js';
import type { RateSharing } from './rate-shares.js';
import { refusals } from './refusals.js';
import {
  type BatchCounts,
  isMistakeOfRun,
  type PassedError,
  type TakenResult,
  takeError,
  unpackResult,
  unreported,
} from './result.js';
import { within } from './within.js';

/** How the coordinator waits; tests replace it. */
export interface CoordinatorTimes {
  /** Between two looks at the queue, in ms. */
  readonly pollMs: number;
  /** Between two counts of workers, in ms. */
  readonly workersMs: number;
  /** How long a run waits for another worker once one was stopped by an error and none is left, in ms. */
  readonly patienceMs: number;
  /** How long workers that can do a batch are waited for, once all that are connected have refused it, in ms. */
  readonly refusedMs: number;
}

export const COORDINATOR_TIMES: CoordinatorTimes = {
  pollMs: 200,
  workersMs: 2_000,
  patienceMs: 60_000,
  refusedMs: 10_000,
};

/** Batches that wait in the queue: a few, and two for each worker, so that none has to wait for work. */
const WAITING = 4;
const WAITING_PER_WORKER = 2;
/** Batches in the queue at most, ended ones included. */
const MOST_IN_QUEUE = 900;
/** A batch that fails as a whole this often is not added again. */
const MOST_ATTEMPTS = 3;

/** A batch that is not folded yet. */
interface Pending {
  readonly batch: Batch;
  /** Tells a new job from the one that a stopped run has left. */
  added: boolean;
  started: boolean;
  failures: number;
  /** How often workers have refused it. */
  refusals: number;
}

export interface CoordinatorOptions {
  /** Name of the run. */
  readonly name: string;
  readonly times: CoordinatorTimes;
  /** Shares the request rate of the run, where it has one. */
  readonly rate?: RateSharing | undefined;
}

/**
 * Has the batches of a run done by workers, and folds their results into the record of the run. What Redis knows can be lost at any time: every look adds
 * again what it does not know, and a batch is folded once, by the coordinator's own account. Returns how the run ended, and whether its destination keeps
 * objects as files.
 */
export async function coordinate(
  run: Run,
  batches: AsyncIterable<Batch>,
  queue: JobQueue,
  { name, times, rate }: CoordinatorOptions,
): Promise<RunEnd & { readonly keepsFiles: boolean }> {
  const { record, stop, signal, failFast } = run;
  const pending = new Map<string, Pending>();
  /** Folded, but still in Redis. */
  const folded = new Set<string>();
  const refused = refusals(times.refusedMs);
  const isEarlierGone = earlierRun(queue, () =>
    record.warn(
      'earlier-run',
      `The run waits for batches that workers still have of an earlier run "${name}" with other options.`,
    ),
  );
  let workers = 0;
  let workersAt = Number.NEGATIVE_INFINITY;
  let lonelySince: number | undefined;
  let stoppedBy: PassedError | undefined;
  let feeding = true;
  let failure: { readonly error: unknown } | undefined;
  /** Ends the run. */
  let fatal: Error | undefined;
  let over = false;
  let keepsFiles = false;
  let room = (): void => {};

  const waiting = (): number => {
    let count = 0;
    for (const { started } of pending.values()) if (!started) count += 1;
    return count;
  };
  const hasRoom = (): boolean =>
    pending.size + folded.size < MOST_IN_QUEUE && waiting() < WAITING + WAITING_PER_WORKER * workers;

  async function feed(): Promise<void> {
    let number = 0;
    for await (const batch of batches) {
      while (!hasRoom() && !stop.signal.aborted) await new Promise<void>((resolve) => (room = resolve));
      if (stop.signal.aborted) return;
      pending.set(batchId(name, number), { batch, added: false, started: false, failures: 0, refusals: 0 });
      number += 1;
    }
  }

  /** No promise where nobody has to be waited for: most outcomes are taken at once. */
  function settle(outcome: Outcome): Promise<void> | undefined {
    record.settle(outcome);
    if (failFast && outcome.action === 'fail') stop.now();
    return run.settled(outcome);
  }

  function count(counts: BatchCounts): void {
    record.addCounts(counts);
    keepsFiles ||= counts.keepsFiles === true;
  }

  async function settleAll(batch: Batch, outcomes: TakenResult['outcomes'], otherwise: () => Error): Promise<void> {
    let error: Error | undefined;
    for (const [index, key] of batch.keys.entries()) {
      const outcome = outcomes[index];
      error ??= outcome === undefined ? otherwise() : undefined;
      const known =
        outcome ?? unreported('fail', key, batch.origins[index] ?? key, batch.sizes[index] ?? 0, error ?? otherwise());
      const taken = settle(known);
      if (taken !== undefined) await taken;
    }
  }

  /** Adds a batch again: without its old job, which would be taken for the new one. */
  async function addAgain(id: string, one: Pending): Promise<void> {
    await queue.remove([id]);
    one.started = false;
    one.added = true;
  }

  async function foldFailed(id: string, one: Pending, why: string): Promise<void> {
    const lost = /stalled/.test(why);
    one.failures += 1;
    if (!lost && one.failures < MOST_ATTEMPTS) return addAgain(id, one);
    await close(id);
    const text = lost ? 'all workers that took this object were lost' : `the worker failed: ${why}`;
    await settleAll(one.batch, [], () => new SourceError(lost ? 'WorkersLost' : 'WorkerFailed', text));
  }

  /** @param what that the worker has stopped: it may go on with other batches */
  function noteStopped(worker: string, what: '' | ' a batch', error: PassedError): void {
    stoppedBy = error;
    record.warn(`worker-stopped-${error.code}`, `The worker ${worker} stopped${what}: ${error.message}`);
  }

  async function foldResult(id: string, one: Pending, result: TakenResult): Promise<void> {
    const { state, counts, outcomes, error, worker } = result;
    if (state === 'back') {
      // A worker of another version has not read it.
      if (error !== undefined) noteStopped(worker, '', error);
      return addAgain(id, one);
    }
    if (state === 'refused' && error !== undefined) return foldRefused(id, one, worker, error);
    if (state === 'cut' && one.batch.keys.length > 1) {
      await close(id);
      for (const [index, batch] of cutInTwo(one.batch).entries())
        pending.set(`${id}.${index + 1}`, { batch, added: false, started: false, failures: 0, refusals: 0 });
      return;
    }
    if (state === 'ended' && error !== undefined && isMistakeOfRun(error)) {
      await close(id);
      count(counts);
      for (const outcome of outcomes) if (outcome !== undefined) await settle(outcome);
      fatal = takeError(error);
      throw fatal;
    }
    if (state === 'ended' && error !== undefined) {
      noteStopped(worker, ' a batch', error);
      one.failures += 1;
      if (one.failures < MOST_ATTEMPTS) return addAgain(id, one);
    } else stoppedBy = undefined;
    refused.done(one.batch.job);
    await close(id);
    count(counts);
    for (const [code, text] of counts.warnings) record.warn(code, text);
    const reason =
      error &&
      takeError({ ...error, message: `all workers that took the batch of this object stopped it: ${error.message}` });
    await settleAll(
      one.batch,
      outcomes,
      () => reason ?? new SourceError('NotReported', `the worker ${worker} has reported no outcome`),
    );
  }

  /** Another worker may have the directory, or may do it. */
  async function foldRefused(id: string, one: Pending, worker: string, error: PassedError): Promise<void> {
    const { code, message, hint } = error;
    one.refusals += 1;
    record.warn(`worker-refused-${code}`, `The worker ${worker} has refused a batch: ${message}.`);
    const next = refused.refused(one.batch.job, worker, one.refusals, await queue.workerNames());
    if (next === 'again') return addAgain(id, one);
    if (next === 'end') {
      fatal = new UsageError(`No worker can do the run. The worker ${worker} has refused it: ${message}.`, hint);
      throw fatal;
    }
    await close(id);
    const reason = `no worker can do this object; the worker ${worker} has refused it: ${message}`;
    await settleAll(one.batch, [], () => new SourceError(code, reason, { hint }));
  }

  /** From here on the batch is folded, whatever Redis does. */
  async function close(id: string): Promise<void> {
    pending.delete(id);
    folded.add(id);
  }

  async function fold(id: string, one: Pending, status: JobStatus): Promise<void> {
    one.started = status.started;
    if (over) return;
    if (status.failed !== undefined) return foldFailed(id, one, status.failed);
    if (status.value === undefined) return;
    let result: TakenResult;
    try {
      result = unpackResult(status.value, one.batch);
    } catch (error) {
      return foldFailed(id, one, (error as Error).message);
    }
    return foldResult(id, one, result);
  }

  /** A stopped run of this name may have left a job with another batch under this id. */
  async function isOurs(id: string, one: Pending): Promise<boolean> {
    if (one.added) return true;
    const known = (await queue.jobOf(id)) as Partial<Record<string, unknown>> | undefined;
    const { version, options, ...rest } = one.batch.job;
    const entries = rest.kind === 'put' ? rest.files : rest.objects;
    const same =
      known?.version === version &&
      JSON.stringify(known.files ?? known.objects) === JSON.stringify(entries) &&
      JSON.stringify(known.options) === JSON.stringify(options);
    one.added = same;
    if (same) return true;
    pending.delete(id);
    await queue.remove([id]);
    // A worker may still have the old one.
    pending.set(`${id}~${Date.now().toString(36)}`, { ...one, added: true });
    return false;
  }

  async function look(): Promise<void> {
    const counts = performance.now() - workersAt > times.workersMs;
    if (counts) {
      await queue.hold();
      workers = await queue.workers();
      workersAt = performance.now();
      checkWorkers();
    }
    if (folded.size > 0) {
      const ids = [...folded];
      await queue.remove(ids);
      for (const id of ids) folded.delete(id);
    }
    const all = [...pending];
    const states = await queue.states(all.map(([id]) => id));
    await rate?.share({ active: workersOf(states), connected: counts ? workers : undefined, listing: feeding });
    const unknown: { readonly id: string; readonly one: Pending }[] = [];
    for (const [index, [id, one]] of all.entries()) {
      const status = states[index];
      if (status === undefined) unknown.push({ id, one });
      else if (await isOurs(id, one)) await fold(id, one, status);
    }
    const [first] = unknown;
    if (first !== undefined && !stop.signal.aborted && (await isEarlierGone(first.one.batch.job))) {
      await queue.add(unknown.map(({ id, one }) => ({ id, job: one.batch.job })));
      for (const { one } of unknown) Object.assign(one, { added: true, started: false });
    }
    room();
  }

  function checkWorkers(): void {
    if (workers > 0 || pending.size === 0) {
      lonelySince = undefined;
      return;
    }
    lonelySince ??= performance.now();
    const waited = performance.now() - lonelySince;
    if (waited > times.workersMs * 2)
      record.warn('no-workers', 'For a while no worker was connected to the queue: s3-parallel-put worker starts one.');
    if (stoppedBy === undefined || waited <= times.patienceMs) return;
    const { kind, message, hint } = stoppedBy;
    fatal = kind === 'other' ? new UsageError(message, hint) : takeError(stoppedBy);
    throw fatal;
  }

  /** What waits is taken back; what workers have may be stored or not. A run that is cancelled on GitHub has 7.5 seconds to end, also without Redis. */
  async function takeBack(): Promise<void> {
    const removal = removeWaiting().then(() => queue.states([...pending.keys()]));
    const left = await within(3_000, removal).catch(() => []);
    for (const [index, { batch }] of [...pending.values()].entries()) {
      if (left.length > 0 && left[index] === undefined) continue;
      // A worker that refuses one after the other keeps them for a while.
      if (refused.isRefusedByAll(batch.job)) continue;
      for (const [at, key] of batch.keys.entries()) {
        const origin = batch.origins[at] ?? key;
        const error = new SourceError('Interrupted', `${origin} was with a worker when the run was stopped`, {
          hint: msg`Run again with the same {queueRun}: what has been stored is compared and skipped.`,
        });
        await settle(unreported('unknown', key, origin, batch.sizes[at] ?? 0, error));
      }
    }
  }

  /** Leaders of uploads add no ranges after this, and remove those that they have just added. */
  async function removeWaiting(): Promise<void> {
    await queue.stop();
    const ranges = (await queue.left()).filter(isRangeId);
    await queue.remove([...pending.keys(), ...folded, ...ranges]);
  }

  /** One look, unless the run stops and Redis does not answer. */
  async function lookOnce(): Promise<void> {
    const looking = look();
    try {
      await orAborted(looking, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      // What is being folded is folded to its end.
      await within(2_000, looking).catch(() => {});
    }
  }

  const fed = feed()
    .catch((error: unknown) => {
      failure ??= { error };
      stop.now();
    })
    .finally(() => {
      feeding = false;
    });
  const wakeUp = (): void => room();
  stop.signal.addEventListener('abort', wakeUp, { once: true });
  while (!stop.signal.aborted && (feeding || pending.size > 0)) {
    try {
      await lookOnce();
    } catch (error) {
      if (error instanceof UsageError || error === fatal) {
        failure ??= { error };
        stop.now();
        break;
      }
      record.warn('queue-lost', `The queue did not answer for a while: ${(error as Error).message}.`);
    }
    await sleep(times.pollMs, undefined, { signal: stop.signal }).catch(() => {});
  }
  over = true;
  const early = stop.signal.aborted;
  if (early) await takeBack();
  else await removeLeft();
  stop.signal.removeEventListener('abort', wakeUp);
  await fed;
  if (signal.aborted) return { aborted: { reason: signal.reason }, keepsFiles };
  if (failure !== undefined) return { error: failure.error, keepsFiles };
  return { ...(early && { stoppedEarly: true }), keepsFiles };

  /** Also jobs that came back with an older state of Redis. */
  async function removeLeft(): Promise<void> {
    const work = (async () => queue.remove([...new Set([...folded, ...(await queue.left())])]))();
    await within(5_000, work).catch(() => {});
  }
}

/** Workers that have a batch now. */
function workersOf(states: readonly (JobStatus | undefined)[]): readonly string[] {
  return states.flatMap((status) => {
    const works = status?.started === true && status.value === undefined && status.failed === undefined;
    return works && status.worker !== undefined ? [status.worker] : [];
  });
}
