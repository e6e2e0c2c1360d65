import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, KIB, rangesCopied, requestsOf, seed, twoServers, verbs } from '../support/copies.js';
import { type Ran, run, runCopy, serverFor } from '../support/engine.js';
import { etagOf, noise, PART, SMALL_PARTS } from '../support/parts.js';
import { proxyTo } from '../support/proxy.js';

// Cloudflare R2 completes an upload only if all parts, except the last, have one size.

const EQUAL = { partSizes: 'equal', unlistedParts: 'refused', serverHeader: undefined } as const;

interface World {
  readonly server: S3Server;
  readonly copy: (options?: Partial<CopyOptions>) => Promise<Ran>;
}

/** A server under the host name of R2, which a proxy leads to it. */
async function r2(t: TestContext, mode: Partial<S3Mode> = {}): Promise<World> {
  const site = { ...EQUAL, region: 'auto', ...mode };
  const server = await copyServer(t, { from: site, site });
  const proxy = await proxyTo(t, server.port);
  const endpointUrl = 'http://account.r2.cloudflarestorage.com';
  const copy = (options: Partial<CopyOptions> = {}) =>
    runCopy(server, { endpointUrl, region: 'auto', proxy: proxy.url, ...options }, SMALL_PARTS);
  return { server, copy };
}

for (const [name, sizes] of [
  ['uneven parts', [100, 120, 140, 30]],
  ['two parts, the second the larger', [100, 300]],
  ['a last part that is larger', [128, 128, 200]],
] as const)
  test(`on R2 an object of ${name} is copied in parts of one size, and a rerun skips it`, async (t) => {
    const { server, copy } = await r2(t);
    const partSizes = sizes.map((size) => size * KIB);
    const body = noise(partSizes.reduce((sum, size) => sum + size, 0));
    seed(server, 'big', body, { partSizes });
    const ran = await copy();
    assert.equal(ran.error, undefined);
    assert.equal(server.object('site', 'big')?.etag, etagOf(body, PART));
    assert.equal(server.object('site', 'big')?.headers['x-amz-meta-s3pp-source'], server.object('from', 'big')?.etag);
    assert.equal(server.count('CompleteMultipartUpload'), 1);
    assert.equal(server.count('UploadPartCopy'), Math.ceil(body.length / PART), 'no byte is copied twice');
    assert.ok(server.count('HeadObject') <= 3);
    assert.equal(ran.outcomes[0]?.way, 'copied by the server, in ranges');
    const again = await copy();
    assert.deepEqual([again.error, again.keys('skip')], [undefined, ['big']]);
  });

test('on R2 an object of even parts is copied in just these', async (t) => {
  const { server, copy } = await r2(t);
  const partSizes = [100 * KIB, 100 * KIB, 100 * KIB, 7 * KIB];
  seed(server, 'big', noise(307 * KIB), { partSizes });
  const ran = await copy();
  assert.equal(ran.error, undefined);
  assert.equal(server.object('site', 'big')?.etag, server.object('from', 'big')?.etag);
  assert.equal(server.object('site', 'big')?.headers['x-amz-meta-s3pp-source'], undefined);
});

test('on R2 parts that only their sum shows to be uneven are found before the completion', async (t) => {
  const { server, copy } = await r2(t);
  const partSizes = [4, 3, 4, 5, 1].map((size) => size * KIB);
  const body = noise(17 * KIB);
  seed(server, 'big', body, { partSizes });
  const ran = await copy();
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'big')?.body.equals(body));
  assert.equal(server.count('CompleteMultipartUpload'), 1);
});

test('on R2 a given part size is that of all parts', async (t) => {
  const { server, copy } = await r2(t);
  const body = noise(15 * KIB * KIB);
  seed(server, 'big', body, { partSizes: [6 * KIB * KIB, 9 * KIB * KIB] });
  assert.equal((await copy({ partSize: '5MiB' })).error, undefined);
  assert.deepEqual(
    server.object('site', 'big')?.partSizes,
    [5, 5, 5].map((size) => size * KIB * KIB),
  );
});

test('an unknown server that refuses uneven parts gets them once, and later objects in parts of one size at once', async (t) => {
  const server = await copyServer(t, { from: EQUAL, site: EQUAL });
  const bodies = [noise(300 * KIB, 1), noise(300 * KIB, 2)];
  for (const [index, body] of bodies.entries())
    seed(server, `k${index}`, body, { partSizes: [99, 101, 100].map((size) => size * KIB) });
  const options = { concurrency: 1, key: 'k0' };
  const first = await runCopy(server, options, SMALL_PARTS);
  assert.equal(first.error, undefined);
  assert.equal(server.object('site', 'k0')?.etag, etagOf(bodies[0] as Buffer, PART));
  assert.deepEqual(verbs(server).CompleteMultipartUpload, 2);
  assert.equal(server.count('UploadPartCopy'), 6);
  server.clearRequests();
  const all = await runCopy(server, { mode: 'stupid' }, SMALL_PARTS);
  assert.equal(all.error, undefined);
  for (const [index, body] of bodies.entries())
    assert.equal(server.object('site', `k${index}`)?.etag, etagOf(body, PART));
  assert.deepEqual(server.uploads('site'), []);
});

test('a key that reads like this refusal does not change what another refusal means', async (t) => {
  const server = await copyServer(t, { site: { unlistedParts: 'refused' } });
  const key = 'all parts must have the same length';
  seed(server, key, noise(12 * KIB), { partSizes: [5 * KIB, 4 * KIB, 3 * KIB] });
  const ran = await runCopy(server, {}, SMALL_PARTS);
  assert.equal(ran.error, undefined);
  assert.equal(server.object('site', key)?.etag, server.object('from', key)?.etag);
});

test('uneven parts are relayed to a server that refuses them in parts of one size', async (t) => {
  const { source, dest, options } = await twoServers(t);
  dest.mode(EQUAL, 'site');
  const body = noise(300 * KIB);
  seed(source, 'big', body, { partSizes: [99, 101, 100].map((size) => size * KIB) });
  const ran = await runCopy(dest, options, SMALL_PARTS);
  assert.equal(ran.error, undefined);
  assert.ok(dest.object('site', 'big')?.body.equals(body));
  assert.equal(dest.object('site', 'big')?.etag, etagOf(body, PART));
});

test('a server that refuses parts of one size too fails by name, without an endless repetition', async (t) => {
  const server = await copyServer(t, { site: EQUAL, from: EQUAL });
  seed(server, 'big', noise(300 * KIB), { partSizes: [99, 101, 100].map((size) => size * KIB) });
  const message = 'All non-trailing parts must have the same length.';
  server.fault({
    verb: 'CompleteMultipartUpload',
    occurrences: 'all',
    type: 'status',
    status: 400,
    code: 'InvalidPart',
    message,
  });
  const ran = await runCopy(server, {}, SMALL_PARTS);
  assert.match(ran.outcomes[0]?.reason ?? '', /same length/);
  assert.equal(server.count('CompleteMultipartUpload'), 2);
  assert.deepEqual(server.uploads('site'), []);
});

test('a stream to R2 has parts of one size, however long it is', async (t) => {
  const server = await serverFor(t, { buckets: { site: { ...EQUAL, region: 'auto', minPartSize: 1 } } });
  const proxy = await proxyTo(t, server.port);
  const bytes = noise(4_200);
  const ran = await run(
    server,
    {
      source: [{ key: 'stream', body: Readable.from([bytes]) }],
      endpointUrl: 'http://account.r2.cloudflarestorage.com',
      region: 'auto',
      proxy: proxy.url,
      mode: 'stupid',
    },
    { ...SMALL_PARTS, partFloor: 1, threshold: 16 },
  );
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'stream')?.body.equals(bytes));
  assert.equal(new Set(requestsOf(server, 'UploadPart').map(({ bodyBytes }) => bodyBytes)).size, 1);
  assert.equal(ran.report.warnings.length, 1);
  assert.match(ran.report.warnings[0] ?? '', /parts of one size, so .* can have .* at most.*partSize/);
});

test('a stream whose parts an unknown server refuses says what to set', async (t) => {
  const server = await serverFor(t, { buckets: { site: { ...EQUAL, minPartSize: 1 } } });
  const bytes = noise(4_200);
  const source = [{ key: 'stream', body: Readable.from([bytes]) }];
  const ran = await run(server, { source, mode: 'stupid' }, { ...SMALL_PARTS, partFloor: 1, threshold: 16 });
  const failure = ran.report.failures[0];
  assert.match(failure?.message ?? '', /same length/);
  assert.match(failure?.hint ?? '', /partSize/);
});

test('ranges are in their order', async (t) => {
  const { server, copy } = await r2(t);
  seed(server, 'big', noise(3 * PART), { partSizes: [PART - 1, 2 * PART + 1] });
  assert.equal((await copy()).error, undefined);
  assert.deepEqual(
    rangesCopied(server).map(([number]) => number),
    [1, 2, 3],
  );
});
