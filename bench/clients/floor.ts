import { join } from 'node:path';
import type { Client } from './client.js';

const SCRIPT = join(import.meta.dirname, '../scripts/floor.js');

export const floor: Client = {
  name: 'floor',
  note: 'the bare loop of scripts/floor.js: one thread, signs the body by SHA-256 over http; sends CRC32 and compares it if the server returns it; no plan, no retries, no output',
  missing: () => undefined,
  command: (job) =>
    job.kind === 'put' && job.from === undefined && !job.inParts && !job.compare
      ? {
          program: process.execPath,
          args: [SCRIPT, job.folder, job.bucket, job.url, String(job.concurrency)],
          env: job.env,
        }
      : undefined,
};
