import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { PutItem } from '../../../src/index.js';
import type { TargetFor } from '../../support/target.js';
import { makeTree } from '../../support/tree.js';

function* streamOf(size: number, piece = 64 * 1024): Generator<Buffer> {
  for (let sent = 0; sent < size; sent += piece) yield Buffer.alloc(Math.min(piece, size - sent), 'x');
}

/** What a source of each kind leaves in the bucket. */
export function sourcesSuite(targetFor: TargetFor): void {
  describe('iterable sources', () => {
    it('take Buffers, strings, Blobs, streams and paths', async (t) => {
      const target = await targetFor(t);
      const root = makeTree(t, { file: 'from disk' });
      const items: PutItem[] = [
        { key: 'buffer', body: Buffer.from('b') },
        { key: 'array', body: new Uint8Array([1, 2, 3]).subarray(1) },
        { key: 'text.html', body: 'häßlich' },
        { key: 'blob', body: new Blob(['blob']) },
        { key: 'stream', body: Readable.from(streamOf(300_000)) },
        { key: 'sized', body: Readable.from(streamOf(1_000)), size: 1_000 },
        { key: 'path', body: { path: `${root}/file` }, headers: { 'Cache-Control': 'no-store' } },
      ];
      const ran = await target.run({ source: items, prefix: 'p' });
      assert.deepEqual([ran.error, ran.report.counts.put], [undefined, 7]);
      assert.equal(await target.text('p/text.html'), 'häßlich');
      assert.match((await target.object('p/text.html'))?.headers['content-type'] ?? '', /^text\/html; ?charset=utf-8$/);
      assert.deepEqual([...((await target.object('p/array'))?.body ?? [])], [2, 3]);
      assert.equal(await target.text('p/blob'), 'blob');
      assert.equal((await target.object('p/stream'))?.body.length, 300_000);
      assert.equal((await target.object('p/path'))?.headers['cache-control'], 'no-store');
    });

    it('are compared against the listing, in whatever order they come', async (t) => {
      const target = await targetFor(t, { pageSize: 4 });
      const make = () =>
        Array.from({ length: 30 }, (_, index) => ({
          key: `k${(index * 7) % 30}`,
          body: Readable.from([Buffer.from(`v${index}`)]),
        }));
      async function* later() {
        yield* make();
      }
      await target.run({ source: make() });
      const ran = await target.run({ source: later() });
      assert.equal(ran.report.counts.skip, 30);
      assert.deepEqual([ran.count('PutObject'), ran.count('HeadObject')], [0, 0]);
      assert.equal(ran.count('ListObjectsV2'), Math.ceil(30 / target.pageSize));
    });

    it('can stand beside directories', async (t) => {
      const target = await targetFor(t);
      const items = [
        { key: 'same', body: '2' },
        { key: 'b', body: 'B' },
      ];
      const ran = await target.run({ source: [makeTree(t, { a: 'A', same: '1' }), items] });
      assert.deepEqual([ran.keys('put'), ran.keys('fail')], [['a', 'b', 'same'], ['same']]);
      assert.deepEqual(await target.keys(), ['a', 'b', 'same']);
      assert.equal(await target.text('same'), '1');
    });
  });

  describe('the walk', () => {
    it('takes .well-known but no junk, and no dot files without hidden', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, {
        'index.html': '',
        '.well-known/security.txt': '',
        '.git/config': '',
        '.DS_Store': '',
        'a/._x': '',
        'a/Thumbs.db': '',
        'a/b': '',
      });
      await target.run({ source });
      const all = ['.well-known/security.txt', 'a/b', 'index.html'];
      assert.deepEqual(await target.keys(), all);
      await target.run({ source, prefix: 'seen', hidden: false });
      assert.deepEqual(await target.keys(), [...all, 'seen/a/b', 'seen/index.html']);
    });

    it('keeps to minSize, maxSize, filter and limit, in that order', async (t) => {
      const target = await targetFor(t);
      const source = makeTree(t, { a: '', b: '12', c: '123', d: '1234', e: '12345' });
      const filter = ({ relativePath }: { relativePath: string }) => relativePath !== 'b';
      const { report } = await target.run({ source, minSize: 1, maxSize: '4', filter, limit: 1 });
      assert.deepEqual(await target.keys(), ['c']);
      assert.equal(report.counts.put, 1);
    });

    it('counts the limit before the mode decides', async (t) => {
      const target = await targetFor(t);
      const names = Array.from({ length: 10 }, (_, index) => `f${index}`);
      const source = makeTree(t, Object.fromEntries(names.map((name) => [name, name])));
      for (const name of ['f1', 'f2', 'f7', 'f8', 'f9']) await target.seed(name, 'other');
      const { report } = await target.run({ source, limit: 3, mode: 'add' });
      assert.deepEqual([report.counts.put, report.counts.skip], [1, 2]);
    });

    it('gives an empty file and a deep path their objects', async (t) => {
      const target = await targetFor(t);
      const deep = `${Array.from({ length: 40 }, (_, index) => `d${index}`).join('/')}/end`;
      await target.run({ source: makeTree(t, { empty: '', [deep]: 'x' }) });
      assert.equal(await target.text('empty'), '');
      assert.equal(await target.text(deep), 'x');
    });
  });
}
