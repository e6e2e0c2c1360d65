import assert from 'node:assert/strict';
import type { S3Server, Verb } from 'fake-s3';
import { type RawAnswer, sendSigned } from 'fake-s3/raw-request';
import { until } from '../../support/until.js';
import { abort, complete, create, listParts, listUploads, md5, part, SMALL_PARTS, texts } from './multipart.js';
import { rejection, serverTest } from './support.js';

const CREATE = { method: 'POST', path: '/site/a?uploads=', body: '' };

/** One request of each verb about an upload of one part; the last two end it. */
const REQUESTS: readonly (readonly [Verb, (server: S3Server, uploadId: string) => Promise<RawAnswer>])[] = [
  ['CreateMultipartUpload', (server) => sendSigned(server, CREATE)],
  ['UploadPart', (server, uploadId) => part(server, uploadId, 2)],
  ['ListParts', (server, uploadId) => listParts(server, uploadId)],
  ['ListMultipartUploads', (server) => listUploads(server)],
  ['CompleteMultipartUpload', (server, uploadId) => complete(server, uploadId, [[1, md5('hello')]])],
  ['AbortMultipartUpload', (server, uploadId) => abort(server, uploadId)],
];

async function begun(server: S3Server): Promise<string> {
  const uploadId = await create(server);
  await part(server, uploadId, 1);
  server.clearRequests();
  return uploadId;
}

serverTest(
  'every verb can be denied, wants its region, and is recorded by its name',
  async (server) => {
    const uploadId = await begun(server);
    for (const [verb, request] of REQUESTS) {
      server.mode({ deny: [verb] }, 'site');
      const denied = await request(server, uploadId);
      assert.equal(denied.status, 403, verb);
      assert.equal(denied.code, 'AccessDenied');
      server.mode({ deny: [], region: 'eu-west-1' }, 'site');
      assert.equal((await request(server, uploadId)).code, 'AuthorizationHeaderMalformed', verb);
      server.mode({ region: 'us-east-1' }, 'site');
      assert.equal(server.count(verb), 2);
      assert.equal(server.requests.at(-1)?.verb, verb);
    }
    assert.deepEqual(
      server.uploads('site').map(({ parts }) => parts.size),
      [1],
    );
  },
  SMALL_PARTS,
);

serverTest(
  'a 503, or an error with status 200, leaves everything as it was, whatever the verb',
  async (server) => {
    const uploadId = await begun(server);
    for (const [verb, request] of REQUESTS) {
      server.fault({ verb, occurrences: 1, type: 'status', status: 503 });
      server.fault({ verb, occurrences: 2, type: 'error-in-200' });
      assert.equal((await request(server, uploadId)).code, 'SlowDown', verb);
      const answer = await request(server, uploadId);
      assert.equal(answer.status, 200);
      assert.equal(answer.code, 'InternalError');
    }
    assert.equal(server.uploads('site').length, 1);
    assert.equal(server.uploads('site')[0]?.parts.size, 1);
    assert.deepEqual(server.keys('site'), []);
  },
  SMALL_PARTS,
);

serverTest(
  'a connection is reset before or after a verb is done, and its response can be truncated',
  async (server) => {
    for (const [verb, request] of REQUESTS) {
      const uploadId = await begun(server);
      server.fault({ verb, occurrences: 1, type: 'reset' });
      assert.equal((await rejection(request(server, uploadId))).code, 'ECONNRESET', verb);
      assert.equal(server.uploads('site').length, 1);
      server.clearFaults();
      server.fault({ verb, occurrences: 1, type: verb === 'UploadPart' ? 'truncate' : 'reset', stored: true });
      await rejection(request(server, uploadId));
      const left = server.uploads('site');
      if (verb === 'CreateMultipartUpload') assert.equal(left.length, 2);
      else if (verb === 'UploadPart') assert.equal(left[0]?.parts.size, 2);
      else assert.equal(left.length, verb.startsWith('List') ? 1 : 0, verb);
      for (const upload of left) server.abortUpload('site', upload.uploadId);
      server.clearFaults();
    }
    assert.deepEqual(server.keys('site'), ['a']);
  },
  SMALL_PARTS,
);

serverTest('a connection can be reset in the middle of a part', async (server) => {
  const uploadId = await begun(server);
  server.fault({ verb: 'UploadPart', occurrences: 1, type: 'reset', after: 1_000_000 });
  const error = await rejection(part(server, uploadId, 2, Buffer.alloc(8_000_000)));
  assert.match(error.code ?? '', /ECONNRESET|EPIPE/);
  const [request] = server.requests;
  assert.ok((request?.bodyBytes ?? 0) >= 1_000_000 && (request?.bodyBytes ?? 0) < 8_000_000);
  assert.equal(request?.status, 0);
  assert.equal(server.uploads('site')[0]?.parts.size, 1);
});

serverTest(
  'ETags and checksums can be wrong in headers and in documents, and nowhere else',
  async (server) => {
    const named = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' };
    const uploadId = await create(server, named);
    const right = await part(server, uploadId, 1);
    server.fault({ verb: 'any', occurrences: [1, 3, 5], type: 'wrong-etag' });
    server.fault({ verb: 'any', occurrences: [2, 4, 6], type: 'wrong-checksum' });
    const wrongEtag = await part(server, uploadId, 1);
    assert.notEqual(wrongEtag.headers.etag, right.headers.etag);
    assert.match(wrongEtag.headers.etag ?? '', /^"[0-9a-f]{32}"$/);
    assert.equal((await part(server, uploadId, 1)).headers['x-amz-checksum-crc32'], 'AhCmhg==');
    const listed = await listParts(server, uploadId);
    assert.notDeepEqual(texts(listed, 'ETag'), [`&quot;${md5('hello')}&quot;`]);
    assert.deepEqual(texts(listed, 'ChecksumCRC32'), ['NhCmhg==']);
    const other = await listParts(server, uploadId);
    assert.deepEqual(texts(other, 'ETag'), [`&quot;${md5('hello')}&quot;`]);
    assert.deepEqual(texts(other, 'ChecksumCRC32'), ['AhCmhg==']);
    assert.deepEqual(texts(other, 'ChecksumAlgorithm'), ['CRC32']);
    const completed = await complete(server, uploadId, [[1, md5('hello')]]);
    assert.notEqual(texts(completed, 'ETag')[0], `&quot;${server.object('site', 'a')?.etag}&quot;`);
  },
  SMALL_PARTS,
);

serverTest(
  'a completion can be slow: white space comes before the response, or before an error',
  async (server) => {
    const slow = { verb: 'CompleteMultipartUpload', type: 'slow-200', ms: 120, every: 20 } as const;
    server.fault({ ...slow, occurrences: 1, code: 'InternalError' });
    server.fault({ ...slow, occurrences: [2, 3] });
    const uploadId = await begun(server);
    const named = [[1, md5('hello')]] as const;
    for (const code of ['InternalError', undefined]) {
      const answer = await complete(server, uploadId, named);
      assert.equal(answer.status, 200);
      assert.equal(answer.code, code);
      assert.match(answer.body, /^<\?xml [^>]*\?>\n {6}<(Error|CompleteMultipartUploadResult)/);
      assert.equal(answer.headers['content-length'], undefined);
      assert.equal(server.keys('site').length, code === undefined ? 1 : 0);
    }
    const refused = await complete(server, uploadId, named);
    assert.equal(refused.status, 404, 'what is refused is refused at once');
  },
  SMALL_PARTS,
);

serverTest(
  'a stalled completion, like other stalled verbs, changes nothing',
  async (server) => {
    const uploadId = await begun(server);
    server.fault({ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'stall' });
    const stalled = rejection(complete(server, uploadId, [[1, md5('hello')]]));
    await until(() => server.count('CompleteMultipartUpload') === 1);
    // A request that comes later is answered.
    assert.equal((await listParts(server, uploadId)).status, 200);
    assert.equal(server.uploads('site').length, 1);
    await server.close();
    await stalled;
  },
  SMALL_PARTS,
);

serverTest('bodies of parts and puts share the rate of their bucket', async (server) => {
  const uploadId = await begun(server);
  server.mode({ bytesPerSecond: 4_000_000 });
  const body = Buffer.alloc(500_000);
  const start = performance.now();
  const sent = [1, 2, 3].map((number) => part(server, uploadId, number, body));
  const answers = await Promise.all([...sent, sendSigned(server, { method: 'PUT', path: '/site/b', body })]);
  const seconds = (performance.now() - start) / 1000;
  for (const { status } of answers) assert.equal(status, 200);
  // Each by itself would take 0.1 s. A busy machine takes longer, and none takes less.
  assert.ok(seconds > 0.4, `${seconds} s for 2 MB at 4 MB/s`);
});

serverTest('above its rate of requests a bucket answers SlowDown to parts as well', async (server) => {
  const uploadId = await begun(server);
  server.mode({ putsPerSecond: 2 });
  const answers = await Promise.all([1, 2, 3, 4, 5].map((number) => part(server, uploadId, number)));
  assert.ok(answers.some(({ status, code }) => status === 503 && code === 'SlowDown'));
});
