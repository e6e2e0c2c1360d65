import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import type { PutItem } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const HTML = 'text/html; charset=utf-8';
const BYTES = 'application/octet-stream';

/** The file's name, the key that the function gives it, and the content type. */
const TABLE: readonly (readonly [string, string, string])[] = [
  // A key without an ending leaves it to the file.
  ['about.html', 'about', HTML],
  ['docs/v1.2/about.html', 'docs/v1.2/about', HTML],
  ['photo.PNG', 'photo', 'image/png'],
  ['icon.svg', 'icon', 'image/svg+xml'],
  ['LICENSE', 'licence', BYTES],
  // So does one that begins with its only dot, ends in one, or has an unknown ending.
  ['settings.json', '.settings', 'application/json; charset=utf-8'],
  ['dot.html', 'dot.', HTML],
  ['docs/v1.2.html', 'docs/v1.2', HTML],
  ['page.html', 'page.v2', HTML],
  ['odd.unknown', 'odd.strange', BYTES],
  // The key's own ending wins, even where it stands for any bytes.
  ['data.json', 'data.txt', 'text/plain; charset=utf-8'],
  ['raw.html', 'raw.bin', BYTES],
  ['noext', 'noext.css', 'text/css; charset=utf-8'],
  ['assoc.json', 'apple-app-site-association', 'application/json'],
  // The usual key.
  ['plain.html', 'plain.html', HTML],
  ['.htaccess', '.htaccess', BYTES],
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
  assert.deepEqual(types, [HTML, HTML, HTML, BYTES, BYTES, 'text/css; charset=utf-8', 'image/svg+xml']);
});
