import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { startCopy } from '../../src/copy.js';
import { startDelete } from '../../src/delete.js';
import type { LimiterClock } from '../../src/run/limiter.js';
import { connection, follow, IMPATIENT, run, serverFor } from '../support/engine.js';
import { noise, PART } from '../support/parts.js';
import { watchedThreads } from '../support/threads.js';
import { makeTree } from '../support/tree.js';

const wire = process.env.TEST_LANE !== 'sdk' && process.env.TEST_HTTP !== 'undici';
const PARTS = { partFloor: PART, threshold: 5 * PART };

/** A clock that stands still but for the waits of the limiter, so that it shows how long a run had to wait. */
function waitingClock(): LimiterClock {
  let now = 0;
  return {
    now: () => now,
    after(ms, call) {
      const timer = setImmediate(() => {
        now += ms;
        call();
      });
      return () => clearImmediate(timer);
    },
  };
}

/** The first start is free, and so is a burst of 50 ms; the end of an upload does not wait itself, but the next request waits for it. */
function assertWaited(server: S3Server, { now }: LimiterClock, perSecond: number): void {
  const starts = server.requests.length;
  const seconds = now() / 1_000;
  assert.ok(
    seconds >= (starts - 1 - server.count('CompleteMultipartUpload')) / perSecond - 0.05,
    `${starts} requests in ${seconds} s`,
  );
  // Waits of whole milliseconds, and requests that wait for others.
  assert.ok(seconds <= starts / perSecond + 1, `${starts} requests took ${seconds} s`);
}

const FILES = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}.txt`, `${index}`]));

for (const [perSecond, concurrency] of [
  [0.5, 'auto'],
  [10, 8],
  [400, 'auto'],
] as const) {
  test(`a put with ${perSecond} requests a second at most starts no more, parts and listings included`, async (t) => {
    const server = await serverFor(t, { buckets: { site: { minPartSize: 1024 } } });
    const limiterClock = waitingClock();
    const source = makeTree(t, { ...FILES, big: noise(12 * PART) });
    const { error, report } = await run(
      server,
      { source, maxRequestRate: perSecond, concurrency },
      { ...IMPATIENT, ...PARTS, limiterClock },
    );
    assert.equal(error, undefined);
    assert.equal(report.counts.put, 31);
    assert.ok(server.count('UploadPart') >= 12);
    assertWaited(server, limiterClock, perSecond);
  });
}

test('threads share the rate', { skip: !wire }, async (t) => {
  const server = await serverFor(t, { buckets: { site: { minPartSize: 1024 } } });
  const limiterClock = waitingClock();
  const { internals, taken } = watchedThreads(t);
  const source = makeTree(t, { ...FILES, big: noise(12 * PART) });
  const ran = await run(server, { source, maxRequestRate: 50, threads: 3 }, { ...internals, ...PARTS, limiterClock });
  assert.equal(ran.error, undefined);
  assert.ok(taken().length > 0, 'no thread had anything to do');
  assertWaited(server, limiterClock, 50);
});

test('retries after refusals count, and the rate that follows refusals stays below the maximum', async (t) => {
  const server = await serverFor(t);
  const limiterClock = waitingClock();
  server.mode({ putsPerSecond: 20 }, 'site');
  const source = makeTree(t, FILES);
  const ran = await run(server, { source, maxRequestRate: 200, mode: 'stupid' }, { limiterClock });
  assert.equal(ran.error, undefined);
  assert.equal(ran.report.counts.put, 30);
  const seconds = limiterClock.now() / 1_000;
  assert.ok(seconds >= (server.requests.length - 1) / 200 - 0.05, `${server.requests.length} in ${seconds} s`);
});

test('a copy and a deletion keep to the rate', async (t) => {
  const server = await serverFor(t, { buckets: ['from', 'site'] });
  await run(server, { source: makeTree(t, FILES), bucket: 'from' });
  server.clearRequests();
  const copying = waitingClock();
  const buckets = { source: 's3://from', destination: 's3://site', maxRequestRate: 20 };
  const copied = await follow((onEvent) =>
    startCopy({ ...buckets, ...connection(server), onEvent }, { ...IMPATIENT, limiterClock: copying }),
  );
  assert.equal(copied.report.counts.copy, 30);
  assertWaited(server, copying, 20);

  server.clearRequests();
  const deleting = waitingClock();
  const deleted = await follow((onEvent) =>
    startDelete(
      { bucket: 'site', prefix: 'f', maxRequestRate: 2, ...connection(server), onEvent },
      { ...IMPATIENT, limiterClock: deleting },
    ),
  );
  assert.equal(deleted.error, undefined);
  assertWaited(server, deleting, 2);
});
