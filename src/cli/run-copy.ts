import type { CopyOptions } from '../copy-options.js';
import { bucketName } from './outcome-line.js';
import type { OutputOptions } from './output-options.js';
import { runJob } from './run-job.js';

/** Runs a copy and shows it; resolves with the exit code. */
export async function runCopy(options: CopyOptions, output: OutputOptions): Promise<number> {
  const [{ copy }, { copyProxy }] = await Promise.all([import('../copy.js'), import('../settings/proxy.js')]);
  const shown = { bucket: bucketName(options.destination), dryRun: options.dryRun === true, doing: 'copy' } as const;
  return runJob(
    (onEvent) => {
      const proxy = options.proxy ?? copyProxy(options);
      return copy({ ...options, onEvent, ...(proxy !== undefined && { proxy }) });
    },
    shown,
    output,
  );
}
