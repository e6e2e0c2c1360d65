import type { Report } from '../report/types.js';
import { untilAborted } from './abort.js';
import type { Blocks } from './blocks.js';
import type { Run } from './run.js';

/** Something to do during a run, for somebody who waits for it while the run goes on: its connections, its pace and its threads serve the next one. */
export interface Part<P> {
  readonly work: P;
  /** Called once every unit of it was settled; not where the run ends before. Takes the report of the run so far. */
  readonly settled: (report: Report) => void;
}

/** Does the work on one unit; it does not throw. */
type Settle<T, O> = (unit: T) => Promise<O>;

/**
 * Joins parts, one after the other, to the units of one run. The next part is asked for once work on the last unit of a part has begun.
 * @param unitsOf the units of a part
 */
export function inParts<P, T extends object, O>(
  { record, stop }: Pick<Run, 'record' | 'stop'>,
  parts: AsyncIterable<Part<P>>,
  unitsOf: (work: P) => Blocks<T>,
  settle: Settle<T, O>,
): { readonly blocks: Blocks<T>; readonly settle: Settle<T, O> } {
  const leaves = new Map<T, () => void>();

  async function* blocks(): AsyncGenerator<readonly T[], void> {
    for await (const { work, settled } of untilAborted(parts, stop.signal)) {
      // The walk counts as a unit of its own, so that no part is settled before its end.
      let left = 1;
      const leave = (): void => {
        left -= 1;
        if (left === 0) settled(record.report(false));
      };
      for await (const block of unitsOf(work)) {
        left += block.length;
        for (const unit of block) leaves.set(unit, leave);
        yield block;
      }
      leave();
    }
  }

  return {
    blocks: blocks(),
    // Not an async function: that would be a promise more for each unit.
    settle(unit) {
      const leave = leaves.get(unit);
      leaves.delete(unit);
      const settled = settle(unit);
      settled.then(leave, leave);
      return settled;
    },
  };
}
