import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { run, serverFor } from '../support/engine.js';
import { addFiles, makeTree } from '../support/tree.js';

const CSS = 'p { color: red }\n'.repeat(200);
/** Like a picture: bytes that compress, under a type that is not listed. */
const PNG = Buffer.alloc(5_000, 'png');
const md5 = (bytes: Buffer | string) => createHash('md5').update(bytes).digest('hex');
/** Text over 1 MiB, for which a HEAD is sent before it is compressed. */
const LARGE = Buffer.from(randomBytes(700_000).toString('hex'));

describe('gzip', () => {
  it('stores bodies that gunzip to the source, with encoding, type and the MD5 of the source', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: makeTree(t, { 'a.css': CSS, 'b.png': PNG, 'c.txt': '' }), gzip: true });
    assert.deepEqual(ran.keys('put'), ['a.css', 'b.png', 'c.txt']);
    const stored = server.object('site', 'a.css');
    assert.ok(stored !== undefined && stored.size < CSS.length);
    assert.equal(gunzipSync(stored.body).toString(), CSS);
    assert.equal(stored.headers['content-encoding'], 'gzip');
    assert.equal(stored.headers['content-type'], 'text/css; charset=utf-8');
    assert.equal(stored.headers['x-amz-meta-s3pp-md5'], md5(CSS));
    for (const [key, body] of [
      ['b.png', PNG],
      ['c.txt', Buffer.alloc(0)],
    ] as const) {
      const plain = server.object('site', key);
      assert.deepEqual(plain?.body, body);
      assert.equal(plain?.headers['content-encoding'], undefined);
      assert.equal(plain?.headers['x-amz-meta-s3pp-md5'], undefined);
    }
    const outcome = ran.outcomes.find(({ key }) => key === 'a.css');
    assert.deepEqual([outcome?.bytes, outcome?.sourceBytes, outcome?.verified], [stored.size, CSS.length, 'crc32']);
    assert.equal(ran.report.bytes, stored.size + PNG.length);
    assert.equal(ran.report.sourceBytes, CSS.length + PNG.length);
  });

  it('of all types takes pictures too, and a given content type with charset is matched without it', async (t) => {
    const server = await serverFor(t);
    await run(server, { source: makeTree(t, { 'b.png': PNG }), gzip: 'all' });
    assert.equal(server.object('site', 'b.png')?.headers['content-encoding'], 'gzip');
    const source = makeTree(t, { c: CSS });
    await run(server, { source, gzip: ['text/x-c'], contentType: 'text/x-c; charset=latin1' });
    assert.deepEqual(gunzipSync(server.object('site', 'c')?.body ?? ''), Buffer.from(CSS));
    assert.equal(server.object('site', 'c')?.headers['content-type'], 'text/x-c; charset=latin1');
  });

  it('leaves alone what is encoded already, by name, by header of any origin, or by its bytes', async (t) => {
    const server = await serverFor(t);
    const zipped = Buffer.concat([gzipSync(CSS), Buffer.alloc(5_000)]);
    const files = { 'a.css.gz': zipped, 'b.css': zipped, 'c.css': CSS, 'd.svgz': zipped };
    const encodings: Record<string, string> = { 'b.css': 'gzip', 'c.css': 'br', 'd.svgz': 'gzip' };
    const headers = ({ key }: { key: string }) => (key === 'c.css' ? { 'Content-Encoding': 'br' } : undefined);
    await run(server, { source: makeTree(t, files), gzip: 'all', headers });
    for (const [key, body] of Object.entries(files)) {
      assert.deepEqual(server.object('site', key)?.body, Buffer.from(body), key);
      assert.equal(server.object('site', key)?.headers['content-encoding'], encodings[key], key);
    }
    await run(server, { source: makeTree(t, { e: CSS }), gzip: 'all', headers: { 'content-encoding': 'identity' } });
    assert.equal(server.object('site', 'e')?.body.toString(), CSS);
    await run(server, { source: [{ key: 'f', body: CSS, headers: { 'Content-Encoding': 'br' } }], gzip: 'all' });
    assert.equal(server.object('site', 'f')?.body.toString(), CSS);
  });

  it('keeps the result only where it is smaller', async (t) => {
    const server = await serverFor(t);
    const noise = randomBytes(3_000);
    const source = makeTree(t, { 'a.txt': 'short', 'b.txt': noise });
    await run(server, { source, gzip: true });
    assert.equal(server.object('site', 'a.txt')?.body.toString(), 'short');
    assert.deepEqual(server.object('site', 'b.txt')?.body, noise);
    assert.equal(server.object('site', 'b.txt')?.headers['content-encoding'], undefined);
    server.clearRequests();
    assert.deepEqual((await run(server, { source, gzip: true })).keys('skip'), ['a.txt', 'b.txt']);
    assert.deepEqual([server.count('PutObject'), server.count('HeadObject')], [0, 0]);
    addFiles(source, { 'a.txt': 'other' });
    assert.deepEqual((await run(server, { source, gzip: true })).keys('put'), ['a.txt']);
  });

  it('of streams and other items works as of files', async (t) => {
    const server = await serverFor(t);
    const source = () => [
      { key: 'a.css', body: Readable.from([CSS]) },
      { key: 'b.css', body: CSS },
      { key: 'c.css', body: new Blob([CSS]) },
    ];
    assert.deepEqual((await run(server, { source: source(), gzip: true })).keys('put'), ['a.css', 'b.css', 'c.css']);
    for (const key of ['a.css', 'b.css', 'c.css']) {
      assert.equal(gunzipSync(server.object('site', key)?.body ?? '').toString(), CSS);
    }
    server.clearRequests();
    const second = await run(server, { source: source(), gzip: true });
    assert.deepEqual(second.keys('skip'), ['a.css', 'b.css', 'c.css']);
    assert.equal(server.count('HeadObject'), 0);
  });

  it('is turned on and off for single files by rules', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS, 'b.css': CSS, 'c.png': PNG });
    const rules = [
      { match: '*.png', gzip: ['image/png'] },
      { match: 'b.css', gzip: false },
    ];
    await run(server, { source, gzip: true, rules });
    const encodings = ['a.css', 'b.css', 'c.png'].map((key) => server.object('site', key)?.headers['content-encoding']);
    assert.deepEqual(encodings, ['gzip', undefined, 'gzip']);
    const encoded = [{ match: '*', gzip: 'all' as const, headers: { 'Content-Encoding': 'br' } }];
    await run(server, { source: makeTree(t, { 'd.css': CSS }), rules: encoded });
    assert.equal(server.object('site', 'd.css')?.body.toString(), CSS);
  });

  it('fails an item whose metadata leaves no room for the MD5, by name', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS });
    const ran = await run(server, { source, gzip: true, metadata: { a: 'x'.repeat(2_040) } });
    assert.match(ran.reasonOf('a.css') ?? '', /metadata has 2,081 bytes/);
  });

  it('in a dry run says what would be sent, and sends nothing', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS });
    for (const mode of ['update', 'stupid'] as const) {
      const { report } = await run(server, { source, gzip: true, dryRun: true, mode });
      assert.ok(report.bytes < report.sourceBytes && report.sourceBytes === CSS.length);
      assert.equal(server.count('PutObject'), 0);
    }
  });
});

describe('a second run with gzip', () => {
  it('sends nothing and asks nothing, because the bytes are identical', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS, 'b.html': CSS.repeat(3) });
    await run(server, { source, gzip: true });
    const first = server.object('site', 'a.css')?.body;
    server.clearRequests();
    const second = await run(server, { source, gzip: true });
    assert.deepEqual(second.keys('skip'), ['a.css', 'b.html']);
    assert.equal(second.reasonOf('a.css'), 'same content');
    assert.equal(server.requests.length, server.count('ListObjectsV2'));
    await run(server, { source, gzip: true, mode: 'stupid' });
    assert.deepEqual(server.object('site', 'a.css')?.body, first);
  });

  it('at another level sends nothing after one HEAD for each object', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS, 'b.html': CSS.repeat(3), 'large.txt': LARGE });
    await run(server, { source, gzip: true, gzipLevel: 1 });
    server.clearRequests();
    const second = await run(server, { source, gzip: true, gzipLevel: 9 });
    assert.deepEqual(second.keys('skip'), ['a.css', 'b.html', 'large.txt']);
    assert.deepEqual([server.count('PutObject'), server.count('HeadObject')], [0, 3]);
    assert.deepEqual(second.report.heads, { 'compressed body': 3 });
  });

  it('does not send what another compressor made from the same source, also where KMS hides the MD5', async (t) => {
    const server = await serverFor(t, { buckets: { site: {}, kms: { kms: true } } });
    const headers = { 'content-encoding': 'gzip', 'x-amz-meta-s3pp-md5': md5(CSS) };
    for (const bucket of ['site', 'kms']) {
      server.seed(bucket, 'a.css', gzipSync(CSS, { level: 2, memLevel: 4, windowBits: 10 }), { headers });
      const ran = await run(server, { source: makeTree(t, { 'a.css': CSS }), gzip: true, bucket });
      assert.equal(ran.reasonOf('a.css'), 'same content', bucket);
    }
    assert.equal(server.count('PutObject'), 0);
  });

  it('sends a changed source, small or large, also one of the same length', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS, 'large.txt': LARGE });
    await run(server, { source, gzip: true });
    addFiles(source, { 'a.css': CSS.replace('red', 'tan'), 'large.txt': `x${LARGE.subarray(1).toString()}` });
    const second = await run(server, { source, gzip: true });
    assert.deepEqual(second.keys('put'), ['a.css', 'large.txt']);
    assert.equal(second.reasonOf('a.css'), 'content differs');
    assert.equal(gunzipSync(server.object('site', 'a.css')?.body ?? '').toString(), CSS.replace('red', 'tan'));
  });

  it('sends what was put without gzip, and the other way round', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS, 'large.txt': LARGE });
    await run(server, { source });
    assert.deepEqual((await run(server, { source, gzip: true })).keys('put'), ['a.css', 'large.txt']);
    assert.deepEqual((await run(server, { source })).keys('put'), ['a.css', 'large.txt']);
    assert.equal(server.object('site', 'a.css')?.headers['content-encoding'], undefined);
  });

  it('sends where the HEAD is denied and the bytes differ, and says why', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS });
    await run(server, { source, gzip: true, gzipLevel: 1 });
    server.mode({ deny: ['HeadObject'] }, 'site');
    const second = await run(server, { source, gzip: true, gzipLevel: 9 });
    assert.equal(second.reasonOf('a.css'), 'content unproven, HEAD is denied');
    assert.deepEqual(second.keys('put'), ['a.css']);
  });

  it('skips what exists in mode add without compressing it, and puts what is absent', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'a.css', 'anything');
    const ran = await run(server, { source: makeTree(t, { 'a.css': CSS, 'b.css': CSS }), gzip: true, mode: 'add' });
    assert.deepEqual([ran.reasonOf('a.css'), ran.reasonOf('b.css')], ['exists', 'new']);
    assert.equal(server.object('site', 'b.css')?.headers['content-encoding'], 'gzip');
  });

  it('asks once for each body that does not get smaller, also where KMS leaves only its checksum', async (t) => {
    const server = await serverFor(t, { buckets: { site: { kms: true } } });
    const files = { 'a.txt': randomBytes(1_100_000), 'b.txt': randomBytes(1_100_000) };
    await run(server, { source: makeTree(t, files), gzip: true });
    server.clearRequests();
    const edited = { ...files, 'b.txt': randomBytes(1_100_000) };
    const ran = await run(server, { source: makeTree(t, edited), gzip: true });
    assert.deepEqual([ran.keys('skip'), ran.keys('put')], [['a.txt'], ['b.txt']]);
    assert.deepEqual([ran.reasonOf('b.txt'), server.count('HeadObject')], ['content differs', 2]);
  });
});
