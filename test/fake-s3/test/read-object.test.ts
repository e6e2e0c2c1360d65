import assert from 'node:assert/strict';
import { sendSigned } from 'fake-s3/raw-request';
import { etagInParts } from './multipart.js';
import { serverTest } from './support.js';

const PARTS = ['first', 'x', 'third one', ''];
const body = PARTS.join('');

serverTest('parts of any sizes are read by their numbers, and the response has their count', async (server) => {
  server.seed('site', 'a', body, { partSizes: PARTS.map(({ length }) => length) });
  const etag = `"${etagInParts(...PARTS)}"`;
  for (const [i, text] of PARTS.slice(0, 3).entries()) {
    const path = `/site/a?partNumber=${i + 1}`;
    for (const method of ['GET', 'HEAD']) {
      const answer = await sendSigned(server, { method, path });
      assert.equal(answer.status, 206);
      assert.equal(answer.headers['x-amz-mp-parts-count'], '4');
      assert.equal(answer.headers['content-length'], String(text.length));
      assert.equal(answer.headers.etag, etag);
      if (method === 'GET') assert.equal(answer.body, text);
    }
  }
  const whole = await sendSigned(server, { method: 'HEAD', path: '/site/a' });
  assert.equal('x-amz-mp-parts-count' in whole.headers, false);
  for (const number of ['0', '5', 'x']) {
    assert.equal((await sendSigned(server, { path: `/site/a?partNumber=${number}` })).status, 416, number);
  }
  server.seed('site', 'empty', '');
  const empty = await sendSigned(server, { path: '/site/empty?partNumber=1' });
  assert.deepEqual([empty.status, empty.headers['content-range']], [200, undefined]);
});

serverTest('a range can be read on the condition that the object is unchanged', async (server) => {
  server.seed('site', 'a', 'hello');
  const headers = { range: 'bytes=1-3', 'if-match': '"5d41402abc4b2a76b9719d911017c592"' };
  const answer = await sendSigned(server, { path: '/site/a', headers });
  assert.deepEqual([answer.status, answer.body, answer.headers['content-range']], [206, 'ell', 'bytes 1-3/5']);
  server.seed('site', 'a', 'other');
  const changed = await sendSigned(server, { path: '/site/a', headers });
  assert.deepEqual([changed.status, changed.code], [412, 'PreconditionFailed']);
});

serverTest('GET and HEAD return everything that is stored of an object', async (server) => {
  const headers = {
    'content-type': 'text/html',
    'cache-control': 'no-cache',
    'content-disposition': 'inline',
    'content-encoding': 'br',
    'content-language': 'en',
    expires: 'Tue, 01 Jan 2030 00:00:00 GMT',
    'x-amz-meta-a': 'b',
    'x-amz-storage-class': 'GLACIER_IR',
    'x-amz-website-redirect-location': '/b',
  };
  server.seed('site', 'a', 'hello', { headers, tags: { a: '1', b: '2' } });
  server.mode({ versioning: true });
  for (const [method, range] of [['GET'], ['HEAD'], ['GET', 'bytes=0-1']] as const) {
    const more: Record<string, string> = range === undefined ? {} : { range };
    const answer = await sendSigned(server, { method, path: '/site/a', headers: more });
    for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers[name], value, name);
    assert.equal(answer.headers['x-amz-tagging-count'], '2');
    assert.equal(answer.headers['x-amz-version-id'], 'null');
  }
});

serverTest('HEAD works on an archived object, and GET does not', async (server) => {
  server.seed('site', 'a', 'hello', { headers: { 'x-amz-storage-class': 'GLACIER' } });
  assert.equal((await sendSigned(server, { method: 'HEAD', path: '/site/a' })).status, 200);
  const answer = await sendSigned(server, { path: '/site/a' });
  assert.deepEqual([answer.status, answer.code], [403, 'InvalidObjectState']);
});
