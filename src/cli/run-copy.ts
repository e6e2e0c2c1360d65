import type { CopyOptions } from '../copy-options.js';
import { bucketName } from './outcome-line.js';
import type { OutputOptions } from './output-options.js';
import { runJob } from './run-job.js';

/** Runs a copy and shows it; resolves with the exit code. */
export async function runCopy(options: CopyOptions, output: OutputOptions): Promise<number> {
  const [{ copy }, { copyViaProxy }] = await Promise.all([import('../copy.js'), import('../settings/proxy.js')]);
  const shown = { bucket: bucketName(options.destination), dryRun: options.dryRun === true, doing: 'copy' } as const;
  return runJob((onEvent) => copy({ ...copyViaProxy(options), onEvent }), shown, output);
}
