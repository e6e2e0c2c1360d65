import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsProgram } from '../peers.js';
import type { Client } from './client.js';

/** The CLI has no flag for the concurrency; its connection pool grows with this setting. */
const config = (concurrency: number): string =>
  `[default]\ns3 =\n  max_concurrent_requests = ${concurrency}\n  max_queue_size = 10000\n  addressing_style = path\n`;

export const aws: Client = {
  name: 'aws',
  note: 's3 cp --recursive, or s3 sync by size and time; a line per object',
  missing: () => (existsSync(awsProgram()) ? undefined : 'aws is neither in PATH nor in the cache'),
  command: ({ kind, url, concurrency, folder, from, bucket, site, scratch, env }) => {
    const file = join(scratch, 'aws-config');
    writeFileSync(file, config(concurrency));
    const verb = kind === 'put' ? ['cp', '--recursive'] : ['sync', ...(site ? ['--delete'] : [])];
    const source = from === undefined ? folder : `s3://${from}`;
    return {
      program: awsProgram(),
      args: ['--endpoint-url', url, 's3', ...verb, '--no-progress', source, `s3://${bucket}`],
      env: { ...env, AWS_CONFIG_FILE: file },
    };
  },
};
