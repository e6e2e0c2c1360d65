import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { PutOptions } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const linux = process.platform === 'linux';
const posix = process.platform !== 'win32';

/** Calls something once, before the given file is read: its headers are made after the walk has found it. */
function before(path: string, act: () => void): Pick<PutOptions, 'headers'> {
  let done = false;
  return {
    headers: ({ relativePath }) => {
      if (relativePath === path && !done) {
        done = true;
        act();
      }
      return undefined;
    },
  };
}

if (linux)
  describe('files that say another size than they hold', () => {
    const version = readFileSync('/proc/version');

    for (const [name, source] of [
      ['as the source', '/proc/version'],
      ['as an item', [{ key: 'version', body: { path: '/proc/version' } }]],
    ] as const)
      it(`an empty size is no proof: /proc/version ${name} is read to its end, and compared by its bytes`, async (t) => {
        const server = await serverFor(t);
        const first = await run(server, { source: source as PutOptions['source'] });
        assert.equal(first.error, undefined);
        assert.ok(server.object('site', 'version')?.body.equals(version));
        assert.equal(first.outcomes[0]?.bytes, version.length);
        const second = await run(server, { source: source as PutOptions['source'] });
        assert.deepEqual(second.keys('skip'), ['version']);
        await run(server, { source: [{ key: 'version', body: '' }] });
        assert.equal(server.object('site', 'version')?.body.length, 0);
        const third = await run(server, { source: source as PutOptions['source'], syncReads: false });
        assert.deepEqual(third.keys('put'), ['version']);
        assert.ok(server.object('site', 'version')?.body.equals(version));
      });

    it('a link to such a file is read to its end too, and an empty file stays one', async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { empty: '' });
      symlinkSync('/proc/version', join(source, 'linked'));
      await run(server, { source, symlinks: 'follow' });
      assert.ok(server.object('site', 'linked')?.body.equals(version));
      assert.equal(server.object('site', 'empty')?.body.length, 0);
      const again = await run(server, { source, symlinks: 'follow', minSize: 1 });
      assert.deepEqual(again.keys('skip'), ['linked']);
    });

    it('a file of /sys says a page and holds less', {
      skip: !isFile('/sys/kernel/mm/transparent_hugepage/enabled') && 'there is no such file',
    }, async (t) => {
      const source = '/sys/kernel/mm/transparent_hugepage/enabled';
      const server = await serverFor(t);
      await run(server, { source });
      assert.ok(server.object('site', 'enabled')?.body.equals(readFileSync(source)));
      assert.deepEqual((await run(server, { source })).keys('skip'), ['enabled']);
    });
  });

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

describe('files that change while they are read', () => {
  for (const syncReads of [true, false])
    it(`a file that is rewritten in place, with its times set back, is no mix ${syncReads ? '' : '(thread pool)'}`, async (t) => {
      const size = 3 * 1024 * 1024;
      const server = await serverFor(t);
      const source = makeTree(t, { a: Buffer.alloc(size, 'a'), b: 'b' });
      const path = join(source, 'a');
      const times = statSync(path);
      let writing = true;
      let letter = 98;
      const write = (): void => {
        if (!writing) return;
        const fd = openSync(path, 'r+');
        writeSync(fd, Buffer.alloc(size, letter++));
        closeSync(fd);
        utimesSync(path, times.atime, times.mtime);
        setImmediate(write);
      };
      write();
      const ran = await run(server, { source, mode: 'stupid', syncReads, multipartThreshold: 64 * 1024 * 1024 });
      writing = false;
      const stored = server.object('site', 'a')?.body;
      if (stored === undefined) assert.equal(ran.report.failures[0]?.code, 'SourceChanged');
      else
        assert.ok(
          stored.every((byte) => byte === stored[0]),
          'the object is a mix',
        );
      assert.deepEqual(server.object('site', 'b')?.body.toString(), 'b');
    });

  it('a file that another file replaces, of the same size and time, is put as it is then', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'src/a': 'one', new: 'two' });
    const { mtime } = statSync(join(root, 'src/a'));
    const replace = (): void => {
      utimesSync(join(root, 'new'), mtime, mtime);
      renameSync(join(root, 'new'), join(root, 'src/a'));
    };
    const ran = await run(server, { source: join(root, 'src'), ...before('a', replace) });
    assert.equal(ran.error, undefined);
    assert.equal(server.object('site', 'a')?.body.toString(), 'two');
  });
});

if (posix)
  describe('what becomes a symlink during the run', () => {
    for (const syncReads of [true, false])
      for (const symlinks of ['inside', 'skip'] as const)
        it(`is not read where it leads out of the source: ${symlinks}, ${syncReads ? 'synchronously' : 'thread pool'}`, async (t) => {
          const server = await serverFor(t);
          const root = makeTree(t, {
            'src/d/x': 'fine',
            'src/f': 'fine',
            'src/g': 'g',
            'out/x': 'evil',
            'out/f': 'evil',
          });
          const swap = (): void => {
            renameSync(join(root, 'src/d'), join(root, 'd'));
            symlinkSync('../out', join(root, 'src/d'));
            renameSync(join(root, 'src/f'), join(root, 'f'));
            symlinkSync('../out/f', join(root, 'src/f'));
          };
          const ran = await run(server, { source: join(root, 'src'), symlinks, syncReads, ...before('d/x', swap) });
          assert.deepEqual(ran.keys('fail'), ['d/x', 'f']);
          assert.deepEqual(server.keys('site'), ['g']);
          for (const { code, message, hint } of ran.report.failures) {
            assert.equal(code, 'SymlinkOutside');
            assert.match(message, symlinks === 'skip' ? /become a symlink.*out/ : /leads out of the source.*out/);
            assert.ok(hint !== undefined);
          }
        });

    it('is read where links may lead anywhere, or where it leads to another file of the source', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'src/a': 'one', 'src/b': 'two', 'out/a': 'three' });
      const link = (target: string) => (): void => {
        renameSync(join(root, 'src/a'), join(root, 'old'));
        symlinkSync(target, join(root, 'src/a'));
      };
      const inside = await run(server, { source: join(root, 'src'), ...before('a', link('b')) });
      assert.equal(inside.error, undefined);
      assert.equal(server.object('site', 'a')?.body.toString(), 'two');
      const out = await run(server, {
        source: join(root, 'src'),
        symlinks: 'follow',
        mode: 'stupid',
        ...before('a', link('../out/a')),
      });
      assert.equal(out.error, undefined);
      assert.equal(server.object('site', 'a')?.body.toString(), 'three');
    });

    it('is not walked where a folder is replaced between survey and walk, or while its parent is walked', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'src/a/x': 'x', 'src/b/y': 'y', 'src/c': 'c', 'out/secret': 'evil' });
      const swap = (): void => {
        renameSync(join(root, 'src/b'), join(root, 'b'));
        symlinkSync('../out', join(root, 'src/b'));
      };
      const ran = await run(server, {
        source: join(root, 'src'),
        filter: ({ relativePath }) => {
          if (relativePath === 'a/x' && statSync(join(root, 'b'), { throwIfNoEntry: false }) === undefined) swap();
          return true;
        },
      });
      assert.deepEqual(ran.keys('fail'), ['b']);
      assert.deepEqual(server.keys('site'), ['a/x', 'c']);
    });

    it('a whole source that leads elsewhere than at its start fails, and is not a mix of both', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'v1/a': '1', 'v1/b': '1', 'v2/a': '2', 'v2/b': '2' });
      symlinkSync('v1', join(root, 'current'));
      const flip = (): void => {
        symlinkSync('v2', join(root, 'next'));
        renameSync(join(root, 'next'), join(root, 'current'));
      };
      const ran = await run(server, { source: join(root, 'current'), mode: 'stupid', ...before('a', flip) });
      assert.deepEqual(ran.keys('fail'), ['a', 'b']);
      assert.deepEqual(server.keys('site'), []);
    });
  });

if (posix)
  describe('links to folders that multiply the files', () => {
    function levels(t: Parameters<typeof makeTree>[0], depth: number, width: number): string {
      const root = makeTree(t, { 'pool/': '', 'src/own': 'x' });
      const level = (index: number): string => join(root, 'src', `level-${String(index).padStart(2, '0')}`);
      for (let index = 0; index <= depth; index++) mkdirSync(level(index));
      for (let index = 0; index < depth; index++)
        for (let link = 0; link < width; link++)
          symlinkSync(`../level-${String(index + 1).padStart(2, '0')}`, join(level(index), `l${link}`));
      writeFileSync(join(level(depth), 'file'), 'x');
      return join(root, 'src');
    }

    for (const [depth, width, why] of [
      [15, 2, /more than 8 links to folders.*level-00\/l0\/l0\/l0\/l0\/l0\/l0\/l0\/l0\/l0/],
      [8, 3, /more than 10 times as many.*the first folder that is reached again is .*level-0/],
      [6, 2, /more than 10 times/],
    ] as const)
      for (const symlinks of ['inside', 'follow'] as const)
        it(`${depth} levels of ${width} links stop the run before anything is sent (${symlinks})`, async (t) => {
          const server = await serverFor(t);
          const { error } = await run(server, { source: levels(t, depth, width), symlinks });
          assert.equal(error?.name, 'UsageError');
          assert.match(error?.message ?? '', why);
          assert.match(error?.hint ?? '', /exclude.*symlinks: 'skip'/);
          assert.equal(server.requests.length, 0);
          const skipped = await run(server, { source: levels(t, depth, width), symlinks: 'skip' });
          assert.equal(skipped.error, undefined);
        });

    for (const [what, file] of [
      ['no files', undefined],
      ['files that are left out', 'level-08/file'],
    ] as const)
      it(`links that multiply folders with ${what} stop the run too`, async (t) => {
        const server = await serverFor(t);
        const source = levels(t, 8, 8);
        if (file === undefined) rmSync(join(source, 'level-08/file'));
        const { error } = await run(server, { source, exclude: ['file'] });
        assert.equal(error?.name, 'UsageError');
        assert.match(error?.message ?? '', /more than 10 times as many folders as there are.*level-0/);
        assert.equal(server.requests.length, 0);
      });

    it('a few links to one folder, and many to different ones, are put', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'src/en/a': 'a', 'src/en/b': 'b', 'src/own': 'x' });
      for (let index = 0; index < 12; index++) symlinkSync('en', join(root, `src/lang-${index}`));
      for (let index = 0; index < 30; index++) {
        mkdirSync(join(root, `out/${index}`), { recursive: true });
        for (let file = 0; file < 5; file++) writeFileSync(join(root, `out/${index}/${file}`), 'x');
        symlinkSync(`../out/${index}`, join(root, `src/out-${index}`));
      }
      const ran = await run(server, { source: join(root, 'src'), symlinks: 'follow' });
      assert.equal(ran.error, undefined);
      assert.equal(ran.outcomes.length, 2 + 1 + 24 + 150);
    });
  });

describe('sources that are not there', () => {
  it('name what was given, where it was looked for, and the target of a broken link', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'a/b': 'x' });
    const missing = await run(server, { source: './no/such/dir' });
    assert.equal(missing.error?.name, 'UsageError');
    assert.ok(missing.error?.message.includes('"./no/such/dir"'));
    assert.ok(missing.error?.message.includes(join(process.cwd(), 'no/such/dir')));
    if (posix) {
      symlinkSync('gone/away', join(root, 'broken'));
      symlinkSync('self', join(root, 'self'));
      const broken = await run(server, { source: join(root, 'broken') });
      assert.match(broken.error?.message ?? '', /broken symlink: its target gone\/away \(.*\/gone\/away\)/);
      assert.match((await run(server, { source: join(root, 'self') })).error?.message ?? '', /leads back to itself/);
      const item = await run(server, { source: [{ key: 'k', body: { path: join(root, 'broken') } }] });
      assert.match(item.report.failures[0]?.message ?? '', /symlink.*target gone\/away/);
    }
    const glob = await run(server, { source: `${root}/a/*.js` });
    assert.equal(glob.error?.name, 'UsageError');
    assert.match(glob.error?.message ?? '', /is a glob/);
    assert.equal(glob.error?.hint, `Give the source "${root}/a" and set include to "*.js".`);
    assert.equal(server.requests.length, 0);
  });

  it('a FIFO, a device and a socket are named for what they are, as sources and as items', async (t) => {
    if (!posix) return;
    const server = await serverFor(t);
    const root = makeTree(t, {});
    execFileSync('mkfifo', [join(root, 'pipe')]);
    for (const [source, kind] of [
      [join(root, 'pipe'), /FIFO/],
      ['/dev/null', /device/],
    ] as const) {
      const ran = await run(server, { source });
      assert.equal(ran.error?.code, 'NoFilesFound');
      assert.match(ran.error?.message ?? '', kind);
      const item = await run(server, { source: [{ key: 'k', body: { path: source } }] });
      assert.equal(item.report.failures[0]?.code, 'NotAFile');
      assert.match(item.report.failures[0]?.message ?? '', /is not a regular file/);
    }
  });
});
