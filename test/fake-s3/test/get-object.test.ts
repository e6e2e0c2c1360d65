import assert from 'node:assert/strict';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { sendSigned } from 'fake-s3/raw-request';
import { clientOf, rejection, serverTest } from './support.js';

serverTest('ranges give 206 with just these bytes', async (server) => {
  server.seed('site', 'a', '0123456789');
  const cases = [
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ] as const;
  for (const [range, body, contentRange] of cases) {
    const answer = await sendSigned(server, { path: '/site/a', headers: { range } });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.body, body);
    assert.equal(answer.headers['content-range'], contentRange);
    assert.equal(answer.headers['content-length'], String(body.length));
    const head = await sendSigned(server, { method: 'HEAD', path: '/site/a', headers: { range } });
    assert.equal(head.status, 206);
    assert.equal(head.headers['content-length'], String(body.length));
  }
});

serverTest('a range behind the end is 416, a senseless one is ignored', async (server) => {
  server.seed('site', 'a', '0123456789');
  server.seed('site', 'empty', '');
  for (const [path, range] of [
    ['/site/a', 'bytes=10-'],
    ['/site/a', 'bytes=-0'],
    ['/site/empty', 'bytes=0-0'],
  ] as const) {
    const answer = await sendSigned(server, { path, headers: { range } });
    assert.equal(answer.status, 416);
    assert.equal(answer.code, 'InvalidRange');
  }
  for (const range of ['bytes=4-2', 'bytes=-', 'lines=1-2', 'bytes=0-1,3-4']) {
    const answer = await sendSigned(server, { path: '/site/a', headers: { range } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.length, 10);
  }
});

serverTest('conditions on reads give 304 and 412', async (server) => {
  server.seed('site', 'a', 'hello', { lastModified: new Date('2020-01-01T00:00:00Z') });
  const etag = '"5d41402abc4b2a76b9719d911017c592"';
  const cases: [Record<string, string>, number][] = [
    [{ 'if-match': etag }, 200],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-modified-since': 'Wed, 01 Jan 2020 00:00:00 GMT' }, 304],
    [{ 'if-modified-since': 'Tue, 31 Dec 2019 00:00:00 GMT' }, 200],
    [{ 'if-unmodified-since': 'Tue, 31 Dec 2019 00:00:00 GMT' }, 412],
    [{ 'if-match': etag, 'if-unmodified-since': 'Tue, 31 Dec 2019 00:00:00 GMT' }, 200],
    [{ 'if-none-match': '"other"', 'if-modified-since': 'Wed, 01 Jan 2020 00:00:00 GMT' }, 200],
  ];
  for (const method of ['GET', 'HEAD']) {
    for (const [headers, status] of cases) {
      const answer = await sendSigned(server, { method, path: '/site/a', headers });
      assert.equal(answer.status, status, JSON.stringify(headers));
      if (status === 304) assert.equal(answer.headers.etag, etag);
      if (status !== 200 && method === 'HEAD') assert.equal(answer.body, '');
    }
  }
});

serverTest('an absent key is NoSuchKey, by HEAD without a body', async (server) => {
  const client = clientOf(server);
  const get = await rejection(client.send(new GetObjectCommand({ Bucket: 'site', Key: 'a' })));
  assert.equal(get.name, 'NoSuchKey');
  const head = await sendSigned(server, { method: 'HEAD', path: '/site/a' });
  assert.equal(head.status, 404);
  assert.equal(head.body, '');
  assert.equal(head.headers['content-length'], undefined);
  const sdk = await rejection(client.send(new HeadObjectCommand({ Bucket: 'site', Key: 'a' })));
  assert.equal(sdk.name, 'NotFound');
});

serverTest('an absent bucket is NoSuchBucket to every verb', async (server) => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await sendSigned(server, { method, path: '/none/a', body: '' });
    assert.equal(answer.status, 404);
    assert.equal(answer.code, 'NoSuchBucket');
    assert.match(answer.body, /<BucketName>none</);
  }
});

serverTest('the query can replace headers of the answer', async (server) => {
  server.seed('site', 'a', 'hello');
  const answer = await sendSigned(server, { path: '/site/a?response-content-type=text%2Fplain' });
  assert.equal(answer.headers['content-type'], 'text/plain');
});

serverTest('a delete is 204 whether the key was there or not', async (server) => {
  server.seed('site', 'a', 'hello');
  const client = clientOf(server);
  for (let i = 0; i < 2; i++) {
    const { $metadata } = await client.send(new DeleteObjectCommand({ Bucket: 'site', Key: 'a' }));
    assert.equal($metadata.httpStatusCode, 204);
  }
  assert.deepEqual(server.keys('site'), []);
});

serverTest('what S3 has and this server does not is 501, what no S3 has is 405', async (server) => {
  for (const path of ['/site/a?torrent', '/site/a?retention', '/site?acl', '/site?policy', '/site?location']) {
    const answer = await sendSigned(server, { path });
    assert.equal(answer.status, 501, path);
    assert.equal(answer.code, 'NotImplemented');
  }
  for (const [method, path] of [
    ['PATCH', '/site/a'],
    ['POST', '/site/a'],
    ['PUT', '/'],
  ] as const) {
    const answer = await sendSigned(server, { method, path, body: '' });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.code, 'MethodNotAllowed');
  }
});
