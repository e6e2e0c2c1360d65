import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { describe, it } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

describe('keys', () => {
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

  it('that a key hook gives twice are an error before any request', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b' });
    const { error } = await run(server, { source, key: () => 'same' });
    assert.equal(error?.name, 'UsageError');
    assert.match(error?.message ?? '', /a\.txt and .*b\.txt/);
    assert.equal(server.requests.length, 0);
  });
});
