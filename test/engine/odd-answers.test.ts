import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { uploads } from '../../src/uploads.js';
import { connection, run, runCopy, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

// Responses of S3 servers that are written in another way than S3 writes them, or that mean nothing.

const KEYS = ['a & b.txt', 'c+d.txt', 'e\u{1f600}.txt'];
const PART = Buffer.alloc(5 * 1024 * 1024, 'x');

for (const documents of ['gzip', 'prefixed'] as const) {
  for (const lane of ['wire', 'sdk'] as const)
    test(`documents that are sent as ${documents} are read (${lane})`, async (t) => {
      const mode = { documents, pageSize: 2 } as const;
      const server = await serverFor(t, { buckets: { site: mode, from: mode } });
      for (const key of KEYS) server.seed('from', key, key);
      const internals = { lane, clock: { now: () => performance.now(), random: () => 0, sleep: async () => {} } };
      for (const expected of ['copy', 'skip'] as const) {
        const { error, report } = await runCopy(server, {}, internals);
        assert.deepEqual([error, report.counts[expected]], [undefined, KEYS.length]);
      }
      const big = [{ key: 'big', body: Buffer.concat([PART, PART]) }];
      const parted = await run(server, { source: big, multipartThreshold: '5MiB', partSize: '5MiB' }, internals);
      assert.deepEqual([parted.error, parted.report.counts.put], [undefined, 1]);
      server.seedUpload('site', 'k', { 1: 'x' });
      server.seedUpload('site', 'l', { 1: 'x' });
      server.seedUpload('site', 'm', { 1: 'x' });
      const { endpointUrl, region, credentials } = connection(server);
      const found = await uploads({ bucket: 'site', endpointUrl, region, credentials });
      assert.deepEqual(
        found.map(({ key, bytes }) => [key, bytes]),
        [
          ['k', 1],
          ['l', 1],
          ['m', 1],
        ],
      );
      server.mode({ deny: ['PutObject'] }, 'site');
      const denied = await run(server, { source: [{ key: 'x', body: 'y' }], mode: 'stupid' }, internals);
      assert.match(denied.error?.message ?? '', /AccessDenied/);
    });
}

/** A server whose responses to every GET are this document, and that counts its requests. */
async function documentServer(t: TestContext, document: string, headers: Readonly<Record<string, string>> = {}) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume().on('end', () => response.writeHead(200, headers).end(document));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  return { endpointUrl: `http://127.0.0.1:${port}`, requests: () => requests };
}

const listing = (inside: string) =>
  `<?xml version="1.0"?><ListBucketResult><Name>site</Name><IsTruncated>false</IsTruncated>${inside}</ListBucketResult>`;
const contents = (inside: string) => listing(`<Contents>${inside}</Contents>`);

const UNREADABLE: Readonly<Record<string, string>> = {
  nothing: '',
  'white space': ' \n ',
  'a number of no character': contents('<Key>a&#99999999;</Key><Size>1</Size>'),
  'a lone surrogate': contents('<Key>a&#xD800;</Key><Size>1</Size>'),
  'character 0': contents('<Key>a&#0;</Key><Size>1</Size>'),
  'an unknown entity': contents('<Key>a&nbsp;</Key><Size>1</Size>'),
  'a size that is no number': contents('<Key>a</Key><Size>big</Size>'),
  'a negative size': contents('<Key>a</Key><Size>-1</Size>'),
  'a count that is no number': listing('<KeyCount>NaN</KeyCount>'),
  'an encoded key that cannot be decoded': listing(
    '<EncodingType>url</EncodingType><Contents><Key>%FF</Key></Contents>',
  ),
  'an object without a key': contents('<Size>1</Size>'),
  'a section without an end': contents('<Key><![CDATA[a</Key>'),
  'another document': '<?xml version="1.0"?><ListAllMyBucketsResult></ListAllMyBucketsResult>',
  'another page without a token': listing('').replace('false', 'true'),
};

for (const lane of ['wire', 'sdk'] as const)
  for (const [what, document] of Object.entries(UNREADABLE))
    test(`a listing of ${what} is requested again, and then ends the run (${lane})`, async (t) => {
      const { endpointUrl, requests } = await documentServer(t, document, { 'content-type': 'application/xml' });
      const clock = { now: () => performance.now(), random: () => 0, sleep: async () => {} };
      const options = { source: makeTree(t, { a: '1' }), endpointUrl };
      const { error } = await run(await serverFor(t), options, { lane, clock });
      assert.deepEqual([error?.name, error?.code, requests()], ['RunStoppedError', 'TruncatedAnswer', 8]);
      assert.match(error?.message ?? '', /^ListObjectsV2 s3:\/\/site: the response .*\(after 8 attempts\)$/);
    });

test('a date that is none, and elements that are unknown or empty, are no error', async (t) => {
  const inside = '<Key>a</Key><LastModified>soon</LastModified><Size></Size><Size/><New><Key>x</Key></New><ETag/>';
  const { endpointUrl } = await documentServer(t, contents(inside), { 'content-type': 'application/xml', etag: '"x"' });
  const server = await serverFor(t);
  const { error } = await run(server, { source: makeTree(t, { a: '1' }), endpointUrl, dryRun: true });
  assert.equal(error, undefined);
});
