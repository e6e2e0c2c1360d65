import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { PutItem } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

function* streamOf(size: number, piece = 64 * 1024): Generator<Buffer> {
  for (let sent = 0; sent < size; sent += piece) yield Buffer.alloc(Math.min(piece, size - sent), 'x');
}

describe('iterable sources', () => {
  it('take Buffers, strings, Blobs, streams and paths', async (t) => {
    const server = await serverFor(t);
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
    const ran = await run(server, { source: items, prefix: 'p' });
    assert.equal(ran.error, undefined);
    assert.equal(ran.report.counts.put, 7);
    assert.equal(server.object('site', 'p/text.html')?.body.toString(), 'häßlich');
    assert.equal(server.object('site', 'p/text.html')?.headers['content-type'], 'text/html; charset=utf-8');
    assert.deepEqual([...(server.object('site', 'p/array')?.body ?? [])], [2, 3]);
    assert.equal(server.object('site', 'p/stream')?.body.length, 300_000);
    assert.equal(server.object('site', 'p/path')?.headers['cache-control'], 'no-store');
  });

  it('are compared against the listing, in whatever order they come', async (t) => {
    const server = await serverFor(t, { mode: { pageSize: 4 } });
    const make = () =>
      Array.from({ length: 30 }, (_, index) => ({
        key: `k${(index * 7) % 30}`,
        body: Readable.from([Buffer.from(`v${index}`)]),
      }));
    async function* later() {
      yield* make();
    }
    await run(server, { source: make() });
    server.clearRequests();
    const ran = await run(server, { source: later() });
    assert.equal(ran.report.counts.skip, 30);
    assert.equal(server.count('PutObject'), 0);
    assert.equal(server.count('HeadObject'), 0);
    assert.equal(server.count('ListObjectsV2'), 8);
  });

  it('fail a key at its second appearance, and items that are none', async (t) => {
    const server = await serverFor(t);
    const items = [
      { key: 'a', body: '1' },
      { key: 'a', body: '2' },
      { key: 7, body: 'x' },
      { key: 'c' },
      null,
      { key: '/abs', body: '' },
      { key: 'ok', body: 'x' },
    ];
    const ran = await run(server, { source: items as PutItem[] });
    assert.deepEqual(ran.keys('put'), ['a', 'ok']);
    assert.equal(ran.keys('fail').length, 5);
    assert.equal(server.object('site', 'a')?.body.toString(), '1');
  });

  it('that fail keep what was put, and are not called complete', async (t) => {
    const server = await serverFor(t);
    async function* broken(): AsyncGenerator<PutItem> {
      yield { key: 'a', body: '1' };
      throw new Error('database went away');
    }
    const ran = await run(server, { source: broken() });
    assert.deepEqual(ran.keys('put'), ['a']);
    assert.equal(ran.error?.name, 'PartialFailureError');
    assert.match(ran.report.failures[0]?.message ?? '', /database went away/);
    assert.equal(ran.report.complete, false);
  });

  it('streams that fail, lie about their size or hold no bytes fail by key', async (t) => {
    const server = await serverFor(t);
    const failing = new Readable({
      read() {
        this.destroy(new Error('disk on fire'));
      },
    });
    const items: PutItem[] = [
      { key: 'failing', body: failing },
      { key: 'lying', body: Readable.from([Buffer.from('abc')]), size: 5 },
      { key: 'objects', body: Readable.from([{ not: 'bytes' }]) },
      { key: 'fine', body: Readable.from(['text']) },
    ];
    const ran = await run(server, { source: items });
    assert.deepEqual(ran.keys('fail'), ['failing', 'lying', 'objects']);
    assert.match(ran.reasonOf('failing') ?? '', /disk on fire/);
    assert.deepEqual(ran.keys('put'), ['fine']);
  });

  it('streams over 256 MiB fail with the reason and are not collected', async (t) => {
    const server = await serverFor(t);
    let given = 0;
    const endless = new Readable({
      read() {
        given += 1;
        this.push(Buffer.alloc(1024 * 1024));
      },
    });
    const ran = await run(server, {
      source: [
        { key: 'big', body: endless },
        { key: 'ok', body: 'x' },
      ],
    });
    assert.match(ran.reasonOf('big') ?? '', /256 MiB/);
    assert.ok(given < 300, `${given} MiB were read`);
    assert.equal(endless.destroyed, true);
    assert.deepEqual(ran.keys('put'), ['ok']);
    const named = await run(server, { source: [{ key: 'named', body: Readable.from(streamOf(10)), size: 1024 ** 3 }] });
    assert.match(named.reasonOf('named') ?? '', /256 MiB/);
  });

  it('empty ones are refused like an empty directory', async (t) => {
    const server = await serverFor(t);
    assert.equal((await run(server, { source: [[]] })).error?.name, 'RefusedError');
    assert.equal((await run(server, { source: [[]], ifNoFilesFound: 'ignore' })).error, undefined);
  });

  it('can stand beside directories', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { a: 'A', same: '1' });
    const ran = await run(server, {
      source: [
        root,
        [
          { key: 'same', body: '2' },
          { key: 'b', body: 'B' },
        ],
      ],
    });
    assert.deepEqual(ran.keys('put'), ['a', 'b', 'same']);
    assert.deepEqual(ran.keys('fail'), ['same']);
  });
});
