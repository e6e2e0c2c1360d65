import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** Threads at most, however many cores there are: one connection of 10 Gbit/s keeps fewer busy. */
const MOST_THREADS = 8;

/** The cores that this process may use: those that it may run on, and no more than the quotas of its control groups. At most 8. */
export function usableCores(): number {
  return Math.min(MOST_THREADS, availableParallelism(), ...quotasIn('/'));
}

/**
 * Whole cores of a quota such as `200000 100000`, in microseconds per period; undefined for none, `max` or `-1`.
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 * @internal
 */
export function quotaOf(text: string): number | undefined {
  const [quota = '', period = ''] = text.trim().split(/\s+/);
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? Math.max(1, Math.floor(cores)) : undefined;
}

/**
 * The quotas of this process's control group and of those around it, in whole cores. Version 2 has both numbers in one file, version 1 has two
 * files in the folder of its controller.
 * @param root tests replace it
 * @see https://docs.kernel.org/scheduler/sched-bwc.html
 * @internal
 */
export function quotasIn(root: string): number[] {
  if (process.platform !== 'linux') return [];
  const mounted = join(root, 'sys/fs/cgroup');
  // As `0::/a.slice/b.service` and `4:cpu,cpuacct:/docker/1f2e`.
  const lines = textOf(join(root, 'proc/self/cgroup')).split('\n');
  return lines.flatMap((line) => {
    const [, controllers, path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || (controllers !== '' && !controllers.split(',').includes('cpu'))) return [];
    const folder = join(mounted, controllers === '' ? '' : 'cpu');
    return withParents(path).flatMap((group) => quotaOf(quotaText(join(folder, group))) ?? []);
  });
}

function quotaText(group: string): string {
  const both = textOf(join(group, 'cpu.max'));
  return both === '' ? `${textOf(join(group, 'cpu.cfs_quota_us'))} ${textOf(join(group, 'cpu.cfs_period_us'))}` : both;
}

/** `/a/b`, `/a` and `/`. Inside of a container, the group may have the path that the host knows, and its own limit is at the root. */
function withParents(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '..');
  return [...names.map((_, index) => names.slice(0, names.length - index).join('/')), ''];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return '';
  }
}
