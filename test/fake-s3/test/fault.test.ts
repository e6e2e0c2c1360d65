import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type S3Server, startS3Server } from 'fake-s3';
import { sendSigned, signed } from 'fake-s3/raw-request';
import { until } from '../../support/until.js';
import { clientOf, rejection, serverTest } from './support.js';

const put = (key: string, body: string | Buffer = 'hello') => ({ method: 'PUT', path: `/site/${key}`, body });

async function statuses(server: S3Server, keys: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for (const key of keys) found.push((await sendSigned(server, put(key))).status);
  return found;
}

serverTest('a fault hits the requests that it counts, only of its verb and key', async (server) => {
  const fault = { verb: 'PutObject', type: 'status', status: 503 } as const;
  server.fault({ ...fault, occurrences: 2 });
  assert.deepEqual(await statuses(server, ['a', 'b', 'c']), [200, 503, 200]);
  server.clearFaults();
  server.fault({ ...fault, occurrences: [1, 3] });
  assert.deepEqual(await statuses(server, ['a', 'b', 'c', 'd']), [503, 200, 503, 200]);
  server.clearFaults();
  server.fault({ ...fault, occurrences: 1, key: 'b' });
  assert.deepEqual(await statuses(server, ['a', 'b', 'b']), [200, 503, 200]);
  server.clearFaults();
  const handle = server.fault({ ...fault, occurrences: 'all', key: /\.html$/g });
  assert.deepEqual(await statuses(server, ['a.html', 'a.css', 'b.html']), [503, 200, 503]);
  assert.equal(handle.hits, 2);
  assert.equal((await sendSigned(server, { path: '/site/a.html' })).code, 'NoSuchKey');
  handle.clear();
  assert.deepEqual(await statuses(server, ['a.html']), [200]);
});

serverTest('a status fault has its code and headers, stores nothing, and is recorded once', async (server) => {
  const headers = { 'retry-after': '7' };
  server.fault({ verb: 'any', occurrences: 1, type: 'status', status: 503, headers });
  server.fault({
    verb: 'any',
    occurrences: 2,
    type: 'status',
    status: 409,
    code: 'OperationAborted',
    message: 'Again',
  });
  const slow = await sendSigned(server, put('a'));
  assert.equal(slow.status, 503);
  assert.equal(slow.code, 'SlowDown');
  assert.equal(slow.headers['retry-after'], '7');
  const conflict = await sendSigned(server, put('a'));
  assert.equal(conflict.status, 409);
  assert.equal(conflict.code, 'OperationAborted');
  assert.deepEqual(server.keys('site'), []);
  assert.deepEqual(
    server.requests.map(({ verb, key, status, bodyBytes }) => [verb, key, status, bodyBytes]),
    [
      ['PutObject', 'a', 503, 5],
      ['PutObject', 'a', 409, 5],
    ],
  );
});

serverTest('a reset breaks the connection before anything is stored, or after', async (server) => {
  server.fault({ verb: 'PutObject', occurrences: 1, type: 'reset' });
  server.fault({ verb: 'PutObject', occurrences: 2, type: 'reset', stored: true });
  const before = await rejection(sendSigned(server, put('before')));
  assert.equal(before.code, 'ECONNRESET');
  const after = await rejection(sendSigned(server, put('after')));
  assert.equal(after.code, 'ECONNRESET');
  assert.deepEqual(server.keys('site'), ['after']);
  assert.deepEqual(
    server.requests.map(({ status }) => status),
    [0, 0],
  );
  assert.equal(server.count('PutObject'), 2);
});

serverTest('a stalled request is read and gets no response until the server closes', async (server) => {
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'stall' });
  const stalled = rejection(sendSigned(server, put('a')));
  await until(() => server.requests[0]?.bodyBytes === 5);
  // A request that comes later is answered.
  assert.equal(await Promise.race([stalled, sendSigned(server, { path: '/site/a' }).then(() => 'silence')]), 'silence');
  assert.deepEqual(
    server.requests.slice(0, 1).map(({ status, bodyBytes }) => [status, bodyBytes]),
    [[0, 5]],
  );
  await server.close();
  await stalled;
});

serverTest('a server that stops reading holds back a large body', async (server) => {
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'stall', reading: false });
  const body = Buffer.alloc(32 * 1024 * 1024);
  const { request } = signed(server, put('a', body), { payload: 'UNSIGNED-PAYLOAD' });
  const head = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`PUT /site/a HTTP/1.1\r\n${head.join('')}\r\n`);
  const drained = new Promise((resolve) => socket.write(body, () => resolve('drained')));
  await until(() => server.requests.length === 1);
  const first = await Promise.race([drained, sendSigned(server, { path: '/site/a' }).then(() => 'held')]);
  assert.equal(first, 'held');
  assert.equal(server.requests[0]?.bodyBytes, 0);
  socket.destroy();
});

serverTest('a truncated response ends before its Content-Length', async (server) => {
  server.seed('site', 'a', Buffer.alloc(100_000));
  server.fault({ verb: 'any', occurrences: 'all', type: 'truncate' });
  for (const request of [{ path: '/site/a' }, put('b'), { method: 'HEAD', path: '/site/a' }]) {
    const error = await rejection(sendSigned(server, request));
    assert.match(error.code ?? '', /^ECONNRESET$|^HPE_/);
  }
  assert.deepEqual(server.keys('site'), ['a', 'b']);
  const client = clientOf(server);
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'site', Key: 'a' }));
  await rejection(Body?.transformToByteArray() ?? Promise.resolve());
});

serverTest('an error can come with status 200', async (server) => {
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'error-in-200', code: 'SlowDown' });
  const answer = await sendSigned(server, put('a'));
  assert.equal(answer.status, 200);
  assert.equal(answer.code, 'SlowDown');
  assert.deepEqual(server.keys('site'), []);
});

serverTest('a response can have a wrong ETag, or a wrong checksum', async (server) => {
  server.fault({ verb: 'any', occurrences: [1, 2], type: 'wrong-etag' });
  server.fault({ verb: 'any', occurrences: [3], type: 'wrong-checksum' });
  const client = clientOf(server);
  const command = new PutObjectCommand({ Bucket: 'site', Key: 'a', Body: 'hello' });
  const right = '"5d41402abc4b2a76b9719d911017c592"';
  const first = await client.send(command);
  assert.notEqual(first.ETag, right);
  assert.match(first.ETag ?? '', /^"[0-9a-f]{32}"$/);
  assert.equal(first.ChecksumCRC32, 'NhCmhg==');
  const head = await client.send(new HeadObjectCommand({ Bucket: 'site', Key: 'a' }));
  assert.notEqual(head.ETag, right);
  const third = await client.send(command);
  assert.equal(third.ETag, right);
  assert.equal(third.ChecksumCRC32, 'AhCmhg==');
  assert.equal(server.object('site', 'a')?.etag, right.slice(1, -1));
});

serverTest('a delay comes before the response, and before another fault', async (server) => {
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'delay', ms: 60 });
  server.fault({ verb: 'PutObject', occurrences: 2, type: 'status', status: 500 });
  for (const status of [200, 500]) {
    const start = performance.now();
    assert.equal((await sendSigned(server, put('a'))).status, status);
    assert.ok(performance.now() - start >= 55);
  }
});

serverTest('a held request gets its response, or another fault, when the fault is cleared', async (server) => {
  const held = server.fault({ verb: 'PutObject', occurrences: [1, 2], type: 'hold' });
  server.fault({ verb: 'PutObject', occurrences: 2, type: 'status', status: 500 });
  const waiting = [sendSigned(server, put('a'))];
  await until(() => server.count('PutObject') === 1);
  waiting.push(sendSigned(server, put('b')));
  await until(() => held.hits === 2);
  assert.equal((await sendSigned(server, put('c'))).status, 200);
  assert.deepEqual([server.keys('site'), server.open], [['c'], 2]);
  held.clear();
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  assert.deepEqual(
    [statuses, server.keys('site')],
    [
      [200, 500],
      ['a', 'c'],
    ],
  );
});

test('closing ends every connection at once, whatever is open', async () => {
  const server = await startS3Server({ buckets: ['site'] });
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'stall' });
  server.fault({ verb: 'HeadObject', occurrences: 'all', type: 'delay', ms: 2 ** 31 - 1 });
  const open = [put('a'), { method: 'HEAD', path: '/site/a' }].map((request) => rejection(sendSigned(server, request)));
  const idle = connect(server.port, '127.0.0.1');
  idle.on('error', () => {});
  await until(() => server.requests.length === 2);
  await server.close();
  // Neither would end by itself.
  await Promise.all(open);
});
