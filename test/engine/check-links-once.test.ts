import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { RefusedError } from '../../src/errors.js';
import type { PutItem } from '../../src/index.js';
import { type Ran, run, serverFor } from '../support/engine.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const warningsOf = ({ events }: Ran, code: string): string[] =>
  events.flatMap((event) => (event.type === 'warning' && event.code === code ? [event.message] : []));

const items = (files: Readonly<Record<string, string>>): PutItem[] =>
  Object.entries(files).map(([key, body]) => ({ key, body }));

const BROKEN = {
  'a.css': 'a { background: url(a.png) }',
  'index.html': '<link rel=stylesheet href=a.css><a href=b.html>b</a>',
  'b.html': '<img src=a.png><img src=gone.png>',
  'a.png': 'a',
};
const MISSING = /^No page was uploaded, because 1 file .*:\n {2}b\.html → gone\.png$/;

describe('items', () => {
  test('in the order of a site: no page is uploaded where something is missing', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: items(BROKEN), order: 'site', checkLinks: 'error' });
    assert.ok(ran.error instanceof RefusedError);
    assert.match(ran.error.message, MISSING);
    assert.deepEqual(server.keys('site'), ['a.css', 'a.png']);
  });

  test('in the order of a site: all is uploaded where nothing is missing, whichever comes first', async (t) => {
    const server = await serverFor(t);
    const files = { ...BROKEN, 'gone.png': 'x' };
    for (const entries of [items(files), items(files).reverse()]) {
      const ran = await run(server, { source: entries, order: 'site', checkLinks: 'error', mode: 'stupid' });
      assert.equal(ran.error, undefined);
      assert.deepEqual(ran.report.links, { documents: 3, references: 5, missing: 0, examples: [] });
      assert.equal(ran.report.requests.HeadObject, undefined);
    }
  });

  test('without an order nothing is checked, and a warning says so', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: items(BROKEN), checkLinks: 'error' });
    assert.equal(ran.error, undefined);
    assert.equal(ran.report.links, undefined);
    assert.match(warningsOf(ran, 'links-not-checked')[0] ?? '', /order: 'site'/);
  });

  test('streams are not read for their links, and a warning says so', async (t) => {
    const server = await serverFor(t);
    const body = Readable.from([Buffer.from('<img src=gone.png>')]);
    const source = [...items({ 'index.html': '<a href=c.html>c</a>' }), { key: 'c.html', body }];
    const ran = await run(server, { source, order: 'site', checkLinks: 'error' });
    assert.equal(ran.error, undefined);
    assert.match(
      warningsOf(ran, 'links-not-checked')[0] ?? '',
      /^Links were not checked in 1 document that is a stream\.$/,
    );
    assert.deepEqual(server.keys('site'), ['c.html', 'index.html']);
  });
});

describe('a compressed archive', () => {
  const archive = (t: Parameters<typeof makeTree>[0], files: Readonly<Record<string, string>>): string => {
    const file = path.join(makeTree(t, {}), 'site.tar.gz');
    writeFileSync(file, gzipSync(makeTar(Object.entries(files).map(([name, body]) => ({ name, body })))));
    return file;
  };

  test('in the order of a site: no page is uploaded where something is missing', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: archive(t, BROKEN), order: 'site', checkLinks: 'error' });
    assert.match(ran.error?.message ?? '', MISSING);
    assert.deepEqual(server.keys('site'), ['a.css', 'a.png']);
  });

  test('in the order of a site: all is uploaded where nothing is missing', async (t) => {
    const server = await serverFor(t);
    const source = archive(t, { ...BROKEN, 'gone.png': 'x' });
    const ran = await run(server, { source, order: 'site', checkLinks: 'error' });
    assert.equal(ran.error, undefined);
    assert.equal(ran.report.links?.documents, 3);
    assert.equal(server.keys('site').length, 5);
  });
});

test('an archive that is not compressed is checked before the first write', async (t) => {
  const server = await serverFor(t);
  const file = path.join(makeTree(t, {}), 'site.tar');
  writeFileSync(file, makeTar(Object.entries(BROKEN).map(([name, body]) => ({ name, body }))));
  const ran = await run(server, { source: file, checkLinks: 'error' });
  assert.match(ran.error?.message ?? '', /^No file was uploaded, .*\n {2}b\.html → gone\.png$/);
  assert.deepEqual(server.keys('site'), []);
});

describe('redirects', () => {
  const redirect = (to: string) => [{ from: '/old', to }];
  const FILES = { 'index.html': '<a href=/old>old</a>', 'new.html': '' };

  for (const to of ['/gone', '/gone/', '/gone.html?x#y', '/new.html/x'])
    test(`to ${to}, which nothing has, are refused before the first write, though links are not checked`, async (t) => {
      const server = await serverFor(t);
      const ran = await run(server, { source: makeTree(t, FILES), redirects: redirect(to) });
      assert.ok(ran.error instanceof RefusedError);
      assert.equal(ran.error.code, 'MissingLinks');
      assert.equal(
        ran.error.message,
        `No file was uploaded, because 1 redirect leads nowhere:\n  redirects[0] → ${to.replace(/\?.*/, '')}`,
      );
      assert.deepEqual([server.keys('site'), ran.report.links], [[], undefined]);
    });

  for (const to of ['/', '/new', '/new.html?x#y', 'https://example.com/gone', '/remote'])
    test(`to ${to} are not`, async (t) => {
      const server = await serverFor(t);
      server.seed('site', 'remote/index.html', 'x');
      const ran = await run(server, { source: makeTree(t, FILES), redirects: redirect(to), checkLinks: 'error' });
      assert.ok(!(ran.error instanceof RefusedError), ran.error?.message);
    });

  test('come before links in the refusal', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'index.html': '<img src=gone.png>' });
    const ran = await run(server, { source, redirects: redirect('/gone'), checkLinks: 'error' });
    assert.match(ran.error?.message ?? '', /1 redirect leads nowhere:\n {2}redirects\[0\] → \/gone$/);
    assert.equal(ran.report.links?.missing, 1);
  });
});
