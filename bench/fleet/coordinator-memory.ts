// The memory of a coordinator and of Redis over a made-up listing: `tsx bench/fleet/coordinator-memory.ts [KEYS]`. By hand; needs redis-server.
// Two workers in a process of their own return a result for each batch at once.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { copyBatches } from '../../src/fleet/batches.js';
import { COORDINATOR_TIMES, coordinate } from '../../src/fleet/coordinator.js';
import { type BatchJob, sizeOf } from '../../src/fleet/job.js';
import { Redis, Worker } from '../../src/fleet/packages.js';
import { openQueue } from '../../src/fleet/queue.js';
import { NO_COUNTS, packResult } from '../../src/fleet/result.js';
import { VERSION } from '../../src/model/version.js';
import { startPhases } from '../../src/run/run.js';
import type { CopyEntry } from '../../src/source/bucket.js';

const [first = '5000000', second] = process.argv.slice(2);

if (first === 'workers') {
  const connection = { url: second as string, maxRetriesPerRequest: null };
  const answer = async ({ data }: { readonly data: BatchJob }) => {
    const outcome = {
      action: 'skip',
      reason: 'same content',
      bytes: 0,
      sourceBytes: 9,
      verified: 'none',
      attempts: 0,
    } as const;
    const outcomes = Array.from({ length: sizeOf(data) }, (_, at) => ({ ...outcome, durationMs: at % 50 }));
    return packResult({ state: 'done', worker: 'made-up', outcomes, counts: NO_COUNTS });
  };
  for (let count = 0; count < 2; count += 1) new Worker<BatchJob>('batches', answer, { connection, prefix: 's3pp' });
} else {
  await measure(Number(first));
  process.exit();
}

async function measure(keys: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 's3pp-memory-'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const url = `redis://127.0.0.1:${port}`;
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
  const children: ChildProcess[] = [spawn('redis-server', argv, { stdio: 'ignore' })];
  await sleep(1_000);
  const program = fileURLToPath(import.meta.url);
  children.push(spawn(process.execPath, ['--import', 'tsx', program, 'workers', url], { stdio: 'inherit' }));
  const redis = new Redis(url);
  let rss = 0;
  let redisBytes = 0;
  const timer = setInterval(async () => {
    rss = Math.max(rss, process.memoryUsage.rss());
    const info = await redis.info('memory');
    redisBytes = Math.max(redisBytes, Number(/^used_memory:(\d+)/m.exec(info)?.[1]));
  }, 500);
  const began = performance.now();
  const base = { version: VERSION, run: 'memory', options: { source: 's3://from', destination: 's3://to' } };
  const options = { concurrency: 1, dryRun: false, memory: 1_000_000, failFast: false } as const;
  const report = await startPhases(options, [
    {
      name: 'transfer',
      work: async (run) => {
        const queue = run.own(await openQueue(url, 'memory'));
        return coordinate(
          run,
          copyBatches(entries(keys), base, () => undefined),
          queue,
          {
            name: 'memory',
            times: { ...COORDINATOR_TIMES, pollMs: 20 },
          },
        );
      },
    },
  ]);
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1_000;
  const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
  console.log(
    `${report.counts.skip} keys in ${seconds.toFixed(0)} s; coordinator at most ${mib(rss)}, Redis ${mib(redisBytes)}`,
  );
  redis.disconnect();
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

async function* entries(count: number): AsyncGenerator<CopyEntry, void> {
  for (let at = 0; at < count; at += 1) {
    const key = `logs/2026/${String(Math.floor(at / 10_000)).padStart(4, '0')}/object-${String(at).padStart(9, '0')}.json`;
    yield {
      kind: 'entry',
      key,
      origin: `s3://from/${key}`,
      sourceKey: key,
      versionId: undefined,
      size: 9,
      etag: `${String(at).padStart(32, '0')}`,
      modified: 1_700_000_000_000,
      storageClass: undefined,
    };
  }
}
