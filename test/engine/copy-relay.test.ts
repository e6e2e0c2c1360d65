import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeedOptions } from 'fake-s3';
import { copyServer, KIB, requestsOf, runInOrder, seed, twoServers, verbs } from '../support/copies.js';
import { etagOf, noise, PART, partsSent } from '../support/parts.js';

const BIG = noise(10 * KIB);
const THREE = [4 * KIB, 4 * KIB, 2 * KIB];

test('small objects go through this machine between two servers, with all that they carry', async (t) => {
  const { source, dest, options } = await twoServers(t);
  const headers = { 'content-type': 'text/x', 'cache-control': 'no-store', 'x-amz-meta-a': 'b', expires: '0' };
  const tags = { team: 'red +/@ blé', none: '' };
  seed(source, 'a', 'bytes', { headers: { ...headers, 'x-amz-storage-class': 'STANDARD_IA' }, tags });
  seed(source, 'empty', '', { headers: { 'x-amz-website-redirect-location': '/there' } });
  const ran = await runInOrder(dest, options);
  assert.equal(ran.error, undefined);
  assert.deepEqual(verbs(source), { ListObjectsV2: 1, GetObject: 2, GetObjectTagging: 1 });
  assert.deepEqual(verbs(dest), { ListObjectsV2: 1, PutObject: 2 });
  const object = dest.object('site', 'a');
  assert.equal(object?.body.toString(), 'bytes');
  for (const [name, value] of Object.entries(headers)) assert.equal(object?.headers[name], value, name);
  assert.deepEqual([object?.tags, object?.storageClass], [tags, 'STANDARD_IA']);
  assert.equal(dest.object('site', 'empty')?.headers['x-amz-website-redirect-location'], '/there');
  const [outcome] = ran.outcomes;
  assert.equal(outcome?.way, 'relayed, the endpoints differ');
  assert.notEqual(outcome?.verified, 'none');
  for (const server of [source, dest]) server.clearRequests();
  assert.deepEqual((await runInOrder(dest, options)).keys('skip'), ['a', 'empty']);
  assert.deepEqual([verbs(source), verbs(dest)], [{ ListObjectsV2: 1 }, { ListObjectsV2: 1 }]);
});

for (const [name, partSizes] of [
  ['even', THREE],
  ['uneven', [3 * KIB, 5 * KIB, 2 * KIB]],
  ['one', [10 * KIB]],
] as const)
  test(`an object in parts is relayed in its own (${name}), so that its ETag stays`, async (t) => {
    const { source, dest, options } = await twoServers(t);
    seed(source, 'big', BIG, { partSizes, headers: { 'cache-control': 'no-store' }, tags: { a: 'b' } });
    const ran = await runInOrder(dest, options);
    assert.equal(ran.error, undefined);
    const object = dest.object('site', 'big');
    assert.ok(object?.body.equals(BIG));
    assert.equal(object?.etag, source.object('from', 'big')?.etag);
    assert.deepEqual([object?.headers['cache-control'], object?.tags], ['no-store', { a: 'b' }]);
    assert.deepEqual([source.count('GetObject'), dest.count('UploadPart')], [partSizes.length, partSizes.length + 1]);
    assert.deepEqual(dest.uploads('site'), []);
    for (const server of [source, dest]) server.clearRequests();
    assert.deepEqual((await runInOrder(dest, options)).keys('skip'), ['big']);
    assert.deepEqual([verbs(source), verbs(dest)], [{ ListObjectsV2: 1 }, { ListObjectsV2: 1 }]);
  });

test('a large object in one piece is relayed in parts that prove its ETag, and a rerun needs one HEAD', async (t) => {
  const { source, dest, options } = await twoServers(t);
  const body = noise(6 * PART + 5);
  seed(source, 'big', body);
  const ran = await runInOrder(dest, options);
  assert.equal(ran.error, undefined);
  const object = dest.object('site', 'big');
  assert.ok(object?.body.equals(body));
  assert.equal(object?.etag, etagOf(body, PART));
  assert.equal(object?.headers['x-amz-meta-s3pp-source'], source.object('from', 'big')?.etag);
  for (const server of [source, dest]) server.clearRequests();
  assert.deepEqual((await runInOrder(dest, options)).keys('skip'), ['big']);
  assert.deepEqual([verbs(source), verbs(dest)], [{ ListObjectsV2: 1 }, { ListObjectsV2: 1, HeadObject: 1 }]);
  seed(source, 'big', noise(6 * PART + 5, 2));
  assert.deepEqual((await runInOrder(dest, options)).keys('copy'), ['big']);
});

test("objects are relayed where the destination's credentials cannot read the source", async (t) => {
  const server = await copyServer(t);
  server.addCredentials({ accessKeyId: 'dest', secretAccessKey: 'dest-secret' }, { buckets: ['site'] });
  seed(server, 'a', 'x');
  seed(server, 'big', BIG, { partSizes: THREE });
  const destCredentials = { accessKeyId: 'dest', secretAccessKey: 'dest-secret' };
  const ran = await runInOrder(server, { destCredentials });
  assert.equal(ran.error, undefined);
  assert.deepEqual([server.count('CopyObject'), server.count('UploadPartCopy'), server.count('GetObject')], [0, 0, 4]);
  const why = "the destination's credentials cannot read the source";
  assert.equal(ran.outcomes.find(({ key }) => key === 'a')?.way, `relayed, ${why}`);
  assert.ok(ran.report.warnings.includes(`Objects go through this machine: ${why}.`));
  assert.equal(ran.report.heads["whether the destination's credentials can read the source"], 1);
  assert.equal(server.object('site', 'big')?.etag, server.object('from', 'big')?.etag);
});

test('the server copies where either credentials can read the source, which one HEAD shows', async (t) => {
  const server = await copyServer(t);
  server.addCredentials({ accessKeyId: 'dest', secretAccessKey: 'dest-secret' });
  server.addCredentials({ accessKeyId: 'src', secretAccessKey: 'src-secret' }, { buckets: ['from'] });
  for (const key of ['a', 'b', 'c']) seed(server, key, key);
  const destCredentials = { accessKeyId: 'dest', secretAccessKey: 'dest-secret' };
  const sourceCredentials = { accessKeyId: 'src', secretAccessKey: 'src-secret' };
  const ran = await runInOrder(server, { destCredentials, sourceCredentials });
  assert.equal(ran.error, undefined);
  assert.deepEqual(verbs(server), { ListObjectsV2: 2, HeadObject: 1, CopyObject: 3 });
});

test('buckets of two regions of one server are copied by it', async (t) => {
  const server = await copyServer(t, { from: { region: 'eu-west-1' }, site: { region: 'us-west-2' } });
  seed(server, 'a', 'x');
  const ran = await runInOrder(server, { sourceRegion: 'eu-west-1', destRegion: 'us-west-2' });
  assert.equal(ran.error, undefined);
  assert.deepEqual(verbs(server), { ListObjectsV2: 2, CopyObject: 1 });
});

for (const verb of ['CopyObject', 'UploadPartCopy'] as const)
  test(`a server that answers 501 to ${verb} is relayed`, async (t) => {
    const server = await copyServer(t);
    server.fault({ verb, occurrences: 'all', type: 'status', status: 501, code: 'NotImplemented' });
    const options: SeedOptions = verb === 'CopyObject' ? {} : { partSizes: THREE };
    for (const key of ['a', 'b', 'c']) seed(server, key, BIG, options);
    const ran = await runInOrder(server);
    assert.equal(ran.error, undefined);
    if (verb === 'CopyObject') assert.ok(server.count(verb) <= 3);
    for (const key of ['a', 'b', 'c']) assert.equal(server.object('site', key)?.etag, server.object('from', key)?.etag);
    assert.deepEqual(server.uploads('site'), []);
    assert.ok(ran.report.warnings.includes('Objects go through this machine: this server does not copy.'));
  });

for (const partSizes of [undefined, THREE])
  test(`a relayed source that changes meanwhile is never mixed (${partSizes === undefined ? 'one piece' : 'parts'})`, async (t) => {
    const { source, dest, options } = await twoServers(t);
    const now = noise(10 * KIB, 2);
    const of: SeedOptions = partSizes === undefined ? {} : { partSizes };
    seed(source, 'big', BIG, of);
    let done = false;
    const ran = await runInOrder(dest, {
      ...options,
      onEvent() {
        const reached = source.count(partSizes === undefined ? 'ListObjectsV2' : 'GetObject') > 0;
        if (done || !reached) return;
        done = true;
        source.seed('from', 'big', now, of);
      },
    });
    assert.equal(ran.error, undefined);
    assert.ok(dest.object('site', 'big')?.body.equals(now));
    assert.equal(dest.object('site', 'big')?.etag, source.object('from', 'big')?.etag);
    assert.deepEqual(dest.uploads('site'), []);
    assert.ok(requestsOf(source, 'GetObject').every(({ headers }) => headers['if-match'] !== undefined));
  });

test('a relayed upload that was interrupted is resumed', async (t) => {
  const { source, dest, options } = await twoServers(t);
  seed(source, 'big', noise(8 * KIB), { partSizes: Array.from({ length: 8 }, () => KIB) });
  const fault = dest.fault({
    verb: 'UploadPart',
    occurrences: [6, 7, 8],
    type: 'status',
    status: 403,
    code: 'AccessDenied',
  });
  assert.deepEqual((await runInOrder(dest, options)).keys('fail'), ['big']);
  fault.clear();
  const arrived = [...(dest.uploads('site')[0]?.parts.keys() ?? [])].filter((number) => number < 10_000);
  assert.ok(arrived.length > 0);
  for (const server of [source, dest]) server.clearRequests();
  const ran = await runInOrder(dest, options);
  assert.equal(ran.error, undefined);
  assert.deepEqual([partsSent(dest).length, source.count('GetObject')], [8 - arrived.length, 8 - arrived.length]);
  assert.equal(dest.object('site', 'big')?.etag, source.object('from', 'big')?.etag);
});

for (const [name, sourceHeader, destHeader] of [
  ['an unknown source', undefined, 'AmazonS3'],
  ['an unknown destination', 'AmazonS3', undefined],
  ['two unknown servers', undefined, undefined],
] as const)
  for (const partSizes of [[4 * KIB, 4 * KIB, 2 * KIB], [3 * KIB, 5 * KIB, 2 * KIB], [10 * KIB], undefined])
    test(`a relay adds no metadata of its own where the ETag stays (${name}, ${partSizes?.join('+') ?? 'one piece'})`, async (t) => {
      const { source, dest, options } = await twoServers(t);
      source.mode({ serverHeader: sourceHeader }, 'from');
      dest.mode({ serverHeader: destHeader }, 'site');
      seed(source, 'big', BIG, partSizes === undefined ? {} : { partSizes });
      const ran = await runInOrder(dest, options);
      assert.equal(ran.error, undefined);
      const object = dest.object('site', 'big');
      assert.ok(object?.body.equals(BIG));
      assert.equal(object?.etag, source.object('from', 'big')?.etag);
      assert.equal(object?.headers['x-amz-meta-s3pp-source'], undefined);
      assert.equal(source.count('GetObject'), partSizes?.length ?? 1, 'no byte is read twice');
    });

test('a relay from an unknown server with ETags of its own is marked, and later objects at once', async (t) => {
  const { source, dest, options } = await twoServers(t);
  source.mode({ serverHeader: undefined }, 'from');
  for (const key of ['a', 'b']) seed(source, key, BIG, { partSizes: THREE, etag: `${key.repeat(32)}-3` });
  const ran = await runInOrder(dest, options);
  assert.equal(ran.error, undefined);
  for (const key of ['a', 'b']) {
    assert.ok(dest.object('site', key)?.body.equals(BIG));
    assert.equal(dest.object('site', key)?.headers['x-amz-meta-s3pp-source'], `${key.repeat(32)}-3`);
  }
  assert.ok(dest.count('CompleteMultipartUpload') === 2);
  assert.deepEqual(dest.uploads('site'), []);
  seed(source, 'small', 'x');
  assert.equal((await runInOrder(dest, options)).error, undefined);
  assert.equal(dest.object('site', 'small')?.headers['x-amz-meta-s3pp-source'], undefined);
  assert.equal(dest.object('site', 'a')?.headers['x-amz-meta-s3pp-source'], `${'a'.repeat(32)}-3`);
});

test('a relay from an unknown server into a bucket with a KMS key is marked, without sending its parts twice', async (t) => {
  const { source, dest, options } = await twoServers(t);
  source.mode({ serverHeader: undefined }, 'from');
  dest.mode({ kms: true }, 'site');
  seed(source, 'big', BIG, { partSizes: THREE });
  const ran = await runInOrder(dest, options);
  assert.equal(ran.error, undefined);
  assert.equal(dest.object('site', 'big')?.headers['x-amz-meta-s3pp-source'], source.object('from', 'big')?.etag);
  assert.equal(source.count('GetObject'), 3);
});
