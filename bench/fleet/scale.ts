// Measures a fleet against one process: `tsx bench/fleet/scale.ts [OBJECTS] [DELAY_MS]`. By hand; needs redis-server and `npm run build`.
// Each worker sends 16 requests at once to a server that answers after DELAY_MS; CPU is that of the workers and the coordinator, user and system.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CLI = path.resolve(import.meta.dirname, '../../dist/lib/cli/main.js');
const [objects = 48_000, delay = 30] = process.argv.slice(2).map(Number);
const BYTES = 8 * 1024;
const ENV = {
  PATH: process.env.PATH,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  HOME: '/nonexistent',
};

const folder = mkdtempSync(path.join(tmpdir(), 's3pp-fleet-'));
const children: ChildProcess[] = [];

/** Reads each body and answers after a while; it stores nothing, and its listings are empty. */
async function startSink(): Promise<string> {
  const EMPTY =
    '<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>';
  const server = createServer((request, response) => {
    request.resume().on('end', () =>
      setTimeout(() => {
        if (request.method === 'GET') {
          response.setHeader('content-type', 'application/xml').end(EMPTY);
          return;
        }
        const crc = request.headers['x-amz-checksum-crc32'];
        if (crc !== undefined) response.setHeader('x-amz-checksum-crc32', crc);
        response.setHeader('etag', '"00000000000000000000000000000000"').end();
      }, delay),
    );
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function startRedis(): Promise<string> {
  const probe = createNetServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const argv = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ];
  children.push(spawn('redis-server', argv, { stdio: 'ignore' }));
  await sleep(1_000);
  return `redis://127.0.0.1:${port}`;
}

/** CPU of a process so far, in seconds, by Linux. */
function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

interface Measured {
  readonly seconds: number;
  readonly cpu: number;
  /** Of the process that was started last: the put, or the coordinator. */
  readonly own: number;
}

/** Runs a put to its end. The CPU of the process itself is read while it still exists. */
async function put(argv: readonly string[], others: readonly ChildProcess[]): Promise<Measured> {
  const before = others.map(cpuOf);
  const began = performance.now();
  const child = spawn(process.execPath, [CLI, ...argv], { env: ENV, stdio: ['ignore', 'ignore', 'pipe'] });
  let own = 0;
  const timer = setInterval(() => {
    try {
      own = cpuOf(child);
    } catch {}
  }, 20);
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more));
  const [code] = await once(child, 'close');
  clearInterval(timer);
  if (code !== 0) throw new Error(`exit code ${code}: ${text}`);
  const seconds = (performance.now() - began) / 1_000;
  const cpu = own + others.reduce((sum, one, index) => sum + cpuOf(one) - (before[index] ?? 0), 0);
  return { seconds, cpu, own };
}

async function main(): Promise<void> {
  const source = path.join(folder, 'source');
  for (let at = 0; at < objects; at += 1) {
    const below = path.join(source, `d${Math.floor(at / 500)}`);
    if (at % 500 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(path.join(below, `f${at}.bin`), Buffer.alloc(BYTES, at % 251));
  }
  const [endpoint, redis] = await Promise.all([startSink(), startRedis()]);
  const common = [source, 's3://bench', '--endpoint-url', endpoint, '--put', 'stupid', '-qq', '--no-progress'];
  const line = (name: string, { seconds, cpu, own }: Measured): void =>
    console.log(
      `${name.padEnd(12)} ${seconds.toFixed(2)} s  ${(objects / seconds).toFixed(0)}/s  ${((cpu * 1e6) / objects).toFixed(0)} µs CPU per object, ${((own * 1e6) / objects).toFixed(0)} of them in the command`,
    );
  line('one process', await put([...common, '--concurrency', '16'], []));
  const workers: ChildProcess[] = [];
  for (const count of [1, 2, 4]) {
    while (workers.length < count) {
      const argv = ['worker', redis, '--concurrency', '16', '-q'];
      const worker = spawn(process.execPath, [CLI, ...argv], { env: ENV, stdio: 'ignore' });
      children.push(worker);
      workers.push(worker);
    }
    await sleep(2_000);
    line(`${count} worker${count > 1 ? 's' : ''}`, await put([...common, '--queue', redis], workers));
  }
}

try {
  await main();
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
