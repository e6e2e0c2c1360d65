import type { Redis } from 'ioredis';
import { UsageError } from '../errors.js';
import { maskAddress } from '../report/mask-secrets.js';
import { msg } from '../report/message.js';

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
/** The first connection, in ms. */
const CONNECT_MS = 10_000;

/**
 * Connects to Redis, and checks that it can be a queue. Later it reconnects by itself for as long as it takes.
 * @param blocking of a worker: its commands may wait for jobs
 * @throws UsageError where it cannot be reached, refuses the user, is too old, or may evict keys
 */
export async function connect({ Redis }: Packages, url: string, blocking: boolean): Promise<Redis> {
  const shown = queueLabel(checkQueueUrl(url));
  let begun = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_MS,
    keepAlive: 10_000,
    ...(!blocking && { commandTimeout: COMMAND_MS }),
    // Until the first connection an error is the user's to see.
    retryStrategy: (times) => (begun ? Math.min(times * 100, 2_000) : null),
  });
  let last: Error | undefined;
  redis.on('error', (error: Error) => {
    last = error;
  });
  try {
    await redis.connect();
    begun = true;
    checkServer(await redis.info(), shown);
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof UsageError) throw error;
    throw connectError(shown, last ?? (error as Error), error as Error);
  }
}

function connectError(shown: string, ...errors: readonly Error[]): UsageError {
  const said = errors.map(({ message }) => message).find((text) => text !== '' && !/^Connection is closed/.test(text));
  const code = errors.map((error) => (error as NodeJS.ErrnoException).code).find((one) => one !== undefined);
  const text = said ?? code ?? 'no answer';
  if (/NOAUTH|WRONGPASS|invalid password|invalid username/i.test(text))
    return new UsageError(
      `The queue ${shown} refuses the user: ${text}.`,
      'Check user:password before the host; in S3PP_QUEUE the password stays out of the list of processes.',
    );
  if (/NOPERM/.test(text))
    return new UsageError(`The queue ${shown} does not allow INFO: ${text}.`, 'Give the user +info.');
  return new UsageError(
    `The queue ${shown} cannot be reached: ${text}.`,
    'Check the address, or start Redis: redis-server --appendonly yes --maxmemory-policy noeviction.',
  );
}

/** The oldest Redis that works; Valkey has all that came after it. */
const OLDEST = [6, 2] as const;

/**
 * Checks what INFO says.
 * @throws UsageError for a server that is too old, or that may evict the keys of the queue
 * @see https://docs.bullmq.io/guide/going-to-production
 */
export function checkServer(info: string, shown: string): void {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = field('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw new UsageError(
      `The queue ${shown} is Redis ${version === '' ? 'of an unknown version' : version}, and 6.2 is the oldest that works.`,
      'Use Redis 6.2 or later, or Valkey.',
    );
  const policy = field('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    throw new UsageError(
      `The queue ${shown} has maxmemory-policy ${policy}, so that it may drop jobs without a word.`,
      'Set it to noeviction: redis-cli config set maxmemory-policy noeviction, and the same in redis.conf.',
    );
}
