import assert from 'node:assert/strict';
import type { S3Server } from 'fake-s3';
import type { RawAnswer } from 'fake-s3/raw-request';
import { copy, copyPart, TWO_BUCKETS } from './copying.js';
import { create } from './multipart.js';
import { serverTest } from './support.js';

/** Makes both kinds of copy of a source, whose responses must agree. */
async function both(server: S3Server, source: string, headers: Readonly<Record<string, string>> = {}) {
  const uploadId = await create(server);
  const answers = [await copy(server, source, headers), await copyPart(server, uploadId, 1, source, headers)];
  const [one = assert.fail(), other = assert.fail()] = answers.map(({ status, code }) => `${status} ${code ?? ''}`);
  assert.equal(one, other);
  return { result: one.trim(), answer: answers[0] as RawAnswer };
}

serverTest(
  'a copy source is encoded once, with or without a slash in front',
  async (server) => {
    for (const key of ['a b', 'a%b', 'a#b', 'a?b', 'a+b', 'ü', '你好/😀', 'x?versionId=1', ' ', '/a']) {
      server.seed('from', key, `of ${key}`);
      for (const slash of ['/', '']) {
        const answer = await copy(server, `${slash}from/${encodeURIComponent(key)}`);
        assert.equal(answer.status, 200, key);
        assert.equal(server.object('site', 'b')?.body.toString(), `of ${key}`);
      }
    }
  },
  TWO_BUCKETS,
);

serverTest(
  'an invalid copy source is refused',
  async (server) => {
    for (const source of ['', '/', 'from', '/from/', 'from/%zz', 'from/%ff', 'from/a?b=c', 'from/a?versionId=']) {
      assert.equal((await both(server, source)).result, '400 InvalidArgument', source);
    }
  },
  TWO_BUCKETS,
);

serverTest(
  'the error for a missing source names what is missing',
  async (server) => {
    const none = await both(server, 'nowhere/a');
    assert.equal(none.result, '404 NoSuchBucket');
    assert.match(none.answer.body, /<BucketName>nowhere</);
    const absent = await both(server, 'from/c%20d');
    assert.equal(absent.result, '404 NoSuchKey');
    assert.match(absent.answer.body, /<Key>c d</);
    server.mode({ deny: ['ListObjectsV2'] }, 'from');
    assert.equal((await both(server, 'from/a')).result, '403 AccessDenied');
  },
  TWO_BUCKETS,
);

serverTest(
  'a copy needs permission to read the source',
  async (server) => {
    server.seed('from', 'a', 'hello', { tags: { x: 'y' } });
    server.mode({ deny: ['GetObjectTagging'] }, 'from');
    assert.equal((await copy(server, 'from/a')).status, 403);
    assert.equal((await copy(server, 'from/a', { 'x-amz-tagging-directive': 'REPLACE' })).status, 200);
    server.mode({ deny: ['GetObject'] }, 'from');
    assert.equal((await both(server, 'from/a')).result, '403 AccessDenied');
    server.mode({ deny: [], owner: '999' }, 'from');
    assert.equal((await both(server, 'from/a', { 'x-amz-source-expected-bucket-owner': '999' })).result, '200');
    assert.equal(
      (await both(server, 'from/a', { 'x-amz-source-expected-bucket-owner': '1' })).result,
      '403 AccessDenied',
    );
    server.mode({ requesterPays: true }, 'from');
    assert.equal((await both(server, 'from/a')).result, '403 AccessDenied');
    assert.equal((await both(server, 'from/a', { 'x-amz-request-payer': 'requester' })).result, '200');
    server.mode({ deny: ['PutObject'] }, 'site');
    assert.equal((await copy(server, 'from/a', { 'x-amz-request-payer': 'requester' })).status, 403);
  },
  TWO_BUCKETS,
);

serverTest(
  'credentials for some buckets read and write only there',
  async (server) => {
    const reader = { accessKeyId: 'reader', secretAccessKey: 'r' };
    server.addCredentials(reader, { buckets: ['site'] });
    server.seed('from', 'a', 'hello');
    server.seed('site', 'a', 'hello');
    assert.equal((await copy(server, 'from/a', {}, '/site/b', reader)).code, 'AccessDenied');
    assert.equal((await copy(server, 'site/a', {}, '/from/b', reader)).code, 'AccessDenied');
    assert.equal((await copy(server, 'site/a', {}, '/site/b', reader)).status, 200);
    server.addCredentials(reader, { buckets: ['site', 'from'] });
    assert.equal((await copy(server, 'from/a', {}, '/site/b', reader)).status, 200);
  },
  TWO_BUCKETS,
);

serverTest(
  'a failed condition on the source is a 412',
  async (server) => {
    server.seed('from', 'a', 'hello', { lastModified: new Date('2024-01-02T00:00:00Z') });
    const [before, after] = ['Mon, 01 Jan 2024 00:00:00 GMT', 'Wed, 03 Jan 2024 00:00:00 GMT'];
    const etag = '"5d41402abc4b2a76b9719d911017c592"';
    const failing: [string, string][] = [
      ['If-Match', '"other"'],
      ['If-None-Match', etag],
      ['If-Unmodified-Since', before],
      ['If-Modified-Since', after],
    ];
    for (const [name, value] of failing) {
      const { result, answer } = await both(server, 'from/a', { [`x-amz-copy-source-${name.toLowerCase()}`]: value });
      assert.equal(result, '412 PreconditionFailed', name);
      assert.ok(answer.body.includes(`<Condition>x-amz-copy-source-${name}</Condition>`));
    }
    const if_ = 'x-amz-copy-source-if';
    assert.equal((await both(server, 'from/a', { [`${if_}-match`]: etag })).result, '200');
    // An ETag that matches counts more than a date that does not, and the other way round.
    const holds = { [`${if_}-match`]: etag, [`${if_}-unmodified-since`]: before };
    assert.equal((await both(server, 'from/a', holds)).result, '200');
    const fails = { [`${if_}-none-match`]: etag, [`${if_}-modified-since`]: before };
    assert.equal((await both(server, 'from/a', fails)).result, '412 PreconditionFailed');
  },
  TWO_BUCKETS,
);

serverTest(
  'an archived source cannot be read',
  async (server) => {
    server.seed('from', 'a', 'hello', { headers: { 'x-amz-storage-class': 'DEEP_ARCHIVE' } });
    assert.equal((await both(server, 'from/a')).result, '403 InvalidObjectState');
  },
  TWO_BUCKETS,
);
