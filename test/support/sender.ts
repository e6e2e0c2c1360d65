import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

let built: string | undefined;

/** What threads load to send, built once for this process: a loader of TypeScript would start anew in every thread. */
export function builtSender(): string {
  if (built !== undefined) return built;
  const folder = mkdtempSync(path.join(tmpdir(), 's3pp-sender-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outfile = path.join(folder, 'sender.mjs');
  buildSync({
    entryPoints: [path.resolve(import.meta.dirname, '../../src/transfer/threads/s3-parallel-put-thread.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
  });
  built = pathToFileURL(outfile).href;
  return built;
}
