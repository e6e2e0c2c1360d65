import assert from 'node:assert/strict';
import { CopyObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { copy, TWO_BUCKETS } from './copying.js';
import { md5, texts } from './multipart.js';
import { clientOf, serverTest } from './support.js';

const HEADERS = {
  'content-type': 'text/html',
  'cache-control': 'max-age=60',
  'content-encoding': 'gzip',
  'x-amz-meta-a': 'b',
  'x-amz-website-redirect-location': '/else',
  'x-amz-storage-class': 'STANDARD_IA',
};

serverTest(
  'a copy keeps content headers, metadata and tags, but neither class nor redirect',
  async (server) => {
    server.seed('from', 'a', 'hello', { headers: HEADERS, tags: { x: 'y' } });
    const answer = await copy(server, '/from/a', { 'content-type': 'text/plain', 'x-amz-meta-a': 'other' });
    assert.equal(answer.status, 200, answer.body);
    const { body, headers, tags, storageClass } = server.object('site', 'b') ?? assert.fail();
    assert.equal(body.toString(), 'hello');
    const { 'x-amz-website-redirect-location': _, 'x-amz-storage-class': __, ...kept } = HEADERS;
    assert.deepEqual(headers, kept);
    assert.deepEqual(tags, { x: 'y' });
    assert.equal(storageClass, 'STANDARD');
    assert.match(answer.body, /<CopyObjectResult .*<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;<\/ETag>/);
    assert.match(texts(answer, 'LastModified')[0] ?? '', /^\d{4}-.*Z$/);
    assert.equal(server.count('CopyObject'), 1);
    assert.equal(server.requests[0]?.headers['x-amz-copy-source'], '/from/a');
  },
  TWO_BUCKETS,
);

serverTest(
  'a copy that replaces takes headers and tags of the request alone',
  async (server) => {
    server.seed('from', 'a', 'hello', { headers: HEADERS, tags: { x: 'y' } });
    const replacing = { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-tagging-directive': 'REPLACE' };
    await copy(server, 'from/a', { ...replacing, 'x-amz-meta-new': '1', 'x-amz-tagging': 'c=d' });
    const replaced = server.object('site', 'b');
    assert.deepEqual(replaced?.headers, { 'content-type': 'binary/octet-stream', 'x-amz-meta-new': '1' });
    assert.deepEqual(replaced?.tags, { c: 'd' });
    const class_ = { 'x-amz-storage-class': 'GLACIER_IR', 'x-amz-website-redirect-location': '/new' };
    await copy(server, 'from/a', class_);
    const copied = server.object('site', 'b');
    assert.equal(copied?.storageClass, 'GLACIER_IR');
    assert.equal(copied?.headers['x-amz-website-redirect-location'], '/new');
    assert.equal(copied?.headers['cache-control'], 'max-age=60');
    for (const name of ['x-amz-metadata-directive', 'x-amz-tagging-directive']) {
      assert.equal((await copy(server, 'from/a', { [name]: 'MERGE' })).code, 'InvalidArgument');
    }
  },
  TWO_BUCKETS,
);

serverTest(
  'the ETag of a copy is the MD5 of all bytes, and its checksum one of the full object',
  async (server) => {
    const composite = { algorithm: 'crc32', value: 'AAAAAA==-2', type: 'COMPOSITE' } as const;
    server.seed('from', 'parts', 'hello', { partSizes: [3, 2], checksum: composite });
    const answer = await copy(server, 'from/parts');
    assert.deepEqual(texts(answer, 'ChecksumCRC32'), ['NhCmhg==']);
    assert.deepEqual(texts(answer, 'ChecksumType'), ['FULL_OBJECT']);
    assert.equal(server.object('site', 'b')?.etag, md5('hello'));
    assert.equal(server.object('site', 'b')?.partSizes, undefined);
    server.seed('from', 'plain', 'hello');
    assert.doesNotMatch((await copy(server, 'from/plain')).body, /Checksum/);
    const asked = await copy(server, 'from/plain', { 'x-amz-checksum-algorithm': 'SHA1' });
    assert.deepEqual(texts(asked, 'ChecksumSHA1'), ['qvTGHdzF6KLavt4PO0gs2a6pQ00=']);
    server.mode({ kms: true }, 'site');
    const secret = await copy(server, 'from/plain');
    assert.equal(secret.headers['x-amz-server-side-encryption'], 'aws:kms');
    assert.notEqual(server.object('site', 'b')?.etag, md5('hello'));
  },
  TWO_BUCKETS,
);

serverTest('a copy onto itself must change something', async (server) => {
  server.seed('site', 'b', 'hello', { headers: HEADERS });
  const answer = await copy(server, '/site/b');
  assert.equal(answer.status, 400);
  assert.equal(answer.code, 'InvalidRequest');
  for (const change of [
    { 'x-amz-metadata-directive': 'REPLACE' },
    { 'x-amz-storage-class': 'STANDARD_IA' },
    { 'x-amz-server-side-encryption': 'AES256' },
    { 'x-amz-website-redirect-location': '/new' },
  ]) {
    assert.equal((await copy(server, '/site/b', change)).status, 200, JSON.stringify(change));
  }
});

serverTest(
  'sources over the limit are refused',
  async (server) => {
    server.seed('site', 'a', 'hello!');
    const answer = await copy(server, '/site/a');
    assert.equal(answer.code, 'InvalidRequest');
    assert.match(answer.body, /maximum allowable size for a copy source: 5</);
  },
  { maxObjectSize: 5 },
);

serverTest('If-None-Match * holds on copies, unless the server ignores it', async (server) => {
  server.seed('site', 'a', 'new');
  const absent = { 'if-none-match': '*' };
  assert.equal((await copy(server, 'site/a', absent)).status, 200);
  server.seed('site', 'b', 'old');
  const refused = await copy(server, 'site/a', absent);
  assert.equal(refused.status, 412);
  assert.match(refused.body, /<Condition>If-None-Match<\/Condition>/);
  assert.equal(server.object('site', 'b')?.body.toString(), 'old');
  server.mode({ conditionalWrites: 'refused' });
  assert.equal((await copy(server, 'site/a', absent)).status, 501);
  server.mode({ conditionalWrites: 'supported', conditionalCopies: 'ignored' });
  assert.equal((await copy(server, 'site/a', absent)).status, 200);
  assert.equal(server.object('site', 'b')?.body.toString(), 'new');
  const put = { method: 'PUT', path: '/site/b', body: 'x', headers: absent };
  assert.equal((await sendSigned(server, put)).status, 412);
});

serverTest(
  'ACLs and grants of a copy are those of its request',
  async (server) => {
    server.seed('site', 'a', 'hello', { acl: 'public-read' });
    await copy(server, 'site/a');
    assert.equal(server.object('site', 'b')?.acl, undefined);
    await copy(server, 'site/a', { 'x-amz-grant-read': 'id=1' });
    assert.deepEqual(server.object('site', 'b')?.grants, { 'x-amz-grant-read': 'id=1' });
    server.mode({ acl: 'BucketOwnerEnforced' });
    assert.equal((await copy(server, 'site/a', { 'x-amz-acl': 'public-read' })).code, 'AccessControlListNotSupported');
  },
  { mode: { acl: 'allowed' } },
);

serverTest(
  'a server that drops bodies copies what it knows of an object',
  async (server) => {
    await sendSigned(server, { method: 'PUT', path: '/from/a', body: 'hello', headers: {} });
    assert.equal((await copy(server, 'from/a')).status, 200);
    const { size, etag, checksum } = server.object('site', 'b') ?? assert.fail();
    const source = server.object('from', 'a');
    assert.deepEqual([size, etag, checksum], [5, md5('hello'), source?.checksum]);
  },
  { ...TWO_BUCKETS, dropBodies: true },
);

serverTest('the SDK reads the answer of a copy', async (server) => {
  server.seed('site', 'a', 'hello');
  const client = clientOf(server);
  const copied = await client.send(new CopyObjectCommand({ Bucket: 'site', Key: 'b', CopySource: 'site/a' }));
  const head = await client.send(new HeadObjectCommand({ Bucket: 'site', Key: 'b' }));
  assert.equal(copied.CopyObjectResult?.ETag, head.ETag);
  assert.deepEqual(copied.CopyObjectResult?.LastModified, head.LastModified);
});
