import type { Report } from './types.js';

/**
 * How many keys that the source does not have are known to stay in the bucket. Those whose delete failed or had no response are listed as such: nothing
 * shows whether they are still there.
 */
export function straysLeft({ strays = 0, counts, phases = [] }: Report): number {
  const deletes = phases.find(({ phase }) => phase === 'deletes');
  return strays - counts.delete - (deletes === undefined ? 0 : deletes.failed + deletes.unknown);
}
