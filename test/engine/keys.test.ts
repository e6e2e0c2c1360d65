import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ItemInfo } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

describe('keys', () => {
  it('are the base name for a single file, by a relative and by an absolute path', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'dist/app.js': '1' });
    for (const source of [`${root}/dist/app.js`, relative(process.cwd(), `${root}/dist/app.js`)]) {
      await run(server, { source, prefix: 'site', mode: 'stupid' });
      assert.deepEqual(server.keys('site'), ['site/app.js']);
    }
  });

  it('keep the path as written with keyBase cwd', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'public/index.html': 'i', 'public/sub/x.js': 'x' });
    const before = process.cwd();
    process.chdir(root);
    t.after(() => process.chdir(before));
    await run(server, { source: 'public', prefix: 'site', keyBase: 'cwd' });
    await run(server, { source: 'public/sub/x.js', prefix: 'file', keyBase: 'cwd' });
    assert.deepEqual(server.keys('site'), ['file/public/sub/x.js', 'site/public/index.html', 'site/public/sub/x.js']);
    const outside = await run(server, { source: 'public', bucket: 'site', keyBase: 'cwd' });
    assert.equal(outside.report.counts.put, 2);
  });

  it('that a key hook gives twice are an error before any request', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b' });
    const { error } = await run(server, { source, key: () => 'same' });
    assert.equal(error?.name, 'UsageError');
    assert.match(error?.message ?? '', /a\.txt and .*b\.txt/);
    assert.equal(server.requests.length, 0);
  });
});

const clean = ({ relativePath }: ItemInfo): string => relativePath.replace(/\.html$/, '');

describe('a key function', () => {
  it('gives keys below the prefix, whatever the source', async (t) => {
    const root = makeTree(t, {
      'dist/about.html': 'a',
      'dist/docs/v1.2.html': 'd',
      'one.html': '1',
      'site.tar': makeTar([{ name: 'member.html', body: 'm' }]),
      'site.tgz': gzipSync(makeTar([{ name: 'packed.html', body: 'p' }])),
    });
    const source = [
      ...['dist', 'one.html', 'site.tar', 'site.tgz'].map((name) => `${root}/${name}`),
      [
        { key: 'item.html', body: 'i' },
        { key: 'stream.html', body: Readable.from([Buffer.from('s')]) },
      ],
    ];
    const keys = ['about', 'docs/v1.2', 'item', 'member', 'one', 'packed', 'stream'].map((key) => `v2/${key}`);
    for (const place of [{ bucket: 's3://site/v2' }, { prefix: '/v2/' }]) {
      const server = await serverFor(t);
      server.seed('site', 'about', 'foreign');
      const ran = await run(server, { source, key: clean, ...place });
      assert.deepEqual(ran.keys('put'), keys);
      assert.deepEqual(server.keys('site'), ['about', ...keys]);
      assert.equal(server.object('site', 'about')?.body.toString(), 'foreign');
    }
  });

  it('compares below the prefix from the listing, and a dry run shows the same keys', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.html': 'a', 'b.html': 'b' });
    server.seed('site', 'v2/a', 'a');
    const options = { source, prefix: 'v2', key: clean };
    const planned = await run(server, { ...options, dryRun: true });
    assert.deepEqual([planned.keys('skip'), planned.keys('put')], [['v2/a'], ['v2/b']]);
    const ran = await run(server, options);
    assert.deepEqual([ran.keys('skip'), ran.keys('put')], [['v2/a'], ['v2/b']]);
    assert.equal(server.count('HeadObject'), 0);
    const unseen = await run(server, { ...options, dryRun: true, mode: 'stupid' });
    assert.deepEqual(unseen.keys('put'), ['v2/a', 'v2/b']);
  });

  it('changes nothing by returning the key that it sees, with and without absoluteKey', async (t) => {
    const source = makeTree(t, { 'a.html': 'a', 'v2/b.html': 'b' });
    for (const absoluteKey of [false, true]) {
      const server = await serverFor(t);
      const seen: string[] = [];
      await run(server, {
        source,
        prefix: 'v2',
        absoluteKey,
        filter: ({ key }) => seen.push(`filter ${key}`) > 0,
        key: ({ key }) => {
          seen.push(`key ${key}`);
          return key;
        },
        headers: ({ key }) => void seen.push(`headers ${key}`),
      });
      const below = absoluteKey ? ['key v2/a.html', 'key v2/v2/b.html'] : ['key a.html', 'key v2/b.html'];
      const whole = ['filter v2/a.html', 'filter v2/v2/b.html', 'headers v2/a.html', 'headers v2/v2/b.html'];
      assert.deepEqual([...new Set(seen)].sort(), [...whole, ...below].sort());
      assert.deepEqual(server.keys('site'), ['v2/a.html', 'v2/v2/b.html']);
    }
  });

  it('leaves globs and rules the path in the source', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'about.html': 'a', 'drop.html': 'd' });
    const rules = [{ match: 'about.html', cacheControl: 'no-cache' }];
    const ran = await run(server, { source, prefix: 'v2', exclude: 'drop.html', key: clean, rules });
    assert.deepEqual(ran.keys('put'), ['v2/about']);
    assert.equal(server.object('site', 'v2/about')?.headers['cache-control'], 'no-cache');
  });

  it('fails the file for a key that cannot be, showing the key with its prefix and what was returned', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: '1' });
    const rows: readonly (readonly [unknown, string, RegExp, RegExp])[] = [
      ['/a', 'v2//a', /"v2\/\/a" holds an empty segment/, /returned "\/a", to which the prefix "v2\/" is added/],
      ['../a', 'v2/../a', /holds the segment "\.\."/, /returned "\.\.\/a"/],
      ['', 'v2/', /"v2\/" ends in "\/"/, /returned ""/],
      ['x'.repeat(1022), `v2/${'x'.repeat(1022)}`, /1,025 bytes/, /returned "x/],
      [5, 'v2/a', /the function "key" returned number; it must return a string/, /^$/],
      [null, 'v2/a', /the function "key" returned null; it must return a string/, /^$/],
      [Promise.resolve('a'), 'v2/a', /the function "key" returned a promise; it must return a string/, /^$/],
    ];
    for (const [returned, key, message, hint] of rows) {
      const ran = await run(server, { source, prefix: 'v2', key: () => returned as string });
      assert.deepEqual(ran.keys('fail'), [key]);
      assert.match(ran.report.failures[0]?.message ?? '', message);
      assert.match(ran.report.failures[0]?.hint ?? '', hint);
    }
    const absolute = await run(server, { source, prefix: 'v2', absoluteKey: true, key: () => '/a' });
    assert.match(absolute.report.failures[0]?.message ?? '', /"\/a" begins with "\/"/);
    assert.match(absolute.report.failures[0]?.hint ?? '', /returned "\/a": have it return/);
  });
});

describe('absoluteKey', () => {
  it('makes what key returns the whole key, and undefined keeps the usual one', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'robots.txt': 'r', 'about.html': 'a' });
    const key = ({ relativePath }: ItemInfo) => (relativePath === 'robots.txt' ? 'robots.txt' : undefined);
    const ran = await run(server, { source, prefix: 'v2', key, absoluteKey: true });
    assert.deepEqual(ran.keys('put'), ['robots.txt', 'v2/about.html']);
    assert.deepEqual(server.keys('site'), ['robots.txt', 'v2/about.html']);
  });

  it('asks by HEAD for keys outside of the prefix, so that no mode takes them for absent', async (t) => {
    const source = makeTree(t, { same: 's', changed: 'new', absent: 'a', within: 'w' });
    const key = ({ relativePath, key: usual }: ItemInfo) =>
      relativePath === 'within' ? usual : `root/${relativePath}`;
    const expected = {
      add: { put: ['root/absent'], skip: ['root/changed', 'root/same', 'v2/within'] },
      update: { put: ['root/absent', 'root/changed'], skip: ['root/same', 'v2/within'] },
    };
    for (const mode of ['add', 'update'] as const) {
      for (const dryRun of [true, false]) {
        const server = await serverFor(t);
        for (const [name, body] of Object.entries({ 'root/same': 's', 'root/changed': 'old', 'v2/within': 'w' }))
          server.seed('site', name, body);
        const ran = await run(server, { source, prefix: 'v2', mode, dryRun, key, absoluteKey: true });
        assert.deepEqual({ put: ran.keys('put'), skip: ran.keys('skip') }, expected[mode], `${mode} ${dryRun}`);
        assert.deepEqual([server.count('ListObjectsV2'), server.count('HeadObject')], [1, 3]);
        assert.equal(ran.reasonOf('root/absent'), 'new');
      }
    }
  });

  it('lists nothing where every key lies outside of the prefix', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: 'a' });
    await run(server, { source, prefix: 'v2', key: () => 'a', absoluteKey: true });
    assert.deepEqual([server.count('ListObjectsV2'), server.count('HeadObject')], [0, 1]);
  });

  it('of an item leaves its key as it is', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'a', 'a');
    const source = [
      [
        { key: 'a', body: 'a', absoluteKey: true },
        { key: 'a', body: 'a' },
      ],
    ];
    const ran = await run(server, { source, prefix: 'v2' });
    assert.deepEqual([ran.keys('skip'), ran.keys('put')], [['a'], ['v2/a']]);
    const kept = await run(server, { source, prefix: 'v2', key: ({ key }) => key });
    assert.deepEqual(kept.keys('skip'), ['a', 'v2/a']);
    const wrong = [[{ key: 'b', body: 'b', absoluteKey: 1 as unknown as boolean }]];
    const { error } = await run(server, { source: wrong });
    assert.match(error?.message ?? '', /"b" has an absoluteKey that is number; it must be true or false/);
  });

  it('refuses a whole key that two files have, before any request', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: 'a', b: 'b' });
    const key = ({ relativePath }: ItemInfo) => (relativePath === 'a' ? 'v2/b' : undefined);
    const { error } = await run(server, { source, prefix: 'v2', key, absoluteKey: true });
    assert.match(error?.message ?? '', /Two sources give the key "v2\/b"/);
    assert.equal(server.requests.length, 0);
  });
});
