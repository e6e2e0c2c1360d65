import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { npmFolder } from '../peers.js';
import type { Client, Command, Job } from './client.js';

const SCRIPTS = join(import.meta.dirname, '../scripts');

function missing(): string | undefined {
  return existsSync(join(npmFolder(), 'node_modules')) ? undefined : 'not in the cache';
}

/** A script of ours in the folder of its libraries, which is where Node looks for them. */
function script(name: string, { folder, bucket, url, concurrency, env }: Job, ...more: readonly string[]): Command {
  const path = join(npmFolder(), name);
  copyFileSync(join(SCRIPTS, name), path);
  return { program: process.execPath, args: [path, folder, bucket, url, String(concurrency), ...more], env };
}

export const clientS3: Client = {
  name: 'client-s3+p-map',
  note: 'readFile, PutObjectCommand, keep-alive agents; compares ETags where the sink gives them; no content types',
  missing,
  command: (job) =>
    job.kind === 'put' && job.from === undefined && !job.inParts
      ? script('client-s3.js', job, ...(job.compare ? ['compare'] : []))
      : undefined,
};

export const s3SyncClient: Client = {
  name: 's3-sync-client',
  note: 'sync() of an empty bucket, which lists it first, update: by size and time; its payload is unsigned; compares nothing',
  missing,
  command: (job) => (job.from === undefined ? script('s3-sync-client.js', job) : undefined),
};
