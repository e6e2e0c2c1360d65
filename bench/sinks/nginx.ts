import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/servers/start-server.js';
import { createCertificate } from './certificate.js';
import { checkRules } from './check-rules.js';
import type { Nginx } from './find-nginx.js';
import { readLog } from './log-reader.js';
import { type Listener, nginxConfig } from './nginx-config.js';
import { countRequests, type Sink } from './sink.js';

/** All but the generic ones respond as S3 does. */
const SINKS = ['http', 'tls', 'generic-http', 'generic-tls', 'closing', 'slow-http', 'slow-tls'] as const;

export type NginxSink = (typeof SINKS)[number];

/** One nginx with all byte sinks. */
export interface RunningNginx {
  readonly sinks: Readonly<Record<NginxSink, Sink>>;
  /** Stops this process only, and removes its folder. */
  stop(): Promise<void>;
}

const DELAY_SECONDS = 0.03;
const START_TIMEOUT_MS = 10_000;

export async function startNginx({ program, modules }: Nginx, signal: AbortSignal): Promise<RunningNginx> {
  const folder = mkdtempSync(join(tmpdir(), 's3pp-nginx-'));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await createCertificate(certificate, key, signal);
  const newListener = async (name: NginxSink): Promise<Listener & { readonly name: NginxSink }> => ({
    name,
    port: await freePort(),
    tls: name.endsWith('tls'),
    delay: name.startsWith('slow') ? DELAY_SECONDS : 0,
    s3: !name.startsWith('generic'),
    closes: name === 'closing',
  });
  const listeners = await Promise.all(SINKS.map(newListener));
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(listeners, { folder, modules, certificate, key }));
  const log = join(folder, 'error.log');
  const child = spawn(program, ['-e', log, '-p', folder, '-c', config], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const sink = (listener: Listener): Sink => sinkOf(listener, folder, listener.tls ? certificate : undefined);
  const sinks = Object.fromEntries(
    listeners.map((listener) => [listener.name, sink(listener)]),
  ) as RunningNginx['sinks'];
  try {
    for (let waited = 0; !(await isListening(portOf(sinks.http))); waited += 50) {
      signal.throwIfAborted();
      if (child.exitCode !== null || waited > START_TIMEOUT_MS) throw new Error(`nginx: ${readFileSync(log, 'utf8')}`);
      await sleep(50);
    }
    await checkRules(sinks.http.url, sinks['generic-http'].url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { sinks, stop };
}

const portOf = ({ url }: Sink): number => Number(new URL(url).port);

function sinkOf({ name, port, tls }: Listener, folder: string, certificate: string | undefined): Sink {
  const log = readLog(join(folder, `${name}.log`));
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    certificate,
    etags: false,
    async requests() {
      const lines = (await log.lines()).map((line) => line.split(' '));
      return countRequests(
        lines.map(([verb = '', status = '', payload, checksum]) => ({
          verb,
          status,
          unsigned: payload === 'unsigned',
          unchecked: checksum === 'unchecked',
        })),
      );
    },
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
