import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { NamedEndpoint } from './endpoints.js';
import { programOf } from './install.js';
import { KEYS, type KnownServer, type Place, type Ports } from './known-servers.js';

/** A server that was started here. */
export interface RunningServer {
  readonly endpoint: NamedEndpoint;
  /** Resolves once it answers; rejects with the end of its log when it does not. */
  readonly ready: Promise<void>;
  /** Ends the process, by its id, and removes its folder. */
  stop(): Promise<void>;
}

/** Milliseconds that a server may take until it answers, and to end. */
const PATIENCE = { start: 90_000, end: 10_000 } as const;

/** Starts a server on a free port of 127.0.0.1, with a folder that goes when it stops. */
export async function startServer(server: KnownServer, signal: AbortSignal): Promise<RunningServer> {
  const ports = await freePorts();
  const root = mkdtempSync(join(tmpdir(), `s3pp-${server.name}-`));
  const folder = (name: string): string => {
    const path = join(root, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const place: Place = { program: programOf(server), folder, ports };
  const { command, env } = server.command(place);
  const log = join(root, 'log');
  const output = openSync(log, 'w');
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', output, output], cwd: root, env: { ...process.env, ...env } });
  closeSync(output);
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const url = `http://127.0.0.1:${ports[0]}`;
  const answering = async (): Promise<void> => {
    const until = performance.now() + PATIENCE.start;
    while (!(await answers(url))) {
      signal.throwIfAborted();
      const late = performance.now() > until;
      if (failure === undefined && !ended(child) && !late) await sleep(100);
      else throw notStarted(server, failure?.message ?? (late ? 'no answer' : `exit code ${child.exitCode}`), log);
    }
    const after = server.afterStart?.(place);
    if (after !== undefined) await promisify(execFile)(after[0], after.slice(1));
  };
  const ready = answering();
  // The caller awaits it later; this avoids an unhandled rejection until then.
  ready.catch(() => {});
  return {
    endpoint: { name: server.name, url, region: 'us-east-1', ...(server.keys ?? KEYS) },
    ready,
    async stop() {
      await end(child);
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function notStarted({ name, version }: KnownServer, why: string, log: string): Error {
  const said = readFileSync(log, 'utf8').trim().split('\n').slice(-20).join('\n');
  return new Error(`${name} ${version} did not start (${why}). The end of its log:\n${said}`);
}

const ended = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (ended(child)) return;
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE.end);
  await over;
  clearTimeout(force);
}

/** A server that is not done starting answers 503, or nothing. */
async function answers(url: string): Promise<boolean> {
  try {
    const { status, body } = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await body?.cancel();
    return status < 500;
  } catch {
    return false;
  }
}

/** All are free at once, so none is given twice. */
async function freePorts(): Promise<Ports> {
  const probes = await Promise.all(Array.from({ length: 8 }, () => openProbe()));
  const ports = probes.map(({ port }) => port) as unknown as Ports;
  await Promise.all(probes.map(({ close }) => close()));
  return ports;
}

interface Probe {
  readonly port: number;
  readonly close: () => Promise<void>;
}

function openProbe(): Promise<Probe> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}

/** A free port of the loopback interface. */
export async function freePort(): Promise<number> {
  const { port, close } = await openProbe();
  await close();
  return port;
}
