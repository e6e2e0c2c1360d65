import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultKind, S3Server } from 'fake-s3';
import type { S3RequestError } from '../../src/index.js';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

type Verb = 'PutObject' | 'HeadObject' | 'ListObjectsV2';

/** A fault that passes, whether it is the server asking to slow down, and the code that the retry names. */
interface Passing {
  readonly name: string;
  readonly fault: FaultKind;
  readonly throttle?: true;
  readonly code: RegExp;
  readonly only?: Verb;
}

const PASSING: readonly Passing[] = [
  { name: '500', fault: { type: 'status', status: 500 }, code: /^InternalError$/ },
  { name: '502', fault: { type: 'status', status: 502, code: 'BadGateway' }, code: /^BadGateway$/ },
  { name: '503', fault: { type: 'status', status: 503 }, throttle: true, code: /^SlowDown$/ },
  { name: '429', fault: { type: 'status', status: 429, code: 'TooManyRequests' }, throttle: true, code: /^TooMany/ },
  { name: '504', fault: { type: 'status', status: 504, code: 'GatewayTimeout' }, code: /^GatewayTimeout$/ },
  { name: 'a reset before anything is stored', fault: { type: 'reset' }, code: /^(ECONNRESET|EPIPE)$/ },
  { name: 'a lost answer', fault: { type: 'reset', stored: true }, code: /^(ECONNRESET|EPIPE)$/ },
  { name: 'a truncated answer', fault: { type: 'truncate' }, code: /^(ECONNRESET|TruncatedAnswer|HPE_.*)$/ },
  { name: 'an error inside a 200', fault: { type: 'error-in-200' }, code: /^(InternalError|TruncatedAnswer)$/ },
  { name: 'a wrong ETag', fault: { type: 'wrong-etag' }, code: /^ETagMismatch$/, only: 'PutObject' },
  { name: 'a wrong checksum', fault: { type: 'wrong-checksum' }, code: /^ETagMismatch$/, only: 'PutObject' },
];

const TREE = { 'a.txt': 'new a', 'b.txt': 'b', 'same.txt': 'same' };

/** A server that already has two of the three keys, one with other bytes; HEADs come where LIST is denied. */
async function serverWith(t: Parameters<typeof serverFor>[0], verb: Verb): Promise<S3Server> {
  const server = await serverFor(t, verb === 'HeadObject' ? { buckets: { site: { deny: ['ListObjectsV2'] } } } : {});
  server.seed('site', 'a.txt', 'old a');
  server.seed('site', 'same.txt', 'same');
  return server;
}

function assertEqualTo(server: S3Server, files: Readonly<Record<string, string>>): void {
  assert.deepEqual(
    Object.fromEntries(server.keys('site').map((key) => [key, server.object('site', key)?.body.toString()])),
    files,
  );
}

for (const verb of ['PutObject', 'HeadObject', 'ListObjectsV2'] as const) {
  for (const { name, fault, throttle, code, only } of PASSING) {
    if (only !== undefined && verb !== only) continue;
    test(`${name} to one ${verb} is tried again, counted, and leaves the right objects`, async (t) => {
      const server = await serverWith(t, verb);
      // Where the answer names a checksum that fits, its ETag says nothing more.
      if (fault.type === 'wrong-etag') server.mode({ checksums: 'ignored' });
      const struck = server.fault({ verb, occurrences: 1, ...fault });
      const { error, outcomes, keys, report, events } = await run(server, { source: makeTree(t, TREE) });
      assert.equal(error, undefined);
      assert.equal(struck.hits, 1);
      assertEqualTo(server, TREE);
      assert.deepEqual([keys('put').filter((key) => key !== 'b.txt'), keys('skip')], [['a.txt'], ['same.txt']]);
      assert.deepEqual([report.retries, report.throttles], [1, throttle === true ? 1 : 0]);
      assert.equal(report.complete, true);
      const attempts = outcomes.map((outcome) => outcome.attempts).sort();
      assert.deepEqual(attempts, verb === 'PutObject' ? [0, 1, 2] : [0, 1, 1]);
      for (const of of ['PutObject', 'HeadObject', 'ListObjectsV2'] as const)
        assert.equal(report.requests[of] ?? 0, server.count(of), of);
      const codes = events.flatMap((event) => (event.type === 'retry' ? [(event.error as S3RequestError).code] : []));
      assert.match(codes.join(), code);
    });
  }
}

test('mode add asks again when a HEAD is answered 200 without an object', async (t) => {
  const server = await serverFor(t, { buckets: { site: { deny: ['ListObjectsV2'] } } });
  server.mode({ deny: ['ListObjectsV2'] }, 'site');
  server.fault({ verb: 'HeadObject', occurrences: 1, type: 'error-in-200' });
  const { error, keys } = await run(server, { source: makeTree(t, { a: 'a' }), mode: 'add' });
  assert.equal(error, undefined);
  assert.deepEqual(keys('put'), ['a']);
});

for (const [retryAfter, least, most] of [
  ['2', 2_000, 2_000],
  ['DATE', 30_000, 60_000],
  ['soon', 0, 0],
] as const) {
  for (const status of [429, 503, 500]) {
    test(`a ${status} with Retry-After "${retryAfter}" waits as it says`, async (t) => {
      const server = await serverFor(t);
      const header = retryAfter === 'DATE' ? new Date(Date.now() + 60_000).toUTCString() : retryAfter;
      server.fault({
        verb: 'PutObject',
        occurrences: 1,
        type: 'status',
        status,
        headers: { 'retry-after': header },
      });
      const { error, events } = await run(server, { source: makeTree(t, { a: 'a' }) });
      assert.equal(error, undefined);
      const [delay] = events.flatMap((event) => (event.type === 'retry' ? [event.delayMs] : []));
      assert.ok(delay !== undefined && delay >= least && delay <= most, `waits ${delay} ms`);
    });
  }
}

test('a server that falls silent, reading or not, is given up and asked again', async (t) => {
  const hasty = { ...IMPATIENT, patience: { connectMs: 1_500, sendMs: 700, responseMs: 700 } };
  // More than what the system takes before anyone reads.
  const big = 'x'.repeat(24 * 1024 * 1024);
  const stalls = (['PutObject', 'HeadObject', 'ListObjectsV2'] as const).flatMap((verb) =>
    [true, false].map(async (reading) => {
      const server = await serverWith(t, verb);
      server.fault({ verb, occurrences: 1, type: 'stall', reading, ...(verb === 'PutObject' && { key: 'a.txt' }) });
      const tree = verb === 'PutObject' ? { ...TREE, 'a.txt': big } : TREE;
      const source = makeTree(t, tree);
      const { error, report, events } = await run(server, { source, multipartThreshold: '1GiB' }, hasty);
      assert.equal(error, undefined);
      assertEqualTo(server, tree);
      // On a busy machine so short a patience may find one stall more.
      assert.ok(report.retries >= 1);
      const codes = events.flatMap((event) => (event.type === 'retry' ? [(event.error as S3RequestError).code] : []));
      const expected = !reading && verb === 'PutObject' ? 'StalledSend' : 'SilentServer';
      assert.ok(codes.includes(expected), codes.join());
    }),
  );
  await Promise.all(stalls);
});

test('a clock that is 20 minutes off is corrected by the response', async (t) => {
  const server = await serverFor(t, { mode: { clockOffset: 20 * 60_000 } });
  const { error, keys } = await run(server, { source: makeTree(t, { a: 'a', b: 'b' }), mode: 'stupid' });
  assert.equal(error, undefined);
  assert.deepEqual(keys('put'), ['a', 'b']);
});

for (const mode of ['add', 'update', 'stupid'] as const) {
  test(`the last object of a run in mode ${mode} is put although it fails once`, async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', occurrences: 30, type: 'status', status: 500 });
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${String(i).padStart(2, '0')}`, `${i}`]));
    const { error, report } = await run(server, { source: makeTree(t, files), mode, concurrency: 1 });
    assert.equal(error, undefined);
    assertEqualTo(server, files);
    assert.deepEqual([server.count('PutObject'), report.retries], [31, 1]);
  });
}
