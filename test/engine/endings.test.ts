import assert from 'node:assert/strict';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const MANY = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, `${index}`]));

it('what was on its way when a run was aborted is listed, not called unattempted', async (t) => {
  const server = await serverFor(t);
  const held = server.fault({ verb: 'PutObject', occurrences: 'all', type: 'hold' });
  const controller = new AbortController();
  void until(() => held.hits === 8).then(() => controller.abort());
  const ran = await run(server, {
    source: makeTree(t, MANY),
    mode: 'stupid',
    concurrency: 8,
    signal: controller.signal,
  });
  assert.equal(ran.error?.name, 'AbortError');
  assert.equal(ran.report.counts.fail, 8);
  assert.ok(ran.report.failures.every(({ code }) => code === 'Interrupted'));
  assert.equal(ran.report.notAttempted, 192);
});

it('a server that goes away in the middle of a run ends it with one message', async (t) => {
  const server = await serverFor(t);
  let closed = false;
  const ran = await run(
    server,
    {
      source: makeTree(t, MANY),
      mode: 'stupid',
      concurrency: 4,
      onEvent: (event) => {
        if (event.type !== 'progress' || event.objects < 40 || closed) return;
        closed = true;
        void server.close();
      },
    },
    IMPATIENT,
  );
  assert.equal(ran.error?.name, 'RunStoppedError');
  assert.ok(ran.report.counts.put >= 40);
  // The sixteenth ends the run; requests in flight then got the same error.
  assert.ok(ran.report.counts.fail <= 16 + 8, `${ran.report.counts.fail} failures`);
  assert.ok(ran.outcomes.filter(({ action }) => action === 'fail').length <= 15);
  assert.ok((ran.report.notAttempted ?? 0) > 100);
});

/** Bytes that this process has read, on systems that report them. */
const bytesRead = (): number =>
  existsSync('/proc/self/io') ? Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]) : 0;

it('a dry run reports 60 GB without reading them, and requests nothing but the listing', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { big: '' });
  truncateSync(`${source}/big`, 60e9);
  const before = bytesRead();
  const ran = await run(server, { source, dryRun: true });
  assert.deepEqual([ran.keys('put'), ran.report.bytes], [['big'], 60e9]);
  assert.ok(bytesRead() - before < 100e6, `${bytesRead() - before} bytes read`);
  assert.deepEqual(ran.report.requests, { ListObjectsV2: 1 });
});

it('a filter that takes nothing at the second asking is no success', async (t) => {
  const server = await serverFor(t);
  let calls = 0;
  const ran = await run(server, { source: makeTree(t, { a: '1', b: '2' }), filter: () => calls++ < 2 });
  assert.equal(ran.error?.name, 'RefusedError');
});

const SLOW_DOWN = { verb: 'PutObject', occurrences: 'all', type: 'status', status: 503 } as const;

/** Retries that wait until the run ends; `waits` is called for each. */
function endless(waits: () => void): typeof IMPATIENT {
  const sleep = (_ms: number, signal: AbortSignal) => {
    waits();
    return new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  return { clock: { now: () => performance.now(), random: () => 0, sleep } };
}

it('an object that waits for its next attempt when a run is aborted reports the error of the last one', async (t) => {
  const server = await serverFor(t);
  server.fault(SLOW_DOWN);
  const controller = new AbortController();
  let waiting = 0;
  const abortAtFour = () => {
    if (++waiting === 4) setImmediate(() => controller.abort());
  };
  const source = makeTree(t, { a: '1', b: '2', c: '3', d: '4' });
  const ran = await run(server, { source, mode: 'stupid', signal: controller.signal }, endless(abortAtFour));
  assert.equal(ran.error?.name, 'AbortError');
  assert.deepEqual([ran.report.counts.fail, ran.report.notAttempted], [4, 0]);
  for (const { code, message, status } of ran.report.failures) {
    assert.deepEqual([code, status], ['SlowDown', 503]);
    assert.match(
      message,
      /^PutObject s3:\/\/site\/[a-d]: SlowDown \(503, request \w+\).*; the run ended before the next try$/,
    );
  }
  assert.ok(ran.outcomes.every(({ attempts }) => attempts === 1));
});

it('what waits for its next try when an error ends the run was attempted', async (t) => {
  const server = await serverFor(t);
  server.fault({ ...SLOW_DOWN, key: /^[abc]$/ });
  server.fault({ ...SLOW_DOWN, key: 'd', status: 403, code: 'InvalidAccessKeyId' });
  const held = server.fault({ verb: 'PutObject', key: 'd', occurrences: 'all', type: 'hold' });
  let waiting = 0;
  const source = makeTree(t, { a: '1', b: '2', c: '3', d: '4' });
  const ran = await run(
    server,
    { source, mode: 'stupid' },
    endless(() => {
      if (++waiting === 3) held.clear();
    }),
  );
  assert.deepEqual([ran.error?.name, ran.error?.code], ['RunStoppedError', 'InvalidAccessKeyId']);
  assert.deepEqual([ran.keys('fail'), ran.report.counts.fail, ran.report.notAttempted], [['a', 'b', 'c'], 4, 0]);
});

it('a source that changes so that the run cannot go on ends it with the report of what was done', async (t) => {
  const server = await serverFor(t);
  const [first, second] = [makeTree(t, { ...MANY, z: '1' }), makeTree(t, { y: '2' })];
  const ran = await run(server, {
    source: [first, second],
    mode: 'stupid',
    concurrency: 4,
    onEvent: (event) => {
      if (event.type === 'phase' && event.phase === 'transfer') writeFileSync(`${second}/z`, 'twin');
    },
  });
  assert.equal(ran.error?.name, 'UsageError');
  assert.match(ran.error?.message ?? '', /Two sources give the key "z"/);
  assert.equal(ran.report.complete, false);
  assert.ok(ran.report.counts.put > 100);
});

it('an onEvent that throws changes no outcome, and the job rejects with its error at the end', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { a: '1', b: '2', c: '3' });
  const wrong = new Error('no such logger');
  const throwing = () => {
    throw wrong;
  };
  const rejecting = async () => {
    throw wrong;
  };
  for (const [index, onEvent] of [throwing, rejecting].entries()) {
    const ran = await run(server, { source, onEvent, prefix: `${index}` });
    assert.equal(ran.error, wrong);
    assert.deepEqual([ran.keys('put').length, ran.keys('fail').length, ran.report.complete], [3, 0, true]);
    assert.equal(ran.report.counts.put, 3);
  }
  assert.equal(server.count('PutObject'), 6);
  server.fault({
    verb: 'PutObject',
    key: 'f/b',
    occurrences: 'all',
    type: 'status',
    status: 403,
    code: 'AccessDenied',
  });
  const failed = await run(server, { source, onEvent: throwing, prefix: 'f' });
  assert.equal(failed.error?.name, 'PartialFailureError');
  assert.deepEqual([failed.keys('put').length, failed.keys('fail')], [2, ['f/b']]);
});
