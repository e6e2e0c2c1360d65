import { setImmediate } from 'node:timers/promises';

/** Objects between two pauses of a loop that waits for nothing: so many take some milliseconds. */
export const UNTIL_PAUSE = 2_000;

/** Lets timers, signals and sockets have their turn. Throws the reason of the signal where it is aborted. */
export async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
