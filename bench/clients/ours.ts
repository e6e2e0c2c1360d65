import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
  const ours = oursCli(extraArgs);
  return {
    ...ours,
    name: WITHOUT_HEADERS,
    note: `${ours.note}, without --update-headers`,
    command: (job) => (job.headers ? ours.command({ ...job, headers: false }) : undefined),
  };
}

/**
 * The command line, with a line per object in a file.
 * @param extraArgs more arguments
 * @param other the build of another checkout, to compare two builds in one run
 */
export function oursCli(
  extraArgs: readonly string[],
  other?: { readonly name: string; readonly checkout: string } | undefined,
): Client {
  // Other builds may not know these options.
  const siteArgs = other === undefined;
  const main = other === undefined ? MAIN : resolve(other.checkout, 'dist/lib/cli/main.js');
  return {
    name: other?.name ?? 'ours-cli',
    note: `node dist/lib/cli/main.js --put stupid (update: --put update; copies both by update), a line per object${extraArgs.length === 0 ? '' : `, ${extraArgs.join(' ')}`}`,
    ...(siteArgs && { comparesHeaders: true as const }),
    missing: () => (existsSync(main) ? undefined : `${main} is missing: npm run build`),
    command: (job) => ({
      program: process.execPath,
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
