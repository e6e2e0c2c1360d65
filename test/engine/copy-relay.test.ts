import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, KIB, requestsOf, runInOrder, seed, verbs } from '../support/copies.js';
import { connection } from '../support/engine.js';
import { etagOf, noise, PART, partsSent } from '../support/parts.js';
import type { S3Server, SeedOptions } from '../support/s3-server/index.js';

const BIG = noise(10 * KIB);
const THREE = [4 * KIB, 4 * KIB, 2 * KIB];

interface Pair {
  readonly source: S3Server;
  readonly dest: S3Server;
  readonly options: Partial<CopyOptions>;
}

/** Two servers, and how a copy from one to the other reaches the first. */
async function twoServers(t: TestContext): Promise<Pair> {
  const [source, dest] = [await copyServer(t), await copyServer(t)];
  const { endpointUrl, credentials } = connection(source);
  const options = { sourceEndpointUrl: endpointUrl, sourceCredentials: credentials, multipartThreshold: '5MiB' };
  return { source, dest, options: options as Partial<CopyOptions> };
}

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

test('a large object in one piece is relayed in parts that tell its ETag, and a rerun asks one HEAD', async (t) => {
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

test('a relayed upload that was interrupted is gone on with', async (t) => {
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

for (const [name, options] of [
  ['one piece', {}],
  ['parts', { partSizes: THREE }],
] as const) {
  test(`bytes that were changed on their way are read again (${name})`, async (t) => {
    const { source, dest, options: reach } = await twoServers(t);
    seed(source, 'big', BIG, options);
    source.fault({ verb: 'GetObject', occurrences: 1, type: 'wrong-body' });
    const ran = await runInOrder(dest, reach);
    assert.equal(ran.error, undefined);
    assert.ok(dest.object('site', 'big')?.body.equals(BIG));
    assert.deepEqual(dest.uploads('site'), []);
  });

  test(`bytes that are changed whenever they are read make no object, and fail by name (${name})`, async (t) => {
    const { source, dest, options: reach } = await twoServers(t);
    seed(source, 'big', BIG, options);
    seed(source, 'sound', 'sound');
    source.fault({ verb: 'GetObject', occurrences: 'all', key: 'big', type: 'wrong-body' });
    const ran = await runInOrder(dest, reach);
    assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [['big'], ['sound']]);
    assert.equal(ran.report.failures[0]?.code, 'ETagMismatch');
    assert.deepEqual([dest.keys('site'), dest.uploads('site')], [['sound'], []]);
  });
}

test('an answer that ends too early is read again', async (t) => {
  for (const of of [{}, { partSizes: THREE }]) {
    const { source, dest, options } = await twoServers(t);
    seed(source, 'big', BIG, of);
    source.fault({ verb: 'GetObject', occurrences: [1, 2], type: 'truncate' });
    const ran = await runInOrder(dest, options);
    assert.equal(ran.error, undefined);
    assert.ok(dest.object('site', 'big')?.body.equals(BIG));
    assert.ok(ran.report.retries >= 2);
  }
});

test('little memory is enough for many relayed objects and parts, which then wait for it', async (t) => {
  const { source, dest, options } = await twoServers(t);
  for (let n = 0; n < 6; n++) {
    seed(source, `whole-${n}`, noise(PART, n + 1));
    seed(source, `parts-${n}`, noise(2 * PART, n + 20), { partSizes: [PART, PART] });
  }
  const ran = await runInOrder(dest, { ...options, memory: '4MiB', concurrency: 64 });
  assert.equal(ran.error, undefined);
  assert.ok(source.peak <= 4, `${source.peak} at once`);
  for (const key of source.keys('from')) assert.equal(dest.object('site', key)?.etag, source.object('from', key)?.etag);
});
