import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { S3Mode, S3Server, SeedOptions } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, KIB, LONG_AGO, rangesCopied, runInOrder, seed } from '../support/copies.js';
import { noise } from '../support/parts.js';

const PARTS = 8;
const BIG = noise(PARTS * KIB);
const partSizes = Array.from({ length: PARTS }, () => KIB);

interface Begun extends SeedOptions {
  readonly options?: Partial<CopyOptions>;
  readonly site?: Partial<S3Mode>;
}

/** A server on which a run has copied four parts of `big` before it was refused. */
async function interrupted(t: TestContext, { options, site = {}, ...object }: Begun = {}): Promise<S3Server> {
  const server = await copyServer(t, { site });
  seed(server, 'big', BIG, { partSizes, ...object });
  const denied = { type: 'status', status: 403, code: 'AccessDenied' } as const;
  const fault = server.fault({ verb: 'UploadPartCopy', occurrences: [5, 6, 7, 8], ...denied });
  const ran = await runInOrder(server, options);
  assert.deepEqual(ran.keys('fail'), ['big']);
  fault.clear();
  server.clearRequests();
  return server;
}

const copied = (server: S3Server) => rangesCopied(server).map(([number]) => number);

for (const [name, site, options] of [
  ['', {}, {}],
  [' where a prefix must be a whole key', { uploadListing: 'minio', pageSize: 2 }, {}],
  [' in mode stupid', {}, { mode: 'stupid' }],
  [' where headers are given', {}, { cacheControl: 'no-store', storageClass: 'STANDARD_IA' }],
] as const)
  test(`a rerun copies only the parts that are missing${name}`, async (t) => {
    const server = await interrupted(t, { site, options });
    const ran = await runInOrder(server, options);
    assert.equal(ran.error, undefined);
    assert.deepEqual(copied(server), [5, 6, 7, 8]);
    assert.equal(server.count('CreateMultipartUpload'), 0);
    const object = server.object('site', 'big');
    assert.ok(object?.body.equals(BIG));
    assert.equal(object?.etag, server.object('from', 'big')?.etag);
    const [outcome] = ran.outcomes;
    assert.deepEqual([outcome?.bytes, outcome?.takenOver], [BIG.length, 4 * KIB]);
    assert.deepEqual([server.uploads('site'), server.count('AbortMultipartUpload')], [[], 0]);
  });

test('what an interrupted copy leaves is reported with its cost, and is resumed after an abort', async (t) => {
  const server = await copyServer(t);
  seed(server, 'big', BIG, { partSizes });
  const controller = new AbortController();
  const cut = await runInOrder(server, {
    signal: controller.signal,
    onEvent: () => {
      if (server.count('UploadPartCopy') >= 3) controller.abort();
    },
  });
  assert.equal(cut.error?.name, 'AbortError');
  const [upload] = server.uploads('site');
  const arrived = [...(upload?.parts.keys() ?? [])].filter((number) => number < 10_000);
  assert.ok(arrived.length > 0 && arrived.length < PARTS, `${arrived}`);
  server.clearRequests();
  const ran = await runInOrder(server);
  assert.equal(ran.error, undefined);
  assert.equal(copied(server).length, PARTS - arrived.length);
  assert.ok(server.object('site', 'big')?.body.equals(BIG));
  assert.equal(server.count('CreateMultipartUpload'), 0);
});

for (const [name, change, options] of [
  ['other headers', () => {}, { cacheControl: 'no-store' }],
  ['other tags', () => {}, { tagging: { team: 'x' } }],
  ['nothing resumed', () => {}, { resume: 'off' }],
  ['another source of the same layout', (s: S3Server) => seed(s, 'big', noise(BIG.length, 9), { partSizes }), {}],
  [
    'the same bytes in another layout',
    (s: S3Server) => seed(s, 'big', BIG, { partSizes: [...partSizes.slice(0, 6), 2 * KIB] }),
    {},
  ],
  ['a source with other metadata', (s: S3Server) => seed(s, 'big', BIG, { partSizes, headers: { expires: '0' } }), {}],
  ['a source changed only now', (s: S3Server) => s.seed('from', 'big', BIG, { partSizes }), {}],
] as const)
  test(`an upload is not resumed for ${name}`, async (t) => {
    const server = await interrupted(t);
    change(server);
    const ran = await runInOrder(server, options);
    assert.equal(ran.error, undefined);
    const source = server.object('from', 'big');
    assert.equal(copied(server).length, source?.partSizes?.length);
    assert.equal(server.count('CreateMultipartUpload'), 1);
    assert.ok(source && server.object('site', 'big')?.body.equals(source.body));
    assert.equal(server.object('site', 'big')?.etag, source?.etag);
    assert.equal(server.uploads('site').length, 1, 'what is not ours to end stays');
  });

test('parts that somebody else has sent are not trusted, whatever their sizes', async (t) => {
  const server = await copyServer(t);
  seed(server, 'big', BIG, { partSizes });
  server.seedUpload('site', 'big', { 1: noise(KIB, 7), 2: noise(KIB, 8) });
  for (const resume of ['on', 'unproven'] as const) {
    const ran = await runInOrder(server, { resume, mode: 'stupid' });
    assert.equal(ran.error, undefined);
    assert.ok(server.object('site', 'big')?.body.equals(BIG));
  }
  assert.deepEqual([server.count('UploadPartCopy'), server.uploads('site').length], [2 * PARTS, 1]);
});

test('parts that were replaced in a marked upload are found out before the object is made', async (t) => {
  const server = await interrupted(t);
  const [upload] = server.uploads('site');
  const part = upload?.parts.get(2);
  assert.ok(upload && part);
  (upload.parts as Map<number, unknown>).set(2, {
    ...part,
    body: noise(KIB, 5),
    etag: 'c'.repeat(32),
    md5: 'c'.repeat(32),
  });
  const ran = await runInOrder(server);
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'big')?.body.equals(BIG));
  assert.equal(server.object('site', 'big')?.etag, server.object('from', 'big')?.etag);
  assert.deepEqual([server.count('CreateMultipartUpload'), server.count('CompleteMultipartUpload')], [1, 1]);
  assert.deepEqual(server.uploads('site'), []);
});

for (const [seconds, sent, created] of [
  [4, PARTS, 1],
  [6, 4, 0],
] as const)
  test(`an upload that began ${seconds} s after the source was changed is ${created === 0 ? '' : 'not '}resumed`, async (t) => {
    const server = await interrupted(t, { lastModified: LONG_AGO });
    const [upload] = server.uploads('site');
    assert.ok(upload);
    const modified = Math.floor(LONG_AGO.getTime() / 1000) * 1000;
    server.ageUpload('site', upload.uploadId, upload.initiated - modified - seconds * 1000);
    const ran = await runInOrder(server);
    assert.equal(ran.error, undefined);
    assert.deepEqual([copied(server).length, server.count('CreateMultipartUpload')], [sent, created]);
  });
