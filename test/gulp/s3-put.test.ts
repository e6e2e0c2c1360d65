import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { buffer as ofStream } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3File } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { PICTURE } from './files.js';
import { File, GULPS, mergeStream } from './gulp-versions.js';
import { fileOf, passed, putTo, statesOf, textFile, through } from './streams.js';

const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`file-${i}.txt`, `text ${i}`]));

/** The streams of gulp 4 cannot be iterated, so they are piped. */
const buffer = (stream: NodeJS.ReadableStream): Promise<Buffer> => ofStream(stream.pipe(new PassThrough()));

function upperCase(text: NodeJS.ReadableStream): Readable {
  const chunks = async function* (): AsyncGenerator<Buffer, void> {
    yield Buffer.from((await buffer(text)).toString().toUpperCase());
  };
  return Readable.from(chunks(), { objectMode: false });
}

for (const { name, gulp } of GULPS) {
  describe(`a stream of ${name}`, () => {
    it('passes every file on after its put has settled', async (t) => {
      const server = await serverFor(t);
      server.fault({ verb: 'PutObject', occurrences: 'all', type: 'delay', ms: 20 });
      const root = makeTree(t, many(300));
      const seen: string[] = [];
      const check = new Transform({
        objectMode: true,
        transform(file: S3File, _encoding, next) {
          if (server.object('site', file.relative) !== undefined) seen.push(file.relative);
          next(null, file);
        },
      });
      const { files, error } = await passed(
        gulp.src('**/*', { cwd: root, read: false }).pipe(putTo(server)).pipe(check),
      );
      assert.equal(error, undefined);
      assert.equal(files.length, 300);
      assert.equal(seen.length, 300);
      assert.ok(server.peak > 1, `${server.peak} requests at once`);
    });

    it('ends as the last stage, without a reader', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, many(300));
      await finished(gulp.src('**/*', { cwd: root, read: false }).pipe(putTo(server)));
      assert.equal(server.keys('site').length, 300);
      await pipeline(gulp.src('**/*', { cwd: root, read: false }), putTo(server, { prefix: 'again' }));
      assert.equal(server.keys('site').length, 600);
    });

    it('accepts few files ahead of a slow reader', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, many(600));
      let read = 0;
      let ahead = 0;
      const slow = new Writable({
        objectMode: true,
        highWaterMark: 1,
        write(_file, _encoding, next) {
          read += 1;
          ahead = Math.max(ahead, server.count('PutObject') - read);
          if (read < 40) setTimeout(next, 5);
          else next();
        },
      });
      await pipeline(gulp.src('**/*', { cwd: root, read: false }), putTo(server, { concurrency: 4 }), slow);
      assert.equal(read, 600);
      assert.ok(ahead < 100, `${ahead} files ahead`);
    });

    it('can be iterated, merged, and piped into another put', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'a/1.txt': '1', 'b/2.txt': '2' });
      const src = (folder: string) => gulp.src(`${folder}/*`, { cwd: root, read: false });
      const states: unknown[] = [];
      for await (const file of src('a').pipe(putTo(server))) states.push((file as S3File).s3?.state);
      assert.deepEqual(states, ['create']);
      const merged = mergeStream(src('a').pipe(putTo(server)), src('b').pipe(putTo(server)));
      assert.deepEqual(statesOf((await passed(merged)).files), { '1.txt': 'skip', '2.txt': 'create' });
      const twice = src('a')
        .pipe(putTo(server, { prefix: 'x' }))
        .pipe(putTo(server, { prefix: 'y' }));
      assert.deepEqual(
        (await passed(twice)).files.map(({ s3 }) => s3?.path),
        ['y/1.txt'],
      );
    });

    it('leaves contents unchanged for later stages', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'src/a.txt': 'text', 'src/b.png': PICTURE, 'src/empty': '' });
      for (const more of [{}, { buffer: false }]) {
        const src = gulp.src('src/*', { cwd: root, encoding: false, ...more });
        const { files } = await passed(src.pipe(putTo(server)));
        const contents = files.map(async (file) => [
          file.relative,
          file.isStream() === 'buffer' in more,
          file.isStream() ? await buffer(file.contents) : file.contents,
        ]);
        assert.deepEqual((await Promise.all(contents)).sort(), [
          ['a.txt', true, Buffer.from('text')],
          ['b.png', true, PICTURE],
          ['empty', true, Buffer.alloc(0)],
        ]);
      }
    });

    it('puts streams that a stage changed, and passes the same bytes on', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'a.txt': 'text', 'b.txt': 'more' });
      const change = new Transform({
        objectMode: true,
        transform(file: S3File, _encoding, next) {
          if (file.isStream()) file.contents = upperCase(file.contents);
          next(null, file);
        },
      });
      const { files } = await passed(gulp.src('*.txt', { cwd: root, buffer: false }).pipe(change).pipe(putTo(server)));
      assert.equal(server.object('site', 'a.txt')?.body.toString(), 'TEXT');
      const [file] = files;
      assert.ok(file?.isStream());
      assert.match((await buffer(file.contents)).toString(), /^(TEXT|MORE)$/);
    });

    it('follows symbolic links, whether gulp resolved them or not', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'real/a.txt': 'text' });
      mkdirSync(join(root, 'links'));
      symlinkSync(join(root, 'real/a.txt'), join(root, 'links/a.txt'));
      symlinkSync(join(root, 'real'), join(root, 'links/folder'));
      for (const more of [{ read: false }, { read: false, resolveSymlinks: false }, { resolveSymlinks: false }]) {
        const { error } = await passed(
          gulp.src('links/*', { cwd: root, ...more }).pipe(putTo(server, { mode: 'stupid' })),
        );
        assert.equal(error, undefined);
        assert.deepEqual([server.keys('site'), server.object('site', 'a.txt')?.body.toString()], [['a.txt'], 'text']);
        server.seed('site', 'a.txt', 'before');
      }
    });

    it('passes directories on, and leaves out the same junk as the engine', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, { 'a/b.txt': 'text', '.well-known/x': 'x', '.DS_Store': 'x', 'a/.git/config': 'x' });
      const { files } = await passed(gulp.src('**', { cwd: root, dot: true, read: false }).pipe(putTo(server)));
      assert.deepEqual(server.keys('site'), ['.well-known/x', 'a/b.txt']);
      const junk = files.find(({ relative }) => relative === '.DS_Store');
      assert.deepEqual([junk?.s3?.state, junk?.s3?.reason], [undefined, 'left out']);
      assert.ok(files.some((file) => file.isDirectory() && file.s3 === undefined));
    });

    it('can be destroyed during a put, which aborts the requests', async (t) => {
      const server = await serverFor(t);
      const root = makeTree(t, many(200));
      server.fault({ verb: 'PutObject', occurrences: 'all', type: 'stall' });
      const put = putTo(server);
      const src = gulp.src('**/*', { cwd: root, read: false });
      src.on('error', () => {});
      src.pipe(put);
      while (server.count('PutObject') === 0) await sleep(5);
      const closed = once(put, 'close');
      put.destroy();
      await closed;
      await sleep(20);
      assert.equal(server.keys('site').length, 0);
    });
  });
}

describe('the stream', () => {
  it('reads a renamed file from where gulp found it', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'a.txt': 'text' });
    const [{ gulp }] = GULPS as [(typeof GULPS)[0]];
    const rename = new Transform({
      objectMode: true,
      transform(file: S3File, _encoding, next) {
        file.path = join(root, 'renamed/b.txt');
        next(null, file);
      },
    });
    await passed(gulp.src('a.txt', { cwd: root, read: false }).pipe(rename).pipe(putTo(server)));
    assert.deepEqual(server.keys('site'), ['renamed/b.txt']);
  });

  it('passes on files without contents that are not on the disk, and rejects values that are not files', async (t) => {
    const server = await serverFor(t);
    const none = fileOf('no-such-file', null);
    const { files } = await through(putTo(server), [none]);
    assert.deepEqual(files, [none]);
    assert.equal(none.s3, undefined);
    assert.equal(server.requests.length, 0);
    const { error } = await through(putTo(server), [{ not: 'a file' }]);
    assert.match(error?.message ?? '', /not a Vinyl file/);
  });

  it('fails for a link to nothing, and names it', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, {});
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));
    const link = new File({ path: join(root, 'link'), stat: lstatSync(join(root, 'link')) });
    const { error } = await through(putTo(server), [link]);
    assert.match(error?.message ?? '', /1 of 1 files failed:\n.*link is a link to nothing/);
  });

  it('fails for a file whose stream fails, names it, and puts the others', async (t) => {
    const server = await serverFor(t);
    const failing = new PassThrough();
    const good = fileOf('good.txt', Buffer.from('good'));
    setImmediate(() => failing.destroy(new Error('disk on fire')));
    const { files, error } = await through(putTo(server), [fileOf('bad.txt', failing), good]);
    assert.deepEqual(statesOf(files), { 'bad.txt': undefined, 'good.txt': 'create' });
    assert.equal(error?.fileName, '/base/bad.txt');
    assert.match(error?.message ?? '', /1 of 2 files failed:\n.*bad\.txt: disk on fire/);
  });

  it('fails only after the reader has all files', async (t) => {
    const server = await serverFor(t);
    const put = putTo(server);
    const count = 60;
    server.fault({
      verb: 'PutObject',
      occurrences: 'all',
      key: 'f7',
      type: 'status',
      status: 400,
      code: 'InvalidRequest',
    });
    const writing = (async () => {
      for (let i = 0; i < count; i += 1) if (!put.write(fileOf(`f${i}`, Buffer.from('x')))) await once(put, 'drain');
      put.end();
    })();
    let read = 0;
    await assert.rejects(async () => {
      for await (const _file of put) {
        read += 1;
        if (read % 10 === 0) await sleep(10);
      }
    }, /1 of 60 files failed/);
    await writing;
    assert.equal(read, count);
  });

  it('fails with the error that a later stage throws', async (t) => {
    const server = await serverFor(t);
    const put = putTo(server);
    put.on('data', () => {
      throw new TypeError('a later stage');
    });
    put.end(fileOf('a', Buffer.from('x')));
    await assert.rejects(finished(put), /^TypeError: a later stage$/);
  });

  it('ends at the first failure with failFast', async (t) => {
    const server = await serverFor(t);
    server.fault({
      verb: 'PutObject',
      occurrences: 'all',
      key: 'bad',
      type: 'status',
      status: 400,
      code: 'InvalidRequest',
    });
    server.fault({ verb: 'PutObject', occurrences: 'all', key: 'slow', type: 'stall' });
    const files = [fileOf('slow', Buffer.from('x')), fileOf('bad', Buffer.from('x'))];
    const { error } = await through(putTo(server, { failFast: true }), files);
    assert.deepEqual(
      error?.failures.map(({ key }) => key),
      ['bad'],
    );
  });

  it('rejects an empty stream only with ifNoFilesFound "error"', async (t) => {
    const server = await serverFor(t);
    assert.equal((await through(putTo(server), [])).error, undefined);
    assert.equal(server.requests.length, 0);
    const { error } = await through(putTo(server, { ifNoFilesFound: 'error' }), []);
    assert.match(error?.message ?? '', /^gulp\.src passed on no files\n {6}Check the globs of gulp\.src/);
    for (const options of [{ exclude: '*' }, { rules: () => ({ skip: true }) }]) {
      const left = await through(putTo(server, { ...options, ifNoFilesFound: 'error' }), [
        textFile('a'),
        textFile('b'),
      ]);
      assert.match(
        left.error?.message ?? '',
        /^none of the 2 files of the stream is left to upload\n {6}Check include,/,
      );
    }
    const key = (file: S3File): string => {
      if (file.relative === 'a') throw new Error('mine');
      return file.relative;
    };
    const failed = await through(putTo(server, { key, exclude: 'b', ifNoFilesFound: 'error' }), [
      textFile('a'),
      textFile('b'),
    ]);
    assert.match(failed.error?.message ?? '', /^1 of 2 files failed:\n.*the function "key" failed: mine/);
  });

  it('names its own option for a key that S3 cannot have', async (t) => {
    const server = await serverFor(t);
    const { error } = await through(putTo(server), [textFile('long', 'x', { path: 'k'.repeat(1_025) })]);
    assert.match(error?.message ?? '', /give it another key by the function "key"\./);
  });

  it('is aborted by a signal', async (t) => {
    const server = await serverFor(t);
    const stop = new AbortController();
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'stall' });
    const all = through(putTo(server, { signal: stop.signal }), [fileOf('a', Buffer.from('x'))]);
    while (server.count('PutObject') === 0) await sleep(5);
    stop.abort();
    assert.match((await all).error?.message ?? '', /abort/i);
  });
});
