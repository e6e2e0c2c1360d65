import { existsSync } from 'node:fs';
import { KEYS } from '../../test/servers/known-servers.js';
import { GO_PEERS, type GoPeer, pathOf } from '../peers.js';
import type { Client, Job } from './client.js';
import { REGION } from './environment.js';

const missing = (peer: GoPeer): string | undefined =>
  existsSync(pathOf(peer)) ? undefined : `not in the cache; built with Go in about ${peer.duration}`;

export const s5cmd: Client = {
  name: 's5cmd',
  note: 'cp, or sync by size and time; a line per object; reconnects over TLS',
  missing: () => missing(GO_PEERS.s5cmd),
  command: ({ kind, url, concurrency, folder, from, bucket, site, env }) => ({
    program: pathOf(GO_PEERS.s5cmd),
    args: [
      ...['--endpoint-url', url, '--numworkers', String(concurrency)],
      ...[
        kind === 'put' ? 'cp' : 'sync',
        ...(site ? ['--delete'] : []),
        from === undefined ? `${folder}/` : `s3://${from}/*`,
        `s3://${bucket}/`,
      ],
    ],
    env,
  }),
};

export const rclone: Client = {
  name: 'rclone',
  note: 'copy --no-check-dest --s3-no-head, or --checksum (a listing per folder, which is faster here than --fast-list); no lines; over http its payload is unsigned (UNSIGNED-PAYLOAD)',
  missing: () => missing(GO_PEERS.rclone),
  command: (job) => ({
    program: pathOf(GO_PEERS.rclone),
    args: [
      ...[job.site ? 'sync' : 'copy', job.from === undefined ? job.folder : `bench:${job.from}`],
      ...[`bench:${job.bucket}`, '--s3-no-check-bucket'],
      ...['--transfers', String(job.concurrency), '--checkers', String(job.concurrency)],
      ...(job.kind === 'put' ? ['--no-check-dest', '--s3-no-head'] : ['--checksum']),
    ],
    env: { ...job.env, ...remote(job) },
  }),
};

/** Environment variables that define the remote `bench:`, without a configuration file. */
function remote({ url }: Job): Record<string, string> {
  return {
    RCLONE_CONFIG: '',
    RCLONE_CONFIG_BENCH_TYPE: 's3',
    RCLONE_CONFIG_BENCH_PROVIDER: 'Other',
    RCLONE_CONFIG_BENCH_ENDPOINT: url,
    RCLONE_CONFIG_BENCH_REGION: REGION,
    RCLONE_CONFIG_BENCH_ACCESS_KEY_ID: KEYS.accessKeyId,
    RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  };
}
