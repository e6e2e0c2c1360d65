import assert from 'node:assert/strict';
import { sendSigned } from 'fake-s3/raw-request';
import { copy, TWO_BUCKETS } from './copying.js';
import { texts } from './multipart.js';
import { serverTest } from './support.js';

const keyOf = (i: number): string => {
  const name = String(i).padStart(7, '0');
  return `dir-${name.slice(0, 4)}/file-${name}.html`;
};

serverTest('many keys are seeded and listed, page by page and by folder', async (server) => {
  server.seedMany('site', 20_000, keyOf, { size: (i) => i % 100 });
  let token = '';
  let last = '';
  for (let page = 0; page < 15; page++) {
    const answer = await sendSigned(server, { path: `/site?list-type=2${token}` });
    token = `&continuation-token=${encodeURIComponent(texts(answer, 'NextContinuationToken')[0] ?? '')}`;
    last = texts(answer, 'Key').at(-1) ?? '';
  }
  assert.equal(last, keyOf(14_999));
  const folders = await sendSigned(server, { path: '/site?list-type=2&delimiter=%2F' });
  assert.equal(texts(folders, 'KeyCount')[0], '20');
});

serverTest(
  'seeded keys need not come in order, and get their sizes and ETags',
  async (server) => {
    server.seed('from', 'b', '');
    server.seedMany('from', 3, (i) => ['c', 'a', 'd'][i] ?? '', {
      size: (i) => i + 1,
      headers: { 'x-amz-meta-a': 'b' },
    });
    assert.deepEqual(server.keys('from'), ['a', 'b', 'c', 'd']);
    const listing = await sendSigned(server, { path: '/from?list-type=2' });
    assert.deepEqual(texts(listing, 'Size'), ['2', '0', '1', '3']);
    assert.equal(new Set(texts(listing, 'ETag')).size, 4);
    assert.equal((await sendSigned(server, { path: '/from/d' })).status, 500);
    assert.equal((await copy(server, 'from/d')).status, 200);
    const { size, etag, headers } = server.object('site', 'b') ?? assert.fail();
    assert.deepEqual([size, etag, headers['x-amz-meta-a']], [3, server.object('from', 'd')?.etag, 'b']);
    assert.throws(() => server.seedMany('from', 1, () => 'a'), /there already/);
  },
  TWO_BUCKETS,
);

serverTest('a seeded object of no bytes can be read', async (server) => {
  server.seedMany('site', 1, () => 'a');
  const answer = await sendSigned(server, { path: '/site/a' });
  assert.deepEqual([answer.status, answer.body], [200, '']);
  assert.equal(answer.headers.etag, '"d41d8cd98f00b204e9800998ecf8427e"');
});
