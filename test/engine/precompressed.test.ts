import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import { run, serverFor } from '../support/engine.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const JS = 'console.log("hello");\n'.repeat(50);
const GZ = gzipSync(JS);
const BR = brotliCompressSync(JS);
/** Not what zstd writes: nothing here decodes it, only its first bytes are looked at. */
const ZST = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(40, 1)]);
const SCRIPT = 'text/javascript; charset=utf-8';

/** Key → encoding and type of each object. */
function stored(server: S3Server): Record<string, readonly [string | undefined, string | undefined]> {
  return Object.fromEntries(
    server.keys('site').map((key) => {
      const { headers } = server.object('site', key) ?? { headers: {} as Record<string, string> };
      return [key, [headers['content-encoding'], headers['content-type']]];
    }),
  );
}

const SITE = {
  'app.js': JS,
  'app.js.br': BR,
  'app.js.gz': GZ,
  'app.js.zst': ZST,
  'lone.js.gz': GZ,
  'z/page.html': '<p>Hello',
  'z/page.html.gz': gzipSync('<p>Hello'),
};

describe('a copy without bytes', () => {
  for (const precompressed of ['separate', 'replace'] as const)
    it(`fails by its name, with ${precompressed}`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { 'app.js': JS, 'app.js.br': '', 'b.css': '', 'lone.js.br': '' });
      const { report } = await run(server, { source, precompressed });
      assert.deepEqual(
        report.failures.map(({ origin, code }) => [origin, code]),
        [[join(source, 'app.js.br'), 'EncodingMismatch']],
      );
      const others = precompressed === 'separate' ? ['app.js', 'b.css', 'lone.js.br'] : ['b.css', 'lone.js.br'];
      assert.deepEqual(server.keys('site'), others);
    });
});

describe('precompressed: separate', () => {
  it('says of copies that were put as files before that their headers were not compared', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'app.js': JS, 'app.js.gz': GZ });
    await run(server, { source });
    const { report } = await run(server, { source, precompressed: 'separate' });
    assert.deepEqual(report.reasons, { 'same content': 1, 'same content, headers not compared': 1 });
    const { keys } = await run(server, { source, precompressed: 'separate', updateHeaders: true });
    assert.deepEqual(keys('put'), ['app.js.gz']);
    assert.deepEqual(stored(server)['app.js.gz'], ['gzip', SCRIPT]);
  });

  it('gives each copy beside its file a key, with the type of the file and its encoding', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const ran = await run(server, { source, precompressed: 'separate' });
    assert.deepEqual(stored(server), {
      'app.js': [undefined, SCRIPT],
      'app.js.br': ['br', SCRIPT],
      'app.js.gz': ['gzip', SCRIPT],
      'app.js.zst': ['zstd', SCRIPT],
      'lone.js.gz': [undefined, 'application/gzip'],
      'z/page.html': [undefined, 'text/html; charset=utf-8'],
      'z/page.html.gz': ['gzip', 'text/html; charset=utf-8'],
    });
    assert.deepEqual(server.object('site', 'app.js.br')?.body, BR);
    assert.equal(
      ran.report.sourceBytes,
      Object.values(SITE).reduce((sum, body) => sum + body.length, 0),
    );
    server.clearRequests();
    const second = await run(server, { source, precompressed: 'separate' });
    assert.deepEqual([second.keys('skip').length, server.count('PutObject')], [7, 0]);
  });

  it('compresses no copy again, and no file in another way', async (t) => {
    const server = await serverFor(t);
    await run(server, { source: makeTree(t, SITE), precompressed: 'separate', compress: 'br' });
    assert.deepEqual(stored(server)['app.js.gz'], ['gzip', SCRIPT]);
    assert.deepEqual(stored(server)['app.js'], ['br', SCRIPT]);
  });

  it('goes by names in archives, items and single files, because what is beside them is not known', async (t) => {
    const server = await serverFor(t);
    const tar = makeTar([
      { name: 'lone.js.gz', body: GZ },
      { name: 'data.tar.gz', body: GZ },
    ]);
    const root = makeTree(t, {
      'a.tar': tar,
      'a.tar.gz': gzipSync(makeTar([{ name: 'b.css.br', body: BR }])),
      'c.js.br': BR,
    });
    await run(server, {
      source: [join(root, 'a.tar'), join(root, 'a.tar.gz'), join(root, 'c.js.br')],
      precompressed: 'separate',
    });
    await run(server, { source: [{ key: 'd.js.gz', body: GZ }], precompressed: 'separate' });
    assert.deepEqual(stored(server), {
      'b.css.br': ['br', 'text/css; charset=utf-8'],
      'c.js.br': ['br', SCRIPT],
      'd.js.gz': ['gzip', SCRIPT],
      'data.tar.gz': [undefined, 'application/gzip'],
      'lone.js.gz': ['gzip', SCRIPT],
    });
  });

  it('fails a copy that is not in its encoding', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.js': JS, 'a.js.gz': JS });
    const ran = await run(server, { source, precompressed: 'separate' });
    assert.deepEqual([ran.keys('put'), ran.keys('fail')], [['a.js'], ['a.js.gz']]);
    assert.match(ran.reasonOf('a.js.gz') ?? '', /a\.js\.gz is to get the Content-Encoding "gzip"/);
  });
});

describe('precompressed: replace', () => {
  it('gives the key of a file the best copy: br, then gzip, then zstd', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, {
      ...SITE,
      'b.js': JS,
      'b.js.gz': GZ,
      'b.js.zst': ZST,
      'c.js': JS,
      'c.js.zst': ZST,
    });
    const ran = await run(server, { source, precompressed: 'replace' });
    assert.deepEqual(stored(server), {
      'app.js': ['br', SCRIPT],
      'b.js': ['gzip', SCRIPT],
      'c.js': ['zstd', SCRIPT],
      'lone.js.gz': [undefined, 'application/gzip'],
      'z/page.html': ['gzip', 'text/html; charset=utf-8'],
    });
    assert.deepEqual(server.object('site', 'app.js')?.body, BR);
    assert.deepEqual(ran.outcomes.map(({ key }) => key).toSorted(), server.keys('site'));
    assert.equal(ran.report.sourceBytes, BR.length + GZ.length * 2 + ZST.length + gzipSync('<p>Hello').length);
    const totals = ran.events.flatMap((event) => (event.type === 'progress' ? [event.totalObjects] : []));
    assert.deepEqual(new Set(totals.filter((total) => total !== undefined)), new Set([5]));
    const app = ran.outcomes.find(({ key }) => key === 'app.js');
    assert.match(app?.origin ?? '', /app\.js\.br$/);
    server.clearRequests();
    const second = await run(server, { source, precompressed: 'replace' });
    assert.deepEqual([second.keys('skip').length, server.count('PutObject')], [5, 0]);
  });

  it('leaves alone what is no copy: archives, types that are compressed, names that programs know', async (t) => {
    const server = await serverFor(t);
    const names = ['a.tar', 'a.png', 'LICENSE', 'sitemap.xml', 'robots.txt', '.well-known/a.json', 'a.b'];
    const files = Object.fromEntries(
      names.flatMap((name) => [
        [name, JS],
        [`${name}.gz`, GZ],
      ]),
    );
    for (const precompressed of ['replace', 'separate'] as const) {
      await run(server, { source: makeTree(t, files), precompressed, mode: 'stupid' });
      assert.deepEqual(server.keys('site'), Object.keys(files).toSorted());
      for (const [encoding] of Object.values(stored(server))) assert.equal(encoding, undefined);
    }
  });

  it('goes by what is put: without its file a copy is a file, and a copy that is left out replaces nothing', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    await run(server, { source, precompressed: 'replace', exclude: ['app.js', '*.html.gz'] });
    assert.deepEqual(Object.keys(stored(server)), [
      'app.js.br',
      'app.js.gz',
      'app.js.zst',
      'lone.js.gz',
      'z/page.html',
    ]);
    assert.deepEqual(stored(server)['z/page.html'], [undefined, 'text/html; charset=utf-8']);
    const rules = [{ match: '*.br', skip: true }];
    await run(server, { source, precompressed: 'replace', rules });
    assert.deepEqual(stored(server)['app.js'], ['gzip', SCRIPT]);
  });

  it('with delete removes the keys of copies, which are none', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'app.js': JS, 'app.js.gz': GZ });
    await run(server, { source, prefix: '', precompressed: 'separate' });
    assert.deepEqual(server.keys('site'), ['app.js', 'app.js.gz']);
    const ran = await run(server, { source, prefix: '', precompressed: 'replace', delete: true });
    assert.deepEqual([ran.keys('put'), ran.keys('delete')], [['app.js'], ['app.js.gz']]);
    assert.deepEqual(server.keys('site'), ['app.js']);
  });

  it('keeps phases, clean URLs and their order', async (t) => {
    const server = await serverFor(t);
    const page = gzipSync('<p>Hello');
    const files = {
      'about.html': '<p>Hello',
      'about.html.gz': page,
      'docs/index.html': '<p>Hello',
      'docs/index.html.gz': page,
    };
    const source = makeTree(t, { ...files, 'app.js': JS, 'app.js.br': BR });
    await run(server, { source, precompressed: 'replace', order: 'site', cleanUrls: 'both' });
    const html = ['gzip', 'text/html; charset=utf-8'];
    assert.deepEqual(stored(server), {
      about: html,
      'app.js': ['br', SCRIPT],
      'docs/': html,
      'docs/index.html': html,
    });
    assert.deepEqual(
      (await run(server, { source, precompressed: 'replace', order: 'site', cleanUrls: 'both' })).keys('put'),
      [],
    );
  });

  it('follows links that stay in the source', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.js': JS, 'elsewhere/x.br': BR });
    symlinkSync(join('elsewhere', 'x.br'), join(source, 'a.js.br'));
    await run(server, { source, precompressed: 'replace', exclude: ['elsewhere'] });
    assert.deepEqual(stored(server), { 'a.js': ['br', SCRIPT] });
  });

  it('is refused for sources of which it is not known what is beside a file', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'a.tar': makeTar([{ name: 'a.js', body: JS }]), 'b.js': JS, 'b.js.gz': GZ });
    for (const source of [join(root, 'a.tar'), join(root, 'b.js'), [{ key: 'a.js', body: JS }]])
      await assert.rejects(
        async () => run(server, { source, precompressed: 'replace' }),
        /precompressed: 'replace' needs directories, and (".*a\.tar" is an archive|".*b\.js" is one file, beside which is ".*b\.js\.gz"|a source is items)/,
      );
    assert.equal(server.requests.length, 0);
  });

  it('is taken for a file without copies', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'a.js': JS });
    await run(server, { source: join(root, 'a.js'), precompressed: 'replace' });
    assert.deepEqual(server.keys('site'), ['a.js']);
  });
});

it('a change of the copy that is sent is a change of the object', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'app.js': JS, 'app.js.gz': GZ });
  for (const [options, encoding] of [
    [{}, undefined],
    [{ precompressed: 'replace' }, 'gzip'],
    [{ compress: 'br' }, 'br'],
    [{ precompressed: 'replace', compress: 'br' }, 'gzip'],
    [{}, undefined],
  ] as const) {
    const ran = await run(server, { source, ...options });
    assert.ok(ran.keys('put').includes('app.js'));
    assert.equal(stored(server)['app.js']?.[0], encoding);
  }
});
