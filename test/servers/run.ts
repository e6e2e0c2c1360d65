// Runs the suites against real S3 servers: `npm run test:servers -- [--install] [versitygw] [minio] [s3mock]`.
// Starts each on a free port of 127.0.0.1 with a throwaway folder, and always stops it. S3PP_SERVERS names servers that run already instead.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { endpointsOf, type NamedEndpoint } from './endpoints.js';
import { checkInstalled, install } from './install.js';
import { KNOWN_SERVERS, type KnownServer, USUAL } from './known-servers.js';
import { type RunningServer, startServer } from './start-server.js';

const FILES = ['engine.test.ts', 'raw.test.ts', 'action.test.ts', 'gulp.test.ts'].map((name) =>
  join(import.meta.dirname, name),
);
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The servers that the command line names, or the usual ones. */
function chosen(words: readonly string[]): KnownServer[] {
  const names = words.filter((word) => word !== '--install');
  return (names.length === 0 ? USUAL : names).map((name) => {
    const known = KNOWN_SERVERS.find((server) => server.name === name);
    if (known !== undefined) return known;
    throw new Error(`${name} is no option and no server: ${KNOWN_SERVERS.map((server) => server.name).join(', ')}.`);
  });
}

/** Exit code of the tests. */
function runTests(endpoints: readonly NamedEndpoint[], stop: AbortSignal): Promise<number> {
  const env = { ...process.env, S3PP_SERVERS: JSON.stringify(endpoints), AWS_EC2_METADATA_DISABLED: 'true' };
  const args = ['--import', 'tsx', '--test', '--test-timeout=300000', '--test-concurrency=2', ...FILES];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit', env });
    const end = (): void => void child.kill('SIGTERM');
    stop.addEventListener('abort', end);
    child.once('error', reject);
    child.once('exit', (code) => {
      stop.removeEventListener('abort', end);
      resolve(code ?? 1);
    });
  });
}

async function onStarted(servers: readonly KnownServer[], stop: AbortSignal): Promise<number> {
  const running: RunningServer[] = [];
  try {
    for (const server of servers) running.push(await startServer(server, stop));
    await Promise.all(running.map(({ ready }) => ready));
    stop.throwIfAborted();
    for (const { endpoint } of running) console.log(`${endpoint.name} answers at ${endpoint.url}.`);
    return await runTests(
      running.map(({ endpoint }) => endpoint),
      stop,
    );
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

async function main(words: readonly string[], stop: AbortSignal): Promise<number> {
  const given = process.env.S3PP_SERVERS ?? '';
  if (given.trim() !== '') return runTests(endpointsOf(given), stop);
  const servers = chosen(words);
  if (words.includes('--install')) await install(servers, stop);
  checkInstalled(servers);
  return onStarted(servers, stop);
}

const stop = new AbortController();
let ending: number | undefined;
for (const signal of SIGNALS) {
  process.on(signal, () => {
    ending ??= 128 + constants.signals[signal];
    stop.abort();
  });
}
main(process.argv.slice(2), stop.signal).then(
  (code) => {
    process.exitCode = ending ?? code;
  },
  (error: Error) => {
    if (ending === undefined) console.error(error.message);
    process.exitCode = ending ?? 1;
  },
);
