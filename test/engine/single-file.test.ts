import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { put } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

describe('one file under another name', () => {
  it('gets the key below the prefix, in every mode, and is found again there', async (t) => {
    const server = await serverFor(t);
    const source = `${makeTree(t, { 'report-7.html': '<p>' })}/report-7.html`;
    const options = { source, bucket: 's3://site/docs', as: 'a/index.html' };
    const { outcomes } = await run(server, options);
    assert.deepEqual(server.keys('site'), ['docs/a/index.html']);
    assert.equal(outcomes[0]?.origin, source);
    const again = await run(server, { ...options, keyBase: 'source' });
    assert.deepEqual(again.keys('skip'), ['docs/a/index.html']);
    assert.deepEqual((await run(server, { ...options, mode: 'add' })).keys('skip'), ['docs/a/index.html']);
    assert.deepEqual((await run(server, { ...options, mode: 'stupid' })).keys('put'), ['docs/a/index.html']);
  });

  it('has the content type of its key, or of its own name where the key has no ending', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'page.html': '<p>', about: 'text' });
    const typeOf = async (name: string, as: string) => {
      await run(server, { source: `${root}/${name}`, as });
      return server.object('site', as)?.headers['content-type'];
    };
    assert.equal(await typeOf('page.html', 'a.css'), 'text/css; charset=utf-8');
    assert.equal(await typeOf('page.html', 'a'), 'text/html; charset=utf-8');
    assert.equal(await typeOf('about', 'a.json'), 'application/json; charset=utf-8');
  });

  it('follows filters, sizes and the rule for links as any file', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'a.txt': 'abc' });
    if (process.platform !== 'win32') {
      symlinkSync('a.txt', `${root}/link`);
      assert.deepEqual((await run(server, { source: `${root}/link`, as: 'by-link' })).keys('put'), ['by-link']);
    }
    for (const left of [{ exclude: 'a.*' }, { minSize: 4 }, { filter: () => false }])
      assert.equal((await run(server, { source: `${root}/a.txt`, as: 'k', ...left })).error?.code, 'NoFilesFound');
  });

  it('is refused where there is not exactly one file, before any request', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'a.txt': 'a', 'b.tar': '', 'b.tar.gz': '', 'c/d': '' });
    mkdirSync(`${root}/e.tar.gz`);
    const rows: readonly (readonly [name: string, expected: RegExp])[] = [
      ['c', /is a directory, and as is the key of one file/],
      ['e.tar.gz', /is a directory/],
      ['b.tar', /is an archive, which is unpacked/],
      ['b.tar.gz', /is an archive, which is unpacked/],
      ['absent', /does not exist/],
    ];
    for (const [name, expected] of rows) {
      const { error } = await run(server, { source: `${root}/${name}`, as: 'k' });
      assert.equal(error?.name, 'UsageError', name);
      assert.match(error?.message ?? '', expected);
    }
    const { error } = await run(server, { source: `${root}/b.tar`, as: 'k' });
    assert.match(error?.hint ?? '', /with include: 'b\.tar'/);
    const options = { bucket: 'site', as: 'k' };
    const file = `${root}/a.txt`;
    assert.throws(() => put({ ...options, source: [file, root] }), /there are 2 sources/);
    assert.throws(() => put({ ...options, source: [{ key: 'a', body: 'b' }] }), /the source is items/);
    assert.throws(() => put({ ...options, source: file, key: () => 'x' }), /both say what the key is/);
    assert.deepEqual(server.requests, []);
  });

  it('is refused for a key that S3 refuses', () => {
    for (const as of ['', '..', 'a/../b', './a', 'a//b', 'a/', '/a', 'a\0b', 'x'.repeat(1025), '\ud800'])
      assert.throws(() => put({ source: 'a.txt', bucket: 'site', as }), /cannot be a key/, as);
    const long = { source: 'a.txt', bucket: `s3://site/${'p'.repeat(1000)}` };
    assert.throws(() => put({ ...long, as: 'x'.repeat(24) }), /1,025 bytes/);
    assert.throws(() => put({ source: 'a.txt', bucket: 'site', as: 7 as unknown as string }), /as is number/);
  });
});

describe('a destination that looks like the key of the file', () => {
  it('is a prefix all the same, and one warning says how the file gets that key', async (t) => {
    const server = await serverFor(t);
    const source = `${makeTree(t, { 'page.html': '' })}/page.html`;
    const { events } = await run(server, { source, bucket: 's3://site/docs/index.html', dryRun: true });
    const warned = events.filter(({ type }) => type === 'warning');
    assert.deepEqual(
      warned.map((event) => 'code' in event && event.code),
      ['prefix-looks-like-a-key'],
    );
    const quiet = async (options: object) =>
      (await run(server, { source, ...options })).events.some(({ type }) => type === 'warning');
    assert.equal(await quiet({ bucket: 's3://site/docs/index.html/' }), false);
    assert.equal(await quiet({ bucket: 'site', prefix: 'docs/index.html/' }), false);
    assert.equal(await quiet({ bucket: 's3://site/docs', as: 'index.html' }), false);
    assert.equal(await quiet({ bucket: 'site', prefix: 'docs/index.html' }), true);
    assert.deepEqual(server.keys('site'), ['docs/index.html', 'docs/index.html/page.html']);
  });
});
