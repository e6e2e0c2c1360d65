import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Server } from 'fake-s3';
import { type BatchWork, type SharedRuns, sharedRuns } from '../../src/fleet/shared-run.js';
import type { PutOptions } from '../../src/index.js';
import { preparePut } from '../../src/prepare-put.js';
import { filesOf, putPrepared } from '../../src/put.js';
import type { Source } from '../../src/source/types.js';
import { connection, IMPATIENT, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const FILES = { 'a.txt': 'a', 'b.txt': 'bb', 'c.txt': 'ccc', 'd.txt': 'dddd', 'e.txt': 'eeeee', 'f.txt': 'f' };
const NAMES = Object.keys(FILES);

/** Makes batches of one directory, and counts the runs that they start. */
function batchesOf(server: S3Server, source: string) {
  let started = 0;
  return {
    get started() {
      return started;
    },
    batch(paths: readonly string[], options: Partial<PutOptions> = {}): BatchWork<Source> {
      const given = {
        bucket: 'site',
        ...connection(server),
        source,
        filesFrom: paths,
        ifNoFilesFound: 'ignore',
      } as const;
      const prepared = preparePut({ ...given, ...options });
      return {
        run: JSON.stringify(options),
        keys: paths,
        part: filesOf(prepared),
        start(parts, onEvent) {
          started += 1;
          return { job: putPrepared(prepared, onEvent, { ...IMPATIENT, parts }), keepsFiles: () => false };
        },
      };
    },
  };
}

async function withRuns<T>(work: (runs: SharedRuns, signal: AbortSignal) => Promise<T>, idleMs?: number): Promise<T> {
  const runs = sharedRuns(idleMs);
  try {
    return await work(runs, new AbortController().signal);
  } finally {
    await runs.close();
  }
}

test('batches with the same options share a run, and each has its own outcomes', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'c.txt', 'ccc');
  const batches = batchesOf(server, makeTree(t, FILES));
  const done = await withRuns(async (runs, signal) => {
    const both = await Promise.all([
      runs.run(batches.batch(NAMES.slice(0, 2)), signal),
      runs.run(batches.batch(NAMES.slice(2, 4)), signal),
    ]);
    return [...both, await runs.run(batches.batch(NAMES.slice(4)), signal)];
  });
  assert.equal(batches.started, 1);
  assert.deepEqual(
    done.map(({ state, outcomes }) => [state, outcomes.map((one) => one?.action)]),
    [
      ['done', ['put', 'put']],
      ['done', ['skip', 'put']],
      ['done', ['put', 'put']],
    ],
  );
  const requests = done.map(({ counts }) => Object.values(counts.requests).reduce((sum, one) => sum + one, 0));
  assert.equal(
    requests.reduce((sum, one) => sum + one, 0),
    server.requests.length,
  );
  for (const [key, text] of Object.entries(FILES)) assert.equal(String(server.object('site', key)?.body), text);
});

test('batches with other options wait for the end of the run that is open', async (t) => {
  const server = await serverFor(t);
  const batches = batchesOf(server, makeTree(t, FILES));
  const done = await withRuns((runs, signal) =>
    Promise.all(
      NAMES.map((name, at) => runs.run(batches.batch([name], { cacheControl: `max-age=${at % 3}` }), signal)),
    ),
  );
  assert.deepEqual(
    done.map(({ state, outcomes }) => [state, outcomes[0]?.action]),
    NAMES.map(() => ['done', 'put']),
  );
  for (const [at, name] of NAMES.entries())
    assert.equal(server.object('site', name)?.headers['cache-control'], `max-age=${at % 3}`);
});

test('failures that may end the run are decided although no other batch comes', async (t) => {
  const server = await serverFor(t);
  const batches = batchesOf(server, makeTree(t, FILES));
  await withRuns(async (runs, signal) => {
    server.mode({ deny: [{ verb: 'PutObject', key: /./ }] }, 'site');
    const denied = await runs.run(batches.batch(NAMES.slice(0, 3)), signal);
    assert.equal(denied.state, 'ended');
    assert.equal(denied.error?.code, 'AccessDenied');
    assert.deepEqual(
      denied.outcomes.map((one) => one?.action),
      ['fail', 'fail', 'fail'],
    );
    server.mode({ deny: [{ verb: 'PutObject', key: /e\.txt$/ }] }, 'site');
    const next = await runs.run(batches.batch(NAMES.slice(3)), signal);
    assert.equal(next.state, 'done');
    assert.deepEqual(
      next.outcomes.map((one) => one?.action),
      ['put', 'fail', 'put'],
    );
  });
  assert.equal(batches.started, 2);
});

test('an error that ends the run ends the batches that it had begun, and no others', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, FILES);
  const batches = batchesOf(server, source);
  const done = await withRuns(async (runs, signal) => {
    const options = { bucket: 'missing' };
    const missing = runs.run(batches.batch(NAMES.slice(0, 3), options), signal);
    const good = runs.run(batches.batch(NAMES.slice(3)), signal);
    return Promise.all([missing, good]);
  });
  assert.deepEqual(
    done.map(({ state, error }) => [state, error?.code]),
    [
      ['ended', 'NoSuchBucket'],
      ['done', undefined],
    ],
  );
});

test('an abort gives all batches back, with the outcomes that they have', async (t) => {
  const server = await serverFor(t);
  const batches = batchesOf(server, makeTree(t, FILES));
  const hold = server.fault({ type: 'hold', verb: 'PutObject', key: 'b.txt', occurrences: 'all' });
  const abort = new AbortController();
  const runs = sharedRuns();
  const both = [NAMES.slice(0, 3), NAMES.slice(3)].map((paths) => runs.run(batches.batch(paths), abort.signal));
  await until(() => hold.hits >= 1 && server.keys('site').length === NAMES.length - 1);
  // The outcomes of the others may be on their way.
  await sleep(50);
  abort.abort();
  const done = await Promise.all(both);
  await runs.close();
  assert.equal(done[0]?.state, 'back');
  assert.equal(done[0]?.outcomes[1], undefined);
  assert.equal((await runs.run(batches.batch(['a.txt']), abort.signal)).state, 'back');
  hold.clear();
});

test('a run without batches ends after a while, and the next batch starts another', async (t) => {
  const server = await serverFor(t);
  const batches = batchesOf(server, makeTree(t, FILES));
  await withRuns(async (runs, signal) => {
    assert.equal((await runs.run(batches.batch(['a.txt']), signal)).state, 'done');
    // Its timer is set before this one.
    await sleep(10);
    assert.equal((await runs.run(batches.batch(['b.txt']), signal)).state, 'done');
  }, 1);
  assert.equal(batches.started, 2);
});

test('a batch of files that are gone, and an empty one, end', async (t) => {
  const server = await serverFor(t);
  const batches = batchesOf(server, makeTree(t, FILES));
  const [gone, empty] = await withRuns((runs, signal) =>
    Promise.all([runs.run(batches.batch(['gone.txt']), signal), runs.run(batches.batch([]), signal)]),
  );
  assert.deepEqual([gone.state, gone.outcomes[0]?.action], ['done', 'fail']);
  assert.equal(empty.state, 'done');
});
