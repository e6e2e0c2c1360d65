// A put by a fleet on one machine: starts a Redis and workers, puts by them, and ends all of them, so that their CPU counts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [main, workers, concurrency, scratch, ...argv] = process.argv.slice(2);
const probe = createServer().listen(0, '127.0.0.1');
await once(probe, 'listening');
const { port } = probe.address();
probe.close();
await once(probe, 'close');
const queue = `redis://127.0.0.1:${port}`;
const options = { port, bind: '127.0.0.1', dir: scratch, save: '', 'maxmemory-policy': 'noeviction' };
const redisArgs = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
const redis = spawn('redis-server', redisArgs, { stdio: 'ignore' });
const own = Math.max(1, Math.ceil(Number(concurrency) / Number(workers)));
const workerArgs = [main, 'worker', queue, '--concurrency', String(own), '-q'];
const others = [];
let code = 1;
try {
  // It takes some milliseconds to start.
  await sleep(200);
  for (let count = 0; count < Number(workers); count += 1)
    others.push(spawn(process.execPath, workerArgs, { stdio: ['ignore', 'ignore', 'inherit'] }));
  const put = spawn(process.execPath, [main, ...argv, '--queue', queue], { stdio: 'inherit' });
  [code] = await once(put, 'close');
} finally {
  for (const child of [...others, redis]) child.kill('SIGTERM');
  await Promise.all([...others, redis].map((child) => child.exitCode ?? once(child, 'close')));
}
process.exitCode = code ?? 1;
