import { msg } from '../report/message.js';
import type { OnEvent, Outcome, PhaseName, Report } from '../report/types.js';
import { type StopSwitch, stopSwitch } from './abort.js';
import { type Descriptors, RAISE_LIMIT } from './descriptors.js';
import { type StopPolicy, stopPolicy } from './fatal-errors.js';
import { type Job, startJob } from './job.js';
import type { Limiter, LimiterClock, SlotGroup } from './limiter.js';
import { MemoryBudget } from './memory.js';
import { type ObjectSlots, type Pacer, pacedLimiter } from './pacer.js';
import { type RunEnd, type RunRecord, runRecord } from './record.js';

export interface RunOptions {
  /** Requests in flight at most, or `auto`. */
  readonly concurrency: number | 'auto';
  /** Requests that start in a second at most; undefined for any number. */
  readonly maxRequestRate?: number | undefined;
  /** A lower rate that changes while the run goes on. */
  readonly followRate?: FollowRate | undefined;
  readonly dryRun: boolean;
  /** Bytes of bodies that are held at once. */
  readonly memory: number;
  /** Stop at the first failure. */
  readonly failFast: boolean;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Slots that it shares with other runs. */
  readonly slots?: SlotGroup | undefined;
  /** Tests replace it. */
  readonly limiterClock?: LimiterClock | undefined;
}

/**
 * Calls `set` with a rate in requests per second at once, and again whenever it changes; the result ends that. Undefined is no bound.
 */
export type FollowRate = (set: (perSecond: number | undefined) => void) => () => void;

/** What all work of one run shares. */
export interface Run {
  readonly record: RunRecord;
  /** Limits requests in flight; the pacer sets its limit. */
  readonly limiter: Limiter;
  readonly pacer: Pacer;
  readonly objectSlots: ObjectSlots;
  readonly memory: MemoryBudget;
  readonly failFast: boolean;
  /** Aborts what is in flight. */
  readonly signal: AbortSignal;
  /** Lets nothing new begin, while what is in flight finishes. */
  readonly stop: StopSwitch;
  /** Which failures end the run, by all outcomes so far. */
  readonly policy: StopPolicy;
  /** Hands an outcome to the consumer of the job; waits while the consumer lags. */
  readonly settled: (outcome: Outcome) => Promise<void> | undefined;
  /** Closes the resource when the run ends. Gives the resource back. */
  own<T extends Closable>(resource: T): T;
}

interface Closable {
  close(): unknown;
}

/** Does the work of one run, then stops what is left of it and closes what it owns, however the work ended. */
export async function startRun<T>(
  options: RunOptions,
  work: (run: Run) => Promise<T>,
  settled: Run['settled'] = () => undefined,
): Promise<T> {
  const signal = options.signal ?? new AbortController().signal;
  const stop = stopSwitch(signal);
  const paced = pacedLimiter(options.concurrency, stop.signal, options.limiterClock, options.slots);
  const { lowered, ...shared } = paced;
  const owned: Closable[] = [];
  const run: Run = {
    ...shared,
    record: runRecord(options.dryRun, options.onEvent, paced.limiter),
    memory: new MemoryBudget(options.memory),
    failFast: options.failFast,
    signal,
    stop,
    policy: stopPolicy(),
    settled,
    own(resource) {
      owned.push(resource);
      return resource;
    },
  };
  boundRate(run, options);
  if (lowered !== undefined) warnOfDescriptors(run.record, lowered.to, lowered.descriptors);
  try {
    return await work(run);
  } finally {
    stop.now();
    for (const resource of owned) await resource.close();
  }
}

function boundRate({ limiter, own }: Run, { maxRequestRate, followRate }: RunOptions): void {
  limiter.maxRate = maxRequestRate;
  if (followRate === undefined) return;
  const close = followRate((perSecond) => {
    const lower = Math.min(perSecond ?? Number.POSITIVE_INFINITY, maxRequestRate ?? Number.POSITIVE_INFINITY);
    limiter.maxRate = Number.isFinite(lower) ? lower : undefined;
  });
  own({ close });
}

function warnOfDescriptors({ warn }: RunRecord, to: number, { limit, open }: Descriptors): void {
  const why = `this process may have only ${limit} files and connections open, and ${open} are open already`;
  warn(
    'few-descriptors',
    msg`Only ${to} requests are sent at once, fewer than {concurrency} allows: ${why}. ${RAISE_LIMIT}.`,
  );
}

/** One step of a run, announced by an event. It returns how the run ended where nothing may follow, and undefined where the next phase may. */
export interface Phase {
  readonly name: PhaseName;
  readonly work: (run: Run) => Promise<RunEnd | undefined>;
  /** Whether it has something to do, once those before it are done. Default: always. */
  readonly needed?: () => boolean;
}

/**
 * What follows the phases of a run, also where objects have failed; but not after an abort, and not after an error that ended the run. It returns
 * nothing, or throws the error that the job rejects with, unless the run has failed before.
 */
export interface FinalPhase {
  readonly name: PhaseName;
  /** @param end how the phases ended: empty, or stopped early at a failure */
  readonly work: (run: Run, end: RunEnd) => Promise<void>;
  /** Whether it has something to do. Default: always. */
  readonly needed?: (run: Run, end: RunEnd) => boolean;
  /** Is called instead where it may not follow, to say what that means. */
  readonly missed?: (run: Run) => void;
}

/** Starts a run of phases, one after the other. The job resolves with the report, or rejects with the error that ended the run. */
export function startPhases(options: RunOptions, phases: readonly Phase[], finals: readonly FinalPhase[] = []): Job {
  return startJob(
    (signal, settled) => startRun({ ...options, signal }, (run) => runPhases(run, phases, finals), settled),
    options.signal,
  );
}

async function runPhases(run: Run, phases: readonly Phase[], finals: readonly FinalPhase[]): Promise<Report> {
  const end = await endOfPhases(run, phases);
  return run.record.end(await endOfFinals(run, finals, end));
}

async function endOfPhases(run: Run, phases: readonly Phase[]): Promise<RunEnd> {
  const { record, signal } = run;
  let end: RunEnd | undefined;
  try {
    for (const { name, work, needed } of phases) {
      if (needed?.() === false) continue;
      record.emit({ type: 'phase', phase: name });
      end = await work(run);
      if (end !== undefined) break;
    }
  } catch (error) {
    end = endOfError(signal, error);
  }
  return end ?? {};
}

async function endOfFinals(run: Run, finals: readonly FinalPhase[], phases: RunEnd): Promise<RunEnd> {
  const { record, signal } = run;
  let end = phases;
  for (const { name, work, needed, missed } of finals) {
    if (end.aborted !== undefined || phases.error !== undefined) {
      missed?.(run);
      continue;
    }
    if (needed?.(run, end) === false) continue;
    record.emit({ type: 'phase', phase: name });
    try {
      await work(run, end);
    } catch (error) {
      // The failures of objects say more than what follows from them.
      if (signal.aborted || !isFailed(record, phases)) end = { ...end, ...endOfError(signal, error) };
    }
  }
  return end;
}

function isFailed(record: RunRecord, { stoppedEarly }: RunEnd): boolean {
  return stoppedEarly === true || record.failed > 0;
}

function endOfError(signal: AbortSignal, error: unknown): RunEnd {
  return signal.aborted ? { aborted: { reason: signal.reason } } : { error };
}
