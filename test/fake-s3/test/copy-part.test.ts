import assert from 'node:assert/strict';
import { copyPart, TWO_BUCKETS } from './copying.js';
import { complete, create, etagInParts, listParts, md5, texts } from './multipart.js';
import { serverTest } from './support.js';

const range = (text: string) => ({ 'x-amz-copy-source-range': text });

serverTest(
  'parts copied in the layout of the source make an object with its ETag',
  async (server) => {
    server.seed('from', 'a', 'hello world', { partSizes: [5, 1, 5] });
    const uploadId = await create(server);
    const ranges = ['bytes=0-4', 'bytes=5-5', 'bytes=6-10'];
    const named: [number, string][] = [];
    for (const [i, text] of ranges.entries()) {
      const answer = await copyPart(server, uploadId, i + 1, '/from/a', range(text));
      assert.equal(answer.status, 200, answer.body);
      assert.match(answer.body, /<CopyPartResult /);
      named.push([i + 1, (texts(answer, 'ETag')[0] ?? '').replaceAll('&quot;', '')]);
    }
    assert.deepEqual(
      named.map(([, etag]) => etag),
      ['hello', ' ', 'world'].map(md5),
    );
    assert.deepEqual(texts(await listParts(server, uploadId), 'Size'), ['5', '1', '5']);
    assert.equal((await complete(server, uploadId, named)).status, 200);
    const made = server.object('site', 'a');
    assert.equal(made?.etag, server.object('from', 'a')?.etag);
    assert.equal(made?.etag, etagInParts('hello', ' ', 'world'));
    assert.equal(made?.body.toString(), 'hello world');
    assert.equal(server.count('UploadPartCopy'), 3);
  },
  TWO_BUCKETS,
);

serverTest(
  'a copied part without a range is all of the source, and has the checksum of the upload',
  async (server) => {
    server.seed('from', 'a', 'hello');
    const uploadId = await create(server, { 'x-amz-checksum-algorithm': 'CRC32' });
    const answer = await copyPart(server, uploadId, 1, '/from/a');
    assert.deepEqual(texts(answer, 'ChecksumCRC32'), ['NhCmhg==']);
    const checksum = '<ChecksumCRC32>NhCmhg==</ChecksumCRC32>';
    assert.equal((await complete(server, uploadId, [[1, md5('hello'), checksum]])).status, 200);
    assert.equal(server.object('site', 'a')?.size, 5);
    const plain = await create(server);
    assert.doesNotMatch((await copyPart(server, plain, 1, '/from/a')).body, /Checksum/);
  },
  TWO_BUCKETS,
);

serverTest(
  'ranges beyond the end, or that are none, are refused',
  async (server) => {
    server.seed('from', 'a', 'hello');
    const uploadId = await create(server);
    for (const text of ['bytes=0-5', 'bytes=5-9', 'bytes=3-2', 'bytes=2-', 'bytes=-2', '0-1', 'bytes=0-1,2-3']) {
      const answer = await copyPart(server, uploadId, 1, '/from/a', range(text));
      assert.equal(`${answer.status} ${answer.code}`, '400 InvalidArgument', text);
    }
    assert.equal((await copyPart(server, uploadId, 10_001, '/from/a')).code, 'InvalidArgument');
    assert.equal((await copyPart(server, 'none', 1, '/from/a')).code, 'NoSuchUpload');
    server.mode({ minPartSize: 5 });
    const small = await copyPart(server, uploadId, 1, '/from/a', range('bytes=0-4'));
    assert.equal(small.code, 'InvalidRequest');
    assert.equal((await copyPart(server, uploadId, 1, '/from/a')).status, 200);
  },
  TWO_BUCKETS,
);

serverTest(
  'a server that drops bodies invents hashes of copied parts, always the same',
  async (server) => {
    server.seedMany('from', 1, () => 'a', { size: 10 });
    const etags = async (): Promise<readonly [string, string]> => {
      const uploadId = await create(server);
      const named: [number, string][] = [];
      for (const [i, text] of ['bytes=0-4', 'bytes=5-9'].entries()) {
        const answer = await copyPart(server, uploadId, i + 1, '/from/a', range(text));
        named.push([i + 1, (texts(answer, 'ETag')[0] ?? '').replaceAll('&quot;', '')]);
      }
      assert.notEqual(named[0]?.[1], named[1]?.[1]);
      const done = await complete(server, uploadId, named);
      assert.equal(done.status, 200, done.body);
      return [server.object('site', 'a')?.etag ?? '', server.object('site', 'a')?.checksum?.value ?? ''];
    };
    const first = await etags();
    assert.match(first[0], /^[0-9a-f]{32}-2$/);
    assert.deepEqual(await etags(), first);
    assert.equal(server.object('site', 'a')?.size, 10);
  },
  { ...TWO_BUCKETS, dropBodies: true },
);
