import { chmodSync } from 'node:fs';

/** Runs something without the right to read everything, which root has. */
async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
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
