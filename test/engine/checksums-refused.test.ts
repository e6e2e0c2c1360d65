import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

// Servers that answer 501 to any header of the checksums of 2022 and later.

const bucket = (mode: Partial<S3Mode> = {}) => ({ buckets: { site: { checksums: 'refused' as const, ...mode } } });
const FILES = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, `body ${index}`]));
const stored = (server: S3Server) =>
  Object.fromEntries(server.keys('site').map((key) => [key, server.object('site', key)?.body.toString()]));
const refusals = (server: S3Server) => server.requests.filter(({ status }) => status === 501).length;

for (const mode of ['add', 'update', 'stupid'] as const) {
  test(`where checksums are refused, mode ${mode} puts with Content-MD5 and says so once`, async (t) => {
    const server = await serverFor(t, bucket());
    const { error, report, outcomes, events } = await run(server, {
      source: makeTree(t, FILES),
      mode,
      concurrency: 4,
    });
    assert.equal(error, undefined);
    assert.deepEqual(stored(server), FILES);
    const codes = events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
    assert.deepEqual([codes, report.warnings.length], [['no-crc32'], 1]);
    assert.ok(refusals(server) >= 1 && refusals(server) <= 8, `${refusals(server)} refusals`);
    assert.ok(outcomes.every(({ verified }) => verified === 'md5'));
    const puts = server.requests.filter(({ verb, status }) => verb === 'PutObject' && status === 200);
    assert.ok(puts.every(({ headers }) => headers['content-md5'] !== undefined));
    // The guard of mode add stays.
    assert.ok(puts.every(({ headers }) => headers['if-none-match'] === (mode === 'add' ? '*' : undefined)));
  });
}

test('where neither checksums nor conditions are taken, mode add puts without both and says so', async (t) => {
  const server = await serverFor(t, bucket({ conditionalWrites: 'refused' }));
  const { error, events } = await run(server, { source: makeTree(t, FILES), mode: 'add', concurrency: 4 });
  assert.equal(error, undefined);
  assert.deepEqual(stored(server), FILES);
  const codes = events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
  assert.deepEqual(codes.sort(), ['no-conditional-writes', 'no-crc32']);
});

test('a key that speaks of checksums does not make one refused', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'status', status: 400, code: 'InvalidRequest' });
  const { report } = await run(server, { source: makeTree(t, { 'checksum.txt': 'x' }) });
  assert.deepEqual(report.warnings, []);
  assert.equal(server.count('PutObject'), 1);
});

test('a HEAD that is refused because of its checksum mode is sent without it, once a run', async (t) => {
  const server = await serverFor(t, bucket());
  for (const [key, body] of Object.entries(FILES)) server.seed('site', key, body.toUpperCase());
  const { error, report } = await run(server, { source: makeTree(t, FILES) });
  assert.equal(error, undefined);
  assert.deepEqual(stored(server), FILES);
  assert.deepEqual([report.reasons, server.count('HeadObject')], [{ 'content differs': 40 }, 2]);
  assert.equal(report.requests.HeadObject, 2);
});

test('of what a KMS key encrypts there nothing can be proved, so it is put again after one HEAD each', async (t) => {
  const server = await serverFor(t, bucket({ kms: true }));
  for (const [key, body] of Object.entries(FILES)) server.seed('site', key, body);
  const { error, report } = await run(server, { source: makeTree(t, FILES) });
  assert.equal(error, undefined);
  assert.equal(report.counts.put, 40);
  assert.match(Object.keys(report.reasons).join(), /^content unproven, a KMS key encrypts it/);
  assert.equal(server.count('HeadObject'), 41);
});
