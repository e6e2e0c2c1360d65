import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3Server } from 'fake-s3';
import { sendSigned, signed } from 'fake-s3/raw-request';
import { clientOf, rejection, serverTest } from './support.js';

const put = (headers: Record<string, string> = {}, body = 'hello', key = 'a') => ({
  method: 'PUT',
  path: `/site/${key}`,
  headers,
  body,
});

serverTest('every header of a put comes back with HEAD and GET', async (server) => {
  const client = clientOf(server);
  const given: Partial<PutObjectCommandInput> = {
    ContentType: 'text/html; charset=utf-8',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment',
    ContentEncoding: 'gzip',
    ContentLanguage: 'de',
    WebsiteRedirectLocation: '/elsewhere',
    StorageClass: 'STANDARD_IA',
    Metadata: { one: '1', 'two-b': 'x  y' },
    Tagging: 'a=b&c=d%20e',
  };
  const Expires = new Date('2030-01-01T00:00:00Z');
  const answer = await client.send(
    new PutObjectCommand({ Bucket: 'site', Key: 'a', Body: 'hello', Expires, ...given }),
  );
  assert.equal(answer.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  assert.equal(answer.ServerSideEncryption, 'AES256');
  for (const Command of [HeadObjectCommand, GetObjectCommand]) {
    const back = await client.send(new Command({ Bucket: 'site', Key: 'a' }));
    const { Tagging, ...shown } = given;
    for (const [name, value] of Object.entries(shown)) assert.deepEqual(back[name as keyof typeof back], value, name);
    assert.equal(back.ExpiresString, 'Tue, 01 Jan 2030 00:00:00 GMT');
    assert.equal(back.ETag, answer.ETag);
    assert.equal(back.ContentLength, 5);
    assert.equal(back.TagCount, 2);
  }
  assert.deepEqual(server.object('site', 'a')?.tags, { a: 'b', c: 'd e' });
});

serverTest('an object without headers has the default type and class, and replaces what was there', async (server) => {
  await sendSigned(server, put({ 'x-amz-meta-x': '1', 'x-amz-storage-class': 'STANDARD_IA' }, 'first'));
  await sendSigned(server, put({}, 'second'));
  const { headers, body } = await sendSigned(server, { path: '/site/a' });
  assert.equal(body, 'second');
  assert.equal(headers['content-type'], 'binary/octet-stream');
  assert.equal(headers['x-amz-meta-x'], undefined);
  assert.equal(headers['x-amz-storage-class'], undefined);
  assert.deepEqual(server.keys('site'), ['a']);
});

serverTest('user metadata ends at 2 KB and comes back mail-safe where it is not ASCII', async (server) => {
  assert.equal((await sendSigned(server, put({ 'x-amz-meta-ab': 'x'.repeat(2046) }))).status, 200);
  const over = await sendSigned(server, put({ 'x-amz-meta-ab': 'x'.repeat(2047) }));
  assert.equal(over.code, 'MetadataTooLarge');
  assert.match(over.body, /<MaxSizeAllowed>2048</);
  await sendSigned(server, put({ 'x-amz-meta-ab': 'groß' }));
  const { headers } = await sendSigned(server, { method: 'HEAD', path: '/site/a' });
  assert.equal(headers['x-amz-meta-ab'], `=?UTF-8?B?${Buffer.from('groß').toString('base64')}?=`);
});

serverTest('a key ends at 1,024 bytes of UTF-8', async (server) => {
  const fits = encodeURIComponent('é'.repeat(512));
  assert.equal((await sendSigned(server, put({}, '', fits))).status, 200);
  const over = await sendSigned(server, put({}, '', `${fits}x`));
  assert.equal(over.status, 400);
  assert.equal(over.code, 'KeyTooLongError');
});

serverTest('headers that S3 refuses are named in the error', async (server) => {
  const cases: [Record<string, string>, string][] = [
    [{ 'x-amz-storage-class': 'NONE' }, 'InvalidStorageClass'],
    [{ 'x-amz-website-redirect-location': 'elsewhere' }, 'InvalidRedirectLocation'],
    [{ 'x-amz-tagging': Array.from({ length: 11 }, (_, i) => `k${i}=v`).join('&') }, 'BadRequest'],
    [{ 'x-amz-tagging': 'a=1&a=2' }, 'InvalidTag'],
    [{ 'x-amz-server-side-encryption': 'rot13' }, 'InvalidArgument'],
    [{ 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }, 'InvalidRequest'],
    [{ 'x-amz-acl': 'everybody' }, 'InvalidArgument'],
  ];
  for (const [headers, code] of cases) {
    const answer = await sendSigned(server, put(headers));
    assert.equal(answer.status, 400);
    assert.equal(answer.code, code);
  }
  assert.deepEqual(server.keys('site'), []);
});

serverTest('a bucket with BucketOwnerEnforced accepts only one ACL', async (server) => {
  for (const headers of [
    { 'x-amz-acl': 'public-read' },
    { 'x-amz-acl': 'private' },
    { 'x-amz-grant-read': 'id="1"' },
  ]) {
    const answer = await sendSigned(server, put(headers));
    assert.equal(answer.status, 400);
    assert.equal(answer.code, 'AccessControlListNotSupported');
  }
  assert.equal((await sendSigned(server, put({ 'x-amz-acl': 'bucket-owner-full-control' }))).status, 200);
});

serverTest(
  'a bucket that allows ACLs records them',
  async (server) => {
    await sendSigned(server, put({ 'x-amz-acl': 'public-read' }));
    assert.equal(server.object('site', 'a')?.acl, 'public-read');
    await sendSigned(server, put({ 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' }));
    assert.equal(server.object('site', 'a')?.acl, undefined);
    assert.match(server.object('site', 'a')?.grants['x-amz-grant-read'] ?? '', /AllUsers/);
    const both = await sendSigned(server, put({ 'x-amz-acl': 'private', 'x-amz-grant-read': 'id=1' }));
    assert.equal(both.code, 'InvalidRequest');
    const email = await sendSigned(server, put({ 'x-amz-grant-read': 'emailAddress="a@example.com"' }));
    assert.equal(email.status, 405);
  },
  { mode: { acl: 'allowed' } },
);

serverTest('If-None-Match: * writes only once', async (server) => {
  const first = put({ 'if-none-match': '*' });
  assert.equal((await sendSigned(server, first)).status, 200);
  const second = await sendSigned(server, { ...first, body: 'other' });
  assert.equal(second.status, 412);
  assert.equal(second.code, 'PreconditionFailed');
  assert.match(second.body, /<Condition>If-None-Match</);
  assert.equal(server.object('site', 'a')?.body.toString(), 'hello');
  const other = await sendSigned(server, put({ 'if-none-match': '"5d41402abc4b2a76b9719d911017c592"' }));
  assert.equal(other.status, 501);
});

serverTest('If-Match writes only over the object that it names', async (server) => {
  const etag = '"5d41402abc4b2a76b9719d911017c592"';
  const absent = await sendSigned(server, put({ 'if-match': etag }));
  assert.equal(absent.status, 404);
  await sendSigned(server, put());
  assert.equal((await sendSigned(server, put({ 'if-match': etag }, 'new'))).status, 200);
  assert.equal((await sendSigned(server, put({ 'if-match': etag }, 'newer'))).status, 412);
  assert.equal(server.object('site', 'a')?.body.toString(), 'new');
});

serverTest(
  'a mode ignores, refuses, denies or never meets If-Match, and leaves If-None-Match as it is',
  async (server) => {
    server.seed('site', 'a', 'old');
    const other = { 'if-match': '"5d41402abc4b2a76b9719d911017c592"' };
    const right = { 'if-match': `"${server.object('site', 'a')?.etag}"` };
    for (const [conditions, status, code] of [
      ['refused', 501, 'NotImplemented'],
      ['refused-400', 400, 'NotImplemented'],
      ['denied', 403, 'AccessDenied'],
      ['never-met', 412, 'PreconditionFailed'],
    ] as const) {
      server.mode({ conditions });
      const answer = await sendSigned(server, put(right, 'new'));
      assert.deepEqual([answer.status, answer.code], [status, code]);
      assert.equal((await sendSigned(server, put({ 'if-none-match': '*' }))).status, 412);
      assert.equal((await sendSigned(server, put({ 'if-none-match': '*' }, 'b', conditions))).status, 200);
    }
    assert.equal(server.object('site', 'a')?.body.toString(), 'old');
    server.mode({ conditions: 'ignored' });
    assert.equal((await sendSigned(server, put(other, 'new'))).status, 200);
    assert.equal(server.object('site', 'a')?.body.toString(), 'new');
  },
);

serverTest('of puts that race for one absent key exactly one wins', async (server) => {
  const puts = Array.from({ length: 8 }, (_, i) => sendSigned(server, put({ 'if-none-match': '*' }, `${i}`)));
  const statuses = (await Promise.all(puts)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 412, 412, 412, 412, 412, 412, 412]);
});

serverTest('a server without conditional writes refuses or ignores them', async (server) => {
  server.seed('site', 'a', 'old');
  server.mode({ conditionalWrites: 'refused' });
  const refused = await sendSigned(server, put({ 'if-none-match': '*' }));
  assert.equal(refused.status, 501);
  assert.equal(refused.code, 'NotImplemented');
  server.mode({ conditionalWrites: 'ignored' });
  assert.equal((await sendSigned(server, put({ 'if-none-match': '*' }))).status, 200);
  assert.equal(server.object('site', 'a')?.body.toString(), 'hello');
});

/** A put without headers about a body, which no HTTP client would send. */
async function putWithoutLength(server: S3Server): Promise<string> {
  const { request } = signed(server, { method: 'PUT', path: '/site/a' }, { payload: 'UNSIGNED-PAYLOAD' });
  const lines = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(['PUT /site/a HTTP/1.1', ...lines, 'connection: close', '', ''].join('\r\n'));
  return text(socket);
}

serverTest(
  'the length is required and must not be too large',
  async (server) => {
    const none = await putWithoutLength(server);
    assert.match(none, /^HTTP\/1.1 411 /);
    assert.match(none, /<Code>MissingContentLength</);
    const chunked = await sendSigned(server, put({ 'transfer-encoding': 'chunked' }));
    assert.equal(chunked.code, 'NotImplemented');
    assert.equal((await sendSigned(server, put({}, 'x'.repeat(10)))).status, 200);
    const large = await sendSigned(server, put({}, 'x'.repeat(11)));
    assert.equal(large.code, 'EntityTooLarge');
    assert.match(large.body, /<ProposedSize>11</);
  },
  { maxObjectSize: 10 },
);

serverTest('a client that waits for 100 Continue gets it, unless the head is refused', async (server) => {
  const client = clientOf(server, { expectContinueHeader: true } as object);
  const Body = Buffer.alloc(3 * 1024 * 1024, 'x');
  await client.send(new PutObjectCommand({ Bucket: 'site', Key: 'a', Body }));
  assert.equal(server.object('site', 'a')?.body.length, Body.length);
  assert.equal(server.requests[0]?.headers.expect, '100-continue');
  server.mode({ deny: ['PutObject'] });
  const refused = await rejection(client.send(new PutObjectCommand({ Bucket: 'site', Key: 'a', Body })));
  assert.equal(refused.name, 'AccessDenied');
  assert.equal(server.requests[1]?.bodyBytes, 0);
});
