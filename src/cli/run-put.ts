import type { PutOptions } from '../put-options.js';
import { bucketName } from './outcome-line.js';
import type { OutputOptions } from './output-options.js';
import { runJob } from './run-job.js';

/** Runs a put and shows it; resolves with the exit code. */
export async function runPut(options: PutOptions, output: OutputOptions): Promise<number> {
  const [{ put }, { viaProxy }] = await Promise.all([import('../put.js'), import('../settings/proxy.js')]);
  const shown = { bucket: bucketName(options.bucket), dryRun: options.dryRun === true, doing: 'put' } as const;
  return runJob((onEvent) => put({ ...viaProxy(options), onEvent }), shown, output);
}
