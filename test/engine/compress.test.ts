import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import * as zlib from 'node:zlib';
import type { Encoding } from '../../src/model/encodings.js';
import { canWriteZstd } from '../../src/options/compression.js';
import type { PutOptions } from '../../src/options/types.js';
import { run, serverFor } from '../support/engine.js';
import { addFiles, makeTree } from '../support/tree.js';

const CSS = 'p { color: red }\n'.repeat(200);
const md5 = (bytes: Buffer | string) => createHash('md5').update(bytes).digest('hex');
const { zstdDecompressSync } = zlib as typeof zlib & { zstdDecompressSync?: (bytes: Buffer) => Buffer };
const ENCODINGS: readonly Encoding[] = zstdDecompressSync === undefined ? ['gzip', 'br'] : ['gzip', 'br', 'zstd'];

function decoded(encoding: string | undefined, bytes: Buffer): string {
  if (encoding === 'br') return zlib.brotliDecompressSync(bytes).toString();
  if (encoding === 'gzip') return zlib.gunzipSync(bytes).toString();
  if (encoding === 'zstd' && zstdDecompressSync !== undefined) return zstdDecompressSync(bytes).toString();
  return bytes.toString();
}

for (const compress of ENCODINGS) {
  describe(`compress: ${compress}`, () => {
    it('stores bodies that decode to the source, with encoding, type and the MD5 of the source', async (t) => {
      const server = await serverFor(t);
      const ran = await run(server, { source: makeTree(t, { 'a.css': CSS }), compress });
      const stored = server.object('site', 'a.css');
      assert.ok(stored !== undefined && stored.size < CSS.length / 2);
      assert.equal(decoded(compress, stored.body), CSS);
      assert.equal(stored.headers['content-encoding'], compress);
      assert.equal(stored.headers['content-type'], 'text/css; charset=utf-8');
      assert.equal(stored.headers['x-amz-meta-s3pp-md5'], md5(CSS));
      const [outcome] = ran.outcomes;
      assert.deepEqual([outcome?.bytes, outcome?.sourceBytes], [stored.size, CSS.length]);
      assert.equal(outcome?.contentEncoding, compress);
    });

    it('sends nothing again, and asks nothing, because the bytes are identical', async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { 'a.css': CSS, 'b.html': CSS.repeat(3) });
      await run(server, { source, compress });
      server.clearRequests();
      assert.deepEqual((await run(server, { source, compress })).keys('skip'), ['a.css', 'b.html']);
      assert.equal(server.requests.length, server.count('ListObjectsV2'));
    });

    it('sends nothing again at another level, after one HEAD for each object', async (t) => {
      const server = await serverFor(t);
      const text = 'ab c d efg hij '.repeat(5000).replaceAll(/e/g, () => 'e');
      const source = makeTree(t, { 'a.css': text });
      await run(server, { source, compress, gzipLevel: 9, brLevel: 11, zstdLevel: 19 });
      server.clearRequests();
      const second = await run(server, { source, compress, gzipLevel: 1, brLevel: 0, zstdLevel: 1 });
      assert.deepEqual(second.keys('skip'), ['a.css']);
      assert.equal(server.count('PutObject'), 0);
    });

    it('sends what has changed', async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { 'a.css': CSS });
      await run(server, { source, compress });
      addFiles(source, { 'a.css': `${CSS}/**/` });
      const second = await run(server, { source, compress });
      assert.deepEqual(second.keys('put'), ['a.css']);
      assert.equal(second.reasonOf('a.css'), 'content differs');
    });

    it('takes streams and large bodies, which go through a file', async (t) => {
      const server = await serverFor(t);
      const large = CSS.repeat(2_000);
      const source = (): PutOptions['source'] => [
        { key: 'a.css', body: Readable.from([CSS]) },
        { key: 'b.css', body: large },
        { key: 'c.css', body: Readable.from([large.slice(0, 100), large.slice(100)]) },
      ];
      const options = { compress, multipartThreshold: '5MiB' };
      await run(server, { source: source(), ...options });
      for (const [key, text] of [
        ['a.css', CSS],
        ['b.css', large],
        ['c.css', large],
      ] as const) {
        const stored = server.object('site', key);
        assert.equal(stored?.headers['content-encoding'], compress, key);
        assert.equal(decoded(compress, stored?.body ?? Buffer.alloc(0)) === text, true, key);
      }
      server.clearRequests();
      assert.deepEqual((await run(server, { source: source(), ...options })).keys('skip'), ['a.css', 'b.css', 'c.css']);
    });
  });
}

describe('a change of the encoding', () => {
  const settings: readonly (Pick<PutOptions, 'compress' | 'gzip'> & { readonly name: string })[] = [
    { name: 'none' },
    { name: 'gzip', gzip: true },
    ...ENCODINGS.map((compress) => ({ name: compress, compress })),
  ];
  for (const updateHeaders of [false, true])
    for (const compare of ['content', 'size'] as const)
      for (const from of settings)
        for (const to of settings) {
          if (from.name === to.name) continue;
          const title = `from ${from.name} to ${to.name} sends the object, compared by ${compare}${updateHeaders ? ' and headers' : ''}`;
          it(title, async (t) => {
            const server = await serverFor(t);
            const large = CSS.repeat(50);
            const source = makeTree(t, { 'a.css': CSS, 'b.css': large });
            const { name: _from, ...before } = from;
            const { name, ...after } = to;
            await run(server, { source, ...before });
            const second = await run(server, { source, ...after, compare, updateHeaders });
            assert.deepEqual(second.keys('put'), ['a.css', 'b.css']);
            const encoding = name === 'none' ? undefined : name;
            for (const [key, text] of [
              ['a.css', CSS],
              ['b.css', large],
            ] as const) {
              const stored = server.object('site', key);
              assert.equal(stored?.headers['content-encoding'], encoding);
              assert.equal(decoded(encoding, stored?.body ?? Buffer.alloc(0)), text);
            }
            server.clearRequests();
            const third = await run(server, { source, ...after, compare, updateHeaders });
            assert.deepEqual(third.keys('skip'), ['a.css', 'b.css']);
            assert.equal(server.count('PutObject'), 0);
          });
        }

  it('has a reason of its own', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS });
    const reasons: (string | undefined)[] = [];
    for (const options of [{}, { compress: 'gzip' }, { compress: 'br' }] as const)
      reasons.push((await run(server, { source, ...options })).reasonOf('a.css'));
    assert.deepEqual(reasons, ['new', 'encoding differs', 'encoding differs']);
  });

  it('back to what another tool has stored compares by bytes, and repairs a header that is missing', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS });
    await run(server, { source, compress: 'br' });
    const bytes = server.object('site', 'a.css')?.body ?? Buffer.alloc(0);
    const type = { 'Content-Type': 'text/css; charset=utf-8' };
    await run(server, { source: [{ key: 'a.css', body: bytes, headers: type }], mode: 'stupid' });
    assert.equal(server.object('site', 'a.css')?.headers['content-encoding'], undefined);
    const ran = await run(server, { source, compress: 'br', updateHeaders: true });
    assert.deepEqual([ran.reasonOf('a.css'), ran.outcomes[0]?.action], ['headers differ', 'put']);
    assert.equal(server.object('site', 'a.css')?.headers['content-encoding'], 'br');
  });

  it('is no other content of a name with a hash', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'app-1a2b3c4d5e6f7a8b.css': CSS });
    await run(server, { source, preset: 'site' });
    const { events } = await run(server, { source, preset: 'site', compress: 'br' });
    assert.ok(!events.some((event) => event.type === 'warning' && event.code === 'hashed-name-reused'));
    assert.equal(server.object('site', 'app-1a2b3c4d5e6f7a8b.css')?.headers['content-encoding'], 'br');
  });
});

describe('br for a whole run', () => {
  it('is for what browsers alone read', async (t) => {
    const server = await serverFor(t);
    const yes = ['a.html', 'a.css', 'a.js', 'a.mjs', 'a.svg', 'a.wasm', 'a.json', 'a.js.map'];
    const no = [
      'a.txt',
      'a.xml',
      'a.ttf',
      'a.png',
      'robots.txt',
      'docs/robots.txt',
      'sitemap.xml',
      'sitemap-0.txt',
      'feed.xml',
      'feed.json',
      'news.rss',
      '.well-known/assetlinks.json',
      'apple-app-site-association',
    ];
    const source = makeTree(t, Object.fromEntries([...yes, ...no].map((name) => [name, CSS])));
    await run(server, { source, compress: 'br' });
    const stored = server
      .keys('site')
      .filter((key) => server.object('site', key)?.headers['content-encoding'] === 'br');
    assert.deepEqual(stored.toSorted(), yes.toSorted());
  });

  it('and a rule of its own takes all but what is compressed in itself, and what programs read by its name', async (t) => {
    const server = await serverFor(t);
    const names = ['a.txt', 'a.xml', 'a.bin', 'a.png', 'a.woff2', 'robots.txt', '.well-known/x.json'];
    const source = makeTree(t, Object.fromEntries(names.map((name) => [name, CSS])));
    await run(server, { source, rules: [{ match: '**', compress: 'br' }] });
    const stored = server
      .keys('site')
      .filter((key) => server.object('site', key)?.headers['content-encoding'] === 'br');
    assert.deepEqual(stored.toSorted(), ['a.bin', 'a.txt', 'a.xml']);
  });

  it('gives way to rules and items', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS, 'b.css': CSS, 'c.css': CSS });
    const rules = [
      { match: 'b.css', compress: false as const },
      { match: 'c.css', gzip: true },
    ];
    await run(server, { source, compress: 'br', rules });
    const items = [{ key: 'd.css', body: CSS, compress: 'gzip' as const }];
    await run(server, { source: items, compress: 'br', rules: [{ match: '*', compress: false }] });
    const encodings = ['a.css', 'b.css', 'c.css', 'd.css'].map(
      (key) => server.object('site', key)?.headers['content-encoding'],
    );
    assert.deepEqual(encodings, ['br', undefined, 'gzip', 'gzip']);
  });

  it('keeps the result only where it is smaller', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': 'a', 'b.css': '' });
    await run(server, { source, compress: 'br' });
    assert.equal(server.object('site', 'a.css')?.headers['content-encoding'], undefined);
    assert.deepEqual((await run(server, { source, compress: 'br' })).keys('skip'), ['a.css', 'b.css']);
  });
});

describe('wrong options', () => {
  const rows: readonly (readonly [string, Partial<PutOptions>, RegExp])[] = [
    ['both options', { gzip: true, compress: 'br' }, /gzip and compress are given together/],
    ['both options for gzip', { gzip: ['text/css'], compress: 'gzip' }, /gzip and compress are given together/],
    ['both in one rule', { rules: [{ match: '*', gzip: 'all', compress: 'br' }] }, /Rule 1.*gzip and compress/],
    ['another coding', { compress: 'deflate' as never }, /compress "deflate" is unknown/],
    ['another coding in a rule', { rules: [{ match: '*', compress: 'brotli' as never }] }, /Rule 1.*compress "brotli"/],
    ['no coding', { compress: true as never }, /compress is true, which names no coding/],
    ['a level of br', { brLevel: 12 }, /brLevel is 12; it must be a whole number from 0/],
    ['a level of zstd', { zstdLevel: 20 }, /zstdLevel is 20; it must be a whole number from 1/],
    ['a level of zstd', { zstdLevel: 0 }, /zstdLevel is 0/],
    ['a kind of copies', { precompressed: 'both' as never }, /precompressed "both" is unknown/],
    [
      'zstd where Node has none',
      { compress: 'zstd' },
      canWriteZstd(zlib) ? /^$/ : /compress is "zstd", which Node v\S+ cannot write/,
    ],
  ];
  for (const [what, options, message] of rows)
    it(`${what} is refused before anything is sent`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { 'a.css': CSS });
      const outcome = await run(server, { source, ...options }).then(
        () => '',
        (error: Error) => error.message,
      );
      assert.match(outcome, message);
      if (outcome !== '') assert.equal(server.requests.length, 0);
    });

  it('one that is off says nothing', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.css': CSS });
    await run(server, { source, gzip: false, compress: 'br' });
    assert.equal(server.object('site', 'a.css')?.headers['content-encoding'], 'br');
    await run(server, { source, gzip: true, compress: false });
    assert.equal(server.object('site', 'a.css')?.headers['content-encoding'], 'gzip');
  });

  it('an item with both fails by its name', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: [{ key: 'a.css', body: CSS, gzip: true, compress: 'br' }] });
    assert.match(ran.reasonOf('a.css') ?? '', /gzip and compress are given together/);
  });
});

it('a stream of gzip bytes that is too long for memory is sent as it is, and gets its encoding', async (t) => {
  const server = await serverFor(t);
  const noise = Buffer.alloc(7 * 1024 * 1024);
  for (let at = 0; at < noise.length; at += 4) noise.writeUInt32LE(Math.imul(at + 1, 2_654_435_761) >>> 0, at);
  const zipped = zlib.gzipSync(noise, { level: 1 });
  assert.ok(zipped.length > 6 * 1024 * 1024);
  for (const options of [{ gzip: true }, { compress: 'br' }, {}] as const) {
    const source = [{ key: 'a.json', body: Readable.from([zipped]) }];
    const ran = await run(server, { source, multipartThreshold: '5MiB', mode: 'stupid', ...options });
    assert.deepEqual(ran.keys('put'), ['a.json']);
    const stored = server.object('site', 'a.json');
    assert.equal(stored?.headers['content-encoding'], 'gzip');
    assert.equal(stored?.body.equals(zipped), true);
  }
});
