/** Whether small files are read at once, which blocks for as long as the disk takes, or through the thread pool. */
export interface ReadPolicy {
  readonly sync: boolean;
  /** One file was opened and read at once, in so many milliseconds. */
  took(ms: number): void;
}

/** A local disk answers in hundredths of this; a network file system does not. */
const SLOW_MS = 1;
/** Slow reads beyond fast ones, four of which make up for one, after which the disk counts as slow for the rest of the run. */
const ENOUGH = 8;

/** @param sync false reads everything through the thread pool */
export function readPolicy(sync: boolean): ReadPolicy {
  let slow = sync ? 0 : ENOUGH;
  return {
    get sync() {
      return slow < ENOUGH;
    },
    took(ms) {
      if (slow >= ENOUGH) return;
      slow = ms > SLOW_MS ? slow + 1 : Math.max(0, slow - 0.25);
    },
  };
}
