import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { PutOptions, Report } from '../../src/index.js';
import { connection } from './engine.js';
import type { S3Server } from './s3-server/index.js';

/** What a put in a process of its own reported and used. */
export interface Measured {
  readonly report: Report;
  /** Most memory that the process held, in MiB. */
  readonly maxRssMiB: number;
}

const PROGRAM = `
const { put } = await import(process.argv[1]);
const report = await put(JSON.parse(process.argv[2]));
console.log(JSON.stringify({ report, maxRssMiB: process.resourceUsage().maxRSS / 1024 }));`;

/** Runs the built library in a process that does nothing else, so that its memory can be told from the server's. */
export async function putInProcess(server: S3Server, options: Omit<PutOptions, 'bucket'>): Promise<Measured> {
  const library = new URL('../../dist/lib/index.js', import.meta.url).href;
  const given = JSON.stringify({ bucket: 'site', ...connection(server), ...options });
  const env = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' };
  const args = ['--input-type=module', '--eval', PROGRAM, library, given];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as Measured;
}
