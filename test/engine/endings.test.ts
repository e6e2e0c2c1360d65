import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { it } from 'node:test';
import type { PartialFailureError } from '../../src/index.js';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const MANY = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, `${index}`]));

it('what was in flight when a run was aborted is unknown, not failed and not called unattempted', async (t) => {
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
  const { counts, failures, unknown, notAttempted, complete } = ran.report;
  assert.deepEqual([counts.unknown, counts.fail, failures.length, notAttempted, complete], [8, 0, 0, 192, false]);
  assert.deepEqual(unknown.map(({ key }) => key).sort(), ran.keys('unknown'));
  for (const { message, origin } of unknown) assert.ok(message.startsWith(`${origin} was on its way`), message);
  for (const { action, error } of ran.outcomes) {
    assert.equal(action, 'unknown');
    assert.equal((error as { readonly code?: string }).code, 'Interrupted');
  }
});

it('a request whose connection is not established when a run is aborted was not sent', async (t) => {
  // Connections wait: the proxy never responds to CONNECT.
  let connecting = 0;
  const controller = new AbortController();
  const proxy = createServer(() => ++connecting === 4 && controller.abort()).listen(0, '127.0.0.1');
  t.after(() => proxy.close());
  await once(proxy, 'listening');
  const server = await serverFor(t);
  const ran = await run(server, {
    source: makeTree(t, { a: '1', b: '2', c: '3', d: '4' }),
    mode: 'stupid',
    endpointUrl: 'https://127.0.0.1:1',
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    httpClient: 'sockets',
    signal: controller.signal,
  });
  assert.equal(ran.error?.name, 'AbortError');
  assert.deepEqual([ran.outcomes, ran.report.counts.unknown, ran.report.notAttempted], [[], 0, 4]);
});

it('a read in flight when a run is aborted leaves its object unattempted', async (t) => {
  const server = await serverFor(t, { mode: { deny: ['ListObjectsV2'] } });
  const held = server.fault({ verb: 'HeadObject', occurrences: 'all', type: 'hold' });
  const controller = new AbortController();
  void until(() => held.hits === 2).then(() => controller.abort());
  const ran = await run(server, { source: makeTree(t, { a: '1', b: '2' }), signal: controller.signal });
  assert.deepEqual([ran.outcomes, ran.report.notAttempted], [[], 2]);
});

it('an object whose response was lost and that waits for its next attempt when a run is aborted is unknown', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', occurrences: [1, 2], type: 'reset', stored: true });
  const controller = new AbortController();
  let waiting = 0;
  const abortAtTwo = () => {
    if (++waiting === 2) setImmediate(() => controller.abort());
  };
  const source = makeTree(t, { a: '1', b: '2' });
  const ran = await run(server, { source, mode: 'stupid', signal: controller.signal }, endless(abortAtTwo));
  assert.deepEqual([ran.keys('unknown'), ran.report.counts.fail, ran.report.notAttempted], [['a', 'b'], 0, 0]);
  assert.deepEqual(server.keys('site'), ['a', 'b'], 'they were stored');
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
  const failed = ran.outcomes.filter(({ action }) => action === 'fail');
  assert.equal(failed.length, ran.report.counts.fail);
  for (const { error, shared } of failed)
    assert.equal(shared, (error as { readonly code?: string }).code === ran.error?.code ? true : undefined);
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
  assert.deepEqual([ran.keys('fail'), ran.report.counts.fail, ran.report.notAttempted], [['a', 'b', 'c', 'd'], 4, 0]);
  assert.deepEqual(
    ran.outcomes.filter(({ shared }) => shared).map(({ key }) => key),
    ['d'],
  );
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

it('a report lists the first 1,000 failures and counts the rest; the outcomes are all of them', async (t) => {
  const server = await serverFor(t);
  const items = Array.from({ length: 1_200 }, (_, index) => ({ key: `a//${index}`, body: 'x' }));
  const ran = await run(server, { source: items, mode: 'stupid' });
  const error = ran.error as PartialFailureError;
  assert.equal(error.name, 'PartialFailureError');
  assert.deepEqual([error.failures.length, error.failuresOmitted], [1_000, 200]);
  assert.deepEqual([ran.report.failures.length, ran.report.failuresOmitted], [1_000, 200]);
  assert.deepEqual([ran.report.counts.fail, ran.keys('fail').length], [1_200, 1_200]);
  assert.match(error.message, /^1200 of 1200 objects failed\. First: /);
});

it('messages of any length, of a server or of a hook, are cut in outcomes and in the report', async (t) => {
  const server = await serverFor(t);
  const message = 'm'.repeat(1_000_000);
  server.fault({ verb: 'PutObject', key: 'a', occurrences: 'all', type: 'status', status: 400, code: 'Odd', message });
  const headers = ({ key }: { readonly key: string }): Record<string, string> => {
    if (key === 'b') throw new TypeError(message);
    return {};
  };
  const source = makeTree(t, { a: '1', b: '2', c: '3' });
  const ran = await run(server, { source, mode: 'stupid', headers });
  assert.deepEqual([ran.keys('put'), ran.keys('fail')], [['c'], ['a', 'b']]);
  for (const { reason, error } of ran.outcomes)
    assert.ok(reason.length <= 4_001 && (error?.message.length ?? 0) <= 4_001 && error?.cause === undefined);
  assert.deepEqual(ran.report.failures.map(({ code }) => code).sort(), ['HookFailed', 'Odd']);
  assert.ok(JSON.stringify(ran.report).length < 12_000);
  assert.ok((ran.error?.message.length ?? 0) < 5_000);
});
