import assert from 'node:assert/strict';
import { sendSigned } from 'fake-s3/raw-request';
import { abort, complete, create, listParts, listUploads, md5, part, SMALL_PARTS, texts } from './multipart.js';
import { serverTest } from './support.js';

serverTest(
  'every header of the create comes back with the object',
  async (server) => {
    const headers = {
      'content-type': 'text/html',
      'cache-control': 'max-age=60',
      'content-disposition': 'attachment',
      'content-encoding': 'gzip',
      'content-language': 'de',
      expires: 'Tue, 01 Jan 2030 00:00:00 GMT',
      'x-amz-meta-one': '1',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-website-redirect-location': '/else',
      'x-amz-server-side-encryption': 'aws:kms',
    };
    const uploadId = await create(server, { ...headers, 'x-amz-tagging': 'a=b&c=d', 'x-amz-acl': 'public-read' });
    const { headers: answered } = await part(server, uploadId, 1);
    assert.equal(answered['x-amz-server-side-encryption'], 'aws:kms');
    const named = [[1, server.uploads('site')[0]?.parts.get(1)?.etag ?? '']] as const;
    assert.equal((await complete(server, uploadId, named)).status, 200);
    const head = await sendSigned(server, { method: 'HEAD', path: '/site/a' });
    for (const [name, value] of Object.entries(headers)) assert.equal(head.headers[name], value, name);
    assert.equal(head.headers['x-amz-tagging-count'], '2');
    assert.equal(server.object('site', 'a')?.acl, 'public-read');
  },
  { mode: { acl: 'allowed' } },
);

serverTest('a create is refused for the same reasons as a put', async (server) => {
  const cases: [Record<string, string>, string][] = [
    [{ 'x-amz-storage-class': 'NONE' }, 'InvalidStorageClass'],
    [{ 'x-amz-website-redirect-location': 'elsewhere' }, 'InvalidRedirectLocation'],
    [{ 'x-amz-tagging': 'a=1&a=2' }, 'InvalidTag'],
    [{ 'x-amz-server-side-encryption': 'rot13' }, 'InvalidArgument'],
    [{ 'x-amz-acl': 'public-read' }, 'AccessControlListNotSupported'],
    [{ 'x-amz-meta-a': 'x'.repeat(2048) }, 'MetadataTooLarge'],
    [{ 'x-amz-checksum-algorithm': 'CRC16' }, 'InvalidRequest'],
    [{ 'x-amz-checksum-type': 'FULL_OBJECT' }, 'InvalidRequest'],
    [{ 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'HALF' }, 'InvalidRequest'],
    [{ 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-type': 'FULL_OBJECT' }, 'InvalidRequest'],
    [{ 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'COMPOSITE' }, 'InvalidRequest'],
  ];
  for (const [headers, code] of cases) {
    const answer = await sendSigned(server, { method: 'POST', path: '/site/a?uploads=', headers, body: '' });
    assert.equal(answer.code, code, JSON.stringify(headers));
  }
  assert.deepEqual(server.uploads('site'), []);
});

serverTest('the checksum type follows from the algorithm unless it is named', async (server) => {
  const cases = [
    [undefined, undefined, undefined],
    ['CRC32', undefined, 'COMPOSITE'],
    ['crc32c', 'FULL_OBJECT', 'FULL_OBJECT'],
    ['SHA256', undefined, 'COMPOSITE'],
    ['CRC64NVME', undefined, 'FULL_OBJECT'],
  ] as const;
  for (const [algorithm, type, expected] of cases) {
    const headers = {
      ...(algorithm !== undefined && { 'x-amz-checksum-algorithm': algorithm }),
      ...(type !== undefined && { 'x-amz-checksum-type': type }),
    };
    const answer = await sendSigned(server, { method: 'POST', path: '/site/a?uploads=', headers, body: '' });
    assert.equal(answer.headers['x-amz-checksum-algorithm'], algorithm?.toUpperCase());
    assert.equal(answer.headers['x-amz-checksum-type'], expected);
    const [uploadId = ''] = texts(answer, 'UploadId');
    const listed = [await listParts(server, uploadId), await listUploads(server)];
    for (const list of listed) assert.deepEqual(texts(list, 'ChecksumType'), expected === undefined ? [] : [expected]);
    assert.equal((await abort(server, uploadId)).status, 204);
  }
});

serverTest('an upload is no object, and one key can have many uploads', async (server) => {
  server.seed('site', 'a', 'old');
  const ids = [await create(server), await create(server)];
  assert.notEqual(ids[0], ids[1]);
  for (const id of ids) assert.match(id, /^[\w.-]{100,}$/);
  assert.deepEqual(
    server.uploads('site').map(({ uploadId }) => uploadId),
    ids,
  );
  assert.equal((await sendSigned(server, { path: '/site/a' })).body, 'old');
  assert.doesNotMatch((await sendSigned(server, { path: '/site?list-type=2' })).body, /UploadId/);
});

serverTest('a create in no bucket, or under too long a key, is refused', async (server) => {
  const nowhere = await sendSigned(server, { method: 'POST', path: '/none/a?uploads=', body: '' });
  assert.equal(nowhere.code, 'NoSuchBucket');
  const long = await sendSigned(server, { method: 'POST', path: `/site/${'x'.repeat(1025)}?uploads=`, body: '' });
  assert.equal(long.code, 'KeyTooLongError');
});

serverTest(
  'aborting ends an upload once, and is an error without one',
  async (server) => {
    const uploadId = await create(server);
    await part(server, uploadId, 1);
    assert.equal((await abort(server, uploadId, 'b')).code, 'NoSuchUpload');
    assert.equal((await abort(server, 'nonsense')).status, 404);
    const answer = await abort(server, uploadId);
    assert.equal(answer.status, 204);
    assert.equal(answer.body, '');
    for (const late of [
      await abort(server, uploadId),
      await part(server, uploadId, 2),
      await listParts(server, uploadId),
      await complete(server, uploadId, [[1, md5('hello')]]),
    ]) {
      assert.equal(late.status, 404);
      assert.equal(late.code, 'NoSuchUpload');
    }
    assert.deepEqual(server.uploads('site'), []);
    assert.deepEqual(server.keys('site'), []);
  },
  SMALL_PARTS,
);

serverTest('tests can begin, age and abort uploads without requests', async (server) => {
  const checksum = { algorithm: 'crc32', type: 'FULL_OBJECT' } as const;
  const uploadId = server.seedUpload('site', 'a', { 1: 'hello', 3: 'you' }, { checksum });
  server.ageUpload('site', uploadId, 7 * 86_400_000);
  const [upload] = server.uploads('site');
  const age = Date.now() - (upload?.initiated ?? 0);
  assert.ok(Math.abs(age - 7 * 86_400_000) < 5_000);
  const [initiated = ''] = texts(await listUploads(server), 'Initiated');
  assert.equal(Date.parse(initiated), upload?.initiated);
  const listed = await listParts(server, uploadId);
  assert.deepEqual(texts(listed, 'ChecksumCRC32'), ['NhCmhg==', upload?.parts.get(3)?.checksum?.value]);
  server.abortUpload('site', uploadId);
  assert.equal((await listParts(server, uploadId)).code, 'NoSuchUpload');
  assert.throws(() => server.abortUpload('site', uploadId), /No upload/);
  assert.throws(() => server.uploads('none'), /No bucket/);
});
