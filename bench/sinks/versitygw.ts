import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOf } from '../../test/servers/install.js';
import { KNOWN_SERVERS, type KnownServer } from '../../test/servers/known-servers.js';
import { startServer } from '../../test/servers/start-server.js';
import { type Buckets, bucketsOf } from './buckets.js';
import { readLog } from './log-reader.js';
import { count, type Sink } from './sink.js';

/** A real server: what is in it can be made and looked at, outside of the measured time. */
export interface RealServer extends Sink {
  readonly buckets: Buckets;
  stop(): Promise<void>;
}

export const VERSITYGW: KnownServer = known('versitygw');

/** Why versitygw cannot be started. */
export const versitygwMissing = (): string | undefined =>
  existsSync(programOf(VERSITYGW)) ? undefined : `${VERSITYGW.name} ${VERSITYGW.version} is not in the cache`;

/** Starts versitygw with kept connections, and with its access log, which costs it a line per request for every client alike. */
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
    requests: async () => count((await log.lines()).flatMap(requestOf)),
  };
}

function known(name: string): KnownServer {
  const server = KNOWN_SERVERS.find((one) => one.name === name);
  if (server === undefined) throw new Error(`test/servers knows no ${name}.`);
  return server;
}

function withOptions(server: KnownServer, ...options: readonly string[]): KnownServer {
  return {
    ...server,
    command: (place) => {
      const { command, env } = server.command(place);
      const [program, ...args] = command;
      return { command: [program, ...options, ...args], env };
    },
  };
}

/** A line has `… s3_PutObject key /bucket/key 200 …`. */
function requestOf(line: string): { verb: string; status: string }[] {
  const [, operation = '', status = ''] = / s3_(\w+) \S+ \S+ (\d{3}) /.exec(line) ?? [];
  if (operation === '') return [];
  return [{ verb: /^List|^[A-Z][a-z]+/.exec(operation)?.[0].toUpperCase() ?? operation, status }];
}
