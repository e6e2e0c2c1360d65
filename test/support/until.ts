import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition, without a limit of its own: the time limit of `test/run.ts` ends a test that waits for ever. */
export async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await met())) await sleep(5);
}
