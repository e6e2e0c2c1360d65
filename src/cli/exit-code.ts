import { AbortError, PartialFailureError, RefusedError, RunStoppedError, UsageError } from '../errors.js';
import type { Report } from '../report/report.js';

/** Exit codes of the CLI. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, denied: 4 } as const;

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof SIGNALS;

/** 128 and the number of the signal, as a shell says it. */
export function signalExitCode(signal: StopSignal): number {
  return SIGNALS[signal];
}

/** The code for a run that ended well; with `check`, whether anything would change. */
export function reportExitCode(report: Report, check: boolean): number {
  const { put, copy, metadata, delete: deleted } = report.counts;
  return check && put + copy + metadata + deleted > 0 ? EXIT.failed : EXIT.done;
}

/** The code for what a run threw; `signal` is the one that stopped it. */
export function errorExitCode(error: unknown, signal: StopSignal | undefined): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof RefusedError) return EXIT.refused;
  if (error instanceof PartialFailureError) return EXIT.failed;
  // A dry run writes nothing, whatever it counts.
  if (error instanceof RunStoppedError) {
    const { dryRun, counts } = error.report;
    return dryRun || counts.put + counts.copy === 0 ? EXIT.denied : EXIT.failed;
  }
  if (error instanceof AbortError && signal !== undefined) return signalExitCode(signal);
  return EXIT.failed;
}
