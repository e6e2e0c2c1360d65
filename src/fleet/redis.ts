import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { UsageError } from '../errors.js';
import { maskAddress } from '../report/mask-secrets.js';
import { msg } from '../report/message.js';
import { CLUSTER, queueError } from './redis-errors.js';
import { within } from './within.js';

export type Packages = typeof import('./packages.js');

/** Loads BullMQ and ioredis. @throws UsageError with the line that installs them */
export async function loadPackages(): Promise<Packages> {
  return import('./packages.js').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = /MODULE_NOT_FOUND$/.test(code ?? '')
      ? 'which are not installed'
      : `which cannot be loaded (${message})`;
    throw new UsageError(
      `A fleet of workers needs the packages bullmq and ioredis, ${why}.`,
      'npm install bullmq ioredis adds them.',
    );
  });
}

/** The address of a queue as messages show it: without its password. */
export function queueLabel(url: string): string {
  return maskAddress(url);
}

/**
 * Checks the address of a queue.
 * @throws UsageError for anything but `redis://` and `rediss://`
 */
export function checkQueueUrl(url: string): string {
  const shown = queueLabel(url);
  // Without an example that has a password: messages mask it.
  const fix =
    'Write redis://host:6379, or rediss:// for TLS; user:password and an "at" sign may stand before the host.';
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new UsageError(msg`{queue} is "${shown}", which is no address.`, fix);
  }
  if (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:')
    throw new UsageError(msg`{queue} is "${shown}"; it must begin with redis:// or rediss://.`, fix);
  if (parsed.hostname === '') throw new UsageError(msg`{queue} is "${shown}", which names no host.`, fix);
  if (!/^\/?\d*$/.test(parsed.pathname))
    throw new UsageError(msg`{queue} is "${shown}"; after the host only the number of a database may follow.`, fix);
  // ioredis would take a query for options of its own, of TLS too.
  if (parsed.search !== '' || parsed.hash !== '')
    throw new UsageError(
      msg`{queue} is "${shown}"; it can have no "?" and no "#".`,
      'Write %3F for each "?" in the user or the password, and %23 for "#".',
    );
  if (![parsed.username, parsed.password].every(isEscaped))
    throw new UsageError(
      msg`{queue} is "${shown}", whose user or password has a "%" that begins no escape.`,
      'Write %25 for each "%" in them, %2F for "/" and %23 for "#".',
    );
  return url;
}

function isEscaped(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** How long one command of the coordinator may take, in ms: one without an answer is sent again. */
const COMMAND_MS = 15_000;

/** How long the first connection may take; tests replace it. */
export interface ConnectTimes {
  /** Until the server answers, in ms. */
  readonly answerMs: number;
  /** Until it has loaded its file, in ms. */
  readonly loadingMs: number;
}

const CONNECT_TIMES: ConnectTimes = { answerMs: 10_000, loadingMs: 60_000 };

/**
 * Connects to Redis, and checks that it can be a queue. Later it reconnects by itself for as long as it takes.
 * @param blocking of a worker: its commands may wait for jobs
 * @throws UsageError where it cannot be reached, refuses the user, is too old, or may evict keys
 */
export async function connect(
  { Redis }: Packages,
  url: string,
  blocking: boolean,
  times: Partial<ConnectTimes> = {},
): Promise<Redis> {
  const { answerMs, loadingMs } = { ...CONNECT_TIMES, ...times };
  const shown = queueLabel(checkQueueUrl(url));
  let begun = false;
  // The scheme in lower case: ioredis connects without TLS for any other.
  const redis = new Redis(new URL(url).href, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: answerMs,
    keepAlive: 10_000,
    ...(!blocking && { commandTimeout: COMMAND_MS }),
    // The first answers are judged here, so that a user without the right to INFO sees an error, and no warning of ioredis.
    enableReadyCheck: false,
    disableClientInfo: true,
    // After a failover the same address leads to the new primary.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    // Until the first connection an error is the user's to see.
    retryStrategy: (count) => (begun ? Math.min(count * 100, 2_000) : null),
  });
  let last: Error | undefined;
  redis.on('error', (error: Error) => {
    last = error;
  });
  try {
    // A server may take the connection, and say nothing.
    await within(answerMs + 1_000, redis.connect());
    const info = await loadedInfo(redis, shown, answerMs, loadingMs);
    // A database that does not exist is an error, after which ioredis goes on with another one.
    if (last !== undefined) throw last;
    checkServer(info, shown);
    begun = true;
    redis.options.enableReadyCheck = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof UsageError) throw error;
    throw queueError(shown, ...(last === undefined ? [] : [last]), error as Error);
  }
}

/** What INFO says, once the server has loaded its file. @throws UsageError where that takes too long */
async function loadedInfo(redis: Redis, shown: string, answerMs: number, loadingMs: number): Promise<string> {
  for (const until = performance.now() + loadingMs; ; ) {
    const info = await within(answerMs, redis.info());
    if (!/^loading:1/m.test(info)) return info;
    if (performance.now() > until)
      throw new UsageError(
        `The queue ${shown} is still loading its file after ${Math.round(loadingMs / 1_000)} seconds.`,
        'Start again when it is done: redis-cli info persistence shows how far it is.',
      );
    await sleep(Math.min(500, loadingMs / 4));
  }
}

/** The oldest Redis that works; Valkey has all that came after it. */
const OLDEST = [6, 2] as const;

/**
 * Checks what INFO says. Valkey says which Redis it is compatible with, so that one check is enough for both.
 * @throws UsageError for a server that is too old, that takes no writes, or that may evict the keys of the queue
 * @see https://docs.bullmq.io/guide/going-to-production
 */
export function checkServer(info: string, shown: string): void {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = field('redis_version') ?? '';
  const mode = field('redis_mode') ?? field('server_mode');
  if (mode === 'sentinel')
    throw new UsageError(
      `The queue ${shown} is Redis Sentinel, which only knows where Redis is.`,
      'Give the address of the primary that it watches: redis-cli sentinel masters lists it.',
    );
  if (mode === 'cluster' || field('cluster_enabled') === '1')
    throw new UsageError(`The queue ${shown} ${CLUSTER.is}.`, CLUSTER.fix);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw new UsageError(
      `The queue ${shown} is Redis ${version === '' ? 'of an unknown version' : version}, and 6.2 is the oldest that works.`,
      'Use Redis 6.2 or later, or Valkey.',
    );
  if (field('role') === 'slave' || field('role') === 'replica') {
    const primary = [field('master_host'), field('master_port')].filter((one) => one !== undefined).join(':');
    throw new UsageError(
      `The queue ${shown} is a replica, which takes no writes.`,
      `Give the address of its primary${primary === '' ? '' : `, which is ${primary}`}.`,
    );
  }
  const policy = field('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    throw new UsageError(
      `The queue ${shown} has maxmemory-policy ${policy}, so that it may drop jobs without a word.`,
      'Set it to noeviction: redis-cli config set maxmemory-policy noeviction, and the same in redis.conf.',
    );
}
