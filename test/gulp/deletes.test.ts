import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Server } from 'fake-s3';
import { type S3File, type S3PutOptions, s3Put } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { GULPS } from './gulp-versions.js';
import { fileOf, passed, putTo, statesOf, textFile, through } from './streams.js';

const DELETES = { bucket: 's3://site/', complete: true, delete: true } as const;

/** A server whose bucket has these keys; each object holds its key. */
async function seeded(t: TestContext, ...keys: readonly string[]): Promise<S3Server> {
  const server = await serverFor(t);
  for (const key of keys) server.seed('site', key, key);
  return server;
}

for (const { name, gulp } of GULPS)
  describe(`deletes behind ${name}`, () => {
    it('take what the stream lacks, and are passed on as files without contents', async (t) => {
      const server = await seeded(t, 'p/old.css', 'p/a/gone.html', 'p/a/index.html', 'other/x', 'p/empty/', 'p/a/');
      const root = makeTree(t, { 'dist/a/index.html': 'new', 'dist/site.css': 'css' });
      mkdirSync(join(root, 'dist/empty'));
      const src = gulp.src('dist/**', { cwd: root, read: false });
      const { files, error } = await passed(src.pipe(putTo(server, { ...DELETES, bucket: 's3://site/p' })));
      assert.equal(error, undefined);
      assert.deepEqual(server.keys('site'), ['other/x', 'p/a/', 'p/a/index.html', 'p/empty/', 'p/site.css']);
      const deleted = files.filter(({ s3 }) => s3?.state === 'delete');
      assert.deepEqual(deleted, files.slice(-2), 'after all others');
      assert.deepEqual(
        deleted.map((file) => [file.path, file.relative, file.base, file.cwd, file.contents, file.s3]),
        ['a/gone.html', 'old.css'].map((path) => [
          join(root, 'dist', path),
          join(path),
          join(root, 'dist'),
          root,
          null,
          {
            path: `p/${path}`,
            state: 'delete',
            headers: {},
            url: `${server.url}/site/p/${path}`,
            bytes: 0,
            replacedBytes: `p/${path}`.length,
            reason: 'not in the source',
          },
        ]),
      );
    });

    it('happen without a reader, and before gulp.dest', async (t) => {
      const keys = Array.from({ length: 100 }, (_, i) => `old/${i}`);
      const server = await seeded(t, ...keys);
      const root = makeTree(t, { 'dist/a.css': 'css' });
      const src = () => gulp.src('dist/**', { cwd: root, encoding: false });
      await finished(src().pipe(putTo(server, DELETES)));
      assert.deepEqual(server.keys('site'), ['a.css']);
      for (const key of keys) server.seed('site', key, key);
      await passed(
        src()
          .pipe(putTo(server, DELETES))
          .pipe(gulp.dest(join(root, 'copy'))),
      );
      assert.deepEqual(server.keys('site'), ['a.css']);
    });

    it('do not happen when an earlier stage fails, and its pages are not put', async (t) => {
      const server = await seeded(t, 'old');
      const root = makeTree(t, { 'dist/1.css': 'css', 'dist/2.html': 'page', 'dist/3.css': 'css' });
      const fails = new Transform({
        objectMode: true,
        transform(file: S3File, _encoding, next) {
          if (file.relative === '3.css') setTimeout(next, 20, new Error('earlier'));
          else next(null, file);
        },
      });
      const put = putTo(server, { ...DELETES, order: 'site' });
      const ended = passed(
        gulp
          .src('dist/*', { cwd: root, read: false })
          .pipe(fails)
          .on('error', () => {})
          .pipe(put),
      );
      assert.equal((await ended).error?.message, 'earlier');
      await finished(put).catch(() => {});
      assert.deepEqual(server.keys('site'), ['1.css', 'old']);
    });
  });

describe('deletes', () => {
  it('need complete, a prefix, and a stream that is not cut short', () => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [
        { bucket: 's3://site/', delete: true },
        /delete is true, but nothing says that the stream has every file.*complete: true/s,
      ],
      [{ bucket: 's3://site/', delete: true, complete: false }, /complete: true/],
      [{ bucket: 's3://site', delete: true, complete: true }, /delete needs a prefix/],
      [{ bucket: 's3://site/', delete: true, complete: 'yes' }, /complete is "yes"; it must be true or false/],
      [{ ...DELETES, limit: 3 }, /delete cannot be used with limit/],
      [{ bucket: 's3://site/', complete: true, protect: 'a' }, /protect says what delete does, but delete is not set/],
      [{ bucket: 's3://site/', complete: true, maxDelete: 1 }, /maxDelete says what delete does/],
    ];
    for (const [options, message] of wrong)
      assert.throws(() => s3Put(options as S3PutOptions), { plugin: 'gulp-s3-parallel-put', message });
    for (const options of [
      { bucket: 'site', complete: true },
      { bucket: 'site', prefix: '', complete: true, delete: true },
    ])
      s3Put(options);
  });

  it('do not happen with complete alone, nor for an empty stream', async (t) => {
    const server = await seeded(t, 'old');
    const alone = await through(putTo(server, { bucket: 's3://site/', complete: true }), [textFile('a')]);
    assert.deepEqual(statesOf(alone.files), { a: 'create' });
    const empty = await through(putTo(server, DELETES), []);
    assert.deepEqual([empty.files, empty.error], [[], undefined]);
    const folders = await through(putTo(server, DELETES), [fileOf('nowhere', null)]);
    assert.deepEqual([folders.files.length, folders.error], [1, undefined]);
    assert.deepEqual(server.keys('site'), ['a', 'old']);
  });

  it('spare the keys of files that are passed on as they are, left out or skipped, and protected ones', async (t) => {
    const keys = ['null', 'left.txt', 'map.map', 'never.map', 'small', 'filtered', 'keep/x', 'gone', 'whole'];
    const server = await seeded(t, ...keys);
    const put = putTo(server, {
      ...DELETES,
      absoluteKey: true,
      key: (file) => (file.relative === 'abs' ? 'whole' : undefined),
      rules: (file) => (file.relative === 'left.txt' || file.relative === 'abs' ? { skip: true } : undefined),
      exclude: '*.map',
      minSize: 2,
      filter: ({ key }) => key !== 'filtered',
      protect: 'keep/**',
    });
    const names = ['left.txt', 'map.map', 'filtered', 'put', 'abs'];
    const { files, error } = await through(put, [
      ...names.map((name) => textFile(name)),
      textFile('small', 's'),
      fileOf('null', null),
    ]);
    assert.equal(error, undefined);
    assert.deepEqual(statesOf(files.filter(({ s3 }) => s3?.state !== undefined)), { put: 'create', gone: 'delete' });
    assert.deepEqual(server.keys('site'), [...keys.filter((key) => key !== 'gone'), 'put'].sort());
  });

  it('do not happen when a file fails, in the engine or before it', async (t) => {
    const server = await seeded(t, 'old');
    server.fault({
      verb: 'PutObject',
      occurrences: 'all',
      key: 'bad',
      type: 'status',
      status: 400,
      code: 'InvalidRequest',
    });
    const fails = () => {
      throw new Error('mine');
    };
    for (const bad of [textFile('bad'), textFile('x', 'x', { path: 'a//b' })]) {
      const { error, files } = await through(putTo(server, DELETES), [textFile('good'), bad]);
      assert.match(error?.message ?? '', /^1 of 2 files failed/);
      assert.equal(files.length, 2);
    }
    const onlyForBad = (hook: () => never) => (file: S3File) => (file.relative === 'bad' ? hook() : undefined);
    for (const hook of ['key', 'headers', 'rules'] as const) {
      const put = putTo(server, { ...DELETES, mode: 'add', [hook]: onlyForBad(fails) });
      const { error, files } = await through(put, [textFile('good'), textFile('bad')]);
      assert.match(error?.message ?? '', /^1 of 2 files failed.*mine/s);
      assert.deepEqual(statesOf(files), { good: 'skip', bad: undefined });
    }
    assert.deepEqual(server.keys('site'), ['good', 'old']);
  });

  it('that are too many fail the stream after all files were put and read, with the keys and the number', async (t) => {
    const server = await seeded(t, 'old-1', 'old-2\nx');
    const lines: string[] = [];
    const put = putTo(server, { ...DELETES, maxDelete: 1 });
    const reporter = s3Put.reporter({ write: (line) => lines.push(line) });
    const all = passed(put.on('error', () => {}).pipe(reporter));
    for (const name of ['a', 'b']) put.write(textFile(name));
    put.end();
    const { files, error } = await all;
    assert.deepEqual(statesOf(files), { a: 'create', b: 'create' });
    assert.match(
      error?.message ?? '',
      /^2 of 2 keys would be deleted, more than the 1 that are allowed:\n {8}old-1\n {8}old-2\\nx\n {6}Check source and prefix\..*set maxDelete: '2'/s,
    );
    assert.match(lines.at(-1) ?? '', /^Uploaded 2 files, .*; 2 strays\.$/);
    assert.equal(server.keys('site').length, 4);
  });

  it('do not happen where the bucket cannot be listed', async (t) => {
    const server = await seeded(t, 'old');
    server.fault({ verb: 'ListObjectsV2', occurrences: 'all', type: 'status', status: 403, code: 'AccessDenied' });
    const { error } = await through(putTo(server, { ...DELETES, onEvent: () => {} }), [textFile('a')]);
    assert.match(
      error?.message ?? '',
      /^Nothing is deleted, because the bucket may not be listed.*\n {6}Allow s3:ListBucket/,
    );
    assert.deepEqual(server.keys('site'), ['a', 'old']);
  });

  it('do not happen when the stream is destroyed before its end', async (t) => {
    const server = await seeded(t, 'old');
    const put = putTo(server, { ...DELETES, order: 'site' });
    put.on('error', () => {});
    put.write(textFile('a.css'));
    put.write(textFile('index.html'));
    while (server.object('site', 'a.css') === undefined) await sleep(5);
    put.destroy(new Error('enough'));
    await finished(put).catch(() => {});
    const broken = new Readable({ objectMode: true, read: () => {} });
    broken.push(textFile('a.css'));
    const piped = pipeline(broken, putTo(server, DELETES), new PassThrough({ objectMode: true }).resume());
    setTimeout(() => broken.destroy(new Error('earlier')), 50);
    await assert.rejects(piped, /earlier/);
    assert.deepEqual(server.keys('site'), ['a.css', 'old']);
  });

  it('that fail are failures of the stream, by key', async (t) => {
    const server = await seeded(t, 'old-1', 'old-2');
    server.fault({ verb: 'DeleteObjects', occurrences: 'all', type: 'status', status: 400, code: 'InvalidRequest' });
    const { files, error } = await through(putTo(server, DELETES), [textFile('a')]);
    assert.deepEqual(statesOf(files), { a: 'create' });
    assert.deepEqual(
      error?.failures.map(({ fileName, key, code }) => [fileName, key, code]),
      [
        ['s3://site/old-1', 'old-1', 'InvalidRequest'],
        ['s3://site/old-2', 'old-2', 'InvalidRequest'],
      ],
    );
    assert.match(error?.message ?? '', /^2 of 3 files and objects failed:\n {6}DeleteObjects s3:\/\/site\/old-1: /);
  });

  it('have paths below the base of the stream, whatever the key', async (t) => {
    const server = await seeded(t, '../../etc/passwd', 'a//b', '/c', 'd/./e', 'f/');
    const { files } = await through(putTo(server, DELETES), [textFile('x')]);
    const paths = files.flatMap(({ path, s3 }) => (s3?.state === 'delete' ? [[s3.path, path]] : []));
    assert.deepEqual(Object.fromEntries(paths), {
      '../../etc/passwd': '/base/%2E%2E/%2E%2E/etc/passwd',
      'a//b': '/base/a/%2F/b',
      '/c': '/base/%2F/c',
      'd/./e': '/base/d/%2E/e',
      'f/': '/base/f',
    });
  });

  it('are passed on by a second put, which deletes its own', async (t) => {
    const server = await seeded(t, 'one/old', 'two/old', 'two/older');
    const at = (prefix: string) => putTo(server, { ...DELETES, bucket: `s3://site/${prefix}` });
    const first = at('one');
    const all = passed(first.pipe(at('two')));
    first.end(textFile('a'));
    assert.deepEqual((await all).files.map(({ s3 }) => [s3?.path, s3?.state]).sort(), [
      ['one/old', 'delete'],
      ['two/a', 'create'],
      ['two/old', 'delete'],
      ['two/older', 'delete'],
    ]);
    assert.deepEqual(server.keys('site'), ['one/a', 'two/a']);
  });

  it('wait for a slow reader', async (t) => {
    const keys = Array.from({ length: 3_000 }, (_, i) => `old-${i}`);
    const server = await seeded(t, ...keys);
    let read = 0;
    const slow = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write(_file, _encoding, next) {
        read += 1;
        if (read % 500 === 0) setTimeout(next, 5);
        else next();
      },
    });
    const put = putTo(server, { ...DELETES, maxDelete: '100%' });
    put.write(textFile('a'));
    put.end();
    await pipeline(put, slow);
    assert.equal(read, 3_001);
    assert.deepEqual(server.keys('site'), ['a']);
  });

  it('are shown by the reporter, in a dry run as what would be', async (t) => {
    const server = await seeded(t, 'old', 'kept');
    for (const dryRun of [true, false]) {
      const lines: string[] = [];
      const put = putTo(server, { ...DELETES, dryRun, protect: 'kept' });
      const all = passed(put.pipe(s3Put.reporter({ states: ['delete'], write: (line) => lines.push(line) })));
      put.end(textFile('a'));
      assert.equal((await all).error, undefined);
      assert.equal(lines[0], `${dryRun ? 'would delete' : 'deleted'} old (not in the source)`);
      assert.match(
        lines[1] ?? '',
        dryRun ? /^Would upload 1 file, 1 B; 1 to delete, 1 stray\.$/ : /; 1 deleted, 1 stray\.$/,
      );
    }
    assert.deepEqual(server.keys('site'), ['a', 'kept']);
  });

  it('are not needed to count what the stream lacks', async (t) => {
    const server = await seeded(t, 'old');
    const lines: string[] = [];
    const put = putTo(server, { listStrays: true });
    const all = passed(put.pipe(s3Put.reporter({ write: (line) => lines.push(line) })));
    put.end(textFile('a'));
    await all;
    assert.match(lines.at(-1) ?? '', /; 1 stray\.$/);
  });
});
