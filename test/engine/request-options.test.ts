import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { proxyTo } from '../support/proxy.js';
import { makeTree } from '../support/tree.js';

// Options that say how requests are made.

test('one attempt is one attempt', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', occurrences: 1, type: 'status', status: 500 });
  const { report } = await run(server, { source: makeTree(t, { a: 'a' }), mode: 'stupid', maxAttempts: 1 });
  assert.deepEqual([report.failures.length, server.count('PutObject')], [1, 1]);
});

test('three attempts are three, whatever else passes meanwhile', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', key: 'b', occurrences: 'all', type: 'status', status: 500 });
  const { report, keys } = await run(server, { source: makeTree(t, { a: 'a', b: 'b', c: 'c' }), maxAttempts: 3 });
  assert.deepEqual([keys('fail'), keys('put')], [['b'], ['a', 'c']]);
  assert.match(report.failures[0]?.message ?? '', /after 3 attempts/);
});

test('a recovery costs no attempt', async (t) => {
  const server = await serverFor(t, { mode: { checksums: 'refused' } });
  const { port } = server;
  const proxy = await proxyTo(t, port);
  server.mode({ region: 'eu-west-1' });
  const { error, report } = await run(server, {
    source: makeTree(t, { a: 'a' }),
    mode: 'stupid',
    maxAttempts: 1,
    endpointUrl: undefined,
    secure: false,
    proxy: proxy.url,
  });
  assert.equal(error, undefined);
  assert.deepEqual([report.counts.put, report.retries], [1, 2]);
});

test('linear waits are as many times the duration as there were tries, and what the server asks wins', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', occurrences: [1, 2], type: 'status', status: 500 });
  server.fault({ verb: 'PutObject', occurrences: 3, type: 'status', status: 503, headers: { 'retry-after': '7' } });
  const { events } = await run(server, { source: makeTree(t, { a: 'a' }), mode: 'stupid', retryDelay: 'linear:2s' });
  const waits = events.flatMap((event) => (event.type === 'retry' ? [event.delayMs] : []));
  assert.deepEqual(waits, [2_000, 4_000, 7_000]);
});

for (const [checksum, header, verified] of [
  ['auto', 'x-amz-checksum-crc32', 'crc32'],
  ['crc32', 'x-amz-checksum-crc32', 'crc32'],
  ['md5', 'content-md5', 'md5'],
  ['off', undefined, 'none'],
] as const) {
  test(`checksum ${checksum} sends ${header ?? 'neither'} and verifies by ${verified}`, async (t) => {
    const server = await serverFor(t);
    const { outcomes } = await run(server, { source: makeTree(t, { a: 'a', empty: '' }), checksum });
    for (const { headers } of server.requests.filter(({ verb }) => verb === 'PutObject')) {
      const given = ['x-amz-checksum-crc32', 'content-md5'].filter((name) => name in headers);
      assert.deepEqual(given, header === undefined ? [] : [header]);
    }
    assert.deepEqual(
      outcomes.map((outcome) => outcome.verified),
      [verified, verified],
    );
  });
}

test('a server of which nothing is known gets Content-MD5, one that names itself CRC32', async (t) => {
  for (const [serverHeader, expected] of [
    ['Unheard-of', 'md5'],
    [undefined, 'md5'],
    ['MinIO', 'crc32'],
    ['VERSITYGW', 'crc32'],
  ] as const) {
    const server = await serverFor(t, { mode: { serverHeader } });
    const { outcomes, report } = await run(server, { source: makeTree(t, { a: 'a' }) });
    assert.deepEqual([outcomes[0]?.verified, report.warnings], [expected, []], serverHeader);
  }
});

test('a server that ignores the CRC32 it is known for gets Content-MD5 after the first answer', async (t) => {
  const server = await serverFor(t, { mode: { checksums: 'ignored' } });
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, `${i}`]));
  const { outcomes } = await run(server, { source: makeTree(t, files), concurrency: 1 });
  assert.ok(outcomes.every(({ verified }) => verified === 'md5'));
  const crc = server.requests.filter(({ headers }) => 'x-amz-checksum-crc32' in headers);
  assert.equal(crc.length, 1);
});

test('however little memory is allowed, bodies larger than it are sent, one at a time', async (t) => {
  const server = await serverFor(t);
  const files = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`f${i}`, 'x'.repeat(100_000)]));
  const { error } = await run(server, { source: makeTree(t, files), memory: '64KiB', mode: 'stupid' });
  assert.deepEqual([error, server.keys('site').length, server.peak], [undefined, 6, 1]);
});
