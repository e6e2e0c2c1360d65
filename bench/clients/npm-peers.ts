import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { bunProgram, npmFolder } from '../peers.js';
import type { Client, Command, Job } from './client.js';

const SCRIPTS = join(import.meta.dirname, '../scripts');

function missing(): string | undefined {
  return existsSync(join(npmFolder(), 'node_modules')) ? undefined : 'not in the cache';
}

/** Copies a script to the folder of its libraries, where Node finds them; returns its command. */
function scriptCommand(
  name: string,
  { folder, bucket, url, concurrency, env }: Job,
  ...extraArgs: readonly string[]
): Command {
  const path = join(npmFolder(), name);
  copyFileSync(join(SCRIPTS, name), path);
  return { program: process.execPath, args: [path, folder, bucket, url, String(concurrency), ...extraArgs], env };
}

export const clientS3: Client = {
  name: 'client-s3+p-map',
  note: 'readFile, PutObjectCommand, keep-alive agents; compares ETags if the sink returns them; no content types',
  missing,
  command: (job) =>
    job.kind === 'put' && job.from === undefined && !job.inParts
      ? scriptCommand('client-s3.js', job, ...(job.compare ? ['compare'] : []))
      : undefined,
};

export const s3SyncClient: Client = {
  name: 's3-sync-client',
  note: 'sync() of an empty bucket, which lists it first, update: by size and time; its payload is unsigned; compares nothing',
  missing,
  command: (job) => (job.from === undefined ? scriptCommand('s3-sync-client.js', job) : undefined),
};

export const bun: Client = {
  name: 'bun',
  note: "a script with Bun's own S3 client, write() of each Bun.file; sends no checksum, its payload is unsigned; compares nothing",
  unchecked: true,
  missing: () => (existsSync(bunProgram()) ? undefined : 'not in the cache'),
  command: ({ kind, folder, from, bucket, url, concurrency, env }) =>
    kind === 'put' && from === undefined
      ? {
          program: bunProgram(),
          args: ['run', join(SCRIPTS, 'bun-s3.js'), folder, bucket, url, String(concurrency)],
          env,
        }
      : undefined,
};
