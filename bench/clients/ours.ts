import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { node24Program } from '../peers.js';
import type { Client, Job } from './client.js';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/lib/cli/main.js');
const SCRIPT = join(ROOT, 'bench/scripts/ours-api.js');
const missingBuild = (): string | undefined => (existsSync(MAIN) ? undefined : 'dist/lib is missing: npm run build');
const modeOf = ({ kind }: Job): string => (kind === 'put' ? 'stupid' : 'update');

/** The name of our command line where headers are compared, in a run that does not. */
export const WITHOUT_HEADERS = 'ours-no-headers';

/** The command line without the comparison of headers, beside one with it. */
export function oursWithoutHeaders(extraArgs: readonly string[]): Client {
  const ours = oursCli({ extraArgs });
  return {
    ...ours,
    name: WITHOUT_HEADERS,
    note: `${ours.note}, without --update-headers`,
    command: (job) => (job.headers ? ours.command({ ...job, headers: false }) : undefined),
  };
}

/** The command line, with a line per object in a file. */
interface Build {
  /** More arguments. */
  readonly extraArgs: readonly string[];
  readonly name?: string;
  /** Another checkout, to compare two builds in one run. */
  readonly checkout?: string;
  readonly node?: string;
}

export function oursCli({ extraArgs, name = 'ours-cli', checkout, node = process.execPath }: Build): Client {
  // Other builds may not know these options.
  const siteArgs = checkout === undefined;
  const main = checkout === undefined ? MAIN : resolve(checkout, 'dist/lib/cli/main.js');
  return {
    name,
    note: `node dist/lib/cli/main.js --put stupid (update: --put update; copies both by update), a line per object${extraArgs.length === 0 ? '' : `, ${extraArgs.join(' ')}`}`,
    ours: true,
    ...(siteArgs && { comparesHeaders: true as const }),
    missing: () => (existsSync(main) ? undefined : `${main} is missing: npm run build`),
    command: (job) => ({
      program: node,
      args: [
        main,
        ...(job.from === undefined ? [] : ['copy']),
        ...['--put', job.from === undefined ? modeOf(job) : 'update', '--endpoint-url', job.url, '--force-path-style'],
        ...(extraArgs.some((arg) => arg.startsWith('--concurrency')) ? [] : ['--concurrency', String(job.concurrency)]),
        ...(job.md5 ? ['--checksum', 'md5'] : []),
        ...(job.site && siteArgs ? ['--order', 'site', '--delete'] : []),
        // The bucket may have been filled by another version, with other headers.
        ...(job.headers && siteArgs ? ['--update-headers', '--max-update', '100%'] : []),
        ...extraArgs,
        ...[job.from === undefined ? job.folder : `s3://${job.from}`, `s3://${job.bucket}/`],
      ],
      env: job.env,
    }),
  };
}

/** The command line on Node 24, beside the Node that runs the benchmark. */
export function oursNode24(extraArgs: readonly string[]): Client {
  const ours = oursCli({ extraArgs, name: 'ours-node24', node: node24Program() });
  const { comparesHeaders: _, ...others } = ours;
  return {
    ...others,
    note: `${ours.note}, on Node 24`,
    missing: () => {
      if (process.version.startsWith('v24.')) return 'the benchmark runs on Node 24 already';
      return existsSync(node24Program()) ? ours.missing() : 'Node 24 is not in the cache';
    },
  };
}

/** The command line with a fixed number of threads. */
export function oursThreads(extraArgs: readonly string[], threads: number): Client {
  const ours = oursCli({ extraArgs: [...extraArgs, '--threads', String(threads)], name: `threads-${threads}` });
  const { comparesHeaders: _, ...others } = ours;
  const cores = availableParallelism();
  return {
    ...others,
    threads,
    missing: () => {
      if (threads > cores) return `not measured: ${cores} cores`;
      return ours.missing() ?? (hasThreads() ? undefined : 'this build has no option --threads');
    },
  };
}

let threadsInHelp: boolean | undefined;
function hasThreads(): boolean {
  threadsInHelp ??= spawnSync(process.execPath, [MAIN, '--help', 'all'], { encoding: 'utf8' }).stdout.includes(
    '--threads',
  );
  return threadsInHelp;
}

export const oursApi: Client = {
  name: 'ours-api',
  note: 'a script that awaits put() of dist/lib/index.js, no output',
  missing: missingBuild,
  command: ({ from, ...job }) => ({
    program: process.execPath,
    args: [
      ...[SCRIPT, from === undefined ? job.folder : `s3://${from}`, job.bucket, job.url, String(job.concurrency)],
      ...[from === undefined ? modeOf(job) : 'update', ...(job.md5 ? ['md5'] : [])],
    ],
    env: job.env,
  }),
};
