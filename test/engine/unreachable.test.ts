import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type S3Server, startS3Server } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const OBJECTS = 80;
const CONCURRENCY = 8;
const FILES = Object.fromEntries(Array.from({ length: OBJECTS }, (_, i) => [`f${i}`, `${i}`]));

for (const mode of ['update', 'stupid'] as const) {
  test(`a refused connection ends a run in mode ${mode} with one message and a hint`, async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, FILES);
    let requests = 0;
    const onEvent: PutOptions['onEvent'] = ({ type }) => {
      if (type === 'request') requests += 1;
    };
    let waited = 0;
    const sleep = async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      waited = Math.max(waited, ms);
    };
    const clock = { now: () => 0, random: () => 0.99, sleep };
    const endpointUrl = `http://127.0.0.1:${await unusedPort()}`;
    const { error, report } = await run(
      server,
      { source, mode, endpointUrl, onEvent, concurrency: CONCURRENCY },
      { ...IMPATIENT, clock },
    );
    assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'ECONNREFUSED']);
    assert.match(error?.hint ?? '', /endpointUrl/);
    assert.match(error?.message ?? '', /127\.0\.0\.1.*after 8 attempts/);
    assert.deepEqual([report.complete, report.counts.put], [false, 0]);
    assert.equal(report.notAttempted, OBJECTS - report.counts.fail);
    assert.equal(report.counts.fail > 0, mode === 'stupid');
    assert.ok(requests <= (mode === 'update' ? 8 : CONCURRENCY * 8 * 2), `${requests} requests`);
    // A wrong endpoint is reported within seconds: the waits of many requests do not add up.
    assert.ok(waited < 5_000, `waited ${waited} ms`);
  });
}

test('no credentials at all end a run in any mode with one message and a hint', async (t) => {
  const server = await serverFor(t);
  const home = makeTree(t, {
    'home/': '',
    ...Object.fromEntries(Object.entries(FILES).map(([k, v]) => [`t/${k}`, v])),
  });
  const root = join(import.meta.dirname, '../..');
  const options = { source: join(home, 't'), bucket: 'site', endpointUrl: server.url, region: 'us-east-1' };
  const program = `
    import { put } from ${JSON.stringify(pathToFileURL(join(root, 'src/index.ts')).href)};
    const all = [];
    for (const mode of ['update', 'stupid']) {
      const ended = await put({ ...${JSON.stringify(options)}, mode }).then(() => 'resolved', (error) => error);
      const { name, code, message, hint, report } = ended;
      all.push({ mode, name, code, message, hint, report });
    }
    console.log(JSON.stringify(all));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: root, env: { PATH: process.env.PATH, HOME: join(home, 'home'), AWS_EC2_METADATA_DISABLED: 'true' } },
  );
  const all = JSON.parse(stdout) as (Record<'mode' | 'name' | 'code' | 'message' | 'hint', string> & {
    report: { complete: boolean; notAttempted: number; failures: { message: string }[] };
  })[];
  assert.deepEqual(
    all.map(({ mode }) => mode),
    ['update', 'stupid'],
  );
  for (const { mode, name, code, hint, message, report } of all) {
    assert.deepEqual([name, code], ['RunStoppedError', 'CredentialsProviderError'], mode);
    assert.match(hint, /AWS_ACCESS_KEY_ID/);
    assert.doesNotMatch(message, /\n/);
    const { complete, failures, notAttempted } = report;
    assert.deepEqual(
      [complete, failures.length > 0, notAttempted],
      [false, mode === 'stupid', OBJECTS - failures.length],
      mode,
    );
  }
  assert.equal(server.requests.length, 0);
});

for (const httpClient of ['sockets', 'undici'] as const)
  test(`${httpClient}: a server that restarts within seconds costs no object`, async (t) => {
    const first = await serverFor(t);
    let restarted: Promise<S3Server> | undefined;
    let puts = 0;
    const onEvent: PutOptions['onEvent'] = (event) => {
      if (event.type === 'request' && event.verb === 'PutObject' && ++puts === 100) restarted = restart(first, 2_000);
    };
    t.after(async () => (await restarted)?.close());
    const source = makeTree(t, Object.fromEntries(Array.from({ length: 602 }, (_, i) => [`f${i}`, `${i}`])));
    // With the waits of a real run.
    const { error, report } = await run(first, { source, httpClient, onEvent }, {});
    assert.equal(error, undefined);
    assert.deepEqual([report.counts.put, report.counts.fail], [602, 0]);
    assert.ok(report.retries > 0);
  });

async function restart(server: S3Server, ms: number): Promise<S3Server> {
  await server.close();
  await sleep(ms);
  return startS3Server({ buckets: ['site'], port: server.port });
}

/** A port on which nothing listens any more. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
