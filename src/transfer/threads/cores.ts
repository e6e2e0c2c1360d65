import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Threads at most, however many cores there are: one connection of 10 Gbit/s keeps fewer busy. */
const MOST_THREADS = 8;

/** The cores that this process may use: those that it may run on, and no more than the quota of its control group. At most 8. */
export function usableCores(): number {
  return Math.min(MOST_THREADS, availableParallelism(), quotaOf(cpuMax()) ?? Number.POSITIVE_INFINITY);
}

/**
 * Whole cores of a quota such as `200000 100000`, in microseconds per period; undefined for none, `max`.
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 * @internal
 */
export function quotaOf(text: string): number | undefined {
  const [quota = '', period = ''] = text.trim().split(' ');
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? Math.max(1, Math.floor(cores)) : undefined;
}

/** Inside of a container, its own limit is at the root of the file system of control groups. */
function cpuMax(): string {
  if (process.platform !== 'linux') return '';
  try {
    return readFileSync('/sys/fs/cgroup/cpu.max', 'latin1');
  } catch {
    return '';
  }
}
