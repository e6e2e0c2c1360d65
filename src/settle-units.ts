import { pMapIterable, pMapSkip } from 'p-map';
import { S3RequestError } from './errors.js';
import { stopPolicy } from './plan/stop-policy.js';
import type { Outcome } from './report/outcome.js';
import type { End, RunRecord } from './run-record.js';
import { type StopSwitch, untilStopped } from './stop-switch.js';

export interface SettleUnitsDeps {
  readonly record: RunRecord;
  readonly stop: StopSwitch;
  /** The run's own: what is under way is cut off. */
  readonly signal: AbortSignal;
  /** Objects that may be under way at once. */
  readonly underWay: number;
  readonly failFast: boolean;
  /** Hands an outcome on; waits while who takes it lags. */
  readonly settled: (outcome: Outcome) => Promise<void>;
}

/** Settles unit after unit, several at once, until there are no more or something stops the run; gives how it ended. */
export async function settleUnits<T>(
  planned: AsyncIterable<T>,
  settle: (unit: T) => Promise<Outcome | undefined>,
  { record, stop, signal, underWay, failFast, settled }: SettleUnitsDeps,
): Promise<End> {
  const policy = stopPolicy();
  let stoppedEarly = false;
  const mapping = { concurrency: underWay, preserveOrder: false };
  const units = untilStopped(planned, stop);
  const outcomes = pMapIterable(units, async (unit) => (await settle(unit)) ?? pMapSkip, mapping);
  for await (const outcome of outcomes) {
    record.settle(outcome);
    const shared = policy.after(outcome);
    if (shared !== undefined) stop.now(shared);
    // It is thrown at the end; each object that met it would tell it once more.
    if (met(outcome, stop.error)) continue;
    if (failFast && outcome.action === 'fail') {
      stoppedEarly = true;
      stop.now();
    }
    await settled(outcome);
  }
  if (signal.aborted) return { aborted: { reason: signal.reason } };
  return { error: stop.error ?? policy.atEnd(), stoppedEarly };
}

/** Did this object meet the error that stopped the run, as the first or while it was under way? */
function met({ error }: Outcome, stoppedBy: unknown): boolean {
  return stoppedBy instanceof S3RequestError && error instanceof S3RequestError && error.code === stoppedBy.code;
}
