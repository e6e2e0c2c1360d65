import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import type { S3Server } from 'fake-s3';
import { type S3File, s3Put } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { GULPS } from './gulp-versions.js';
import { fileOf, passed, putTo, statesOf, textFile, through } from './streams.js';

const ASSETS = 60;

/** Pages mixed with assets, in the order of their names. */
function mixed(pages: number): Record<string, string> {
  const names = Array.from({ length: pages }, (_, i) => [
    `${i}/index.html`,
    ...(i < ASSETS ? [i % 2 === 0 ? `${i}/app.css` : `${i}/logo.png`] : []),
  ]);
  return Object.fromEntries(names.flat().map((name) => [name, name]));
}

const isPage = (key: string | undefined): boolean => key?.endsWith('.html') === true;

/** Whether no page was put before a file that is none. */
function pagesCameLast(server: S3Server): boolean {
  const keys = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
  const first = keys.findIndex(isPage);
  return first > 0 && keys.slice(first).every(isPage);
}

function slowReader(files: S3File[]): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(file: S3File, _encoding, next) {
      files.push(file);
      if (files.length % 100 === 0) setTimeout(next, 2);
      else next();
    },
  });
}

for (const { name, gulp } of GULPS)
  describe(`order "site" behind ${name}`, () => {
    const rows = [
      ['read: false', { read: false }, 1_000],
      ['contents', { encoding: false }, 150],
      ['streams', { encoding: false, buffer: false }, 150],
    ] as const;
    for (const [what, options, pages] of rows)
      it(`holds ${pages} pages until the rest has settled, with a slow reader and with none: ${what}`, async (t) => {
        const root = makeTree(t, mixed(pages));
        const src = () => gulp.src('**/*.*', { cwd: root, ...options });
        const server = await serverFor(t);
        const files: S3File[] = [];
        // Nothing is sent, so that many files take little time; what waits for what is the same.
        const put = putTo(server, { order: 'site', dryRun: true });
        await pipeline(src(), put, new PassThrough({ objectMode: true, highWaterMark: 1 }), slowReader(files));
        assert.equal(files.length, pages + ASSETS);
        assert.ok(files.slice(0, ASSETS).every(({ extname }) => extname !== '.html'));
        if (pages === 1_000) return;
        await finished(src().pipe(putTo(server, { order: 'site', concurrency: 4 })));
        assert.equal(server.keys('site').length, pages + ASSETS);
        assert.ok(pagesCameLast(server));
      });

    it('passes pages on to gulp.dest with their contents', async (t) => {
      const root = makeTree(t, mixed(ASSETS));
      const server = await serverFor(t);
      const put = putTo(server, { order: 'site' });
      const { files, error } = await passed(
        gulp
          .src('**/*.*', { cwd: root, encoding: false })
          .pipe(put)
          .pipe(gulp.dest(makeTree(t, {}))),
      );
      assert.equal(error, undefined);
      assert.equal(files.length, 2 * ASSETS);
      assert.deepEqual(
        files.map(({ contents, relative }) => contents?.toString() === relative.replaceAll('\\', '/')),
        files.map(() => true),
      );
    });
  });

describe('order "site"', () => {
  it('does not let held pages use up the memory for files that wait', async (t) => {
    const server = await serverFor(t);
    // Together more than is accepted ahead of the puts.
    const large = Buffer.alloc(12 * 2 ** 20, 'x');
    const pages = Array.from({ length: 14 }, (_, i) => fileOf(`${i}.html`, large));
    const { files, error } = await through(putTo(server, { order: 'site', dryRun: true }), [
      ...pages,
      textFile('a.css'),
    ]);
    assert.equal(error, undefined);
    assert.deepEqual([files.length, files[0]?.relative], [15, 'a.css']);
  });

  it('does not put pages after a file that is none has failed, in the engine or before it', async (t) => {
    const failing = { type: 'status', status: 400, code: 'InvalidRequest' } as const;
    const headers = (file: S3File) => {
      if (file.relative === 'hook.css') throw new Error('mine');
      return undefined;
    };
    for (const bad of ['bad.css', 'hook.css']) {
      const server = await serverFor(t);
      server.fault({ verb: 'PutObject', occurrences: 'all', key: 'bad.css', ...failing });
      const files = [textFile('index.html'), textFile(bad), textFile('about'), textFile('other.css')];
      const { error, files: passedOn } = await through(putTo(server, { order: 'site', headers }), files);
      assert.match(
        error?.message ?? '',
        /^1 of 4 files failed:.*\n {6}2 files were kept until the others had settled, and not uploaded\.$/s,
      );
      assert.deepEqual(server.keys('site'), ['other.css']);
      assert.equal(passedOn.length, 4);
      assert.deepEqual([files[0]?.s3?.reason, files[0]?.s3?.state], ['not attempted', undefined]);
    }
  });

  it('follows the phase that rules or the function rules name, and the key instead of the path', async (t) => {
    for (const byFunction of [true, false]) {
      const server = await serverFor(t);
      const rules = byFunction
        ? (file: S3File) => (file.extname === '.json' ? { phase: 'pages' as const } : undefined)
        : [{ match: '*.json', phase: 'pages' as const }];
      const put = putTo(server, { order: 'site', rules, key: (_file, path) => path.replace(/\.html$/, '') });
      await through(
        put,
        ['data.json', 'about.html', 'a.css', 'b.css'].map((name) => textFile(name)),
      );
      const keys = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
      assert.deepEqual(keys.slice(2).sort(), ['about', 'data.json']);
    }
    const server = await serverFor(t);
    for (const [rule, message] of [
      [{ phase: 'last' }, /phase "last"; it must be one of: assets, data, pages/],
      [{ optional: true }, /not "optional"/],
    ] as const) {
      const { error } = await through(putTo(server, { rules: () => rule as object }), [textFile('a')]);
      assert.match(error?.message ?? '', message);
    }
  });

  it('is the order in which files are passed on and reported, deletes at the end', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'old.css', 'old');
    const lines: string[] = [];
    const put = putTo(server, { bucket: 's3://site/', order: 'site', complete: true, delete: true });
    const all = passed(put.pipe(s3Put.reporter({ write: (line) => lines.push(line) })));
    for (const name of ['index.html', 'a.css']) put.write(textFile(name));
    put.end();
    assert.deepEqual(Object.entries(statesOf((await all).files)), [
      ['a.css', 'create'],
      ['index.html', 'create'],
      ['old.css', 'delete'],
    ]);
    assert.deepEqual(lines.slice(0, 3), [
      'uploaded a.css (new, 5 B)',
      'uploaded index.html (new, 10 B)',
      'deleted old.css (not in the source)',
    ]);
  });
});
