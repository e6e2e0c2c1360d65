import assert from 'node:assert/strict';
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { put } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

describe('a list of files', () => {
  it('is all that is put, merged with the listing', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: 'a', 'b/c': 'c', 'b/d': 'd', 'b-e': 'e' });
    const options = { source, prefix: 'p', filesFrom: ['b/d', './a', 'b-e', 'a'] };
    const first = await run(server, options);
    assert.equal(first.error, undefined);
    assert.deepEqual(server.keys('site'), ['p/a', 'p/b-e', 'p/b/d']);
    const again = await run(server, options);
    assert.deepEqual(again.keys('skip'), ['p/a', 'p/b-e', 'p/b/d']);
    assert.deepEqual([server.count('HeadObject'), server.count('PutObject')], [0, 3]);
  });

  it('goes on after a path that does not exist, which fails by name', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: 'a', z: 'z' });
    const { error, report, keys } = await run(server, { source, filesFrom: ['a', 'gone', 'z'] });
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual([keys('put').sort(), keys('fail')], [['a', 'z'], ['gone']]);
    const [failure] = report.failures;
    assert.deepEqual([failure?.code, failure?.origin], ['ENOENT', `${source}/gone`]);
    assert.match(failure?.hint ?? '', /relative to the source/);
  });

  it('follows filters, sizes, the limit, hooks and the base of keys as a walk does', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: 'a', b: 'bb', c: 'ccc', '.d': 'd', '.git/e': '' });
    const put = async (options: object) => {
      const all = { source, filesFrom: ['.d', '.git/e', 'a', 'b', 'c'], dryRun: true, mode: 'stupid', ...options };
      return (await run(server, all as Parameters<typeof run>[1])).keys('put').sort();
    };
    assert.deepEqual(await put({}), ['.d', 'a', 'b', 'c']);
    assert.deepEqual(await put({ hidden: false, exclude: 'b' }), ['a', 'c']);
    assert.deepEqual(await put({ minSize: 2, maxSize: 2 }), ['b']);
    assert.deepEqual(await put({ limit: 2 }), ['.d', 'a']);
    assert.deepEqual(await put({ rules: [{ match: '[abc]', skip: true }] }), ['.d']);
    assert.deepEqual(await put({ key: ({ key }: { key: string }) => `x${key}`, exclude: '.*' }), ['xa', 'xb', 'xc']);
  });

  it('that is empty is a source without files', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { a: 'a' });
    const { error } = await run(server, { source, filesFrom: [] });
    assert.equal(error?.code, 'NoFilesFound');
    assert.match(error?.message ?? '', /list of files names none/);
    assert.equal((await run(server, { source, filesFrom: [], ifNoFilesFound: 'ignore' })).error, undefined);
    assert.deepEqual(server.requests, []);
  });

  it('is refused before any request where it names a directory or something outside, or has no directory', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'src/b/c': 'c', 'src/a': 'a', outside: 'o', 'x.tar': '', 'x.tar.gz': '' });
    const rows: readonly (readonly [source: string, path: string, expected: RegExp])[] = [
      ['src', 'b', /lists "b", which is a directory/],
      ['src', '../outside', /segment/],
      ['src', `${root}/outside`, /not in the source/],
      ['src/a', 'a', /is no directory/],
      ['x.tar', 'a', /is no directory/],
      ['x.tar.gz', 'a', /is no directory/],
      ['gone', 'a', /does not exist/],
    ];
    for (const [source, path, expected] of rows) {
      const { error } = await run(server, { source: `${root}/${source}`, filesFrom: ['a', path] });
      assert.equal(error?.name, 'UsageError', `${source} ${path}`);
      assert.match(error?.message ?? '', expected);
    }
    const options = { bucket: 'site', filesFrom: ['a'] };
    assert.throws(() => put({ ...options, source: [root, `${root}/src`] }), /there are 2 sources/);
    assert.throws(() => put({ ...options, source: [{ key: 'a', body: 'b' }] }), /the source is items/);
    assert.throws(() => put({ ...options, source: root, as: 'k' }), /as is the key of one file/);
    assert.throws(() => put({ ...options, source: root, filesFrom: 'a' as never }), /must be a list of paths/);
    assert.deepEqual(server.requests, []);
  });

  it('is taken from a directory with the name of an archive', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'x.tar.gz/a': 'a', 'x.tar.gz/b': 'b' });
    assert.deepEqual((await run(server, { source: `${root}/x.tar.gz`, filesFrom: ['b'] })).keys('put'), ['b']);
  });

  if (process.platform !== 'win32')
    it('never leads out of the source through a link that takes the place of a folder meanwhile', async (t) => {
      for (const event of ['phase', 'request'] as const) {
        const server = await serverFor(t);
        const root = makeTree(t, { 'src/b/secret': 'inside', 'outside/secret': 'outside!' });
        let swapped = false;
        const { keys, report } = await run(server, {
          source: `${root}/src`,
          filesFrom: ['b/secret'],
          onEvent: (one) => {
            if (swapped || one.type !== event || (one.type === 'phase' && one.phase !== 'transfer')) return;
            swapped = true;
            renameSync(`${root}/src/b`, `${root}/old`);
            symlinkSync(`${root}/outside`, `${root}/src/b`);
          },
        });
        assert.deepEqual([swapped, keys('fail'), server.keys('site')], [true, ['b/secret'], []], event);
        assert.match(report.failures[0]?.message ?? '', /leads out of the source/);
        rmSync(root, { recursive: true });
      }
    });
});
