import type { Measured } from './measure.js';
import type { Requests } from './sinks/sink.js';

/** One run of one client. */
export interface Run extends Measured {
  readonly round: number;
  readonly requests: Requests;
  /** Why its figures are invalid; undefined if the run was correct. */
  readonly problem?: string | undefined;
}

/** All runs of one client in a workload. */
export interface Row {
  readonly client: string;
  readonly note: string;
  readonly runs: readonly Run[];
  /** Medians of the runs; undefined if a run failed. */
  readonly figures: Figures | undefined;
}

export interface Figures {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly cpuMicrosecondsPerObject: number;
  readonly objectsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly peakMegabytes: number;
  /** Requests of the last run, by verb. */
  readonly requests: Readonly<Record<string, number>>;
  readonly unsigned: number;
  readonly unchecked: number;
}

/** The results of a workload. */
export interface WorkloadResult {
  readonly name: string;
  readonly title: string;
  readonly concurrency: number;
  /** Objects that are compared; `sent` of them must be put. */
  readonly objects: number;
  readonly sent: number;
  readonly bytes: number;
  readonly rows: readonly Row[];
}

export function figuresOf(runs: readonly Run[], objects: number, bytes: number): Figures | undefined {
  const last = runs.at(-1);
  if (last === undefined || runs.some(({ problem }) => problem !== undefined)) return undefined;
  const wallSeconds = median(runs.map((run) => run.wallSeconds));
  const cpuSeconds = median(runs.map((run) => run.cpuSeconds));
  return {
    wallSeconds,
    cpuSeconds,
    cpuMicrosecondsPerObject: (cpuSeconds / objects) * 1e6,
    objectsPerSecond: objects / wallSeconds,
    megabytesPerSecond: bytes / 1e6 / wallSeconds,
    peakMegabytes: median(runs.map((run) => run.peakBytes)) / 1e6,
    requests: last.requests.byVerb,
    unsigned: last.requests.unsigned,
    unchecked: last.requests.unchecked,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
