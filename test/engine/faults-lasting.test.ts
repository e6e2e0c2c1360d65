import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartialFailureError } from '../../src/index.js';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

for (const [status, code] of [
  [400, 'InvalidArgument'],
  [403, 'AccessDenied'],
  [412, 'PreconditionFailed'],
  [404, 'NoSuchKey'],
  [405, 'MethodNotAllowed'],
] as const) {
  test(`a ${status} ${code} is never tried again and fails its object by key`, async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', key: 'b', occurrences: 'all', type: 'status', status, code });
    const { error, report, keys } = await run(server, { source: makeTree(t, { a: 'a', b: 'b', c: 'c' }) });
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual([keys('put'), report.failures.map((failure) => failure.key)], [['a', 'c'], ['b']]);
    assert.deepEqual([report.failures[0]?.status, report.failures[0]?.code], [status, code]);
    assert.deepEqual([server.count('PutObject'), report.retries], [3, 0]);
    const refused = server.requests.find(({ key }) => key === 'b');
    assert.equal(report.failures[0]?.requestId, refused?.requestId);
    assert.match(report.failures[0]?.message ?? '', new RegExp(`PutObject s3://site/b: ${code} \\(${status}, request`));
  });
}

for (const [name, fault] of [
  ['500', { type: 'status', status: 500 }],
  ['502', { type: 'status', status: 502, code: 'BadGateway' }],
  ['504', { type: 'status', status: 504, code: 'GatewayTimeout' }],
  ['a reset', { type: 'reset' }],
  ['a lost answer', { type: 'reset', stored: true }],
  ['a truncated answer', { type: 'truncate' }],
  ['an error inside a 200', { type: 'error-in-200' }],
] as const) {
  test(`${name} each time fails the object after 8 attempts`, async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', key: 'b', occurrences: 'all', ...fault });
    const { error, report, outcomes, keys } = await run(server, { source: makeTree(t, { a: 'a', b: 'b', c: 'c' }) });
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual([keys('put'), keys('fail')], [['a', 'c'], ['b']]);
    assert.equal(server.requests.filter(({ key }) => key === 'b').length, 8);
    assert.equal(outcomes.find(({ key }) => key === 'b')?.attempts, 8);
    assert.deepEqual([report.retries, report.complete, report.notAttempted], [7, true, 0]);
    assert.match(report.failures[0]?.message ?? '', /after 8 attempts/);
  });
}

for (const [what, type, checksums] of [
  ['ETag', 'wrong-etag', 'ignored'],
  ['checksum', 'wrong-checksum', 'supported'],
] as const) {
  test(`a wrong ${what} twice fails the object by key: its bytes were read and sent again once`, async (t) => {
    const server = await serverFor(t, { mode: { checksums } });
    server.fault({ verb: 'PutObject', key: 'b', occurrences: 'all', type });
    const { report, keys } = await run(server, { source: makeTree(t, { a: 'a', b: 'b' }) });
    assert.deepEqual(
      [keys('put'), report.failures.map(({ key, code }) => [key, code])],
      [['a'], [['b', 'ETagMismatch']]],
    );
    assert.equal(server.requests.filter(({ key }) => key === 'b').length, 2);
    assert.ok(report.failures[0]?.hint !== undefined);
  });
}

test('a listing that always fails ends the run after 8 attempts and before any write', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'ListObjectsV2', occurrences: 'all', type: 'error-in-200' });
  const { error, report } = await run(server, { source: makeTree(t, { a: 'a', b: 'b' }) });
  assert.equal(error?.name, 'RunStoppedError');
  assert.deepEqual([server.count('ListObjectsV2'), server.count('PutObject')], [8, 0]);
  assert.deepEqual([report.complete, report.notAttempted], [false, 2]);
});

test('a throttled object ends as a failure only after 10 minutes in which nothing succeeded', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'status', status: 503 });
  let now = 0;
  const sleep = async (ms: number) => {
    now += ms;
  };
  const patient = { ...IMPATIENT, clock: { now: () => now, random: () => 0.99, sleep } };
  const { error, report } = await run(server, { source: makeTree(t, { a: 'a' }), mode: 'stupid' }, patient);
  assert.equal(error?.name, 'PartialFailureError');
  assert.ok(now > 600_000 && now < 700_000, `${now} ms`);
  assert.equal(report.throttles, server.count('PutObject') - 1);
  assert.ok(server.count('PutObject') > 8);
});

test('one object of 300 that always fails leaves 299 put and is listed by its key', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', key: 'f150', occurrences: 'all', type: 'status', status: 500 });
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, `${i}`]));
  const { error, report } = await run(server, { source: makeTree(t, files), concurrency: 16 });
  assert.equal(error?.name, 'PartialFailureError');
  assert.match(error?.message ?? '', /1 of 300 objects failed.*f150/);
  assert.deepEqual([report.counts.put, report.counts.fail, report.complete], [299, 1, true]);
  assert.deepEqual(
    (error as PartialFailureError).failures.map(({ key }) => key),
    ['f150'],
  );
  assert.equal(server.keys('site').length, 299);
});

test('a 409 to a conditional put is tried again', async (t) => {
  const server = await serverFor(t);
  const code = 'ConditionalRequestConflict';
  server.fault({ verb: 'PutObject', occurrences: 1, type: 'status', status: 409, code });
  const { error, keys } = await run(server, { source: makeTree(t, { a: 'ours' }), mode: 'add' });
  assert.equal(error, undefined);
  assert.deepEqual(keys('put'), ['a']);
});
