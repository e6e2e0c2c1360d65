import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DocumentScan, documentScan } from '../../../src/site/document-scan.js';
import { type HashedFiles, hashedFiles } from '../../../src/site/hashed-files.js';
import { collectLinks, type Links } from '../../../src/site/links.js';
import type { Entry } from '../../../src/source/types.js';

const entry = (key: string, more: Partial<Entry> = {}): Entry => ({
  kind: 'entry',
  key,
  origin: key,
  relativePath: key,
  size: 1_000,
  open: () => Promise.reject(new Error('nothing is opened')),
  ...more,
});

interface Scanned {
  readonly scan: DocumentScan;
  readonly hashed: HashedFiles;
  readonly links: Links;
}

async function scanned(): Promise<Scanned> {
  const hashed = hashedFiles();
  const links = collectLinks({ prefix: '' }, false);
  const scan = documentScan(hashed, links);
  assert.ok(scan !== undefined);
  await scan.load();
  return { scan, hashed, links };
}

function read({ scan }: Scanned, one: Entry, ...pieces: readonly Buffer[]): void {
  const reader = scan.reader(one);
  for (const piece of pieces) reader.write(piece);
  reader.end();
}

const missing = ({ links }: Scanned): string[] =>
  links.doubts({ isDeleted: () => false, isListed: false }).map(({ target }) => `${target.from} → ${target.url}`);

test('one reading of a document feeds hashed names and links', async () => {
  const all = await scanned();
  // Its names are known after the first page, so that hashed names alone would pass over the second.
  read(all, entry('a.html'), Buffer.from('<script src=/x-BRBmoGS9.js></script>'));
  read(all, entry('b.html'), Buffer.from('<script src=/x-BRBmoGS9.js></script><img src=b'), Buffer.from('.png>'));
  assert.match(all.hashed.hashedBy('x-BRBmoGS9.js') ?? '', /a\.html names it/);
  assert.deepEqual(missing(all), ['a.html → /x-BRBmoGS9.js', 'b.html → b.png']);
  assert.equal(all.links.documents, 2);
});

test('build manifests are read for hashed names, and only with them', async () => {
  const all = await scanned();
  const manifest = entry('.vite/manifest.json');
  assert.equal(all.scan.wants(manifest), true);
  read(all, manifest, Buffer.from('{"main.js": {"file": "assets/main-BRBmoGS9.js"}}'));
  assert.match(all.hashed.hashedBy('assets/main-BRBmoGS9.js') ?? '', /manifest/);
  assert.equal(documentScan(undefined, all.links)?.wants(manifest), false);
});

for (const [what, bytes] of [
  ['compressed', gzipSync('<img src=a.png>')],
  ['in UTF-16', Buffer.from('\ufeff<img src=a.png>', 'utf16le')],
] as const)
  test(`a document that is ${what} is no document`, async () => {
    const all = await scanned();
    read(all, entry('a.html'), bytes);
    assert.deepEqual([missing(all), all.links.documents], [[], 0]);
  });

test('what is wanted: HTML and CSS, once for each file, and neither streams nor other files', async () => {
  const { scan } = await scanned();
  for (const path of ['a.html', 'a.HTM', 'a.xhtml', 'a.css']) assert.equal(scan.wants(entry(path)), true, path);
  for (const path of ['a.js', 'a.html.br', 'a', 'css']) assert.equal(scan.wants(entry(path)), false, path);
  const page = { relativePath: 'docs/index.html', plainKey: 'docs/index.html' };
  assert.equal(scan.wants(entry('docs/', page)), false);
  assert.equal(scan.wants(entry('about', { relativePath: 'about.html', plainKey: 'about.html' })), true);
  assert.equal(scan.wants({ ...entry('a.html'), size: undefined }), false);
  assert.equal(scan.wants(entry('old.html', { redirect: '/new' })), false);
});

test('nothing is read where nothing wants it, and hashed names alone read by themselves', () => {
  const hashed = hashedFiles();
  assert.equal(documentScan(undefined, undefined), undefined);
  assert.equal(documentScan(hashed, undefined), hashed);
});
