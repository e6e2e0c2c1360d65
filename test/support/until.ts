import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so, however long that takes: a test that waits for ever ends by the time limit of the run. */
export async function until(met: () => boolean): Promise<void> {
  while (!met()) await sleep(5);
}
