import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import type { S3Server } from 'fake-s3';
import type { RangeSize } from '../../src/fleet/range-job.js';
import { copyByFleet, type FleetInternals, putByFleet } from '../../src/fleet.js';
import type { CopyOptions, PutOptions } from '../../src/index.js';
import type { PutInternals } from '../../src/open-put.js';
import { prepareCopy } from '../../src/prepare-copy.js';
import { preparePut } from '../../src/prepare-put.js';
import { builtProgram } from './built-program.js';
import { connection, follow, type Ran } from './engine.js';
import type { FleetProcess } from './fleet-process.js';
import type { TestRedis } from './redis.js';
import { until } from './until.js';

const PROGRAM = 'test/support/fleet-process.ts';

/** Short waits, so that tests of lost workers take seconds. */
export const QUICK: FleetInternals = {
  pollMs: 20,
  workersMs: 100,
  holdMs: 1_000,
  patienceMs: 60_000,
  refusedMs: 300,
  batchSize: 10,
};
const QUICK_WORKER = { lockMs: 1_000, stalledMs: 300, graceMs: 20_000, pollMs: 20 };

/** A process of a fleet. */
export interface FleetMember {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves when a line of its output has this text; rejects where it ends before. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
  readonly ended: Promise<unknown>;
}

/** Starts a worker, or a coordinator of a put, in a process of its own, which ends with the test. */
export function startMember(
  t: TestContext,
  asked: FleetProcess,
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): FleetMember {
  const argv = [builtProgram(PROGRAM), JSON.stringify(asked)];
  const { PATH } = process.env;
  const env = { PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...options.env };
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let text = '';
  const take = (more: string): void => {
    text += more;
    lines.splice(0, lines.length, ...text.split('\n'));
  };
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  const ended = once(child, 'close');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (!isOver()) child.kill(signal);
    await ended;
  };
  t.after(() => kill('SIGKILL'));
  return {
    child,
    lines,
    ended,
    kill,
    async said(wanted) {
      await until(() => text.includes(wanted) || isOver());
      if (!text.includes(wanted)) throw new Error(`it ended before it said "${wanted}": ${text}`);
    },
  };
}

/** A worker with the credentials of a server. */
export function startWorker(
  t: TestContext,
  redis: TestRedis,
  server: S3Server,
  options: {
    readonly own?: object;
    readonly times?: object;
    readonly rangeSize?: Partial<RangeSize>;
    readonly internals?: PutInternals;
    readonly env?: Readonly<Record<string, string>>;
    readonly allowSource?: readonly string[];
    readonly allowDestination?: readonly string[];
  } = {},
): FleetMember {
  const { credentials } = connection(server);
  const own = { concurrency: 4, credentials, ...options.own };
  const times = { ...QUICK_WORKER, ...options.times };
  const { env = {}, allowSource, allowDestination, rangeSize = {}, internals = {} } = options;
  const worker = { queue: redis.url, own, times, allowSource, allowDestination, rangeSize, internals };
  return startMember(t, { role: 'worker', ...worker }, { env });
}

/** The library of faketime, as its command preloads it: the command itself would stay between a test and its process. Undefined where it is not installed. */
export function faketimeLibrary(): string | undefined {
  const { status, stdout } = spawnSync('faketime', ['-f', '+0', 'env'], { encoding: 'utf8' });
  return status === 0 ? /^LD_PRELOAD=(.+)$/m.exec(stdout)?.[1] : undefined;
}

/** Runs a put by workers to its end, with the coordinator in this process. */
export async function runFleetPut(
  server: S3Server,
  redis: TestRedis,
  options: Partial<PutOptions> & Pick<PutOptions, 'source'>,
  internals: FleetInternals = QUICK,
  queueRun = `run.${Math.random().toString(36).slice(2)}`,
): Promise<Ran> {
  const given = { bucket: 'site', ...connection(server), signal: redis.over, ...options };
  return follow((onEvent) => putByFleet(preparePut(given), given, { queue: redis.url, queueRun }, onEvent, internals));
}

/** The same for a copy, by default from the bucket `from` to the bucket `site`. */
export async function runFleetCopy(
  server: S3Server,
  redis: TestRedis,
  options: Partial<CopyOptions> = {},
  internals: FleetInternals = QUICK,
): Promise<Ran> {
  const given = {
    source: 's3://from',
    destination: 's3://site',
    ...connection(server),
    signal: redis.over,
    ...options,
  };
  const queueRun = `run.${Math.random().toString(36).slice(2)}`;
  return follow((onEvent) =>
    copyByFleet(prepareCopy(given), given, { queue: redis.url, queueRun }, onEvent, internals),
  );
}
