import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, test } from 'node:test';
import { type PutItem, SourceError } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { PART, SMALL_PARTS } from '../support/parts.js';

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
    assert.ok(ran.outcomes.some(({ reason }) => reason === 'the key was given before, by another item'));
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

  it('that name a file which never existed say so, and where it was looked for', async (t) => {
    const server = await serverFor(t);
    for (const syncReads of [true, false]) {
      const ran = await run(server, { source: [[{ key: 'a', body: { path: 'nope.txt' } }]], syncReads });
      const place = resolve('nope.txt');
      assert.equal(ran.reasonOf('a'), `nope.txt does not exist (ENOENT); it was looked for at ${place}`);
      const { error } = ran.outcomes[0] ?? {};
      assert.ok(error instanceof SourceError);
      assert.match(error.hint ?? '', /^Check the path/);
    }
    const whole = await run(server, { source: [[{ key: 'a', body: { path: resolve('nope.txt') } }]] });
    assert.equal(whole.reasonOf('a'), `${resolve('nope.txt')} does not exist (ENOENT)`);
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

describe('fields of items', () => {
  it('contentType and cacheControl override headers of the same names, and guess means the name', async (t) => {
    const server = await serverFor(t);
    const headers = { 'Content-Type': 'text/x-own', 'CACHE-CONTROL': 'no-store', 'x-amz-meta-a': '1' };
    const items: readonly PutItem[] = [
      { key: 'a.html', body: 'a', contentType: 'text/x-a; charset=utf-8', cacheControl: 'no-cache' },
      { key: 'b.html', body: 'b', contentType: 'text/x-b', cacheControl: 'no-cache', headers },
      { key: 'c.html', body: 'c', contentType: 'guess' },
      { key: 'd.html', body: 'd', headers: { Expires: new Date('2100-01-01') } },
    ];
    const ran = await run(server, { source: [items], cacheControl: 'max-age=1' });
    assert.deepEqual(ran.keys('fail'), []);
    const sent = (key: string, name: string) => server.object('site', key)?.headers[name];
    assert.deepEqual(
      items.map(({ key }) => [sent(key, 'content-type'), sent(key, 'cache-control'), sent(key, 'x-amz-meta-a')]),
      [
        ['text/x-a; charset=utf-8', 'no-cache', undefined],
        ['text/x-b', 'no-cache', '1'],
        ['text/html; charset=utf-8', 'max-age=1', undefined],
        ['text/html; charset=utf-8', 'max-age=1', undefined],
      ],
    );
    assert.equal(sent('d.html', 'expires'), 'Fri, 01 Jan 2100 00:00:00 GMT');
  });

  const refused: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ contenttype: 'x' }, /unknown field "contenttype"\. Did you mean contentType/],
    [{ ContentType: 'x' }, /Did you mean contentType/],
    [{ cachecontrol: 'x' }, /Did you mean cacheControl/],
    [{ header: {} }, /Did you mean headers/],
    [{ mimeType: 'x' }, /Did you mean contentType/],
    [{ contentEncoding: 'br' }, /headers: \{'Content-Encoding': …\}/],
    [{ acl: 'private' }, /'x-amz-acl'/],
    [{ metadata: {} }, /'x-amz-meta-name'/],
    [{ xyzzy: 1 }, /unknown field "xyzzy"\. Fields are: key, body/],
    [{ contentType: 5 }, /a contentType that is number/],
    [{ cacheControl: 60 }, /a cacheControl that is number/],
    [{ cacheControl: '3600' }, /"3600"/],
    [{ headers: 'a: b' }, /headers that are string/],
    [{ headers: [] }, /headers that are a list/],
    [{ headers: { Expires: 'tomorrow' } }, /"tomorrow"/],
    [{ headers: { 'Content-Encoding': 'aws-chunked' } }, /aws-chunked/],
    [{ origin: 5 }, /an? origin that is number/],
    [{ body: new Response('x') }, /a Response.*response\.body/],
    [{ body: 5 }, /ReadableStream/],
  ];
  for (const [fields, message] of refused)
    it(`${Object.keys(fields)[0]}: ${String(Object.values(fields)[0])} fails that item alone`, async (t) => {
      const server = await serverFor(t);
      const items = [
        { key: 'bad', body: 'x', ...fields },
        { key: 'good', body: 'x' },
      ] as readonly PutItem[];
      const ran = await run(server, { source: [items] });
      assert.deepEqual([ran.keys('put'), ran.keys('fail')], [['good'], ['bad']]);
      assert.match(ran.reasonOf('bad') ?? '', message);
    });

  it('what a headers function returns is an object', async (t) => {
    const server = await serverFor(t);
    for (const wrong of [Promise.resolve({}), null, 'a: b', []]) {
      const headers = (() => wrong) as unknown as () => undefined;
      const ran = await run(server, { source: [[{ key: 'a', body: '' }]], headers });
      assert.match(ran.reasonOf('a') ?? '', /"headers" returned/);
    }
  });

  it('odd headers of an item give one warning', async (t) => {
    const server = await serverFor(t);
    const items = [1, 2, 3].map((n) => ({ key: `${n}`, body: '', cacheControl: 'nocache' }));
    const ran = await run(server, { source: [items] });
    assert.equal(ran.keys('put').length, 3);
    assert.equal(ran.report.warnings.length, 1);
    assert.match(ran.report.warnings[0] ?? '', /Did you mean no-cache/);
  });
});

describe('web streams', () => {
  const bytesOf = (...chunks: readonly unknown[]): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk as Uint8Array);
        controller.close();
      },
    });

  it('are bodies: of a fetch, of a Blob, transformed, and those of other implementations', async (t) => {
    const server = await serverFor(t);
    const page = createServer((_request, response) => response.end('from the web')).listen(0, '127.0.0.1');
    await once(page, 'listening');
    t.after(() => page.close());
    const { port } = page.address() as AddressInfo;
    const fetched = await fetch(`http://127.0.0.1:${port}/`);
    const inner = bytesOf(Buffer.from('polyfill')).getReader();
    const polyfill = { locked: false, getReader: () => inner } as unknown as ReadableStream<Uint8Array>;
    const items: readonly PutItem[] = [
      { key: 'fetch', body: fetched.body as ReadableStream<Uint8Array> },
      { key: 'blob', body: new Blob(['blob']).stream() },
      { key: 'text', body: bytesOf('te', Buffer.from('xt'), new TextEncoder().encode('!').buffer) },
      { key: 'gzip', body: bytesOf(Buffer.from('x')).pipeThrough(new CompressionStream('gzip')) },
      { key: 'sized', body: bytesOf(Buffer.from('abc')), size: 3 },
      { key: 'empty', body: bytesOf() },
      { key: 'polyfill', body: polyfill },
    ];
    const ran = await run(server, { source: [items] });
    assert.deepEqual(ran.keys('fail'), []);
    const texts = ['fetch', 'blob', 'text', 'sized', 'empty', 'polyfill'].map((key) =>
      server.object('site', key)?.body.toString(),
    );
    assert.deepEqual(texts, ['from the web', 'blob', 'text!', 'abc', '', 'polyfill']);
    assert.deepEqual(
      ran.outcomes.map(({ origin }) => origin),
      items.map(() => '(stream)'),
    );
  });

  it('are sources, where they give items', async (t) => {
    const server = await serverFor(t);
    const items = new ReadableStream<PutItem>({
      start(controller) {
        for (const key of ['a', 'b']) controller.enqueue({ key, body: key });
        controller.close();
      },
    });
    assert.deepEqual((await run(server, { source: items })).keys('put'), ['a', 'b']);
    const bytes = bytesOf(Buffer.from('x')) as unknown as AsyncIterable<PutItem>;
    const wrong = await run(server, { source: bytes });
    assert.match(wrong.report.failures[0]?.message ?? '', /an item of the source is bytes; it must be \{key, body\}/);
  });

  it('that fail, hold no bytes, lie about their size or are locked fail by key', async (t) => {
    const server = await serverFor(t);
    const failing = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('line cut')) });
    const locked = bytesOf(Buffer.from('x'));
    locked.getReader();
    const items: readonly PutItem[] = [
      { key: 'failing', body: failing },
      { key: 'locked', body: locked },
      { key: 'lying', body: bytesOf(Buffer.from('abc')), size: 5 },
      { key: 'nothing', body: bytesOf(null) },
      { key: 'objects', body: bytesOf({ not: 'bytes' }) },
      { key: 'fine', body: bytesOf(Buffer.from('x')) },
    ];
    const ran = await run(server, { source: [items] });
    assert.deepEqual(
      [ran.keys('put'), ran.keys('fail')],
      [['fine'], ['failing', 'locked', 'lying', 'nothing', 'objects']],
    );
    assert.match(ran.reasonOf('failing') ?? '', /line cut/);
    assert.match(ran.reasonOf('locked') ?? '', /locked/);
  });

  it('are cancelled where their put ends before they do', async (t) => {
    const server = await serverFor(t);
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.alloc(10)),
      cancel: () => {
        cancelled = true;
      },
    });
    const ran = await run(server, { source: [[{ key: 'a', body: endless, size: 15 }]] });
    assert.deepEqual(ran.keys('fail'), ['a']);
    assert.equal(cancelled, true);
  });

  it('larger than the threshold are sent in parts', async (t) => {
    const server = await serverFor(t, { buckets: { site: { minPartSize: 1 } } });
    const bytes = Buffer.alloc(10 * PART, 'x');
    const body = bytesOf(...[0, 1, 2, 3, 4].map((n) => bytes.subarray(2 * n * PART, 2 * (n + 1) * PART)));
    const ran = await run(server, { source: [[{ key: 'a', body }]] }, SMALL_PARTS);
    assert.deepEqual(ran.keys('put'), ['a']);
    assert.ok(server.object('site', 'a')?.body.equals(bytes));
    assert.equal(server.count('PutObject'), 0);
  });
});
