import type { Outcome, ReportPhase } from '../report/types.js';
import { type Blocks, MOST_IN_BLOCK } from '../run/blocks.js';
import { hasEnded, type RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import { runConcurrently } from '../run/workers.js';

/** A phase of writes. */
export type WritePhase = ReportPhase['phase'];

/** The work of the phases of one run: what is planned for each, and what has become of it. */
export interface PhasedWork<U> {
  /** Keeps a unit for its phase. */
  readonly add: (phase: WritePhase, unit: U) => void;
  /** Counts the outcome of something that is settled before its phase begins, or outside of it. */
  readonly note: (phase: WritePhase, outcome: Outcome) => void;
  /** Whether the phase has units that are not carried out. */
  readonly isNeeded: (phase: WritePhase) => boolean;
  /**
   * Carries out the units of a phase, unless one before it has failed. Returns how the run ended where it must not go on: a phase with a failure is the
   * last one.
   */
  readonly carryOut: (
    run: Run,
    phase: WritePhase,
    settle: (unit: U) => Promise<Outcome | undefined>,
  ) => Promise<RunEnd | undefined>;
  /** Counts units of a phase that carries them out by itself: how many there are, and how each ends. */
  readonly plan: (phase: WritePhase, units: number) => void;
  readonly settle: (phase: WritePhase, outcome: Outcome) => void;
  /** Whether a phase has failed, or an object of one. */
  readonly hasFailed: () => boolean;
  readonly report: () => readonly ReportPhase[];
  /** Forgets the units that were not carried out. */
  readonly drop: (forgotten: (unit: U) => void) => void;
}

/** The run, whose outcomes are counted before they are handed on. */
export function counting(run: Run, count: (outcome: Outcome) => void): Run {
  return {
    ...run,
    settled(outcome) {
      count(outcome);
      return run.settled(outcome);
    },
  };
}

/** The units of a phase that wait for it. */
export interface UnitQueue<U> {
  readonly add: (unit: U) => void;
  /** All units, block by block; each is forgotten once it was taken. */
  readonly take: () => Blocks<U>;
  /** Forgets those that were not taken. */
  readonly drop: (forgotten: (unit: U) => void) => void;
}

/** Units that wait in memory. */
function memoryQueue<U>(): UnitQueue<U> {
  const units: (U | undefined)[] = [];
  return {
    add: (unit) => void units.push(unit),
    async *take() {
      for (let at = 0; at < units.length; at += MOST_IN_BLOCK) {
        const block = units.slice(at, at + MOST_IN_BLOCK);
        units.fill(undefined, at, at + block.length);
        yield block.filter((unit) => unit !== undefined);
      }
    },
    drop(forgotten) {
      for (const unit of units) if (unit !== undefined) forgotten(unit);
      units.length = 0;
    },
  };
}

interface Counts {
  planned: number;
  done: number;
  failed: number;
  unknown: number;
}

const NONE: Readonly<Counts> = { planned: 0, done: 0, failed: 0, unknown: 0 };

/**
 * @param names the phases, in their order
 * @param queues where units of a phase wait; by default in memory
 */
export function phasedWork<U>(
  names: readonly WritePhase[],
  queues: Readonly<Partial<Record<WritePhase, UnitQueue<U>>>> = {},
): PhasedWork<U> {
  const waiting = new Map<WritePhase, UnitQueue<U>>(names.map((name) => [name, queues[name] ?? memoryQueue()]));
  const counts = new Map<WritePhase, Counts>(names.map((name) => [name, { ...NONE }]));
  const countsOf = (phase: WritePhase): Counts => counts.get(phase) ?? { ...NONE };
  const hasFailed = (phase: WritePhase): boolean => countsOf(phase).failed + countsOf(phase).unknown > 0;

  function count(phase: WritePhase, { action }: Outcome): void {
    const own = countsOf(phase);
    if (action === 'fail') own.failed += 1;
    else if (action === 'unknown') own.unknown += 1;
    else own.done += 1;
  }

  /** Whether the phase, or one before it, has failed. */
  const failedUpTo = (phase: WritePhase): boolean => names.slice(0, names.indexOf(phase) + 1).some(hasFailed);
  const failedBefore = (phase: WritePhase): boolean => names.slice(0, names.indexOf(phase)).some(hasFailed);

  return {
    add(phase, unit) {
      countsOf(phase).planned += 1;
      waiting.get(phase)?.add(unit);
    },
    note(phase, outcome) {
      countsOf(phase).planned += 1;
      count(phase, outcome);
    },
    isNeeded: (phase) => countsOf(phase).planned > 0,
    async carryOut(run, phase, settle) {
      if (failedBefore(phase)) return { stoppedEarly: true };
      const end = await runConcurrently(
        run,
        waiting.get(phase)?.take() ?? memoryQueue<U>().take(),
        async (unit) => {
          const outcome = await settle(unit);
          if (outcome !== undefined) count(phase, outcome);
          return outcome;
        },
        // Back to the others that are not carried out.
        (unit) => waiting.get(phase)?.add(unit),
      );
      if (hasEnded(end)) return end;
      const later = names.slice(names.indexOf(phase) + 1).some((name) => countsOf(name).planned > 0);
      return failedUpTo(phase) && later ? { stoppedEarly: true } : undefined;
    },
    plan(phase, planned) {
      countsOf(phase).planned += planned;
    },
    settle: count,
    hasFailed: () => names.some(hasFailed),
    report: () =>
      names.flatMap((phase) => {
        const own = countsOf(phase);
        const notAttempted = own.planned - own.done - own.failed - own.unknown;
        return own.planned === 0 ? [] : [{ phase, ...own, notAttempted }];
      }),
    drop(forgotten) {
      for (const queue of waiting.values()) queue.drop(forgotten);
    },
  };
}
