import assert from 'node:assert/strict';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import type { S3Server } from 'fake-s3';
import { create, listUploads, texts } from './multipart.js';
import { clientOf, isSince, serverTest } from './support.js';

const BEGAN = Date.now();

/** Keys, then common prefixes of a listing with these parameters. */
async function listed(server: S3Server, query: string): Promise<string> {
  const answer = await listUploads(server, query);
  assert.equal(answer.status, 200, answer.body);
  const prefixes = [...answer.body.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g)].map(([, prefix]) => prefix);
  return [...texts(answer, 'Key'), ...prefixes].join(' ');
}

function begin(server: S3Server, ...keys: readonly string[]): string[] {
  return keys.map((key) => server.seedUpload('site', key));
}

serverTest('an upload is listed with its time, class and checksum', async (server) => {
  const headers = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-storage-class': 'STANDARD_IA' };
  const uploadId = await create(server, headers, 'dir/a%20b');
  const answer = await listUploads(server);
  assert.deepEqual(texts(answer, 'Key'), ['dir/a b']);
  assert.deepEqual(texts(answer, 'UploadId'), [uploadId]);
  assert.deepEqual(texts(answer, 'StorageClass'), ['STANDARD_IA']);
  assert.deepEqual(texts(answer, 'ChecksumAlgorithm'), ['CRC32']);
  assert.equal(texts(answer, 'ID').length, 2);
  assert.ok(isSince(BEGAN, texts(answer, 'Initiated')[0] ?? ''));
  assert.deepEqual(texts(answer, 'MaxUploads'), ['1000']);
  const { Uploads } = await clientOf(server).send(new ListMultipartUploadsCommand({ Bucket: 'site' }));
  assert.equal(Uploads?.[0]?.UploadId, uploadId);
});

serverTest('prefix and delimiter choose as in a listing of objects', async (server) => {
  begin(server, 'z', 'dir/2', 'dir', 'dir/sub/3', 'dir/1', 'é', 'dir-x');
  const cases = [
    ['', 'dir dir-x dir/1 dir/2 dir/sub/3 z é'],
    ['&prefix=dir', 'dir dir-x dir/1 dir/2 dir/sub/3'],
    ['&prefix=dir%2F', 'dir/1 dir/2 dir/sub/3'],
    ['&prefix=none', ''],
    ['&delimiter=%2F', 'dir dir-x z é dir/'],
    ['&delimiter=%2F&prefix=dir%2F', 'dir/1 dir/2 dir/sub/'],
    ['&key-marker=dir%2F1', 'dir/2 dir/sub/3 z é'],
    ['&key-marker=dir%2F0', 'dir/1 dir/2 dir/sub/3 z é'],
    ['&key-marker=dir%2F&delimiter=%2F', 'z é'],
    ['&key-marker=dir%2F1&prefix=dir%2F', 'dir/2 dir/sub/3'],
    ['&max-uploads=0', ''],
  ] as const;
  for (const [query, expected] of cases) assert.equal(await listed(server, query), expected, query);
});

serverTest('uploads of one key are listed by age, and paged by their ids', async (server) => {
  const [second = '', third = '', first = ''] = begin(server, 'a', 'a', 'a');
  const other = server.seedUpload('site', 'b');
  server.ageUpload('site', first, 60_000);
  assert.deepEqual(texts(await listUploads(server), 'UploadId'), [first, second, third, other]);
  const page = await listUploads(server, '&max-uploads=2');
  assert.deepEqual(texts(page, 'UploadId'), [first, second]);
  assert.deepEqual(texts(page, 'NextKeyMarker'), ['a']);
  assert.deepEqual(texts(page, 'NextUploadIdMarker'), [second]);
  const next = `&key-marker=a&upload-id-marker=${second}`;
  assert.deepEqual(texts(await listUploads(server, next), 'UploadId'), [third, other]);
  server.abortUpload('site', second);
  assert.deepEqual(texts(await listUploads(server, next), 'UploadId'), [third, other], 'the marker may be gone');
  assert.deepEqual(texts(await listUploads(server, '&key-marker=a'), 'UploadId'), [other]);
  assert.deepEqual(texts(await listUploads(server, `&upload-id-marker=${second}`), 'UploadId'), [first, third, other]);
});

serverTest('a page holds 1,000 uploads, or as few as the mode says, common prefixes included', async (server) => {
  for (let i = 0; i < 2100; i++) begin(server, `dir/${i % 700}`);
  for (let i = 0; i < 30; i++) begin(server, `${i}/x`, `${i}/y`);
  const client = clientOf(server);
  const walk = async (Delimiter?: string): Promise<[entries: string[], pages: number]> => {
    const entries: string[] = [];
    let markers = {};
    for (let pages = 1; ; pages++) {
      const page = await client.send(new ListMultipartUploadsCommand({ Bucket: 'site', Delimiter, ...markers }));
      for (const { UploadId } of page.Uploads ?? []) entries.push(UploadId ?? '');
      for (const { Prefix } of page.CommonPrefixes ?? []) entries.push(Prefix ?? '');
      if (page.IsTruncated !== true) return [entries, pages];
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  };
  const ids = server.uploads('site').map(({ uploadId }) => uploadId);
  assert.deepEqual(await walk(), [ids, 3]);
  server.mode({ pageSize: 10 });
  const [prefixes, pages] = await walk('/');
  assert.equal(prefixes.length, 31);
  assert.equal(new Set(prefixes).size, 31);
  assert.equal(pages, 4);
});

serverTest('keys can be encoded, and parameters must make sense', async (server) => {
  begin(server, 'a b+c/é', 'z');
  const answer = await listUploads(server, '&encoding-type=url&max-uploads=1&prefix=a%20b');
  assert.deepEqual(texts(answer, 'Key'), ['a+b%2Bc/%C3%A9']);
  assert.deepEqual(texts(answer, 'EncodingType'), ['url']);
  for (const query of ['&encoding-type=base64', '&max-uploads=x', '&max-uploads=-1']) {
    assert.equal((await listUploads(server, query)).code, 'InvalidArgument', query);
  }
});

serverTest('a server may list uploads as MinIO does: of one key, or all at once', async (server) => {
  const ids = begin(server, 'dir/b', 'dir/a', 'dir/a', 'dir/ab', 'a');
  server.ageUpload('site', ids[4] ?? '', 60_000);
  server.mode({ uploadListing: 'minio' });
  assert.equal(await listed(server, '&max-uploads=1&delimiter=%2F&key-marker=z'), 'a dir/b dir/a dir/a dir/ab');
  assert.equal(await listed(server, '&prefix=dir%2F'), '');
  const page = await listUploads(server, '&prefix=dir%2Fa&max-uploads=1');
  assert.deepEqual(texts(page, 'UploadId'), [ids[1]]);
  assert.deepEqual(texts(page, 'IsTruncated'), ['true']);
  assert.deepEqual(texts(page, 'NextKeyMarker'), ['']);
  assert.deepEqual(texts(page, 'NextUploadIdMarker'), [ids[1]]);
  const rest = await listUploads(server, `&prefix=dir%2Fa&max-uploads=1&upload-id-marker=${ids[1]}`);
  assert.deepEqual(texts(rest, 'UploadId'), [ids[2]]);
  assert.deepEqual(texts(rest, 'IsTruncated'), ['false']);
});
