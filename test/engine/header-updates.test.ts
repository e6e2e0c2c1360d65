import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { SeedOptions } from 'fake-s3';
import type { HeaderChange, PutOptions } from '../../src/index.js';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { headersOf, runUpdate, seedSite, TEXT, warningsOf } from '../support/headers.js';
import { noise, PART, partsSent, SMALL_PARTS } from '../support/parts.js';
import { makeTree } from '../support/tree.js';

const ACLS = { buckets: { site: { acl: 'allowed' as const } } };

test('a cache rule that has changed is set on an unchanged object by one HEAD and one copy, without an upload', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b' });
  await run(server, { source, cacheControl: 'max-age=1' });
  seedSite(server, 'b.txt', 'b', { headers: { 'cache-control': 'no-cache' } });
  server.clearRequests();
  const { error, outcomes, report } = await runUpdate(server, { source, cacheControl: 'no-cache' });
  assert.equal(error, undefined);
  const { startedAt: _, durationMs: __, origin: ___, ...metadata } = outcomes.find(({ key }) => key === 'a.txt') ?? {};
  const changes: HeaderChange[] = [{ name: 'cache-control', from: 'max-age=1', to: 'no-cache' }];
  assert.deepEqual(metadata, {
    action: 'metadata',
    reason: 'headers differ',
    key: 'a.txt',
    bytes: 0,
    sourceBytes: 1,
    etag: '0cc175b9c0f1b6a831c399e269772661',
    verified: 'none',
    attempts: 1,
    contentType: TEXT,
    cacheControl: 'no-cache',
    headerChanges: changes,
  });
  assert.equal(outcomes.find(({ key }) => key === 'b.txt')?.reason, 'same content');
  assert.deepEqual(report.heads, { 'headers compared': 2, 'headers after the first change': 1 });
  assert.deepEqual([server.count('CopyObject'), server.count('PutObject')], [1, 0]);
  assert.deepEqual([report.bytes, report.sourceBytes, report.counts.metadata], [0, 0, 1]);
  assert.equal(headersOf(server, 'a.txt')['cache-control'], 'no-cache');
  const [copy] = server.requests.filter(({ verb }) => verb === 'CopyObject');
  assert.equal(copy?.headers['x-amz-copy-source-if-match'], '"0cc175b9c0f1b6a831c399e269772661"');
  server.clearRequests();
  const again = await runUpdate(server, { source, cacheControl: 'no-cache' });
  assert.deepEqual(again.report.reasons, { 'same content': 2 });
  assert.equal(server.count('CopyObject'), 0);
});

test('without the option no HEAD is sent, and with it each object costs one', async (t) => {
  const server = await serverFor(t);
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}.css`, `f${i}`]));
  const source = makeTree(t, files);
  await run(server, { source });
  server.clearRequests();
  const plain = await run(server, { source, cacheControl: 'no-cache' });
  assert.deepEqual(plain.report.reasons, { 'same content, headers not compared': 30 });
  assert.equal(server.count('HeadObject'), 0);
  const compared = await runUpdate(server, { source });
  assert.deepEqual(compared.report.heads, { 'headers compared': 30 });
  assert.deepEqual(compared.report.reasons, { 'same content': 30 });
});

test('what is not managed stays: other headers, metadata, tags, class, encryption, locks, annotations, redirect', async (t) => {
  const server = await serverFor(t, { buckets: { site: { serverHeader: 'AmazonS3', versioning: true } } });
  const kept = {
    'content-disposition': 'inline',
    'content-language': 'de',
    expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
    'x-amz-meta-owner': 'ops',
    'x-amz-website-redirect-location': '/there',
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-retain-until-date': '2099-01-01T00:00:00Z',
    'x-amz-object-lock-legal-hold': 'ON',
  };
  const options: SeedOptions = {
    headers: {
      ...kept,
      'cache-control': 'max-age=1',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:us-east-1:1:key/2',
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    },
    tags: { team: 'docs' },
    annotations: { note: 'keep me' },
  };
  for (const byPut of [false, true]) {
    seedSite(server, 'a.txt', 'a', { etag: '0cc175b9c0f1b6a831c399e269772661', ...options });
    if (byPut)
      server.fault({ verb: 'CopyObject', occurrences: 'all', type: 'status', status: 501, code: 'NotImplemented' });
    const source = makeTree(t, { 'a.txt': 'a' });
    const { error, outcomes, report } = await runUpdate(server, { source, cacheControl: 'no-cache', compare: 'size' });
    assert.deepEqual(
      [error, outcomes[0]?.reason, outcomes[0]?.action],
      [undefined, 'headers differ', byPut ? 'put' : 'metadata'],
    );
    const object = server.object('site', 'a.txt');
    assert.deepEqual(object?.headers, { ...kept, 'content-type': TEXT, 'cache-control': 'no-cache' });
    assert.deepEqual(object?.tags, { team: 'docs' });
    assert.equal(object?.storageClass, 'STANDARD_IA');
    assert.deepEqual(
      [object?.encryption, object?.kmsKeyId, object?.bucketKey],
      ['aws:kms', 'arn:aws:kms:us-east-1:1:key/2', true],
    );
    assert.equal(object?.annotations?.get('note')?.toString(), 'keep me');
    const versions = report.warnings.filter((text) => text.includes('new version'));
    assert.equal(versions.length, byPut ? 0 : 1);
  }
});

test('a lock that has ended is not sent again', async (t) => {
  const server = await serverFor(t);
  const headers = {
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-retain-until-date': '2001-01-01T00:00:00Z',
  };
  seedSite(server, 'a.txt', 'a', { headers });
  await runUpdate(server, { source: makeTree(t, { 'a.txt': 'a' }), cacheControl: 'no-cache' });
  assert.deepEqual(headersOf(server, 'a.txt'), { 'content-type': TEXT, 'cache-control': 'no-cache' });
});

const EMPTIES: Readonly<Record<string, Partial<PutOptions>>> = {
  options: {
    cacheControl: '',
    contentDisposition: '',
    contentLanguage: '',
    expires: '',
    websiteRedirect: '',
    metadata: { a: '' },
  },
  headers: {
    headers: {
      'Cache-Control': '',
      'content-disposition': '',
      'content-language': ' ',
      expires: '',
      'x-amz-website-redirect-location': '',
      'x-amz-meta-a': '',
    },
  },
  rules: {
    rules: [
      {
        match: '*',
        cacheControl: '',
        headers: {
          'content-disposition': '',
          'content-language': '',
          expires: '',
          'x-amz-website-redirect-location': '',
          'x-amz-meta-a': '',
        },
      },
    ],
  },
};
for (const [where, options] of Object.entries(EMPTIES))
  test(`an empty value in ${where} removes a header, and a put sends none`, async (t) => {
    const server = await serverFor(t);
    const stored = {
      'cache-control': 'no-cache',
      'content-disposition': 'inline',
      'content-language': 'de',
      expires: '0',
      'x-amz-website-redirect-location': '/x',
      'x-amz-meta-a': 'b',
      'x-amz-meta-b': 'kept',
    };
    seedSite(server, 'old.txt', 'a', { headers: stored });
    const source = makeTree(t, { 'old.txt': 'a', 'new.txt': 'b' });
    const { error, outcomes } = await runUpdate(server, { source, ...options });
    assert.equal(error, undefined);
    assert.deepEqual(headersOf(server, 'old.txt'), { 'content-type': TEXT, 'x-amz-meta-b': 'kept' });
    assert.deepEqual(headersOf(server, 'new.txt'), { 'content-type': TEXT });
    const changes = outcomes.find(({ key }) => key === 'old.txt')?.headerChanges ?? [];
    assert.deepEqual(
      changes.filter(({ to }) => to !== undefined),
      [],
    );
    assert.equal(changes.length, 6);
    const again = await runUpdate(server, { source, ...options });
    assert.deepEqual(again.report.reasons, { 'same content': 2 });
  });

test('an item may remove what an option gives, and other headers need a value', async (t) => {
  const server = await serverFor(t);
  const source = [{ key: 'a.txt', body: 'a', headers: { 'cache-control': '' } }];
  const { error } = await runUpdate(server, { source, cacheControl: 'no-cache' });
  assert.equal(error, undefined);
  assert.deepEqual(headersOf(server, 'a.txt'), { 'content-type': TEXT });
  for (const headers of [{ 'content-type': '' }, { 'content-encoding': '' }, { 'x-amz-storage-class': '' }])
    await assert.rejects(
      async () => runUpdate(server, { source, headers }).then(({ error: thrown }) => Promise.reject(thrown)),
      /is empty/,
    );
});

test('the type depends on the first bytes, also where the object was compared by its size alone', async (t) => {
  const server = await serverFor(t);
  const latin = Buffer.from('caf\xe9', 'latin1');
  for (const compare of ['content', 'size'] as const) {
    seedSite(server, 'a.html', latin, { headers: { 'content-type': 'text/html; charset=utf-8' } });
    seedSite(server, 'LICENSE', 'text', { headers: { 'content-type': 'application/octet-stream' } });
    seedSite(server, 'big.html', noise(300_000), { headers: { 'content-type': 'text/html' } });
    const source = makeTree(t, { 'a.html': latin, LICENSE: 'text', 'big.html': noise(300_000) });
    const { keys } = await runUpdate(server, { source, compare });
    assert.deepEqual(keys('metadata'), ['LICENSE', 'a.html']);
    assert.equal(headersOf(server, 'a.html')['content-type'], 'text/html');
    assert.equal(headersOf(server, 'LICENSE')['content-type'], TEXT);
    const first = await serverFor(t);
    await run(first, { source });
    for (const key of ['a.html', 'LICENSE', 'big.html'])
      assert.deepEqual(headersOf(server, key), headersOf(first, key));
  }
});

test('another encoding than the wanted one is a put, with the old headers kept', async (t) => {
  const server = await serverFor(t, ACLS);
  const text = 'text '.repeat(500);
  const source = makeTree(t, { 'a.txt': text, 'b.txt': text, 'c.txt': 'c' });
  seedSite(server, 'a.txt', text, { headers: { 'x-amz-meta-x': 'y' }, tags: { t: '1' }, acl: 'public-read' });
  seedSite(server, 'b.txt', gzipSync(text), { headers: { 'content-encoding': 'gzip', 'x-amz-meta-s3pp-md5': 'b' } });
  seedSite(server, 'c.txt', 'c', { headers: { 'content-encoding': 'br' } });
  const dry = await runUpdate(server, { source, dryRun: true });
  assert.deepEqual(dry.outcomes.find(({ key }) => key === 'c.txt')?.headerChanges, [
    { name: 'content-encoding', from: 'br' },
  ]);
  assert.equal(dry.reasonOf('c.txt'), 'headers differ');
  const { error, outcomes, reasonOf } = await runUpdate(server, { source });
  assert.equal(error, undefined);
  assert.deepEqual(outcomes.map(({ key, action }) => `${key} ${action}`).sort(), [
    'a.txt skip',
    'b.txt put',
    'c.txt put',
  ]);
  assert.equal(reasonOf('c.txt'), 'headers differ');
  assert.equal(headersOf(server, 'c.txt')['content-encoding'], undefined);
  const zipped = await runUpdate(server, { source, gzip: true });
  assert.equal(zipped.error, undefined);
  assert.equal(headersOf(server, 'a.txt')['content-encoding'], 'gzip');
  const again = await runUpdate(server, { source, gzip: true });
  assert.deepEqual(again.report.reasons, { 'same content': 3 });
});

test('compressed objects are repaired by a copy, and keep their encoding and the MD5 of their source', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'a.css': 'a{} '.repeat(300), 'big.css': 'b{} '.repeat(400_000) });
  await run(server, { source, gzip: true });
  const before = headersOf(server, 'a.css');
  const { error, keys, report } = await runUpdate(server, { source, gzip: true, cacheControl: 'no-cache' });
  assert.deepEqual([error, keys('metadata')], [undefined, ['a.css', 'big.css']]);
  // The HEAD that compared a large body has shown the headers, too.
  assert.deepEqual(report.heads, { 'headers compared': 1, 'compressed body': 1, 'headers after the first change': 1 });
  assert.deepEqual(headersOf(server, 'a.css'), { ...before, 'cache-control': 'no-cache' });
  // Somebody has lost the encoding of an object with our bytes.
  const object = server.object('site', 'a.css');
  assert.ok(object);
  const { 'content-encoding': _, ...others } = object.headers;
  server.seed('site', 'a.css', object.body, { headers: others });
  const lost = await runUpdate(server, { source, gzip: true, cacheControl: 'no-cache' });
  assert.deepEqual([lost.reasonOf('a.css'), lost.keys('put')], ['headers differ', ['a.css']]);
  assert.deepEqual(headersOf(server, 'a.css'), { ...before, 'cache-control': 'no-cache' });
});

test('objects of more than one copy may have are copied by ranges, with all that they have', async (t) => {
  const server = await serverFor(t, { buckets: { site: { acl: 'allowed', minPartSize: 1024 } } });
  const bytes = noise(6 * PART + 5);
  const source = makeTree(t, { 'a.bin': bytes });
  const internals = { ...SMALL_PARTS, largestCopy: 2 * PART };
  await run(
    server,
    { source, acl: 'public-read', tagging: { a: 'b' }, metadata: { c: 'd' }, storageClass: 'STANDARD_IA' },
    internals,
  );
  const before = server.object('site', 'a.bin');
  server.clearRequests();
  const { error, keys, outcomes } = await runUpdate(server, { source, cacheControl: 'no-cache' }, internals);
  assert.deepEqual([error, keys('metadata'), outcomes[0]?.bytes], [undefined, ['a.bin'], 0]);
  assert.deepEqual([server.count('CopyObject'), server.count('PutObject'), partsSent(server)], [0, 0, []]);
  assert.ok(server.count('UploadPartCopy') > 1);
  const after = server.object('site', 'a.bin');
  assert.deepEqual(after?.headers, { ...before?.headers, 'cache-control': 'no-cache' });
  assert.deepEqual([after?.tags, after?.storageClass, after?.etag], [{ a: 'b' }, 'STANDARD_IA', before?.etag]);
  assert.match(after?.grants['x-amz-grant-read'] ?? '', /AllUsers/);
  assert.ok(after?.body.equals(bytes));
  const again = await runUpdate(server, { source, cacheControl: 'no-cache' }, internals);
  assert.deepEqual(again.report.reasons, { 'same content': 1 });
});

test('only ACLs that the object has, or that the run gives, are in the copy itself', async (t) => {
  const server = await serverFor(t, ACLS);
  const source = makeTree(t, { 'private.txt': 'a', 'public.txt': 'b' });
  seedSite(server, 'private.txt', 'a');
  seedSite(server, 'public.txt', 'b', { acl: 'public-read' });
  await runUpdate(server, { source, cacheControl: 'no-cache' });
  assert.deepEqual(server.object('site', 'private.txt')?.grants, {});
  assert.match(server.object('site', 'public.txt')?.grants['x-amz-grant-read'] ?? '', /AllUsers/);
  server.clearRequests();
  await runUpdate(server, { source, cacheControl: 'no-store', acl: 'bucket-owner-read' });
  assert.equal(server.count('GetObjectAcl'), 0);
  assert.equal(server.object('site', 'public.txt')?.acl, 'bucket-owner-read');
});

test('where ACLs may not be read objects are left, and one warning names the permission', async (t) => {
  const server = await serverFor(t, { buckets: { site: { acl: 'allowed', deny: ['GetObjectAcl'] } } });
  const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b' });
  for (const key of ['a', 'b']) seedSite(server, `${key}.txt`, key);
  for (const dryRun of [true, false]) {
    server.clearRequests();
    const ran = await runUpdate(server, { source, cacheControl: 'no-cache', dryRun });
    assert.deepEqual([ran.error, ran.report.reasons], [undefined, { 'headers differ, not repaired': 2 }]);
    assert.deepEqual(ran.outcomes[0]?.headerChanges, [{ name: 'cache-control', to: 'no-cache' }]);
    const codes = warningsOf(ran).filter(({ message }) => message.includes('s3:GetObjectAcl'));
    assert.equal(codes.length, 1);
    assert.deepEqual([server.count('CopyObject'), server.count('PutObject'), server.count('GetObjectAcl')], [0, 0, 1]);
  }
});

for (const [what, status, code] of [
  ['a server without ACLs', 501, 'NotImplemented'],
  ['a server that does not know the request', 405, 'MethodNotAllowed'],
] as const)
  test(`${what} is asked once, and objects are repaired`, async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b' });
    for (const key of ['a', 'b']) seedSite(server, `${key}.txt`, key);
    server.fault({ verb: 'GetObjectAcl', occurrences: 'all', type: 'status', status, code });
    const ran = await runUpdate(server, { source, cacheControl: 'no-cache' });
    assert.deepEqual([ran.error, ran.keys('metadata')], [undefined, ['a.txt', 'b.txt']]);
    assert.equal(server.count('GetObjectAcl'), 1);
  });

for (const code of ['InvalidArgument', 'ExpiredToken'])
  test(`${code} for one ACL does not make the others private`, async (t) => {
    const server = await serverFor(t, ACLS);
    const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' });
    for (const key of ['a', 'b', 'c']) seedSite(server, `${key}.txt`, key, { acl: 'public-read' });
    server.fault({ verb: 'GetObjectAcl', occurrences: 1, type: 'status', status: 400, code });
    await runUpdate(server, { source, cacheControl: 'no-cache', concurrency: 1 });
    for (const key of ['a', 'b', 'c']) {
      const { acl = '', grants = {} } = server.object('site', `${key}.txt`) ?? {};
      assert.match(`${acl} ${grants['x-amz-grant-read']}`, /public-read|AllUsers/, key);
    }
  });

test('where a bucket that showed grants refuses ACLs, the copy is sent again without', async (t) => {
  const server = await serverFor(t, ACLS);
  seedSite(server, 'a.txt', 'a', { acl: 'public-read' });
  server.fault({
    verb: 'CopyObject',
    occurrences: 1,
    type: 'status',
    status: 400,
    code: 'AccessControlListNotSupported',
  });
  const ran = await runUpdate(server, { source: makeTree(t, { 'a.txt': 'a' }), cacheControl: 'no-cache' });
  assert.deepEqual(
    [ran.error, ran.keys('metadata'), server.count('CopyObject'), server.count('PutObject')],
    [undefined, ['a.txt'], 2, 0],
  );
});

test('metadata that no request shows is not lost: the object is left, and said so', async (t) => {
  const server = await serverFor(t);
  seedSite(server, 'a.txt', 'a', { headers: { 'x-amz-missing-meta': '1' } });
  const ran = await runUpdate(server, {
    source: makeTree(t, { 'a.txt': 'a' }),
    cacheControl: 'no-cache',
    metadata: { a: 'b' },
  });
  assert.deepEqual([ran.error, ran.report.reasons], [undefined, { 'headers differ, not repaired': 1 }]);
  assert.ok(ran.report.warnings.some((text) => text.includes('x-amz-missing-meta')));
});

test('where HEAD is denied nothing is repaired, one warning names the permission, and the run succeeds', async (t) => {
  const server = await serverFor(t, { buckets: { site: { deny: ['HeadObject'] } } });
  const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b' });
  for (const key of ['a', 'b']) seedSite(server, `${key}.txt`, key);
  const ran = await runUpdate(server, { source });
  assert.deepEqual([ran.error, ran.report.reasons], [undefined, { 'same content, headers not compared': 2 }]);
  assert.equal(server.count('HeadObject'), 1);
  const named = ran.report.warnings.filter((text) => text.includes('s3:GetObject'));
  assert.equal(named.length, 1);
  assert.match(named[0] ?? '', /headers of unchanged objects are not compared/);
});

test('the lane of the SDK sets headers, too', async (t) => {
  const server = await serverFor(t, ACLS);
  seedSite(server, 'a.txt', 'a', { acl: 'public-read' });
  const source = makeTree(t, { 'a.txt': 'a' });
  const ran = await runUpdate(server, { source, cacheControl: 'no-cache' }, { ...IMPATIENT, lane: 'sdk' });
  assert.deepEqual([ran.error, ran.keys('metadata')], [undefined, ['a.txt']]);
  assert.match(server.object('site', 'a.txt')?.grants['x-amz-grant-read'] ?? '', /AllUsers/);
});
