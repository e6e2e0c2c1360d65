import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pythonProgram } from '../peers.js';
import type { Client } from './client.js';

/** A script that puts a folder, and can do nothing else. */
const scriptClient = (client: Pick<Client, 'name' | 'note' | 'unchecked'>, script: string): Client => ({
  ...client,
  missing: () => (existsSync(pythonProgram()) ? undefined : 'not in the cache'),
  command: ({ kind, folder, from, bucket, url, concurrency, env }) =>
    kind === 'put' && from === undefined
      ? {
          program: pythonProgram(),
          args: [join(import.meta.dirname, '../scripts', script), folder, bucket, url, String(concurrency)],
          env,
        }
      : undefined,
});

export const awscrt: Client = scriptClient(
  {
    name: 'awscrt',
    note: 'a Python script with the S3 client of the AWS CRT, on threads of its own; CRC32 in a trailer, its payload is unsigned; compares nothing',
  },
  'awscrt_put.py',
);

export const obstore: Client = scriptClient(
  {
    name: 'obstore',
    note: "a Python script with Rust's object_store; signs each body by SHA-256, also over TLS, sends no other checksum; compares nothing",
    unchecked: true,
  },
  'obstore_put.py',
);
