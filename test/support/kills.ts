import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { S3Server } from 'fake-s3';
import { noise, partNumber } from './parts.js';
import { until } from './until.js';

const CLI = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));

export interface Kills {
  readonly rounds: number;
  /** Bytes of the file, at most so many a second, in parts of so many. */
  readonly size: number;
  readonly perSecond: number;
  readonly partSize: number;
  /** Threads that send; default 1. */
  readonly threads?: number;
}

/** The result of one round. */
export interface Killed {
  /** Parts that were stored when the process was gone. */
  readonly arrived: number;
  readonly parts: number;
}

/** Starts the command in a process of its own. */
export function startPut(server: S3Server, cwd: string, argv: readonly string[]): ChildProcess {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: cwd,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: server.region,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return spawn(process.execPath, [CLI, '--endpoint-url', server.url, ...argv], { cwd, env, stdio: 'ignore' });
}

/**
 * Kills a put of one file at random moments, and runs it again to its end each time: no part that was stored is sent again, and what is stored
 * in the end has the bytes of the file.
 * @param file named `big.bin`, in this directory
 */
export async function killAndRerun(server: S3Server, cwd: string, kills: Kills): Promise<Killed[]> {
  const { rounds, size, perSecond, partSize, threads = 1 } = kills;
  const parts = Math.ceil(size / partSize);
  const bytes = noise(size);
  const argv = ['big.bin', 's3://site', '--concurrency', '4', '--part-size', String(partSize), '--put', 'stupid'];
  argv.push('--threads', String(threads));
  const all: Killed[] = [];
  for (let round = 0; round < rounds; round++) {
    server.mode({ bytesPerSecond: perSecond }, 'site');
    const child = startPut(server, cwd, argv);
    const stored = (): number[] =>
      [...(server.uploads('site')[0]?.parts.keys() ?? [])].filter((number) => number < 10_000);
    // Somewhere between the first part and the last but four, which may be in flight.
    const enough = 1 + Math.floor(Math.random() * (parts - 5));
    await until(() => stored().length >= enough || child.exitCode !== null);
    await sleep((Math.random() * partSize * 1_000) / perSecond);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    // Bytes in the sockets may still arrive.
    await until(() => server.open === 0);
    const arrived = new Set(stored());
    server.clearRequests();
    server.mode({ bytesPerSecond: Number.POSITIVE_INFINITY }, 'site');
    const [code] = await once(startPut(server, cwd, argv), 'close');
    assert.equal(code, 0);
    const sent = server.requests.filter(({ verb }) => verb === 'UploadPart').map(partNumber);
    const again = sent.filter((number) => arrived.has(number));
    assert.deepEqual(again, [], `round ${round}: parts ${again} were stored and sent again`);
    assert.equal(hash('sha256', server.object('site', 'big.bin')?.body ?? ''), hash('sha256', bytes));
    assert.deepEqual(server.uploads('site'), []);
    all.push({ arrived: arrived.size, parts });
  }
  return all;
}
