import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { whileLocked } from '../support/rights.js';
import { makeTree } from '../support/tree.js';

const posix = process.platform !== 'win32';
/** undici would be loaded late, and the checkout may lie where only root may read. */
const httpClient = 'sockets';

describe('the walk', () => {
  it('takes one source after the other in key order and lists each directory once', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'one/a/x': '1', 'one/a-b': '2', 'one/a.b': '3', 'two/a/y': '4', 'two/b': '5' });
    const { outcomes } = await run(server, { source: [`${root}/one`, `${root}/two`], concurrency: 1, mode: 'stupid' });
    assert.deepEqual(
      server.requests.map(({ key }) => key),
      ['a-b', 'a.b', 'a/x', 'a/y', 'b'],
    );
    assert.equal(outcomes.length, 5);
  });

  it('applies ordered globs and never opens an excluded directory', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { 'a.js': '', 'a.js.map': '', 'keep.map': '', 'node_modules/x.js': '' });
    const put = () => run(server, { source, exclude: ['**/*.map', '!keep.map', 'node_modules'], httpClient });
    const { error } = await whileLocked([`${source}/node_modules`], put);
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['a.js', 'keep.map']);
  });
});

if (posix)
  describe('links', () => {
    it('inside the source are followed, those that leave it or are broken fail by name', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'src/real/a': 'A', 'src/b': 'B', 'outside/c': 'C' });
      symlinkSync('real', `${root}/src/link`);
      symlinkSync('b', `${root}/src/b2`);
      symlinkSync('../outside/c', `${root}/src/out`);
      symlinkSync('gone', `${root}/src/broken`);
      const ran = await run(server, { source: `${root}/src` });
      assert.deepEqual(server.keys('site'), ['b', 'b2', 'link/a', 'real/a']);
      assert.deepEqual(ran.keys('fail'), ['broken', 'out']);
      assert.match(ran.reasonOf('out') ?? '', /outside\/c.*symlinks/);
      assert.match(ran.reasonOf('broken') ?? '', /gone.*symlinks/);
      assert.equal(ran.error?.name, 'PartialFailureError');
      const followed = await run(server, { source: `${root}/src`, prefix: 'f', symlinks: 'follow', exclude: 'broken' });
      assert.equal(followed.error, undefined);
      assert.equal(server.object('site', 'f/out')?.body.toString(), 'C');
      const skipped = await run(server, { source: `${root}/src`, prefix: 's', symlinks: 'skip' });
      assert.deepEqual(skipped.keys('put'), ['s/b', 's/real/a']);
      assert.equal(skipped.keys('skip').length, 4);
    });

    it('that loop end', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'a/b/file': '1' });
      symlinkSync('..', `${root}/a/b/up`);
      symlinkSync('self', `${root}/self`);
      const ran = await run(server, { source: root });
      assert.deepEqual(ran.keys('put'), ['a/b/file']);
      assert.deepEqual(ran.keys('fail'), ['self']);
      assert.match(ran.reasonOf('a/b/up/') ?? '', /loop/);
    });

    it('as sources are resolved first', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'real/a': 'A' });
      symlinkSync('real', `${root}/current`);
      const ran = await run(server, { source: `${root}/current` });
      assert.deepEqual(ran.keys('put'), ['a']);
      symlinkSync('nothing', `${root}/dangling`);
      assert.match((await run(server, { source: `${root}/dangling` })).error?.message ?? '', /broken symlink/);
    });
  });

if (posix)
  describe('what cannot be read', () => {
    it('a socket and a FIFO are reported and skipped, unless excluded', async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { file: '1' });
      execFileSync('mkfifo', [`${source}/pipe`]);
      const socket = createServer().listen(`${source}/sock`);
      t.after(() => socket.close());
      const ran = await run(server, { source });
      assert.equal(ran.error, undefined);
      assert.deepEqual(ran.keys('skip'), ['pipe', 'sock']);
      assert.match(ran.reasonOf('pipe') ?? '', /FIFO/);
      assert.match(ran.reasonOf('sock') ?? '', /socket/);
      assert.deepEqual((await run(server, { source, exclude: ['pipe', 'sock'] })).keys('skip'), ['file']);
    });

    it('an unreadable file and directory fail by key, and the rest is put', async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { good: '1', secret: '2', 'locked/x': '3', 'z/last': '4' });
      const ran = await whileLocked([`${source}/secret`, `${source}/locked`], () =>
        run(server, { source, prefix: 'p', httpClient }),
      );
      assert.deepEqual(server.keys('site'), ['p/good', 'p/z/last']);
      assert.deepEqual(ran.keys('fail'), ['p/locked/', 'p/secret']);
      assert.match(ran.reasonOf('p/secret') ?? '', /permission denied/);
      assert.equal(
        ran.report.failures.every(({ code }) => code === 'EACCES'),
        true,
      );
    });

    // Only Linux lets names be any bytes.
    if (process.platform === 'linux')
      it('a name that is not UTF-8 fails with its bytes escaped', async (t) => {
        const server = await serverFor(t);
        const source = makeTree(t, { fine: '1', 'really-\uFFFD': '2' });
        writeFileSync(Buffer.concat([Buffer.from(`${source}/bad-`), Buffer.from([0xff, 0xfe])]), 'x');
        mkdirSync(Buffer.concat([Buffer.from(`${source}/dir-`), Buffer.from([0xe9])]));
        const ran = await run(server, { source });
        assert.deepEqual(ran.keys('put'), ['fine', 'really-\uFFFD']);
        assert.deepEqual(ran.keys('fail'), ['bad-\\xff\\xfe', 'dir-\\xe9']);
      });

    it('a file that a FIFO replaced after the walk fails and blocks nothing', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'src/a': '1', 'src/b': '2' });
      execFileSync('mkfifo', [`${root}/fifo`]);
      const headers = ({ relativePath }: { relativePath: string }) => {
        if (relativePath === 'b') renameSync(`${root}/fifo`, `${root}/src/b`);
        return undefined;
      };
      const ran = await run(server, { source: `${root}/src`, headers });
      assert.deepEqual(ran.keys('put'), ['a']);
      assert.deepEqual(ran.keys('fail'), ['b']);
      assert.match(ran.reasonOf('b') ?? '', /no longer a regular file/);
    });
  });
