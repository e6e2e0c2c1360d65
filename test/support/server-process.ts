import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from 'fake-s3';

const SERVER = fileURLToPath(new URL('fake-s3', import.meta.url));

const PROGRAM = `
const { startS3Server } = await import(process.argv[1]);
const server = await startS3Server({ buckets: ['site'], dropBodies: true });
const { url, region, accessKeyId, secretAccessKey } = server;
process.stdout.write(JSON.stringify({ url, region, accessKeyId, secretAccessKey }) + '\\n');`;

/** A server with the bucket \`site\` that forgets bodies, in a process of its own, which ends with the test. */
export async function serverInProcess(t: { after(run: () => void): void }): Promise<Endpoint> {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM, SERVER];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as Endpoint;
}
