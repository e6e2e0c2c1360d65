import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Client } from './client.js';
import { oursCli } from './ours.js';

const SCRIPT = join(resolve(import.meta.dirname, '../..'), 'bench/scripts/fleet.js');

/** A put by workers on this machine, beside as many threads. The start of Redis and of the workers counts. */
export function oursFleet(extraArgs: readonly string[], workers: number): Client {
  const { comparesHeaders: _, ...ours } = oursCli({ extraArgs, name: `fleet-${workers}` });
  const cores = availableParallelism();
  return {
    ...ours,
    note: `a redis-server, ${workers} workers with their share of the requests in flight, and put --queue, all started for it`,
    threads: workers,
    missing: () => {
      if (workers > cores) return `not measured: ${cores} cores`;
      return ours.missing() ?? (hasRedis() ? undefined : 'redis-server is not installed');
    },
    command(job) {
      const command = ours.command(job);
      if (command === undefined) return undefined;
      const [main = '', ...args] = command.args;
      const at = args.indexOf('--concurrency');
      const own = at < 0 ? args : args.toSpliced(at, 2);
      return { ...command, args: [SCRIPT, main, String(workers), String(job.concurrency), job.scratch, ...own] };
    },
  };
}

let installed: boolean | undefined;
function hasRedis(): boolean {
  installed ??= spawnSync('redis-server', ['--version']).status === 0;
  return installed;
}
