import { S3RequestError } from '../errors.js';
import type { Outcome } from '../report/types.js';
import { untilStopped } from './abort.js';
import type { RunEnd } from './record.js';
import type { Run } from './run.js';

/**
 * Settles units concurrently until there are no more or something stops the run. Returns how the run ended.
 * @param settle one unit, such as an object, or a batch of objects with an outcome for each
 */
export async function runConcurrently<T>(
  { record, stop, signal, objectSlots, failFast, settled, policy }: Run,
  units: AsyncIterable<T>,
  settle: (unit: T) => Promise<Outcome | readonly Outcome[] | undefined>,
): Promise<RunEnd> {
  /** Failures that may turn out to be the error that ends the run, in the order of their arrival. */
  let open: Outcome[] = [];
  let stoppedEarly = false;
  let running = 0;
  let idle = (): void => {};
  let broken = (_error: unknown): void => {};

  /** Hands on what is decided: all of it once an error has ended the run. Outcomes that met that error are marked. */
  async function handOnDecided(endedBy: unknown, isOpen: (outcome: Outcome) => boolean): Promise<void> {
    const decided = open.filter((outcome) => !isOpen(outcome));
    open = open.filter(isOpen);
    for (const outcome of decided) await settled(marked(outcome, endedBy));
  }

  function handOn(outcome: Outcome): Promise<void> | undefined {
    record.settle(outcome);
    const shared = policy.after(outcome);
    if (shared !== undefined) stop.now(shared);
    if (failFast && outcome.action === 'fail') {
      stoppedEarly = true;
      stop.now();
    }
    const endedBy = stop.error;
    const isOpen = endedBy === undefined ? policy.isOpen : never;
    if (open.length === 0 && !isOpen(outcome)) return settled(marked(outcome, endedBy));
    open.push(outcome);
    return handOnDecided(endedBy, isOpen);
  }

  async function handOnAll(outcomes: readonly Outcome[]): Promise<void> {
    for (const outcome of outcomes) await handOn(outcome);
  }

  async function settleOne(unit: T): Promise<void> {
    try {
      const outcome = await settle(unit);
      // The slot is kept until the outcome is taken, so a consumer that lags slows the run down.
      if (Array.isArray(outcome)) await handOnAll(outcome);
      else if (outcome !== undefined) await handOn(outcome as Outcome);
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

  try {
    await new Promise<void>((resolve, reject) => {
      broken = reject;
      settleAll().then(resolve, reject);
    });
  } finally {
    await handOnDecided(endError(), never);
  }
  return signal.aborted ? { aborted: { reason: signal.reason } } : { error: endError(), stoppedEarly };

  function endError(): unknown {
    return signal.aborted ? undefined : (stop.error ?? policy.atEnd());
  }
}

const never = (): boolean => false;

/** The outcome, marked where its object failed with the error that ends the run. */
function marked(outcome: Outcome, endedBy: unknown): Outcome {
  if (!(endedBy instanceof S3RequestError)) return outcome;
  const { error } = outcome;
  return error instanceof S3RequestError && error.code === endedBy.code ? { ...outcome, shared: true } : outcome;
}
