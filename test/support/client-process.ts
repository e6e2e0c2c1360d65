import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Endpoint } from 'fake-s3';
import type { PutOptions, Report } from '../../src/index.js';
import { connection } from './engine.js';

/** What a put in a process of its own reported and used. */
export interface Measured {
  readonly report: Report;
  /** Most memory that the process held, in MiB. */
  readonly maxRssMiB: number;
  /** Processor seconds that it used, on all cores and threads, for each second of the run. */
  readonly cores: number;
  /** Milliseconds within which the event loop came round 99 times of 100; 10 when idle. */
  readonly loopP99Ms: number;
}

const PROGRAM = `
import { monitorEventLoopDelay } from 'node:perf_hooks';
const { put } = await import(process.argv[1]);
const loop = monitorEventLoopDelay({ resolution: 10 });
loop.enable();
const [cpu, started] = [process.cpuUsage(), performance.now()];
const report = await put(JSON.parse(process.argv[2]));
const { user, system } = process.cpuUsage(cpu);
const cores = (user + system) / 1000 / (performance.now() - started);
const maxRssMiB = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ report, maxRssMiB, cores, loopP99Ms: loop.percentile(99) / 1e6 }));`;

/** Runs the built library in a process that does nothing else, so that its memory is measured without the server's. */
export async function putInProcess(server: Endpoint, options: Omit<PutOptions, 'bucket'>): Promise<Measured> {
  const library = new URL('../../dist/lib/index.js', import.meta.url).href;
  const given = JSON.stringify({ bucket: 'site', ...connection(server), ...options });
  const env = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' };
  const args = ['--input-type=module', '--eval', PROGRAM, library, given];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as Measured;
}
