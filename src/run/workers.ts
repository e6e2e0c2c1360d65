import { S3RequestError } from '../errors.js';
import type { Outcome } from '../report/types.js';
import type { Blocks } from './blocks.js';
import type { RunEnd } from './record.js';
import type { Run } from './run.js';

/**
 * Settles units concurrently until there are no more or something stops the run. Returns how the run ended.
 * @param blocks of units; the next one is asked for once work on the last unit of a block has begun
 * @param settle one unit, such as an object, or a batch of objects with an outcome for each
 * @param drop is called with each unit of a block that is not attempted, because the run is stopping
 */
export async function runConcurrently<T>(
  { record, stop, signal, objectSlots, failFast, settled, policy }: Run,
  blocks: Blocks<T>,
  settle: (unit: NoInfer<T>) => Promise<Outcome | readonly Outcome[] | undefined>,
  drop: (unit: NoInfer<T>) => void = () => {},
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

  /** The slot is kept until the outcome is taken, so a consumer that lags slows the run down. */
  function onSettled(outcome: Outcome | readonly Outcome[] | undefined): void {
    try {
      const taken = outcome === undefined ? undefined : isOne(outcome) ? handOn(outcome) : handOnAll(outcome);
      if (taken === undefined) ended();
      else taken.then(ended, onBroken);
    } catch (error) {
      onBroken(error);
    }
  }

  function onBroken(error: unknown): void {
    broken(error);
    ended();
  }

  function ended(): void {
    objectSlots.release();
    running -= 1;
    if (running === 0) idle();
  }

  /** Begins units one by one, and waits only for a slot. */
  async function beginBlock(block: readonly T[]): Promise<void> {
    let at = 0;
    try {
      for (; at < block.length && !stop.signal.aborted; at++) {
        const slot = objectSlots.take();
        if (slot !== undefined) await slot;
        begin(block[at] as T);
      }
    } finally {
      for (; at < block.length; at++) dropOne(block[at] as T);
    }
  }

  /** Not an async function: that would be a promise more for each unit. */
  function begin(unit: T): void {
    running += 1;
    try {
      settle(unit).then(onSettled, onBroken);
    } catch (error) {
      onBroken(error);
    }
  }

  function dropOne(unit: T): void {
    try {
      drop(unit);
    } catch (error) {
      broken(error);
    }
  }

  /** Begins all units. An error of theirs stops the run; those before it are still finished. */
  async function beginAll(): Promise<void> {
    try {
      for await (const block of blocks) {
        await beginBlock(block);
        if (stop.signal.aborted) return;
      }
    } catch (error) {
      stop.now(error);
    }
  }

  /** Pulls one block at a time and keeps no promise per unit that waits for others: p-map keeps as many pulls open as units may run. */
  async function settleAll(): Promise<void> {
    await beginAll();
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

function isOne(outcome: Outcome | readonly Outcome[]): outcome is Outcome {
  return !Array.isArray(outcome);
}

/** The outcome, marked where its object failed with the error that ends the run. */
function marked(outcome: Outcome, endedBy: unknown): Outcome {
  if (!(endedBy instanceof S3RequestError)) return outcome;
  const { error } = outcome;
  return error instanceof S3RequestError && error.code === endedBy.code ? { ...outcome, shared: true } : outcome;
}
