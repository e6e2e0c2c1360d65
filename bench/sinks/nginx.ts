import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/servers/start-server.js';
import { run } from '../run-program.js';
import { checkRules } from './check-rules.js';
import type { Nginx } from './find-nginx.js';
import { readLog } from './log-reader.js';
import { type Listener, nginxConfig } from './nginx-config.js';
import { countRequests, type Sink } from './sink.js';

export type NginxSink = 'http' | 'tls' | 'slow-http' | 'slow-tls';

/** One nginx with all byte sinks. */
export interface RunningNginx {
  readonly sinks: Readonly<Record<NginxSink, Sink>>;
  /** Stops this process only, and removes its folder. */
  stop(): Promise<void>;
}

const DELAY_SECONDS = 0.03;
const START_TIMEOUT_MS = 10_000;

export async function startNginx({ program, echoModule }: Nginx, signal: AbortSignal): Promise<RunningNginx> {
  const folder = mkdtempSync(join(tmpdir(), 's3pp-nginx-'));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await createCertificate(certificate, key, signal);
  const newListener = async (name: NginxSink): Promise<Listener> => ({
    name,
    port: await freePort(),
    tls: name.endsWith('tls'),
    delay: name.startsWith('slow') ? DELAY_SECONDS : 0,
  });
  const [http, tls, slow, slowTls] = [
    await newListener('http'),
    await newListener('tls'),
    await newListener('slow-http'),
    await newListener('slow-tls'),
  ];
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig([http, tls, slow, slowTls], { folder, echoModule, certificate, key }));
  const log = join(folder, 'error.log');
  const child = spawn(program, ['-e', log, '-p', folder, '-c', config], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    for (let waited = 0; !(await isListening(http.port)); waited += 50) {
      signal.throwIfAborted();
      if (child.exitCode !== null || waited > START_TIMEOUT_MS) throw new Error(`nginx: ${readFileSync(log, 'utf8')}`);
      await sleep(50);
    }
    await checkRules(`http://127.0.0.1:${http.port}`);
  } catch (error) {
    await stop();
    throw error;
  }
  const sink = (listener: Listener): Sink => sinkOf(listener, folder, listener.tls ? certificate : undefined);
  return { sinks: { http: sink(http), tls: sink(tls), 'slow-http': sink(slow), 'slow-tls': sink(slowTls) }, stop };
}

function sinkOf({ name, port, tls }: Listener, folder: string, certificate: string | undefined): Sink {
  const log = readLog(join(folder, `${name}.log`));
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    certificate,
    etags: false,
    async requests() {
      const lines = (await log.lines()).map((line) => line.split(' '));
      return countRequests(
        lines.map(([verb = '', status = '', payload]) => ({ verb, status, unsigned: payload === 'unsigned' })),
      );
    },
  };
}

const createCertificate = (certificate: string, key: string, signal: AbortSignal): Promise<void> =>
  run(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-batch',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=127.0.0.1',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', certificate, '-keyout', key],
    ],
    { signal, quiet: true },
  );

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
