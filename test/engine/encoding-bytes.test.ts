import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { PutOptions } from '../../src/options/types.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const TEXT = 'p { color: red }\n'.repeat(20);
const ZIPPED = gzipSync(TEXT);
const BR = brotliCompressSync(TEXT);

describe('bytes that are gzip', () => {
  const rows: readonly (readonly [name: string, encoding: string | undefined, warned: boolean])[] = [
    ['a.css', 'gzip', false],
    ['a.html', 'gzip', false],
    ['a.json', 'gzip', false],
    ['a.svg', 'gzip', false],
    ['a.wasm', 'gzip', false],
    ['a.svgz', 'gzip', false],
    ['a.css.gz', undefined, false],
    ['a.tar.gz', undefined, false],
    ['a.tgz', undefined, false],
    ['a.png', undefined, true],
    ['a.bin', undefined, true],
    ['backup', undefined, true],
  ];
  for (const [name, encoding, warned] of rows)
    it(`under ${name} get ${encoding ?? 'no encoding'}${warned ? ', and a warning' : ''}`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { [name]: ZIPPED });
      const { events } = await run(server, { source });
      const stored = server.object('site', name);
      assert.deepEqual(stored?.body, ZIPPED);
      assert.equal(stored?.headers['content-encoding'], encoding);
      const codes = events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
      assert.deepEqual(codes, warned ? ['compressed-unnamed'] : []);
      server.clearRequests();
      assert.deepEqual((await run(server, { source, updateHeaders: true })).keys('skip'), [name]);
    });

  it('keep the type of the name, with its charset', async (t) => {
    const server = await serverFor(t);
    await run(server, { source: makeTree(t, { 'a.css': ZIPPED, 'a.svgz': ZIPPED }) });
    assert.equal(server.object('site', 'a.css')?.headers['content-type'], 'text/css; charset=utf-8');
    assert.equal(server.object('site', 'a.svgz')?.headers['content-type'], 'image/svg+xml');
  });

  it('keep what somebody has said: identity or another coding', async (t) => {
    const server = await serverFor(t);
    for (const encoding of ['identity', 'br']) {
      await run(server, { source: makeTree(t, { 'a.css': ZIPPED }), contentEncoding: encoding, mode: 'stupid' });
      assert.equal(server.object('site', 'a.css')?.headers['content-encoding'], encoding);
    }
  });

  it('in parts, in streams and in a dry run get it too', async (t) => {
    const server = await serverFor(t);
    const noise = Buffer.alloc(6 * 1024 * 1024);
    for (let at = 0; at < noise.length; at += 4) noise.writeUInt32LE(Math.imul(at + 1, 2_654_435_761) >>> 0, at);
    const large = gzipSync(noise, { level: 1 });
    const source = makeTree(t, { 'a.svg': large });
    const dry = await run(server, { source, multipartThreshold: '5MiB', dryRun: true });
    assert.equal(dry.outcomes[0]?.contentEncoding, 'gzip');
    await run(server, { source, multipartThreshold: '5MiB' });
    assert.equal(server.object('site', 'a.svg')?.headers['content-encoding'], 'gzip');
    await run(server, { source: [{ key: 'b.css', body: Readable.from([ZIPPED]) }] });
    assert.equal(server.object('site', 'b.css')?.headers['content-encoding'], 'gzip');
  });
});

describe('an encoding that the bytes are not in', () => {
  const given: readonly (readonly [string, Partial<PutOptions>])[] = [
    ['the option contentEncoding', { contentEncoding: 'gzip' }],
    ['the option headers', { headers: { 'Content-Encoding': 'GZIP' } }],
    ['the function headers', { headers: () => ({ 'content-encoding': 'gzip' }) }],
    ['a rule', { rules: [{ match: '*', contentEncoding: 'gzip' }] }],
    ['headers of a rule', { rules: [{ match: '*', headers: { 'content-encoding': 'x-gzip' } }] }],
    ['the last of several', { contentEncoding: 'br, gzip' }],
    ['zstd', { contentEncoding: 'zstd' }],
    ['one that gzip would have given', { contentEncoding: 'gzip', gzip: true }],
  ];
  for (const [what, options] of given)
    it(`by ${what} fails the file by its name, in a dry run too`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { 'a.css': TEXT, 'b.css': 'x', 'c.css': '' });
      for (const dryRun of [true, false]) {
        const ran = await run(server, { source, dryRun, ...options });
        assert.deepEqual([ran.keys('fail'), ran.keys('put')], [['a.css', 'b.css'], ['c.css']]);
        assert.match(ran.reasonOf('a.css') ?? '', /a\.css is to get the Content-Encoding "(gzip|zstd)", and its bytes/);
        const error = ran.outcomes.find(({ key }) => key === 'a.css')?.error as { hint?: string; code?: string };
        assert.equal(error.code, 'EncodingMismatch');
        assert.match(error.hint ?? '', /contentEncoding/);
      }
      assert.deepEqual(server.keys('site'), ['c.css']);
    });

  it('of items and streams fails as well, and only those', async (t) => {
    const server = await serverFor(t);
    const headers = { 'Content-Encoding': 'gzip' };
    const source = [
      { key: 'a.css', body: TEXT, headers },
      { key: 'b.css', body: Readable.from([TEXT]), headers },
      { key: 'c.css', body: ZIPPED, headers },
      { key: 'd.css', body: TEXT },
    ];
    const ran = await run(server, { source });
    assert.deepEqual(
      [ran.keys('fail'), ran.keys('put')],
      [
        ['a.css', 'b.css'],
        ['c.css', 'd.css'],
      ],
    );
  });

  it('in parts fails before an upload begins', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.bin': Buffer.alloc(6 * 1024 * 1024) });
    const ran = await run(server, { source, contentEncoding: 'gzip', multipartThreshold: '5MiB' });
    assert.deepEqual(ran.keys('fail'), ['a.bin']);
    assert.equal(server.count('CreateMultipartUpload'), 0);
  });

  it('is not looked for in br, whose bytes look like any', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: makeTree(t, { 'a.css': TEXT }), contentEncoding: 'br' });
    assert.deepEqual(ran.keys('put'), ['a.css']);
  });
});

describe('with an encoding the type is guessed from the name inside', () => {
  const rows: readonly (readonly [name: string, body: Buffer, encoding: string, type: string])[] = [
    ['app.js.br', BR, 'br', 'text/javascript; charset=utf-8'],
    ['app.js.gz', ZIPPED, 'gzip', 'text/javascript; charset=utf-8'],
    ['app.js.GZ', ZIPPED, 'x-gzip', 'text/javascript; charset=utf-8'],
    ['app.js.br.gz', ZIPPED, 'br, gzip', 'text/javascript; charset=utf-8'],
    ['app.js.gz', BR, 'br', 'application/gzip'],
    ['app.css', BR, 'br', 'text/css; charset=utf-8'],
    ['app.js.gz', ZIPPED, 'identity', 'application/gzip'],
    ['logo.svgz', ZIPPED, 'gzip', 'image/svg+xml'],
    ['LICENSE.gz', ZIPPED, 'gzip', 'application/octet-stream'],
  ];
  for (const [name, body, encoding, type] of rows)
    for (const by of ['option', 'rule', 'item'] as const)
      it(`${name} in ${encoding} by ${by} is ${type}`, async (t) => {
        const server = await serverFor(t);
        const headers = { 'Content-Encoding': encoding };
        const source = by === 'item' ? [{ key: name, body, headers }] : makeTree(t, { [name]: body });
        await run(server, {
          source,
          ...(by === 'option' && { contentEncoding: encoding }),
          ...(by === 'rule' && { rules: [{ match: '*', contentEncoding: encoding, contentType: 'guess' }] }),
        });
        assert.equal(server.object('site', name)?.headers['content-type'], type);
      });

  it('also where the key shows none', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'about.html.br': BR });
    await run(server, { source, contentEncoding: 'br', key: () => 'about' });
    assert.equal(server.object('site', 'about')?.headers['content-type'], 'text/html; charset=utf-8');
  });

  it('unless somebody gives it', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'app.js.br': BR });
    await run(server, { source, contentEncoding: 'br', contentType: 'text/plain' });
    assert.equal(server.object('site', 'app.js.br')?.headers['content-type'], 'text/plain');
  });
});
