import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { type Ran, run, serverFor } from '../support/engine.js';
import { proxyTo, type TestProxy } from '../support/proxy.js';
import { makeTree } from '../support/tree.js';

// S3's own host names, which a proxy leads to the embedded server: address, region, clock and profile are then those of S3.

interface World {
  readonly server: S3Server;
  readonly proxy: TestProxy;
  readonly put: (options?: Partial<PutOptions>) => Promise<Ran>;
}

async function world(t: TestContext, mode: Partial<S3Mode> = {}): Promise<World> {
  const server = await serverFor(t, { buckets: { site: mode, 'dotted.name': mode } });
  const proxy = await proxyTo(t, server.port);
  const source = makeTree(t, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d/f${i} ü+%.txt`, `${i}`])));
  const put = (options: Partial<PutOptions> = {}) =>
    run(server, { source, endpointUrl: undefined, secure: false, proxy: proxy.url, ...options });
  return { server, proxy, put };
}

for (const httpClient of ['sockets', 'undici'] as const) {
  test(`${httpClient}: a bucket of S3 is addressed by its own host, through a proxy with a password`, async (t) => {
    const { server, proxy, put } = await world(t);
    const { error, outcomes, report } = await put({ httpClient });
    assert.equal(error, undefined);
    assert.equal(server.keys('site').length, 40);
    assert.ok(outcomes.every(({ verified }) => verified === 'crc32'));
    assert.ok(proxy.requests.every((line) => line.includes('http://site.s3.us-east-1.amazonaws.com/')));
    const again = await put({ httpClient });
    assert.deepEqual([again.report.counts.skip, report.warnings], [40, []]);
  });
}

test('a bucket with a dot in its name is in the path', async (t) => {
  const { server, proxy, put } = await world(t);
  const { error } = await put({ bucket: 'dotted.name' });
  assert.equal(error, undefined);
  assert.equal(server.keys('dotted.name').length, 40);
  assert.ok(proxy.requests.every((line) => line.includes('http://s3.us-east-1.amazonaws.com/dotted.name/')));
});

for (const wrongRegion of ['malformed', 'redirect', 'temporary'] as const) {
  for (const mode of ['update', 'stupid'] as const) {
    test(`a bucket in another region, reported by ${wrongRegion}, is followed in mode ${mode}, with one warning`, async (t) => {
      const { server, proxy, put } = await world(t, { region: 'eu-west-1', wrongRegion });
      const { error, report } = await put({ mode, concurrency: 4 });
      assert.equal(error, undefined);
      assert.deepEqual([server.keys('site').length, report.counts.put, report.complete], [40, 40, true]);
      assert.equal(report.warnings.length, 1);
      assert.match(report.warnings[0] ?? '', /eu-west-1/);
      assert.ok(proxy.requests.some((line) => line.includes('site.s3.eu-west-1.amazonaws.com')));
      // Only the requests in flight at the first response went to the wrong region.
      assert.ok(proxy.requests.filter((line) => line.includes('us-east-1')).length <= 8);
    });
  }
}

test('a bucket in another region is found by a HEAD, whose answer has no body', async (t) => {
  const { server, put } = await world(t, { region: 'eu-west-1', deny: ['ListObjectsV2'] });
  server.seed('site', 'd/f1 ü+%.txt', '1');
  const { error, report } = await put();
  assert.equal(error, undefined);
  assert.deepEqual([report.counts.put, report.counts.skip], [39, 1]);
});

test('a bucket that no region has ends the run with one message', async (t) => {
  const { server, put } = await world(t, { region: 'eu-west-1' });
  server.fault({
    verb: 'ListObjectsV2',
    occurrences: 'all',
    type: 'status',
    status: 301,
    code: 'PermanentRedirect',
    headers: { 'x-amz-bucket-region': 'eu-north-1' },
  });
  const { error } = await put();
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'WrongRegion']);
  assert.match(error?.hint ?? '', /eu-north-1/);
});

for (const status of [301, 307, 400]) {
  test(`a region that is none, named with status ${status}, is a response that cannot be read: retried, then the end of the run`, async (t) => {
    const { server, put } = await world(t);
    const code = { 301: 'PermanentRedirect', 307: 'TemporaryRedirect', 400: 'AuthorizationHeaderMalformed' }[status];
    const headers = { 'x-amz-bucket-region': 'no region/at all' };
    const fault = server.fault({
      verb: 'any',
      occurrences: 'all',
      type: 'status',
      status,
      ...(code && { code }),
      headers,
    });
    for (const mode of ['update', 'stupid'] as const) {
      const { error } = await put({ mode, concurrency: 1 });
      assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'NotARegion']);
      assert.match(error?.message ?? '', /names the region "no region\/at all", which is none \(after 8 attempts\)$/);
    }
    fault.clear();
    server.fault({ verb: 'any', occurrences: 1, type: 'status', status, ...(code && { code }), headers });
    assert.equal((await put()).error, undefined);
  });
}

test('a region that looks like one and is none of S3 is not followed, and named', async (t) => {
  const { server, put } = await world(t);
  const headers = { 'x-amz-bucket-region': 'US_EAST.1' };
  server.fault({ verb: 'any', occurrences: 'all', type: 'status', status: 301, code: 'PermanentRedirect', headers });
  const { error } = await put();
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'WrongRegion']);
});

test('a redirect that names the region of the request is not called a wrong region', async (t) => {
  const { server, put } = await world(t);
  const headers = { 'x-amz-bucket-region': 'us-east-1', location: 'https://site.example.org/d' };
  server.fault({ verb: 'any', occurrences: 'all', type: 'status', status: 307, code: 'TemporaryRedirect', headers });
  const { error } = await put();
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'TemporaryRedirect']);
});

test('on an endpoint that the user names the region is not changed', async (t) => {
  const server = await serverFor(t, { buckets: { site: { region: 'eu-west-1' } } });
  const { error } = await run(server, { source: makeTree(t, { a: 'a' }), region: 'us-east-1' });
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'WrongRegion']);
  assert.equal(server.requests.length, 1);
});

test('a proxy that refuses is reported as a proxy, with its status', async (t) => {
  const { proxy, put } = await world(t);
  const { error } = await put({ proxy: proxy.url.replace('secret', 'wrong') });
  assert.equal(error?.name, 'RunStoppedError');
  assert.match(error?.message ?? '', /407/);
});
