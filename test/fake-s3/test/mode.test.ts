import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { startS3Server } from 'fake-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { clientOf, rejection, serverTest } from './support.js';

const HELLO = { Bucket: 'site', Key: 'a', Body: 'hello' };
const OBJECT = { Bucket: 'site', Key: 'a' };
const MD5 = '"5d41402abc4b2a76b9719d911017c592"';

serverTest('in a KMS bucket ETags are not MD5s, and only listings do not show the key', async (server) => {
  server.mode({ kms: true }, 'site');
  const client = clientOf(server);
  const put = await client.send(new PutObjectCommand(HELLO));
  const head = await client.send(new HeadObjectCommand(OBJECT));
  for (const answer of [put, head]) {
    assert.match(answer.ETag ?? '', /^"[0-9a-f]{32}"$/);
    assert.notEqual(answer.ETag, MD5);
    assert.equal(answer.ETag, put.ETag);
    assert.equal(answer.ServerSideEncryption, 'aws:kms');
    assert.match(answer.SSEKMSKeyId ?? '', /^arn:aws:kms:/);
  }
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'site' }));
  assert.equal(Contents?.[0]?.ETag, put.ETag);
  const { body } = await sendSigned(server, { path: '/site?list-type=2' });
  assert.doesNotMatch(body, /kms/i);
  const again = await client.send(new PutObjectCommand(HELLO));
  assert.notEqual(again.ETag, put.ETag);
  const plain = await client.send(new PutObjectCommand({ ...HELLO, ServerSideEncryption: 'AES256' }));
  assert.equal(plain.ETag, MD5);
});

serverTest('denied verbs are AccessDenied', async (server) => {
  server.seed('site', 'a', 'hello');
  server.mode({ deny: ['PutObject', 'HeadObject', 'ListObjectsV2'] });
  const client = clientOf(server);
  const put = await rejection(client.send(new PutObjectCommand(HELLO)));
  assert.equal(put.name, 'AccessDenied');
  const list = await rejection(client.send(new ListObjectsV2Command({ Bucket: 'site' })));
  assert.equal(list.name, 'AccessDenied');
  const head = await rejection(client.send(new HeadObjectCommand(OBJECT)));
  assert.equal(head.$metadata?.httpStatusCode, 403);
  server.mode({ deny: [] });
  await client.send(new PutObjectCommand(HELLO));
});

serverTest(
  'a request that expects another owner, or does not accept the cost that its bucket wants paid, is denied',
  async (server) => {
    server.mode({ owner: '444455556666' }, 'site');
    const client = clientOf(server);
    await client.send(new PutObjectCommand({ ...HELLO, ExpectedBucketOwner: '444455556666' }));
    const foreign = await rejection(
      client.send(new PutObjectCommand({ ...HELLO, ExpectedBucketOwner: '111122223333' })),
    );
    assert.equal(foreign.name, 'AccessDenied');
    server.mode({ requesterPays: true }, 'site');
    const list = new ListObjectsV2Command({ Bucket: 'site' });
    assert.equal((await rejection(client.send(list))).name, 'AccessDenied');
    assert.equal((await rejection(client.send(new HeadObjectCommand(OBJECT)))).$metadata?.httpStatusCode, 403);
    await client.send(new HeadObjectCommand({ ...OBJECT, RequestPayer: 'requester' }));
  },
);

serverTest('without permission to list, a missing key is not revealed', async (server) => {
  server.mode({ deny: ['ListObjectsV2'] });
  const client = clientOf(server);
  const get = await rejection(client.send(new GetObjectCommand(OBJECT)));
  assert.equal(get.name, 'AccessDenied');
  const head = await rejection(client.send(new HeadObjectCommand(OBJECT)));
  assert.equal(head.$metadata?.httpStatusCode, 403);
  server.seed('site', 'a', 'hello');
  await client.send(new HeadObjectCommand(OBJECT));
});

serverTest('a bucket elsewhere names its region', async (server) => {
  server.mode({ region: 'eu-west-1' }, 'site');
  const put = await sendSigned(server, { method: 'PUT', path: '/site/a', body: 'x' });
  assert.equal(put.status, 400);
  assert.equal(put.code, 'AuthorizationHeaderMalformed');
  assert.match(put.body, /<Region>eu-west-1<\/Region>/);
  assert.equal(put.headers['x-amz-bucket-region'], 'eu-west-1');
  const head = await sendSigned(server, { method: 'HEAD', path: '/site/a' });
  assert.equal(head.status, 400);
  assert.equal(head.body, '');
  assert.equal(head.headers['x-amz-bucket-region'], 'eu-west-1');
  const right = await sendSigned(server, { method: 'PUT', path: '/site/a', body: 'x' }, { region: 'eu-west-1' });
  assert.equal(right.status, 200);
});

serverTest('a bucket elsewhere can redirect', async (server) => {
  server.mode({ region: 'eu-west-1', wrongRegion: 'redirect' }, 'site');
  const put = await sendSigned(server, { method: 'PUT', path: '/site/a', body: 'x' });
  assert.equal(put.status, 301);
  assert.equal(put.code, 'PermanentRedirect');
  assert.match(put.body, /<Endpoint>site\.s3\.eu-west-1\.amazonaws\.com<\/Endpoint>/);
  assert.equal(put.headers['x-amz-bucket-region'], 'eu-west-1');
  assert.equal(put.headers.location, undefined);
  const head = await rejection(clientOf(server).send(new HeadBucketCommand({ Bucket: 'site' })));
  assert.equal(head.$metadata?.httpStatusCode, 301);
  const client = clientOf(server, { region: 'eu-west-1' });
  await client.send(new PutObjectCommand(HELLO));
  server.mode({ endpoint: 'elsewhere.example' }, 'site');
  const other = await sendSigned(server, { path: '/site/a' });
  assert.match(other.body, /<Endpoint>elsewhere\.example</);
});

serverTest('a server may name no ETags', async (server) => {
  server.mode({ etags: false });
  const client = clientOf(server);
  assert.equal((await client.send(new PutObjectCommand(HELLO))).ETag, undefined);
  assert.equal((await client.send(new HeadObjectCommand(OBJECT))).ETag, undefined);
  assert.equal((await client.send(new GetObjectCommand(OBJECT))).ETag, undefined);
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'site' }));
  assert.equal(Contents?.[0]?.ETag, undefined);
});

serverTest('a server may give another Server header, or none', async (server) => {
  server.mode({ serverHeader: 'MinIO' });
  assert.equal((await sendSigned(server, { path: '/site/a' })).headers.server, 'MinIO');
  server.mode({ serverHeader: undefined });
  assert.equal((await sendSigned(server, { path: '/site/a' })).headers.server, undefined);
});

serverTest('above its rate a bucket responds with SlowDown', async (server) => {
  server.mode({ putsPerSecond: 5 });
  const put = () => sendSigned(server, { method: 'PUT', path: '/site/a', body: 'x' });
  const answers = await Promise.all(Array.from({ length: 10 }, put));
  const refused = answers.filter(({ status }) => status === 503);
  assert.ok(refused.length >= 1 && refused.length <= 5, `${refused.length} refused`);
  assert.equal(refused[0]?.code, 'SlowDown');
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.equal((await put()).status, 200);
});

serverTest('a server whose clock is off shows it in its Date header', async (server) => {
  server.mode({ clockOffset: 3_600_000 });
  const answer = await sendSigned(server, { path: '/site/a' });
  assert.equal(answer.code, 'RequestTimeTooSkewed');
  const date = Date.parse(answer.headers.date ?? '');
  assert.ok(Math.abs(date - Date.now() - 3_600_000) < 5000);
  assert.equal((await sendSigned(server, { path: '/site/a' }, { at: new Date(date) })).code, 'NoSuchKey');
});

serverTest(
  'the mode of a bucket overrides that of the server',
  async (server) => {
    server.mode({ etags: false });
    server.createBucket('third', { etags: true });
    const etagIn = async (bucket: string) => {
      const answer = await sendSigned(server, { method: 'PUT', path: `/${bucket}/a`, body: 'hello' });
      return answer.headers.etag;
    };
    assert.equal(await etagIn('first'), MD5);
    assert.equal(await etagIn('second'), undefined);
    assert.equal(await etagIn('third'), MD5);
    server.mode({ etags: false }, 'first');
    assert.equal(await etagIn('first'), undefined);
  },
  { buckets: { first: { etags: true }, second: {} } },
);

test('requests are recorded for tests, and can be cleared', async () => {
  const server = await startS3Server({ buckets: ['site'] });
  try {
    await sendSigned(server, {
      method: 'PUT',
      path: '/site/a%20b?x-id=PutObject',
      body: 'hello',
      headers: { 'x-amz-meta-a': '1' },
    });
    await sendSigned(server, { path: '/site?list-type=2&prefix=a%2F' });
    const [put, list] = server.requests;
    assert.equal(put?.verb, 'PutObject');
    assert.equal(put?.bucket, 'site');
    assert.equal(put?.key, 'a b');
    assert.equal(put?.bodyBytes, 5);
    assert.equal(put?.headers['content-length'], '5');
    assert.deepEqual(list?.query, { 'list-type': '2', prefix: 'a/' });
    assert.equal(server.count('PutObject'), 1);
    assert.equal(server.peak, 1);
    server.clearRequests();
    assert.equal(server.count('PutObject'), 0);
    assert.equal(server.requests.length, 0);
  } finally {
    await server.close();
  }
});

serverTest('a connection is kept without promises of how long', async (server) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const client = clientOf(server, { requestHandler: { httpAgent: agent } });
  const ports = new Set<number | undefined>();
  for (let i = 0; i < 3; i++) {
    await client.send(new PutObjectCommand(HELLO));
    await new Promise((resolve) => setImmediate(resolve));
    for (const socket of Object.values(agent.freeSockets).flat()) ports.add(socket?.localPort);
  }
  assert.equal(ports.size, 1);
  const { headers } = await sendSigned(server, { path: '/site/a' });
  assert.equal(headers['keep-alive'], undefined);
  client.destroy();
});

serverTest(
  'a server that drops bodies keeps their facts',
  async (server) => {
    const client = clientOf(server);
    await client.send(new PutObjectCommand(HELLO));
    const head = await client.send(new HeadObjectCommand({ ...OBJECT, ChecksumMode: 'ENABLED' }));
    assert.equal(head.ContentLength, 5);
    assert.equal(head.ETag, MD5);
    assert.equal(head.ChecksumCRC32, 'NhCmhg==');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'site' }));
    assert.equal(Contents?.[0]?.Size, 5);
    assert.equal((await sendSigned(server, { path: '/site/a' })).status, 500);
  },
  { dropBodies: true },
);

serverTest('a bucket that is new elsewhere redirects for a while', async (server) => {
  server.mode({ region: 'eu-west-1', wrongRegion: 'temporary' }, 'site');
  const put = await sendSigned(server, { method: 'PUT', path: '/site/a', body: 'x' });
  assert.deepEqual([put.status, put.code], [307, 'TemporaryRedirect']);
  assert.equal(put.headers['x-amz-bucket-region'], 'eu-west-1');
});

serverTest('listings may never end, and each page has a marker of its own', async (server) => {
  for (const key of ['a', 'b']) server.seed('site', key, 'x');
  for (const [listings, keys] of [
    ['repeat', ['a', 'b']],
    ['empty', []],
  ] as const) {
    server.mode({ listings });
    const tokens = new Set<string>();
    let token = '';
    for (let page = 0; page < 5; page++) {
      const path = `/site?list-type=2${token === '' ? '' : `&continuation-token=${encodeURIComponent(token)}`}`;
      const { body } = await sendSigned(server, { path });
      assert.match(body, /<IsTruncated>true</);
      const found = [...body.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);
      assert.deepEqual(found, page === 0 ? ['a', 'b'] : keys);
      token = /<NextContinuationToken>(.*?)</.exec(body)?.[1] ?? '';
      tokens.add(token);
    }
    assert.equal(tokens.size, 5);
  }
});

serverTest('documents may be compressed, or have a prefix on all names', async (server) => {
  server.seed('site', 'a', 'x');
  server.mode({ documents: 'prefixed' });
  const prefixed = await sendSigned(server, { path: '/site?list-type=2' });
  assert.match(prefixed.body, /<ns0:ListBucketResult xmlns:ns0=.*<ns0:Key>a<\/ns0:Key>.*<\/ns0:ListBucketResult>$/s);
  server.mode({ documents: 'gzip' });
  const zipped = await sendSigned(server, { path: '/site?list-type=2' });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.equal((await sendSigned(server, { path: '/site/a' })).headers['content-encoding'], undefined);
});

serverTest('a server may refuse both markers of a list of uploads together', async (server) => {
  server.seedUpload('site', 'a');
  server.mode({ uploadMarkers: 'key' });
  const both = await sendSigned(server, { path: '/site?uploads=&key-marker=a&upload-id-marker=x' });
  assert.deepEqual([both.status, both.code], [400, 'InvalidArgument']);
  assert.equal((await sendSigned(server, { path: '/site?uploads=&key-marker=a' })).status, 200);
});
