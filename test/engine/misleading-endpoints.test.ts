import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import { connection, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

/** A server that gives one response to everything. */
async function saying(t: TestContext, status: number, body: string, type = 'text/html'): Promise<number> {
  const http = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    http.closeAllConnections();
    http.close();
  });
  return (http.address() as AddressInfo).port;
}

for (const httpClient of ['sockets', 'undici'] as const)
  for (const scheme of ['https://', ''])
    it(`plain HTTP at the endpoint "${scheme}…" is said with the right address (${httpClient})`, async (t) => {
      const server = await serverFor(t);
      const port = await saying(t, 200, 'x');
      const endpointUrl = `${scheme}127.0.0.1:${port}`;
      const { error } = await run(server, { source: makeTree(t, { a: 'a' }), endpointUrl, httpClient });
      assert.match(error?.message ?? '', /the server does not respond in TLS \([\w ]+\)$/);
      assert.ok(error?.hint?.includes(`endpointUrl: 'http://127.0.0.1:${port}'`), error?.hint);
      assert.doesNotMatch(`${error?.message}${error?.hint}`, /\n|\\n|SSL routines|deps/);
    });

for (const [what, status, body, code, hint] of [
  ['a proxy that refuses the size', 413, '<title>413 Request Entity Too Large</title>', 'ContentTooLarge', /partSize/],
  ['a gateway that refuses the size without a page', 413, '', 'ContentTooLarge', /partSize/],
  ['a proxy that wants a password', 407, '<h1>Authentication required</h1>', 'ProxyAuthenticationRequired', /proxy/],
  ['a website', 405, '<h1>405 Method Not Allowed</h1>', 'NotAnS3Answer', /website or a CDN/],
  ['a TLS server', 400, 'Client sent an HTTP request to an HTTPS server.', 'NotAnS3Answer', /https:\/\//],
  ['the pages of MinIO', 200, '<!doctype html><title>MinIO Console</title>', 'NotAnS3Answer', /9000/],
] as const)
  it(`${what} is said to be that, not a login page`, async (t) => {
    const server = await serverFor(t);
    const endpointUrl = `http://127.0.0.1:${await saying(t, status, body)}`;
    const ran = await run(server, { source: makeTree(t, { a: 'a' }), mode: 'stupid', endpointUrl });
    const [failure] = ran.report.failures;
    assert.equal(failure?.code, code);
    assert.match(failure?.hint ?? '', hint);
    assert.doesNotMatch(failure?.hint ?? '', /login/);
  });

it('a listing that names no key shows that the endpoint holds a bucket', async (t) => {
  const server = await serverFor(t);
  const body = '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>';
  const endpointUrl = `http://127.0.0.1:${await saying(t, 404, body, 'application/xml')}`;
  const { error } = await run(server, { source: makeTree(t, { a: 'a' }), endpointUrl });
  assert.match(error?.hint ?? '', /endpointUrl holds the name of a bucket/);
});

for (const [variable, value, expected] of [
  ['AWS_REGION', 'eu west 1', /^AWS_REGION is "eu west 1", which is not a region/],
  ['AWS_ENDPOINT_URL', 'nonsense', /^AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, .* is not the address of a server/],
  ['AWS_ENDPOINT_URL', 'localhost:9000', /is not the address of a server/],
] as const)
  it(`${variable}=${value} is named before any request`, async (t) => {
    const server = await serverFor(t);
    const before = { ...process.env };
    t.after(() => {
      delete process.env[variable];
      Object.assign(process.env, before);
    });
    process.env[variable] = value;
    const endpointUrl = variable === 'AWS_REGION' ? server.url : undefined;
    const { error } = await run(server, {
      ...connection(server),
      source: makeTree(t, { a: 'a' }),
      endpointUrl,
      region: variable === 'AWS_REGION' ? undefined : 'us-east-1',
    });
    assert.equal(error?.name, 'UsageError', String(error));
    assert.match(error?.message ?? '', expected);
    assert.equal(server.requests.length, 0);
  });

it('white space around AWS_REGION is left out with a warning', async (t) => {
  const server = await serverFor(t);
  const before = { ...process.env };
  t.after(() => {
    delete process.env.AWS_REGION;
    Object.assign(process.env, before);
  });
  process.env.AWS_REGION = 'us-east-1\n';
  const { error, report } = await run(server, { source: makeTree(t, { a: 'a' }), region: undefined });
  assert.equal(error, undefined);
  assert.match(String(report.warnings[0]), /AWS_REGION.*white space around "us-east-1"/);
});

it('an empty AWS_REGION is as one that is not set', async (t) => {
  const server = await serverFor(t);
  const before = { ...process.env };
  t.after(() => {
    delete process.env.AWS_REGION;
    Object.assign(process.env, before);
  });
  process.env.AWS_REGION = '';
  const { error } = await run(server, { source: makeTree(t, { a: 'a' }), region: undefined });
  assert.equal(error, undefined);
});

it('the hint for https of AWS_ENDPOINT_URL names its value', async (t) => {
  const server = await serverFor(t);
  const before = { ...process.env };
  t.after(() => {
    delete process.env.AWS_ENDPOINT_URL;
    Object.assign(process.env, before);
  });
  process.env.AWS_ENDPOINT_URL = server.url.replace('http:', 'https:');
  const { error } = await run(server, { source: makeTree(t, { a: 'a' }), endpointUrl: undefined });
  assert.match(error?.message ?? '', /does not respond in TLS/);
  assert.ok(error?.hint?.includes(`Write endpointUrl: '${server.url}'`), error?.hint);
});
