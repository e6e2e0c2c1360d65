import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';

const PROGRAM = 'redis-server';

/** Why tests that need Redis are skipped; false where it is there. */
export const withoutRedis: false | string =
  spawnSync(PROGRAM, ['--version']).status === 0
    ? false
    : `${PROGRAM} is not installed (Debian: apt-get install redis-server)`;

/** A real Redis on a port of its own, which ends with the test. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly client: Redis;
  /** Aborted when the test is over: a run that a failed test has left behind would wait for this Redis for ever. */
  readonly over: AbortSignal;
  /** Ends it without a word, and starts it again with what its append-only file has. */
  restart(): Promise<void>;
  /** Ends it without a word; `restart` starts it again. */
  stop(): Promise<void>;
}

/** Starts Redis with an append-only file. @param options of its command line, instead of those of a queue */
export async function startRedis(t: TestContext, options: readonly string[] = []): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), 's3pp-redis-'));
  const port = await freePort();
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes'];
  const argv = [...base, ...(options.length > 0 ? options : ['--maxmemory-policy', 'noeviction'])];
  let child = await start(argv, port);
  const client = new Redis(port, '127.0.0.1', {
    maxRetriesPerRequest: null,
    lazyConnect: true,
    enableReadyCheck: false,
  });
  client.on('error', () => {});
  const over = new AbortController();
  t.after(async () => {
    over.abort();
    client.disconnect();
    await end(child);
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    over: over.signal,
    stop: () => end(child),
    async restart() {
      await end(child);
      child = await start(argv, port);
    },
  };
}

/** The file of a certificate or of a key. */
export const tlsFile = (name: string): string => fileURLToPath(new URL(`tls/${name}.pem`, import.meta.url));

/** Adds a port with TLS to a Redis. @param certificate file of `tls/`, and its key there @returns the options, and the address */
export async function withTls(
  certificate: string,
  key: string,
  clients: 'yes' | 'no' = 'no',
): Promise<{ readonly options: readonly string[]; readonly url: string }> {
  const port = await freePort();
  const files = ['--tls-cert-file', tlsFile(certificate), '--tls-key-file', tlsFile(key)];
  const trust = ['--tls-ca-cert-file', tlsFile(certificate), '--tls-auth-clients', clients];
  const policy = ['--maxmemory-policy', 'noeviction'];
  return { options: ['--tls-port', String(port), ...files, ...trust, ...policy], url: `rediss://localhost:${port}` };
}

async function start(argv: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(PROGRAM, argv, { stdio: 'ignore' });
  const probe = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  probe.on('error', () => {});
  while (probe.status !== 'ready') {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    await probe.connect().catch(() => sleep(20));
  }
  probe.disconnect();
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'close');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}
