import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault, S3Server } from 'fake-s3';
import { runInOrder, seed, twoServers } from '../support/copies.js';
import { run, runCopy, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const CLIENTS = ['sockets', 'undici'] as const;
const MIB = 1024 * 1024;
const FILES = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`f${i}`, `${i}`]));
/** Small parts, so that 11 MiB are three of them. */
const IN_PARTS = { partSize: 5 * MIB, multipartThreshold: 5 * MIB };
const LARGE = { large: Buffer.alloc(11 * MIB, 'x'), other: Buffer.alloc(11 * MIB, 'y') };

/** Requests that came over a connection after one that was answered with a failure there. */
function reused(server: S3Server): number {
  const failed = new Set<number>();
  let count = 0;
  for (const { connection, status } of server.requests) {
    if (failed.has(connection)) count += 1;
    if (status >= 500) failed.add(connection);
  }
  return count;
}

const STATES: readonly (readonly [what: string, fault: Fault])[] = [
  ...[500, 502, 503, 504].map((status): [string, Fault] => [
    `answers ${status}`,
    { verb: 'any', occurrences: 'all', type: 'status', status, onConnection: (connection) => connection % 2 === 0 },
  ]),
  [
    'sends errors inside of a 200',
    {
      verb: 'CopyObject',
      occurrences: 'all',
      type: 'error-in-200',
      onConnection: (connection) => connection % 2 === 0,
    },
  ],
];

for (const httpClient of CLIENTS) {
  for (const [what, fault] of STATES)
    test(`${httpClient}: where every second connection ${what} for its whole life, everything is put`, async (t) => {
      const server = await serverFor(t, { buckets: ['site', 'from'] });
      server.fault(fault);
      const copies = fault.verb === 'CopyObject';
      if (copies) for (const key in FILES) server.seed('from', key, FILES[key] ?? '');
      const { error, report } = copies
        ? await runCopy(server, { httpClient })
        : await run(server, { source: makeTree(t, FILES), httpClient });
      assert.equal(error, undefined);
      assert.equal(server.keys('site').length, 120);
      assert.equal(report.counts.fail, 0);
      assert.equal(reused(server), 0);
    });

  test(`${httpClient}: a server that closes silently after each response gets everything, completions too`, async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'any', occurrences: 'all', type: 'reset', onConnection: (_, nth) => nth > 1 });
    const { error, outcomes } = await run(server, {
      source: makeTree(t, { ...FILES, ...LARGE }),
      httpClient,
      ...IN_PARTS,
    });
    assert.equal(error, undefined);
    assert.equal(server.keys('site').length, 122);
    // The second try of each request is on a connection that cannot be closed already.
    for (const { key, attempts } of outcomes) if (key in FILES) assert.ok(attempts <= 2, `${key}: ${attempts}`);
    // No part is sent more than twice: a lost completion does not make the upload start anew.
    assert.ok(server.count('UploadPart') <= 2 * 2 * 4, `${server.count('UploadPart')} parts`);
    assert.equal(server.count('CreateMultipartUpload') <= 4, true);
  });

  for (const type of ['reset', 'truncate'] as const)
    test(`${httpClient}: a retry after a ${type} never takes a connection that was used before`, async (t) => {
      const server = await serverFor(t);
      const fault = server.fault({ verb: 'PutObject', key: /^f1/, occurrences: [20, 21, 22, 23], type });
      const { error } = await run(server, { source: makeTree(t, FILES), httpClient, concurrency: 4 });
      assert.equal(error, undefined);
      assert.equal(fault.hits, 4);
      const tried = new Set<string>();
      const used = new Set<number>();
      for (const { verb, key, connection } of server.requests) {
        if (verb === 'PutObject' && tried.has(key)) assert.ok(!used.has(connection), `${key} on ${connection}`);
        if (verb === 'PutObject') tried.add(key);
        used.add(connection);
      }
    });

  test(`${httpClient}: a completion whose connections fail again and again is tried again, and no part is`, async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'CompleteMultipartUpload', occurrences: [1, 2, 3], type: 'reset' });
    const { error } = await run(server, { source: makeTree(t, { large: LARGE.large }), httpClient, ...IN_PARTS });
    assert.equal(error, undefined);
    assert.deepEqual([server.count('CreateMultipartUpload'), server.count('CompleteMultipartUpload')], [1, 4]);
  });
}

test('a completion that was delivered twice is our own, also where the key had to be absent', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'CompleteMultipartUpload', occurrences: 'all', type: 'twice' });
  const { error, outcomes } = await run(server, {
    source: makeTree(t, { large: LARGE.large }),
    mode: 'add',
    ...IN_PARTS,
  });
  assert.equal(error, undefined);
  assert.deepEqual(
    outcomes.map(({ action, reason }) => [action, reason]),
    [['put', 'new']],
  );
});

test('a copy that was delivered twice is our own', async (t) => {
  const server = await serverFor(t, { buckets: ['site', 'from'] });
  server.seed('from', 'a', 'theirs');
  server.fault({ verb: 'CopyObject', occurrences: 'all', type: 'twice' });
  const { error, outcomes } = await runCopy(server, { mode: 'add' });
  assert.equal(error, undefined);
  assert.deepEqual(
    outcomes.map(({ action, attempts }) => [action, attempts]),
    [['copy', 1]],
  );
});

for (const kms of [false, true])
  test(`a relayed copy that was delivered twice is our own${kms ? ', also under a KMS key' : ''}`, async (t) => {
    const { source, dest, options } = await twoServers(t);
    dest.mode({ kms });
    // The first object shows the encryption, so the second names its source.
    seed(source, 'a', 'plain');
    seed(source, 'b', 'twice');
    dest.fault({ verb: 'PutObject', key: 'b', occurrences: 'all', type: 'twice' });
    const { error, outcomes } = await runInOrder(dest, { ...options, mode: 'add' });
    assert.equal(error, undefined);
    assert.deepEqual(
      outcomes.map(({ action, attempts }) => [action, attempts]),
      [
        ['copy', 1],
        ['copy', 1],
      ],
    );
  });

for (const httpClient of CLIENTS)
  test(`${httpClient}: many connections at once are no reason for a warning of node`, async (t) => {
    const server = await serverFor(t);
    const hold = server.fault({ verb: 'PutObject', occurrences: 'all', type: 'hold' });
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    t.after(() => process.off('warning', onWarning));
    const running = run(server, { source: makeTree(t, FILES), httpClient, concurrency: 40 });
    await until(() => hold.hits === 40);
    hold.clear();
    assert.equal((await running).report.counts.put, Object.keys(FILES).length);
    assert.deepEqual(warnings, []);
  });
