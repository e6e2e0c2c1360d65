import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { PutItem } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';

describe('iterable sources', () => {
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

  it('empty ones are refused like an empty directory', async (t) => {
    const server = await serverFor(t);
    assert.equal((await run(server, { source: [[]] })).error?.name, 'RefusedError');
    assert.equal((await run(server, { source: [[]], ifNoFilesFound: 'ignore' })).error, undefined);
  });
});
