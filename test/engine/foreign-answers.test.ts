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
async function answering(t: TestContext, status: number, type: string | undefined, body: string) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const headers = type === undefined ? {} : { 'content-type': type };
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
