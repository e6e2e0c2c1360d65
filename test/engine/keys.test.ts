import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

describe('keys', () => {
  it('are the prefix and the path relative to the source, however source and prefix are written', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'public/index.html': 'i', 'public/a/b.html': 'b' });
    const sources = [
      `${root}/public`,
      `${root}/public/`,
      `${root}/./public`,
      relative(process.cwd(), `${root}/public`),
    ];
    for (const source of sources) {
      for (const prefix of ['site', 'site/', '/site']) {
        const { report } = await run(server, { source, prefix, mode: 'stupid' });
        assert.equal(report.counts.put, 2);
        assert.deepEqual(server.keys('site'), ['site/a/b.html', 'site/index.html']);
      }
    }
  });

  it('have nothing in front without a prefix', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'index.html': 'i', 'a/b.html': 'b' });
    await run(server, { source });
    assert.deepEqual(server.keys('site'), ['a/b.html', 'index.html']);
  });

  it('take bucket and prefix from an s3:// address', async (t) => {
    const server = await serverFor(t);
    await run(server, { source: makeTree(t, { x: '1' }), bucket: 's3://site/deep/er' });
    assert.deepEqual(server.keys('site'), ['deep/er/x']);
  });

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

  it('are byte for byte what the names are, whatever Unicode they hold', async (t) => {
    const server = await serverFor(t);
    const names = [
      'with space.txt',
      'a+b',
      '100%',
      'c#d',
      'e&f',
      '你好.txt',
      '😀.txt',
      'e\u0301-nfd',
      '\u00e9-nfc',
      "quo'te",
      'semi;colon',
      'tilde~',
      '(paren)',
      'at@=,$',
      'ｆｕｌｌ',
    ];
    const source = makeTree(t, Object.fromEntries(names.map((name) => [name, name])));
    const first = await run(server, { source, prefix: 'ü ber' });
    assert.equal(first.error, undefined);
    assert.deepEqual(
      server.keys('site'),
      names.map((name) => `ü ber/${name}`).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    const second = await run(server, { source, prefix: 'ü ber' });
    assert.equal(second.report.counts.skip, names.length);
    assert.equal(server.count('PutObject'), names.length);
  });

  it('of random trees come back from a second run as unchanged', async (t) => {
    const server = await serverFor(t, { mode: { pageSize: 3 } });
    const segment = fc
      .string({
        unit: fc.constantFrom('a', 'b', '-', '.', '0', 'é', '你', '😀', 'ﬀ', ' ', '+', '%'),
        minLength: 1,
        maxLength: 4,
      })
      .filter((name) => !/^\.+$/.test(name) && !name.startsWith('._'));
    const paths = fc.uniqueArray(
      fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      { minLength: 1, maxLength: 25 },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(paths, async (all) => {
        const files = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)));
        const source = makeTree(t, Object.fromEntries(files.map((path) => [path, path])));
        const prefix = `p${round++}`;
        const first = await run(server, { source, prefix });
        assert.deepEqual(first.keys('put'), files.map((path) => `${prefix}/${path}`).sort());
        const order = first.outcomes.length;
        const second = await run(server, { source, prefix });
        assert.equal(second.report.counts.skip, order);
        assert.equal(second.report.requests.PutObject, undefined);
      }),
      { numRuns: 15 },
    );
  });

  it('come from the key hook where there is one', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' });
    const key = ({ relativePath }: { relativePath: string }) =>
      relativePath === 'c.txt' ? undefined : `other/${relativePath}`;
    await run(server, { source, prefix: 'p', key });
    assert.deepEqual(server.keys('site'), ['other/a.txt', 'other/b.txt', 'p/c.txt']);
    const again = await run(server, { source, prefix: 'p', key });
    assert.equal(again.report.counts.skip, 3);
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
