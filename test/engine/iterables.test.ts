import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, it, test } from 'node:test';
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

test('an item may name what its content type is guessed from, and a rule wins over that', async (t) => {
  const server = await serverFor(t);
  const item = (key: string, typeName: string): PutItem => ({ key, body: 'text', typeName });
  const rules = [{ match: 'ruled', contentType: 'text/csv' }];
  await run(server, {
    source: [[item('about', 'site/about.html'), item('ruled', 'x.css'), item('a.js', 'a.css')]],
    rules,
  });
  const types = ['about', 'ruled', 'a.js'].map((key) => server.object('site', key)?.headers['content-type']);
  assert.deepEqual(types, ['text/html; charset=utf-8', 'text/csv', 'text/css; charset=utf-8']);
  const { error } = await run(server, { source: [[{ key: 'b', body: 'b', typeName: 5 as unknown as string }]] });
  assert.match(error?.message ?? '', /typeName that is number/);
});

test('onSettled gets the headers that an item was put with, those of its compression too', async (t) => {
  const server = await serverFor(t);
  const encodings: (string | undefined)[] = [];
  const onSettled: PutItem['onSettled'] = (_, headers) => void encodings.push(headers?.['content-encoding']);
  const text = 'text '.repeat(200);
  await run(server, { source: [[{ key: 'a.txt', body: text, gzip: true, onSettled }]] });
  await run(server, { source: [[{ key: 'b.txt', body: text, onSettled }]] });
  assert.deepEqual(encodings, ['gzip', undefined]);
});

test('onSettled of each item is called once, with its outcome', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'same', 'same');
  const settled = new Map<string, unknown[]>();
  const item = (key: string, body: PutItem['body'], more: Partial<PutItem> = {}, name = key): PutItem => ({
    key,
    body,
    ...more,
    onSettled: (outcome, headers) =>
      void settled.set(name, [outcome?.action, outcome?.reason, outcome?.etag, headers?.['cache-control']]),
  });
  const ran = await run(server, {
    source: [
      [
        item('new', 'text', { headers: { 'Cache-Control': 'no-cache' }, gzip: true, origin: 'the new one' }),
        item('same', 'same'),
        item('left.map', 'x'),
        item('large', 'far too large'),
        item('bad//key', 'x'),
        item('new', 'again', {}, 'new (2)'),
        item('gone', { path: 'no-such-file' }),
      ],
    ],
    exclude: '*.map',
    maxSize: 5,
  });
  const md5 = hash('md5', 'text');
  assert.deepEqual(Object.fromEntries(settled), {
    'bad//key': ['fail', 'The key "bad//key" holds an empty segment ("//").', undefined, undefined],
    gone: ['fail', settled.get('gone')?.[1], undefined, undefined],
    large: [undefined, undefined, undefined, undefined],
    'left.map': [undefined, undefined, undefined, undefined],
    'new': ['put', 'new', md5, 'no-cache'],
    'new (2)': ['fail', 'the key was given before, by the new one', undefined, undefined],
    same: ['skip', 'same content', hash('md5', 'same'), undefined],
  });
  assert.equal(ran.outcomes.length, 5);
  assert.equal(ran.outcomes.find(({ action }) => action === 'put')?.origin, 'the new one');
});
