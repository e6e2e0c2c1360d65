import assert from 'node:assert/strict';
import { sendSigned } from 'fake-s3/raw-request';
import { serverTest } from './support.js';

const VERSIONED = { mode: { versioning: true } };

serverTest(
  'versions are listed by key, the newest first, page by page, those of deleted keys too',
  async (server) => {
    const ids: string[] = [];
    for (const [key, body] of [
      ['a', 'one'],
      ['a', 'two'],
      ['b', 'three'],
      ['gone', 'four'],
    ]) {
      const { headers } = await sendSigned(server, { method: 'PUT', path: `/site/${key}`, body: body ?? '' });
      ids.push(String(headers['x-amz-version-id']));
    }
    await sendSigned(server, { method: 'DELETE', path: '/site/gone' });
    const listed: string[] = [];
    let marker = '';
    do {
      const { body, status } = await sendSigned(server, { path: `/site?versions=&max-keys=1${marker}` });
      assert.equal(status, 200);
      const [, key, id, latest] = /<Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId><IsLatest>(.*?)</.exec(body) ?? [];
      listed.push(`${key} ${ids.indexOf(id ?? '')} ${latest}`);
      const next = /<NextKeyMarker>(.*?)<\/NextKeyMarker><NextVersionIdMarker>(.*?)</.exec(body);
      marker = next === null ? '' : `&key-marker=${next[1]}&version-id-marker=${next[2]}`;
    } while (marker !== '');
    assert.deepEqual(listed, ['a 1 true', 'a 0 false', 'b 2 true', 'gone 3 false']);
    const { body } = await sendSigned(server, { path: '/site?versions=&prefix=b' });
    assert.deepEqual(
      [...body.matchAll(/<Key>(.*?)</g)].map(([, key]) => key),
      ['b'],
    );
  },
  VERSIONED,
);

serverTest('a bucket without versions lists its objects with the version null', async (server) => {
  server.seed('site', 'a b', 'x');
  const { body } = await sendSigned(server, { path: '/site?versions=&encoding-type=url' });
  assert.match(body, /<Key>a\+b<\/Key><VersionId>null<\/VersionId><IsLatest>true</);
  assert.match(body, /<IsTruncated>false</);
});
