import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, utimesSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { programOf } from '../servers/install.js';
import { KEYS, KNOWN_SERVERS } from '../servers/known-servers.js';
import { startServer } from '../servers/start-server.js';
import { noise } from '../support/parts.js';
import { makeTree } from '../support/tree.js';
import { type RealUploads, realUploads } from './real-uploads.js';
import { slowLineTo } from './slow-line.js';

const CLI = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));
const PART = 8 * 1024 * 1024;
const SIZE = 200e6;
const PARTS = Math.ceil(SIZE / PART);
const PER_SECOND = 40e6;
/** Four parts share the line at first: before they are through there is nothing to lose. */
const SOONEST = (4.5 * PART) / SIZE;
const ARGV = ['big.bin', 's3://site', '--concurrency', '4', '--part-size', String(PART), '--put', 'stupid'];

const versitygw = KNOWN_SERVERS.find(({ name }) => name === 'versitygw');
const missing = versitygw === undefined || !existsSync(programOf(versitygw));
const skip = missing && 'versitygw is not in the cache: npm run test:servers -- --install';

function startPut(url: string, cwd: string): ChildProcess {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: cwd,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const argv = [CLI, '--endpoint-url', url, '--force-path-style', ...ARGV];
  return spawn(process.execPath, argv, { cwd, env, stdio: 'ignore' });
}

/** Parts of the unfinished upload, once no more arrive of what was on its way in the sockets. */
async function settled(real: RealUploads): Promise<Set<number>> {
  for (let before = -1; ; ) {
    const [upload] = await real.uploads();
    const parts = upload === undefined ? new Set<number>() : await real.parts('big.bin', upload);
    if (parts.size === before) return parts;
    before = parts.size;
    await sleep(300);
  }
}

/**
 * Kills a put at random moments, each time runs it again to its end, and holds the second run to what the server had listed before.
 * @param again directory of the second runs
 * @returns parts that were stored when the process was gone, by round
 */
async function killAndRerun(t: TestContext, rounds: number, first: string, again: string): Promise<number[]> {
  if (versitygw === undefined) throw new TypeError('versitygw is known');
  const server = await startServer(versitygw, AbortSignal.timeout(600_000));
  t.after(() => server.stop());
  await server.ready;
  const line = await slowLineTo(t, server.endpoint.url);
  const real = realUploads(server.endpoint, 'site');
  await real.make();
  const digest = hash('sha256', noise(SIZE));
  const stored: number[] = [];
  for (let round = 0; round < rounds; round++) {
    line.bytesPerSecond = PER_SECOND;
    const child = startPut(line.url, first);
    while ((await real.uploads()).length === 0 && child.exitCode === null) await sleep(20);
    await sleep(((SOONEST + (0.9 - SOONEST) * Math.random()) * SIZE * 1_000) / PER_SECOND);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    const arrived = await settled(real);
    line.requests.length = 0;
    line.bytesPerSecond = Number.POSITIVE_INFINITY;
    const [code] = await once(startPut(line.url, again), 'close');
    assert.equal(code, 0);
    const sent = line.requests.flatMap((request) => /^PUT .*[?&]partNumber=(\d+)/.exec(request)?.[1] ?? []).map(Number);
    const twice = sent.filter((number) => arrived.has(number));
    assert.deepEqual(twice, [], `round ${round}: parts ${twice} were stored and sent again`);
    assert.equal(await real.digest('big.bin'), digest);
    assert.deepEqual(await real.uploads(), []);
    stored.push(arrived.size);
  }
  t.diagnostic(`stored when killed, of ${PARTS}: ${stored.join(', ')}`);
  return stored;
}

const midway = (stored: readonly number[]): number => stored.filter((count) => count > 0 && count < PARTS).length;

test('20 kills of a 200 MB file on versitygw: each rerun sends only what is missing', { skip }, async (t) => {
  const cwd = makeTree(t, { 'big.bin': noise(SIZE) });
  const stored = await killAndRerun(t, 20, cwd, cwd);
  assert.ok(midway(stored) >= 15, String(stored));
});

test('so it does from another directory, of a file with another time', { skip }, async (t) => {
  const [first, again] = [makeTree(t, { 'big.bin': noise(SIZE) }), makeTree(t, { 'big.bin': noise(SIZE) })];
  utimesSync(`${again}/big.bin`, 1_000_000_000, 1_000_000_000);
  const stored = await killAndRerun(t, 4, first, again);
  assert.ok(midway(stored) >= 3, String(stored));
});
