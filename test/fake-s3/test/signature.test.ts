import assert from 'node:assert/strict';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { send, sendSigned, signed } from 'fake-s3/raw-request';
import { clientOf, rejection, serverTest } from './support.js';

serverTest('a request that the SDK signs is accepted, whatever its key is made of', async (server) => {
  const client = clientOf(server);
  const keys = ['plain', "a b+c%2F&=~!'()*,;:@$", 'dir//double/./dot/../x', 'é/日本/😀', '?query#mark', ' lead', '%'];
  for (const Key of keys) {
    await client.send(new PutObjectCommand({ Bucket: 'site', Key, Body: Key }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'site', Key }));
    assert.equal(await Body?.transformToString(), Key);
  }
  assert.deepEqual(new Set(server.keys('site')), new Set(keys));
});

serverTest('a request without a signature is denied', async (server) => {
  const answer = await send(server, { path: '/site/a' });
  assert.equal(answer.status, 403);
  assert.equal(answer.code, 'AccessDenied');
  assert.match(answer.headers['x-amz-request-id'] as string, /^[0-9A-F]{16}$/);
  assert.match(answer.headers['x-amz-id-2'] as string, /^\S{76}$/);
  assert.equal(answer.headers.server, 'AmazonS3');
  assert.match(answer.body, new RegExp(`<RequestId>${answer.headers['x-amz-request-id']}</RequestId>`));
});

serverTest('a wrong secret is SignatureDoesNotMatch and shows the string to sign', async (server) => {
  const put = { method: 'PUT', path: '/site/a', body: 'x' };
  const answer = await sendSigned(server, put, { secretAccessKey: 'wrong' });
  assert.equal(answer.status, 403);
  assert.equal(answer.code, 'SignatureDoesNotMatch');
  assert.match(answer.body, /<StringToSign>AWS4-HMAC-SHA256\n/);
  assert.match(answer.body, /<CanonicalRequest>PUT\n\/site\/a\n/);
  assert.deepEqual(server.keys('site'), []);
});

serverTest('an unknown key id is InvalidAccessKeyId', async (server) => {
  const answer = await sendSigned(server, { path: '/site/a' }, { accessKeyId: 'nobody' });
  assert.equal(answer.status, 403);
  assert.equal(answer.code, 'InvalidAccessKeyId');
  assert.match(answer.body, /<AWSAccessKeyId>nobody</);
});

serverTest('each part of a signed head is covered by its signature', async (server) => {
  const good = signed(server, {
    method: 'PUT',
    path: '/site/a?x=1',
    body: 'x',
    headers: { 'x-amz-meta-a': '1' },
  }).request;
  const others = [
    { ...good, method: 'DELETE' },
    { ...good, path: '/site/b?x=1' },
    { ...good, path: '/site/a?x=2' },
    { ...good, path: '/site/a' },
    { ...good, headers: { ...good.headers, 'x-amz-meta-a': '2' } },
    { ...good, headers: { ...good.headers, host: `localhost:${server.port}` } },
  ];
  for (const other of others) assert.equal((await send(server, other)).code, 'SignatureDoesNotMatch');
  assert.equal((await send(server, good)).status, 200);
});

serverTest('a body that differs from the signed hash is refused and not stored', async (server) => {
  const { request } = signed(server, { method: 'PUT', path: '/site/a', body: 'right' });
  const answer = await send(server, { ...request, body: 'wrong' });
  assert.equal(answer.status, 400);
  assert.equal(answer.code, 'XAmzContentSHA256Mismatch');
  assert.deepEqual(server.keys('site'), []);
});

serverTest('an unsigned payload is taken as it is', async (server) => {
  const put = { method: 'PUT', path: '/site/a', body: 'x' };
  assert.equal((await sendSigned(server, put, { payload: 'UNSIGNED-PAYLOAD' })).status, 200);
  const odd = await sendSigned(server, put, { payload: 'nonsense' });
  assert.equal(odd.code, 'InvalidArgument');
});

serverTest('the payload hash header is required', async (server) => {
  const { request } = signed(server, { path: '/site/a' });
  const { 'x-amz-content-sha256': _, ...headers } = request.headers ?? {};
  const answer = await send(server, { ...request, headers });
  assert.equal(answer.status, 400);
  assert.equal(answer.code, 'InvalidRequest');
});

serverTest('headers that must be signed and are not are named', async (server) => {
  const headers = { 'x-amz-acl': 'private', 'content-md5': 'x', 'x-other': '1' };
  const put = { method: 'PUT', path: '/site/a', body: 'x', headers };
  const answer = await sendSigned(server, put, { unsigned: Object.keys(headers) });
  assert.equal(answer.status, 403);
  assert.equal(answer.code, 'AccessDenied');
  assert.match(answer.body, /<HeadersNotSigned>x-amz-acl, content-md5<|<HeadersNotSigned>content-md5, x-amz-acl</);
});

serverTest('a clock more than 15 minutes off is RequestTimeTooSkewed, in both directions', async (server) => {
  for (const minutes of [-16, 16]) {
    const at = new Date(Date.now() + minutes * 60_000);
    const answer = await sendSigned(server, { path: '/site/a' }, { at });
    assert.equal(answer.status, 403);
    assert.equal(answer.code, 'RequestTimeTooSkewed');
    assert.match(answer.body, /<MaxAllowedSkewMilliseconds>900000</);
  }
  const at = new Date(Date.now() - 14 * 60_000);
  assert.equal((await sendSigned(server, { path: '/site/a' }, { at })).code, 'NoSuchKey');
});

serverTest('a credential scope for another region or service is malformed', async (server) => {
  const region = await sendSigned(server, { path: '/site/a' }, { region: 'eu-west-1' });
  assert.equal(region.status, 400);
  assert.equal(region.code, 'AuthorizationHeaderMalformed');
  assert.match(region.body, /the region 'eu-west-1' is wrong; expecting 'us-east-1'/);
  assert.match(region.body, /<Region>us-east-1<\/Region>/);
  const service = await sendSigned(server, { path: '/site/a' }, { service: 'sts' });
  assert.equal(service.code, 'AuthorizationHeaderMalformed');
});

serverTest('other authorization schemes are refused', async (server) => {
  const old = await send(server, { path: '/site/a', headers: { authorization: 'AWS key:signature' } });
  assert.equal(old.code, 'InvalidRequest');
  const basic = await send(server, { path: '/site/a', headers: { authorization: 'Basic eDp5' } });
  assert.equal(basic.code, 'InvalidArgument');
  const half = await send(server, { path: '/site/a', headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } });
  assert.equal(half.code, 'AuthorizationHeaderMalformed');
});

serverTest(
  'the path is decoded and encoded once, so it may be sent unencoded but is signed encoded',
  async (server) => {
    const put = { method: 'PUT', path: "/site/a(1)'!*", body: 'x' };
    assert.equal((await sendSigned(server, put)).code, 'SignatureDoesNotMatch');
    assert.equal((await sendSigned(server, put, { signedPath: '/site/a%281%29%27%21%2A' })).status, 200);
    const twice = { method: 'PUT', path: '/site/a%20b', body: 'x' };
    assert.equal((await sendSigned(server, twice, { signedPath: '/site/a%2520b' })).code, 'SignatureDoesNotMatch');
    assert.equal((await sendSigned(server, { path: '/site/%FF' })).code, 'InvalidURI');
  },
);

serverTest('a bare plus in a path is a space', async (server) => {
  const put = { method: 'PUT', path: '/site/a+b', body: 'x' };
  assert.equal((await sendSigned(server, put, { signedPath: '/site/a%20b' })).status, 200);
  assert.deepEqual(server.keys('site'), ['a b']);
});

const TEMPORARY = { accessKeyId: 'temporary', secretAccessKey: 'secret', sessionToken: 'token' };

serverTest(
  'temporary credentials need their token, and end',
  async (server) => {
    const put = (token: string | undefined) => {
      const credentials = {
        accessKeyId: 'temporary',
        secretAccessKey: 'secret',
        ...(token && { sessionToken: token }),
      };
      return clientOf(server, { credentials }).send(new PutObjectCommand({ Bucket: 'site', Key: 'a' }));
    };
    await put('token');
    const wrong = await rejection(put('other'));
    assert.equal(wrong.name, 'InvalidToken');
    assert.equal(wrong.$metadata?.httpStatusCode, 400);
    assert.equal((await rejection(put(undefined))).name, 'InvalidAccessKeyId');
    server.expireCredentials('temporary');
    const expired = await rejection(put('token'));
    assert.equal(expired.name, 'ExpiredToken');
    assert.equal(expired.$metadata?.httpStatusCode, 400);
    server.addCredentials({ ...TEMPORARY, sessionToken: 'fresh' });
    await put('fresh');
  },
  { credentials: TEMPORARY },
);
