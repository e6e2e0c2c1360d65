import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import type { PutItem } from '../../src/index.js';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { SMALL_PARTS } from '../support/parts.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const HTML = 'text/html; charset=utf-8';
const BYTES = 'application/octet-stream';
const PLAIN = 'text/plain; charset=utf-8';

/** The file's name, the key that the function gives it, and the content type. */
const TABLE: readonly (readonly [string, string, string])[] = [
  // A key without an ending leaves it to the file.
  ['about.html', 'about', HTML],
  ['docs/v1.2/about.html', 'docs/v1.2/about', HTML],
  ['photo.PNG', 'photo', 'image/png'],
  ['icon.svg', 'icon', 'image/svg+xml'],
  // A name without an ending leaves it to the bytes.
  ['LICENSE', 'licence', PLAIN],
  // So does one that begins with its only dot, ends in one, or has an unknown ending.
  ['settings.json', '.settings', 'application/json; charset=utf-8'],
  ['dot.html', 'dot.', HTML],
  ['docs/v1.2.html', 'docs/v1.2', HTML],
  ['page.html', 'page.v2', HTML],
  ['odd.unknown', 'odd.strange', BYTES],
  // The key's own ending wins, even where it stands for any bytes.
  ['data.json', 'data.txt', PLAIN],
  ['raw.html', 'raw.bin', BYTES],
  ['noext', 'noext.css', 'text/css; charset=utf-8'],
  ['assoc.json', 'apple-app-site-association', 'application/json'],
  // The usual key.
  ['plain.html', 'plain.html', HTML],
  ['.htaccess', '.htaccess', PLAIN],
];

describe('the content type by the names of the key and the file', () => {
  const files = Object.fromEntries(TABLE.map(([name]) => [name, 'text']));
  const members = TABLE.map(([name]) => ({ name, body: 'text' }));
  const items = TABLE.map(([name]) => ({ key: name, body: 'text' }));
  const keys = new Map(TABLE.map(([name, key]) => [name, key]));
  const sources = { directory: files, archive: { 'site.tar': makeTar(members) }, iterable: undefined };
  for (const [kind, tree] of Object.entries(sources))
    it(`follows the table for a source that is: ${kind}`, async (t) => {
      const server = await serverFor(t);
      const root = tree === undefined ? undefined : makeTree(t, tree);
      const source = root === undefined ? [items] : kind === 'archive' ? join(root, 'site.tar') : root;
      await run(server, { source, prefix: 'v2', key: ({ relativePath }) => keys.get(relativePath) });
      for (const [name, key, type] of TABLE)
        assert.equal(server.object('site', `v2/${key}`)?.headers['content-type'], type, `${name} as ${key}`);
    });
});

test('a clean URL is compressed, and guessed by a rule, by the type of its file', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'about.html': 'text '.repeat(200), 'ruled.css': 'text '.repeat(200), 'raw.png': 'p' });
  const rules = [{ match: 'ruled.css', contentType: 'guess' }];
  const key = ({ relativePath }: { relativePath: string }) => relativePath.replace(/\.\w+$/, '');
  await run(server, { source, key, gzip: true, contentType: 'text/x-other', rules, exclude: 'about.html' });
  await run(server, { source, key, gzip: true, include: 'about.html' });
  const [about, ruled] = ['about', 'ruled'].map((name) => server.object('site', name)?.headers);
  assert.deepEqual([about?.['content-type'], about?.['content-encoding']], [HTML, 'gzip']);
  assert.deepEqual([ruled?.['content-type'], ruled?.['content-encoding']], ['text/css; charset=utf-8', 'gzip']);
});

test('a file that is compressed by its own name is not compressed again under a key without that ending', async (t) => {
  const server = await serverFor(t);
  const bytes = brotliCompressSync(Buffer.from('text '.repeat(200)));
  const padded = Buffer.concat([bytes, Buffer.alloc(5_000)]);
  const source = makeTree(t, { 'app.js.br': padded });
  const body = { path: join(source, 'app.js.br') };
  await run(server, { source, gzip: 'all', key: () => 'hooked.js' });
  await run(server, { source: [[{ key: 'item.js', body }]], gzip: 'all' });
  for (const key of ['hooked.js', 'item.js']) {
    const { headers, body: stored } = server.object('site', key) ?? assert.fail();
    assert.deepEqual([headers['content-encoding'], stored.length], [undefined, padded.length]);
  }
});

test('an item whose key shows no type has that of the file in its body', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { 'page.html': 'text' });
  const path = join(root, 'page.html');
  const items: readonly PutItem[] = [
    { key: 'path', body: { path } },
    { key: 'stream', body: createReadStream(path) },
    { key: 'file', body: new File(['text'], 'page.html') },
    { key: 'blob', body: new Blob(['text']) },
    { key: 'text', body: 'text' },
    { key: 'own.css', body: { path } },
    { key: 'named', body: { path }, typeName: 'a.svg' },
  ];
  await run(server, { source: [items] });
  const types = items.map(({ key }) => server.object('site', key)?.headers['content-type']);
  assert.deepEqual(types, [HTML, HTML, HTML, PLAIN, PLAIN, 'text/css; charset=utf-8', 'image/svg+xml']);
});

describe('what the first bytes decide', () => {
  const SHIFT_JIS = Buffer.from([0x3c, 0x70, 0x3e, 0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea]);
  const ISO_2022_JP = Buffer.from('<meta charset=iso-2022-jp>\x1b$BF|K\\8l\x1b(B');
  const WINDOWS_1251 = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]);
  const SEGMENT = Buffer.concat(
    Array.from({ length: 4 }, () => Buffer.concat([Buffer.from([0x47, 0x40]), Buffer.alloc(186, 0xff)])),
  );
  const files: readonly (readonly [name: string, bytes: Buffer, type: string])[] = [
    ['utf8.html', Buffer.from('<p>日本語'), HTML],
    ['bom.html', Buffer.from('\ufeff<p>ü'), HTML],
    ['empty.html', Buffer.alloc(0), HTML],
    ['sjis.html', SHIFT_JIS, 'text/html'],
    ['jis.html', ISO_2022_JP, 'text/html'],
    ['cp1251.css', WINDOWS_1251, 'text/css'],
    ['latin1.txt', Buffer.from('caf\xe9', 'latin1'), 'text/plain'],
    ['utf16.txt', Buffer.from('abc', 'utf16le'), 'text/plain'],
    ['latin1.json', Buffer.from('"\xe9"', 'latin1'), 'application/json'],
    ['late.html', Buffer.concat([Buffer.alloc(70_000, 'a'), SHIFT_JIS]), HTML],
    ['cut.html', Buffer.from(`${'a'.repeat(65_535)}ü`), HTML],
    ['early.html', Buffer.concat([SHIFT_JIS, Buffer.alloc(300_000, 'a')]), 'text/html'],
    ['latin1.xml', Buffer.from('<?xml encoding="iso-8859-1"?>\xe9', 'latin1'), 'application/xml'],
    ['LICENSE', Buffer.from('MIT\n'), PLAIN],
    ['CNAME', Buffer.from('www.example.com'), PLAIN],
    ['feed', Buffer.from('<?xml version="1.0"?><rss/>'), PLAIN],
    ['program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), BYTES],
    ['latin1', Buffer.from('caf\xe9', 'latin1'), BYTES],
    ['nothing', Buffer.alloc(0), BYTES],
    ['large', Buffer.alloc(300_000, 'text '), PLAIN],
    ['apple-app-site-association', Buffer.from('{}'), 'application/json'],
    ['a.unknown', Buffer.from('text'), BYTES],
    ['a.bin', Buffer.from('text'), BYTES],
    ['code.ts', Buffer.from('export const a: number = 1;\n'), PLAIN],
    ['code.mts', Buffer.from('export {};'), PLAIN],
    ['segment.ts', SEGMENT, 'video/mp2t'],
    ['types.d.ts', SEGMENT, 'text/plain'],
    ['view.tsx', Buffer.from('<a/>'), PLAIN],
  ];
  const tree = Object.fromEntries(files.map(([name, bytes]) => [name, bytes]));
  const typesOf = (server: Awaited<ReturnType<typeof serverFor>>) =>
    files.map(([name]) => [name, server.object('site', name)?.headers['content-type']]);
  const expected = files.map(([name, , type]) => [name, type]);

  for (const syncReads of [true, false])
    it(`of files, ${syncReads ? '' : 'not '}read synchronously, and says once that text is not UTF-8`, async (t) => {
      const server = await serverFor(t);
      const ran = await run(server, { source: makeTree(t, tree), syncReads });
      assert.deepEqual(typesOf(server), expected);
      assert.equal(ran.report.warnings.filter((text) => text.includes('is not UTF-8')).length, 1);
      const again = await run(server, { source: makeTree(t, tree), syncReads });
      assert.equal(again.report.counts.put, 0, 'nothing is put again for its type');
    });

  it('of an archive, of items and of streams', async (t) => {
    const server = await serverFor(t);
    const archive = makeTree(t, { 'site.tar': makeTar(files.map(([name, body]) => ({ name, body }))) });
    await run(server, { source: join(archive, 'site.tar') });
    assert.deepEqual(typesOf(server), expected);
    for (const bodyOf of [
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => Readable.from([bytes]),
      (bytes: Buffer) => new Blob([bytes]),
    ]) {
      const another = await serverFor(t);
      await run(another, { source: [files.map(([key, bytes]) => ({ key, body: bodyOf(bytes) }))] });
      assert.deepEqual(typesOf(another), expected);
    }
  });

  it('of what is sent in parts, as files and as streams', async (t) => {
    const server = await serverFor(t, { buckets: { site: { minPartSize: 1 } } });
    const large: readonly (readonly [string, Buffer, string])[] = [
      ['a.html', Buffer.concat([SHIFT_JIS, Buffer.alloc(900_000, 'a')]), 'text/html'],
      ['b.html', Buffer.alloc(900_000, 'a'), HTML],
      ['c', Buffer.alloc(900_000, 'a'), PLAIN],
      ['d', Buffer.alloc(900_000), BYTES],
    ];
    await run(
      server,
      { source: makeTree(t, Object.fromEntries(large.map(([name, bytes]) => [name, bytes]))) },
      SMALL_PARTS,
    );
    const streams = large.map(([name, bytes]) => ({
      key: `s/${name}`,
      body: Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]),
    }));
    await run(server, { source: [streams] }, SMALL_PARTS);
    assert.ok(server.count('CreateMultipartUpload') >= 8);
    for (const [name, , type] of large)
      for (const key of [name, `s/${name}`])
        assert.equal(server.object('site', key)?.headers['content-type'], type, key);
  });

  it('of what is compressed', async (t) => {
    const server = await serverFor(t);
    const page = Buffer.concat([SHIFT_JIS, Buffer.alloc(20_000, 'a')]);
    await run(server, { source: makeTree(t, { 'a.html': page }), gzip: true });
    await run(server, { source: makeTree(t, { 'b.html': page }), gzip: true }, { ...IMPATIENT, threshold: 10_000 });
    for (const key of ['a.html', 'b.html']) {
      assert.equal(server.object('site', key)?.headers['content-encoding'], 'gzip', key);
      assert.equal(server.object('site', key)?.headers['content-type'], 'text/html', key);
    }
  });

  it('is nothing where a type is given: by an option, a header, a rule, an item or a function', async (t) => {
    const server = await serverFor(t);
    const given = { 'Content-Type': HTML };
    const item = (key: string, more: object = {}) => [{ key, body: SHIFT_JIS, ...more }];
    const source = (name: string) => makeTree(t, { [name]: SHIFT_JIS });
    await run(server, { source: source('option'), contentType: HTML });
    await run(server, { source: source('header'), headers: given });
    await run(server, { source: source('rule'), rules: [{ match: '*', contentType: HTML }] });
    await run(server, { source: source('function'), headers: () => given });
    await run(server, { source: [item('item', { headers: given })] });
    await run(server, { source: [item('named', { contentType: HTML })] });
    for (const key of ['option', 'header', 'rule', 'function', 'item', 'named'])
      assert.equal(server.object('site', key)?.headers['content-type'], HTML, key);
    await run(server, {
      source: source('guess.html'),
      contentType: 'text/x',
      rules: [{ match: '*', contentType: 'guess' }],
    });
    assert.equal(server.object('site', 'guess.html')?.headers['content-type'], 'text/html');
  });

  it('is nothing where the bytes are encoded, by a header that says so', async (t) => {
    const server = await serverFor(t);
    const body = brotliCompressSync('<p>');
    const source = [['a.html', 'LICENSE'].map((key) => ({ key, body, headers: { 'Content-Encoding': 'br' } }))];
    const ran = await run(server, { source });
    assert.equal(server.object('site', 'a.html')?.headers['content-type'], HTML);
    assert.equal(server.object('site', 'LICENSE')?.headers['content-type'], BYTES);
    assert.deepEqual(ran.report.warnings, []);
    await run(server, { source: makeTree(t, { 'b.html': body }), contentEncoding: 'br' });
    assert.equal(server.object('site', 'b.html')?.headers['content-type'], HTML);
  });

  it('costs no request, and a failed first attempt leaves it as it is', async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', occurrences: 1, type: 'status', status: 503 });
    await run(server, { source: makeTree(t, { 'a.html': SHIFT_JIS }) });
    assert.equal(server.object('site', 'a.html')?.headers['content-type'], 'text/html');
    assert.equal(server.count('PutObject'), 2);
    assert.equal(server.count('HeadObject'), 0);
  });
});
