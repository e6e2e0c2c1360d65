import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { serverFor } from '../support/engine.js';
import { etagOf, noise, PART, partsSent, runInParts } from '../support/parts.js';
import { makeTree } from '../support/tree.js';

const SMALL = { minPartSize: 1024 };
const BIG = noise(9 * PART + 5);

/** A stream that gives its bytes in odd pieces. */
function streamOf(bytes: Buffer, piece = 77_777): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    })(),
  );
}

/** The temporary folder of one test, so that what other processes leave does not count. */
function ownTemporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 's3pp-streams-'));
  const { TMPDIR, TEMP } = process.env;
  Object.assign(process.env, { TMPDIR: folder, TEMP: folder });
  t.after(() => {
    for (const [name, value] of Object.entries({ TMPDIR, TEMP }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

test('a stream of unknown length goes up in parts as it comes, and in little memory', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const ran = await runInParts(server, { source: [{ key: 'big', body: streamOf(BIG) }], memory: 3 * PART });
  assert.equal(ran.error, undefined);
  const stored = server.object('site', 'big');
  assert.ok(stored?.body.equals(BIG));
  assert.equal(stored?.etag, etagOf(BIG, PART));
  assert.deepEqual(
    ran.outcomes.map(({ bytes, verified }) => [bytes, verified]),
    [[BIG.length, 'crc32']],
  );
  assert.deepEqual(partsSent(server), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a stream with a given length is not collected either, and must have that length', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const source = [
    { key: 'right', body: streamOf(BIG), size: BIG.length },
    { key: 'short', body: streamOf(BIG), size: BIG.length + 1 },
    { key: 'long', body: streamOf(BIG), size: BIG.length - 1 },
  ];
  const ran = await runInParts(server, { source });
  assert.deepEqual([ran.keys('put'), ran.keys('fail')], [['right'], ['long', 'short']]);
  assert.deepEqual(
    ran.report.failures.map(({ code }) => code),
    ['SourceChanged', 'SourceChanged'],
  );
  assert.deepEqual([server.keys('site'), server.uploads('site')], [['right'], []]);
});

test('a file of the same bytes is the same object', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  await runInParts(server, { source: [{ key: 'big', body: streamOf(BIG) }] });
  const ran = await runInParts(server, { source: makeTree(t, { big: BIG }) });
  assert.deepEqual(ran.keys('skip'), ['big']);
});

test('a long stream is put over what is there, because it cannot be compared; add leaves it', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  server.seed('site', 'big', BIG);
  const ran = await runInParts(server, { source: [{ key: 'big', body: streamOf(BIG), size: BIG.length }] });
  assert.equal(ran.reasonOf('big'), 'content unproven, a stream is read only once');
  const add = await runInParts(server, { source: [{ key: 'big', body: streamOf(BIG) }], mode: 'add' });
  assert.equal(add.reasonOf('big'), 'exists');
});

test('a stream that breaks leaves no upload', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const broken = Readable.from(
    (async function* () {
      yield BIG;
      throw new Error('disk on fire');
    })(),
  );
  const ran = await runInParts(server, { source: [{ key: 'big', body: broken }] });
  assert.match(ran.reasonOf('big') ?? '', /disk on fire/);
  assert.deepEqual([server.keys('site'), server.uploads('site')], [[], []]);
  assert.equal(server.count('AbortMultipartUpload'), 1);
});

test('several streams at once share the memory', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const source = keys.map((key, index) => ({ key, body: streamOf(noise(7 * PART, index + 1)) }));
  const ran = await runInParts(server, { source, memory: 8 * PART });
  assert.deepEqual(ran.keys('put'), keys);
  for (const [index, key] of keys.entries())
    assert.ok(server.object('site', key)?.body.equals(noise(7 * PART, index + 1)));
});

for (const [what, body] of [
  ['file', (t: Parameters<typeof makeTree>[0], bytes: Buffer) => makeTree(t, { 'big.txt': bytes })],
  ['stream', (_t: unknown, bytes: Buffer) => [{ key: 'big.txt', body: streamOf(bytes) }]],
] as const) {
  test(`a large ${what} is compressed into a temporary file, sent in parts, and the file is gone`, async (t) => {
    const server = await serverFor(t, { buckets: { site: SMALL } });
    const folder = ownTemporaryFolder(t);
    // Half of it shrinks.
    const text = Buffer.concat([noise(6 * PART), Buffer.alloc(8 * PART, 'text ')]);
    const ran = await runInParts(server, { source: body(t, text), gzip: true });
    assert.equal(ran.error, undefined);
    const stored = server.object('site', 'big.txt');
    assert.equal(stored?.headers['content-encoding'], 'gzip');
    assert.ok(gunzipSync(stored.body).equals(text));
    assert.ok(partsSent(server).length >= 6);
    const [outcome] = ran.outcomes;
    assert.deepEqual([outcome?.bytes, outcome?.sourceBytes], [stored.body.length, text.length]);
    const again = await runInParts(server, { source: body(t, text), gzip: true });
    assert.deepEqual(again.keys('skip'), ['big.txt']);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('s3-parallel-put-')),
      [],
    );
  });
}

test('what is large before and small after compression is one put', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const text = Buffer.alloc(8 * PART, 'text ');
  const ran = await runInParts(server, { source: makeTree(t, { 'big.txt': text }), gzip: true });
  assert.equal(ran.error, undefined);
  assert.equal(server.count('CreateMultipartUpload'), 0);
  assert.ok(gunzipSync(server.object('site', 'big.txt')?.body ?? '').equals(text));
});

test('a large file that compression does not make smaller goes up as it is', async (t) => {
  const server = await serverFor(t, { buckets: { site: SMALL } });
  const ran = await runInParts(server, { source: makeTree(t, { 'big.txt': BIG }), gzip: true });
  assert.equal(ran.error, undefined);
  assert.ok(server.object('site', 'big.txt')?.body.equals(BIG));
  assert.equal(server.object('site', 'big.txt')?.headers['content-encoding'], undefined);
});
