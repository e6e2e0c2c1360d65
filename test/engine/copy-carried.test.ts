import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { S3Mode, S3Server, SeedOptions } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, KIB, runInOrder, seed, verbs } from '../support/copies.js';
import { connection } from '../support/engine.js';
import { noise } from '../support/parts.js';

const BODY = noise(3 * KIB);
const HEADERS = {
  'content-type': 'text/x; charset=utf-8',
  'content-encoding': 'gzip',
  'content-language': 'de',
  'content-disposition': 'attachment; filename="a b.txt"',
  'cache-control': 'no-store',
  expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
  'x-amz-meta-one': 'two words',
  'x-amz-meta-empty': '',
};
const TAGS = { team: 'blue', 'cost center': '12/3' };

/** The ways that an object can take. */
const WAYS = ['in one request', 'in parts', 'relayed', 'relayed in parts'] as const;
type Way = (typeof WAYS)[number];

interface Ready {
  readonly source: S3Server;
  readonly dest: S3Server;
  readonly copy: (options?: Partial<CopyOptions>) => ReturnType<typeof runInOrder>;
}

async function ready(t: TestContext, way: Way, object: SeedOptions, mode: Partial<S3Mode> = {}): Promise<Ready> {
  const dest = await copyServer(t, { from: mode, site: mode });
  const source = way.startsWith('relayed') ? await copyServer(t, { from: mode }) : dest;
  const partSizes = way.endsWith('parts') ? { partSizes: [2 * KIB, KIB] } : {};
  seed(source, 'a.html', BODY, { ...object, ...partSizes });
  const { endpointUrl, credentials } = connection(source);
  const reach = source === dest ? {} : { sourceEndpointUrl: endpointUrl, sourceCredentials: credentials };
  return { source, dest, copy: (options) => runInOrder(dest, { ...reach, ...options } as Partial<CopyOptions>) };
}

for (const way of WAYS) {
  test(`an object ${way} keeps headers, metadata, tags and storage class`, async (t) => {
    const headers = { ...HEADERS, 'x-amz-storage-class': 'STANDARD_IA' };
    const { dest, copy } = await ready(t, way, { headers, tags: TAGS });
    const ran = await copy();
    assert.equal(ran.error, undefined);
    const object = dest.object('site', 'a.html');
    assert.deepEqual(object?.headers, HEADERS);
    assert.deepEqual([object?.tags, object?.storageClass, object?.acl], [TAGS, 'STANDARD_IA', undefined]);
  });

  test(`header options replace only what they name (${way})`, async (t) => {
    const { dest, copy } = await ready(t, way, { headers: HEADERS, tags: TAGS });
    const ran = await copy({
      cacheControl: 'max-age=60',
      metadata: { one: 'other', more: 'x' },
      storageClass: 'ONEZONE_IA',
    });
    assert.equal(ran.error, undefined);
    const object = dest.object('site', 'a.html');
    const changed = { 'cache-control': 'max-age=60', 'x-amz-meta-one': 'other', 'x-amz-meta-more': 'x' };
    assert.deepEqual(object?.headers, { ...HEADERS, ...changed });
    assert.deepEqual([object?.tags, object?.storageClass], [TAGS, 'ONEZONE_IA']);
  });

  test(`tags that are given replace all of the source's, and nothing else (${way})`, async (t) => {
    const { dest, copy } = await ready(t, way, { headers: HEADERS, tags: TAGS });
    assert.equal((await copy({ tagging: { new: 'tag' } })).error, undefined);
    assert.deepEqual(dest.object('site', 'a.html')?.tags, { new: 'tag' });
    assert.deepEqual(dest.object('site', 'a.html')?.headers, HEADERS);
  });

  test(`a content type is guessed where the option says so (${way})`, async (t) => {
    const { dest, copy } = await ready(t, way, { headers: HEADERS });
    assert.equal((await copy({ contentType: 'guess' })).error, undefined);
    const expected = { ...HEADERS, 'content-type': 'text/html; charset=utf-8' };
    assert.deepEqual(dest.object('site', 'a.html')?.headers, expected);
  });

  test(`an ACL is copied only where the option says so (${way})`, async (t) => {
    const allowed = { acl: 'allowed' } as const;
    const first = await ready(t, way, { acl: 'public-read' }, allowed);
    assert.equal((await first.copy()).error, undefined);
    assert.deepEqual([first.source.count('GetObjectAcl'), first.dest.object('site', 'a.html')?.acl], [0, undefined]);
    assert.deepEqual(first.dest.object('site', 'a.html')?.grants, {});
    const second = await ready(t, way, { acl: 'public-read' }, allowed);
    assert.equal((await second.copy({ copyAcl: true })).error, undefined);
    const grants = second.dest.object('site', 'a.html')?.grants ?? {};
    assert.equal(grants['x-amz-grant-read'], 'uri="http://acs.amazonaws.com/groups/global/AllUsers"');
    assert.match(grants['x-amz-grant-full-control'] ?? '', /^id="/);
    const third = await ready(t, way, {}, allowed);
    assert.equal((await third.copy({ acl: 'public-read' })).error, undefined);
    assert.equal(third.dest.object('site', 'a.html')?.acl, 'public-read');
  });

  test(`headers for encryption are those of the destination (${way})`, async (t) => {
    const { dest, copy } = await ready(t, way, { headers: HEADERS });
    assert.equal((await copy({ sse: 'aws:kms', sseKmsKeyId: 'key-1' })).error, undefined);
    const object = dest.object('site', 'a.html');
    assert.equal(object?.encryption, 'aws:kms');
    assert.ok(object?.body.equals(BODY));
    const { 'x-amz-meta-s3pp-source': _, ...others } = object?.headers ?? {};
    assert.deepEqual(others, HEADERS);
  });
}

test('an empty object that redirects still does so, for one HEAD', async (t) => {
  const server = await copyServer(t);
  const redirect = { 'x-amz-website-redirect-location': '/there' };
  seed(server, 'old', '', { headers: { ...HEADERS, ...redirect } });
  seed(server, 'none', '');
  const ran = await runInOrder(server);
  assert.equal(ran.error, undefined);
  assert.deepEqual(server.object('site', 'old')?.headers, { ...HEADERS, ...redirect });
  assert.deepEqual(verbs(server), { ListObjectsV2: 2, HeadObject: 2, CopyObject: 2 });
  assert.deepEqual(ran.report.heads, { 'an empty object may be a redirect': 2 });
});

test('an object that keeps everything by itself needs no request, and one HEAD where headers are given', async (t) => {
  const server = await copyServer(t);
  for (const key of ['a', 'b', 'c']) seed(server, key, key, { headers: HEADERS, tags: TAGS });
  assert.equal((await runInOrder(server)).error, undefined);
  assert.deepEqual(verbs(server), { ListObjectsV2: 2, CopyObject: 3 });
  const [first] = server.requests.filter(({ verb }) => verb === 'CopyObject');
  assert.equal(first?.headers['x-amz-metadata-directive'], undefined);
  server.clearRequests();
  const ran = await runInOrder(server, { mode: 'stupid', cacheControl: 'x' });
  assert.deepEqual(ran.report.heads, { 'headers are replaced': 3 });
  server.clearRequests();
  const again = await runInOrder(server, { cacheControl: 'y' });
  assert.equal(again.reasonOf('a'), 'same content, headers not compared');
  server.clearRequests();
  await runInOrder(server, { mode: 'stupid', storageClass: 'STANDARD_IA', tagging: { a: 'b' } });
  assert.equal(server.count('HeadObject'), 0, 'a class and tags say nothing of metadata');
  assert.deepEqual(server.object('site', 'a')?.headers, HEADERS);
});

test('a class that other buckets do not have is left off, and a default one is not named', async (t) => {
  const server = await copyServer(t);
  seed(server, 'zone', 'x', { headers: { 'x-amz-storage-class': 'EXPRESS_ONEZONE' } });
  seed(server, 'plain', 'x');
  assert.equal((await runInOrder(server)).error, undefined);
  for (const { verb, headers } of server.requests)
    if (verb === 'CopyObject') assert.equal(headers['x-amz-storage-class'], undefined);
});

for (const way of WAYS)
  test(`the token aws-chunked of an encoding is not carried (${way})`, async (t) => {
    const headers = { ...HEADERS, 'content-encoding': 'aws-chunked,gzip' };
    const { dest, copy } = await ready(t, way, { headers });
    // A key that is named costs a HEAD, which shows the encoding.
    assert.equal((await copy({ key: 'a.html' })).error, undefined);
    assert.deepEqual(dest.object('site', 'a.html')?.headers, HEADERS);
  });

for (const way of ['in parts', 'relayed', 'relayed in parts'] as const)
  for (const httpClient of ['sockets', 'undici'] as const)
    test(`raw metadata of another server gets the form of S3 (${way}, ${httpClient})`, async (t) => {
      const raw = Buffer.from('Größe').toString('latin1');
      const { dest, copy } = await ready(t, way, { headers: { ...HEADERS, 'x-amz-meta-one': raw } });
      assert.equal((await copy({ httpClient })).error, undefined);
      assert.deepEqual(dest.object('site', 'a.html')?.headers, {
        ...HEADERS,
        'x-amz-meta-one': '=?UTF-8?B?R3LDtsOfZQ==?=',
      });
    });

for (const way of ['in parts', 'relayed', 'relayed in parts'] as const)
  test(`metadata that no response shows fails by name (${way})`, async (t) => {
    const { dest, copy } = await ready(t, way, { headers: { ...HEADERS, 'x-amz-missing-meta': '1' } });
    const [failure] = (await copy()).report.failures;
    assert.equal(failure?.code, 'MissingMetadata');
    assert.match(failure?.hint ?? '', /metadata.*exclude/);
    assert.deepEqual([dest.keys('site'), dest.uploads('site')], [[], []]);
    assert.equal((await copy({ metadata: { own: 'x' } })).error, undefined);
    assert.equal(dest.object('site', 'a.html')?.headers['x-amz-meta-own'], 'x');
  });
