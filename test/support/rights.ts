import { chmodSync } from 'node:fs';
import { startS3Server } from 'fake-s3';
import { run } from './engine.js';

/** Runs something without the right to read everything, which root has. */
async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  if (root) {
    await loadAll();
    process.seteuid?.(65_534);
  }
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

/** What a put loads when it needs it, such as the SDK, another user may not be allowed to read where the checkout is. */
async function loadAll(): Promise<void> {
  const server = await startS3Server({ buckets: ['site'] });
  try {
    await run(server, { source: [{ key: 'a', body: 'a' }] });
  } finally {
    await server.close();
  }
}

/** Takes all rights to a path away until `work` is done. */
export async function whileLocked<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
  for (const path of paths) chmodSync(path, 0o000);
  try {
    return await asOrdinaryUser(work);
  } finally {
    for (const path of paths) chmodSync(path, 0o755);
  }
}
