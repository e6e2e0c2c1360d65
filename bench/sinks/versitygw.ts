import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOf } from '../../test/servers/install.js';
import { KNOWN_SERVERS, type KnownServer } from '../../test/servers/known-servers.js';
import { startServer } from '../../test/servers/start-server.js';
import { type Buckets, bucketsOf } from './buckets.js';
import { readLog } from './log-reader.js';
import { countRequests, type Sink } from './sink.js';

/** A real server: its buckets can be filled and checked, outside of the measured time. */
export interface RealServer extends Sink {
  readonly buckets: Buckets;
  stop(): Promise<void>;
}

export const VERSITYGW: KnownServer = knownServer('versitygw');

/** Why versitygw cannot be started; undefined if it can. */
export const versitygwMissing = (): string | undefined =>
  existsSync(programOf(VERSITYGW)) ? undefined : `${VERSITYGW.name} ${VERSITYGW.version} is not in the cache`;

/** Starts versitygw with keep-alive, and with its access log: a line for each request, for every client alike. */
export async function startVersitygw(signal: AbortSignal): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), 's3pp-bench-log-'));
  const file = join(folder, 'access.log');
  const server = await startServer(withOptions(VERSITYGW, '--keep-alive', '--access-log', file), signal);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await server.ready;
  } catch (error) {
    await stop();
    throw error;
  }
  const log = readLog(file);
  return {
    url: server.endpoint.url,
    etags: true,
    buckets: bucketsOf(server.endpoint),
    stop,
    requests: async () => countRequests((await log.lines()).flatMap(requestOf)),
  };
}

function knownServer(name: string): KnownServer {
  const server = KNOWN_SERVERS.find((one) => one.name === name);
  if (server === undefined) throw new Error(`test/servers has no ${name}.`);
  return server;
}

function withOptions(server: KnownServer, ...options: readonly string[]): KnownServer {
  return {
    ...server,
    command: (context) => {
      const { command, env } = server.command(context);
      const [program, ...args] = command;
      return { command: [program, ...options, ...args], env };
    },
  };
}

/** Parses a line of the access log: `… s3_PutObject key /bucket/key 200 …`. */
function requestOf(line: string): { verb: string; status: string }[] {
  const [, operation = '', status = ''] = / s3_(\w+) \S+ \S+ (\d{3}) /.exec(line) ?? [];
  if (operation === '') return [];
  return [{ verb: /^List|^[A-Z][a-z]+/.exec(operation)?.[0].toUpperCase() ?? operation, status }];
}
