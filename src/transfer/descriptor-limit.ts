import { readFileSync } from 'node:fs';

/**
 * Where the system does not tell. Node raises its soft limit to the hard one as it starts, which on macOS is far above this; Windows limits
 * files to 8,192 and sockets not at all. So this only errs on the low side.
 */
const ASSUMED = 1_024;

/** How many files and sockets this process may have open. Linux tells; elsewhere it is assumed. Never throws. */
export function descriptorLimit(limits = '/proc/self/limits'): number {
  try {
    return parsed(readFileSync(limits, 'utf8'));
  } catch {
    return ASSUMED;
  }
}

/** The soft limit in a text such as `Max open files            1024                 524288               files`. */
function parsed(limits: string): number {
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits)?.[1];
  if (soft === undefined) return ASSUMED;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}
