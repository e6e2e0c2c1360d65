import { S3RequestError } from '../errors.js';
import type { Outcome } from '../report/types.js';
import { untilStopped } from './abort.js';
import { stopPolicy } from './fatal-errors.js';
import type { RunEnd } from './record.js';
import type { Run } from './run.js';

/** Settles units concurrently until there are no more or something stops the run. Returns how the run ended. */
export async function runConcurrently<T>(
  { record, stop, signal, objectSlots, failFast, settled }: Run,
  units: AsyncIterable<T>,
  settle: (unit: T) => Promise<Outcome | undefined>,
): Promise<RunEnd> {
  const policy = stopPolicy();
  let stoppedEarly = false;
  let running = 0;
  let idle = (): void => {};
  let broken = (_error: unknown): void => {};

  function handOn(outcome: Outcome): Promise<void> | undefined {
    record.settle(outcome);
    const shared = policy.after(outcome);
    if (shared !== undefined) stop.now(shared);
    // That error is thrown at the end; an outcome for each object that met it would only repeat it.
    if (met(outcome, stop.error)) return undefined;
    if (failFast && outcome.action === 'fail') {
      stoppedEarly = true;
      stop.now();
    }
    return settled(outcome);
  }

  async function settleOne(unit: T): Promise<void> {
    try {
      const outcome = await settle(unit);
      // The slot is kept until the outcome is taken, so a consumer that lags slows the run down.
      if (outcome !== undefined) await handOn(outcome);
    } catch (error) {
      broken(error);
    } finally {
      objectSlots.release();
      running -= 1;
      if (running === 0) idle();
    }
  }

  /** Pulls one unit at a time and keeps no promise per unit that waits for others: p-map keeps as many pulls open as units may run. */
  async function settleAll(): Promise<void> {
    for await (const unit of untilStopped(units, stop, () => objectSlots.take())) {
      running += 1;
      void settleOne(unit);
    }
    if (running > 0) await new Promise<void>((resolve) => (idle = resolve));
  }

  await new Promise<void>((resolve, reject) => {
    broken = reject;
    settleAll().then(resolve, reject);
  });
  if (signal.aborted) return { aborted: { reason: signal.reason } };
  return { error: stop.error ?? policy.atEnd(), stoppedEarly };
}

/** Whether this object failed with the error that stopped the run, as the first or while that was happening. */
function met({ error }: Outcome, stoppedBy: unknown): boolean {
  return stoppedBy instanceof S3RequestError && error instanceof S3RequestError && error.code === stoppedBy.code;
}
