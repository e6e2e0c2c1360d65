import assert from 'node:assert/strict';
import { it } from 'node:test';
import { copy, put, type UploadsOptions, UsageError, uploads } from '../../src/index.js';
import { connection, run, runCopy, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

it('an endpoint that holds the bucket is refused before any request, by put, copy and uploads', async (t) => {
  const server = await serverFor(t, { buckets: ['site', 'from'] });
  const source = makeTree(t, { 'index.html': 'x' });
  const wrong = { ...connection(server), endpointUrl: `${server.url}/site` };
  const fromWrong = { ...connection(server), sourceEndpointUrl: `${server.url}/from` };
  const refused = (error: unknown, name: string) =>
    error instanceof UsageError && error.message.startsWith(`${name} "${server.url}/`);
  assert.throws(
    () => put({ source, bucket: 's3://site', ...wrong }),
    (error) => refused(error, 'endpointUrl'),
  );
  const buckets = { source: 's3://from', destination: 's3://site/docs' };
  assert.throws(
    () => copy({ ...buckets, ...wrong }),
    (error) => refused(error, 'endpointUrl'),
  );
  assert.throws(
    () => copy({ ...buckets, ...fromWrong }),
    (error) => refused(error, 'sourceEndpointUrl'),
  );
  const listing: UploadsOptions = { bucket: 'site', ...wrong };
  await assert.rejects(uploads(listing), (error) => refused(error, 'endpointUrl'));
  assert.equal(server.requests.length, 0);
});

it('the endpoint of the environment is refused too where it holds the bucket', async (t) => {
  const server = await serverFor(t);
  const before = process.env.AWS_ENDPOINT_URL;
  t.after(() => {
    if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
    else process.env.AWS_ENDPOINT_URL = before;
  });
  for (const forcePathStyle of [true, false]) {
    process.env.AWS_ENDPOINT_URL = `${server.url}/site`;
    const { error } = await run(server, { source: makeTree(t, { a: 'a' }), endpointUrl: undefined, forcePathStyle });
    assert.equal(error?.name, 'UsageError', String(error));
    assert.match(error?.message ?? '', /AWS_ENDPOINT_URL.*holds the bucket "site"/);
  }
  assert.equal(server.requests.length, 0);
});

it('a copy keeps empty segments on both sides, so that two destinations stay two', async (t) => {
  const server = await serverFor(t, { buckets: ['site', 'from'] });
  for (const [key, text] of [
    ['x//y/a', '1'],
    ['x/y/a', '2'],
    ['/docs/b', '3'],
  ] as const)
    server.seed('from', key, text);
  for (const [source, destination] of [
    ['s3://from/x//y/*', 's3://site/p//q'],
    ['s3://from/x/y/*', 's3://site/p/q'],
    ['s3://from//docs', 's3://site//docs'],
  ] as const) {
    const { error } = await runCopy(server, { source, destination });
    assert.equal(error, undefined);
  }
  assert.deepEqual(server.keys('site'), ['/docs/docs/b', 'p//q/a', 'p/q/a']);
});
