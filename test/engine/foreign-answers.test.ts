import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { it, type TestContext } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

// What answers in the place of S3: proxies, web servers, login pages.

const PAGES = {
  'a page': ['text/html', '<html><p>Log in<br></html>'],
  'a page that is XML too': ['text/html; charset=utf-8', '<!DOCTYPE html>\n<html><body>Log in</body></html>'],
  'a page of unknown type': [undefined, '\n<HTML><body>Log in'],
  text: ['text/plain', 'no such page'],
  JSON: ['application/json', '{"message":"no such page"}'],
} as const;

/** A server that gives every request the same answer. */
async function answering(
  t: TestContext,
  status: number,
  type: string | undefined,
  body: string | Buffer,
  more: Readonly<Record<string, string>> = {},
) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const headers = { ...more, ...(type !== undefined && { 'content-type': type }) };
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  return { endpointUrl: `http://127.0.0.1:${port}`, requests: () => requests };
}

for (const [what, [type, body]] of Object.entries(PAGES)) {
  for (const mode of ['update', 'stupid'] as const) {
    it(`${what} with status 200 ends a run in mode ${mode} at once, with a hint`, async (t) => {
      const { endpointUrl, requests } = await answering(t, 200, type, body);
      const { error, report } = await run(await serverFor(t), { source: makeTree(t, { a: '1' }), mode, endpointUrl });
      assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'NotAnS3Answer']);
      assert.match(error?.message ?? '', /^\w+ s3:\/\/site(\/a)?: the response is a page, not a response of S3$/);
      assert.match(error?.hint ?? '', /endpoint.*proxy/);
      assert.deepEqual([requests(), report.counts.put], [1, 0]);
    });

    it(`${what} with status 404 in mode ${mode} is reported without a library's error text`, async (t) => {
      const { endpointUrl, requests } = await answering(t, 404, type, body);
      const { error, report } = await run(await serverFor(t), { source: makeTree(t, { a: '1' }), mode, endpointUrl });
      const { message, hint } = mode === 'update' ? (error ?? {}) : (report.failures[0] ?? {});
      assert.match(
        message ?? '',
        /^\w+ s3:\/\/site(\/a)?: NotAnS3Answer \(404\): the response is a page, not a response of S3$/,
      );
      assert.match(hint ?? '', /endpoint.*proxy/);
      assert.equal(requests(), 1);
    });
  }
}

it('a truncated listing is requested again, and the message of a 404 without a body ends with its status', async (t) => {
  const cut = await answering(
    t,
    200,
    'application/xml',
    '<?xml version="1.0"?><ListBucketResult><Name>site</Name><Con',
  );
  const source = makeTree(t, { a: '1' });
  const server = await serverFor(t);
  const ran = await run(server, { source, endpointUrl: cut.endpointUrl });
  assert.deepEqual([ran.error?.code, cut.requests()], ['TruncatedAnswer', 8]);
  assert.doesNotMatch(ran.error?.message ?? '', /sdk|\$response/i);
  const silent = await answering(t, 404, undefined, '');
  const { error } = await run(server, { source, endpointUrl: silent.endpointUrl });
  assert.equal(error?.message, 'ListObjectsV2 s3://site: NotFound (404)');
});

for (const status of [301, 302, 307, 308]) {
  it(`a redirect with status ${status} is not followed, and names where it leads`, async (t) => {
    const elsewhere = await answering(t, 200, undefined, '');
    const page = '<html><body>Moved</body></html>';
    for (const [location, endpoint] of [
      ['https://s3.example.org:9000/site/a?list-type=2', 'https://s3.example.org:9000'],
      ['https://site.s3.example.org/a', 'https://s3.example.org'],
      [`${elsewhere.endpointUrl}/site`, elsewhere.endpointUrl],
    ] as const) {
      const { endpointUrl } = await answering(t, status, 'text/html', page, { location });
      for (const mode of ['update', 'stupid'] as const) {
        const { error, report } = await run(await serverFor(t), { source: makeTree(t, { a: '1' }), mode, endpointUrl });
        assert.equal(error?.name, 'RunStoppedError');
        assert.ok(error?.message.endsWith(`(${status}): the server redirects to ${endpoint}`), error?.message);
        assert.ok(error?.hint?.includes(`"${endpoint}"`), error?.hint);
        assert.equal(report.counts.put, 0);
      }
    }
    assert.equal(elsewhere.requests(), 0);
  });
}

it('a refusal with a message of 40 MB is one, and little of it is kept', async (t) => {
  const text = Buffer.alloc(40 * 1024 * 1024, 'no ');
  const body = Buffer.concat([Buffer.from(`<Error><Code>${'AccessDenied'}</Code><Message>`), text]);
  const { endpointUrl } = await answering(t, 403, 'application/xml', body);
  const server = await serverFor(t);
  for (const httpClient of ['sockets', 'undici'] as const) {
    const { report } = await run(server, {
      source: makeTree(t, { a: '1', b: '2' }),
      mode: 'stupid',
      endpointUrl,
      httpClient,
    });
    assert.equal(report.failures.length, 2);
    for (const { code, message } of report.failures) {
      assert.equal(code, 'AccessDenied');
      assert.ok(message.length < 1_200 && message.endsWith('…'), `${message.length} characters`);
    }
  }
});

it('a code, a region, a header and an id of a refusal are cut too', async (t) => {
  const long = 'x'.repeat(30_000);
  const body = `<Error><Code>${long}</Code><Message>m</Message><Header>${long}</Header><RequestId>${long}</RequestId></Error>`;
  const { endpointUrl } = await answering(t, 400, 'application/xml', body);
  const { report } = await run(await serverFor(t), { source: makeTree(t, { a: '1' }), mode: 'stupid', endpointUrl });
  const [failure] = report.failures;
  assert.ok((failure?.code?.length ?? 0) <= 101 && (failure?.message.length ?? 0) < 1_000);
  assert.doesNotMatch(failure?.message ?? '', /x{300}/);
});

it('a redirect with a code that S3 does not have is a redirect', async (t) => {
  const body = '<Error><Code>Moved</Code><Message>m</Message></Error>';
  const { endpointUrl } = await answering(t, 301, 'application/xml', body, { location: 'https://s3.example.org/' });
  const { error } = await run(await serverFor(t), { source: makeTree(t, { a: '1' }), endpointUrl });
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'PermanentRedirect']);
});
