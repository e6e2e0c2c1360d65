import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** The machine that the figures were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly commit: string;
  /** Load average of the last minute, before the benchmark starts: other work makes figures noisy. */
  readonly load: number;
}

export function thisMachine(): Machine {
  const git = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    commit: git.stdout?.trim() || 'unknown',
    load: loadavg()[0] ?? 0,
  };
}

export const machineText = ({ processor, cores, memoryGigabytes, kernel, node, commit, load }: Machine): string =>
  `${cores} × ${processor}, ${memoryGigabytes} GB, Linux ${kernel}, Node ${node}, commit ${commit}, load ${load.toFixed(1)} at the start`;
