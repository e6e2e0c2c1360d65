import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { GULPS } from './gulp-versions.js';
import { passed, putTo, statesOf, textFile, through } from './streams.js';

const HTML = 'text/html; charset=utf-8';

for (const { name, gulp } of GULPS)
  describe(`clean URLs behind ${name}`, () => {
    for (const [what, options] of [
      ['read: false', { read: false }],
      ['contents', { encoding: false }],
      ['streams', { encoding: false, buffer: false }],
    ] as const)
      for (const order of ['none', 'site'] as const)
        it(`${what}, order ${order}: each file is passed on once, and nothing of it is a stray`, async (t) => {
          const server = await serverFor(t);
          for (const key of ['about.html', 'gone', 'gone/', 'empty/']) server.seed('site', key, key.slice(-1));
          server.seed('site', 'empty/', '');
          const files = {
            'dist/index.html': '1',
            'dist/about.html': '2',
            'dist/docs/index.html': '3',
            'dist/a.js': '4',
          };
          const root = makeTree(t, files);
          mkdirSync(join(root, 'dist/empty'));
          const deploy = () => {
            const src = gulp.src('dist/**', { cwd: root, ...options });
            const put = putTo(server, { bucket: 's3://site/', cleanUrls: 'both', order, delete: true, complete: true });
            return passed(src.pipe(put));
          };
          const first = await deploy();
          assert.equal(first.error, undefined);
          assert.deepEqual(server.keys('site'), ['a.js', 'about', 'docs/', 'docs/index.html', 'empty/', 'index.html']);
          assert.equal(server.object('site', 'docs/')?.body.toString(), '3');
          assert.equal(server.object('site', 'about')?.headers['content-type'], HTML);
          const about = first.files.find(({ relative }) => relative === 'about.html');
          assert.deepEqual(first.files.flatMap(({ s3 }) => (s3?.state === 'delete' ? [s3.path] : [])).sort(), [
            'about.html',
            'gone',
            'gone/',
          ]);
          assert.deepEqual([about?.s3?.path, about?.s3?.url], ['about', `${server.url}/site/about`]);
          const again = await deploy();
          assert.equal(again.error, undefined);
          const { docs: _docs, empty: _empty, '': _root, ...states } = statesOf(again.files);
          assert.deepEqual(states, {
            'a.js': 'skip',
            'about.html': 'skip',
            [join('docs', 'index.html')]: 'skip',
            'index.html': 'skip',
          });
        });
  });

describe('clean URLs of single files', () => {
  it('a key of a stage or of the function key is final; a rule of the file wins', async (t) => {
    const server = await serverFor(t);
    const files = [
      textFile('a.html'),
      textFile('b.html', 'b', { path: 'named/b.html' }),
      textFile('c.html', 'c', { path: '/c.html' }),
      textFile('d.html'),
      textFile('e/index.html'),
      textFile('f.html'),
    ];
    const { error } = await through(
      putTo(server, {
        cleanUrls: 'html',
        key: (_file, path) => (path === 'd.html' ? 'D.html' : undefined),
        rules: (file) => {
          if (file.relative === 'f.html') return { cleanUrls: false };
          return file.stem === 'index' ? { cleanUrls: 'index' } : undefined;
        },
      }),
      files,
    );
    assert.equal(error, undefined);
    assert.deepEqual(server.keys('site'), ['D.html', 'a', 'c', 'e/', 'e/index.html', 'f.html', 'named/b.html']);
    assert.equal(files[0]?.s3?.path, 'a');
  });

  it('a file of which only the page of the folder fails has failed, and one that is skipped keeps its clean key', async (t) => {
    const server = await serverFor(t, { mode: { deny: [{ verb: 'PutObject', key: /\/$/ }] } });
    const files = [textFile('a/index.html'), textFile('b.html')];
    const { error, files: on } = await through(putTo(server, { cleanUrls: 'both' }), files);
    assert.match(error?.message ?? '', /1 of 2 files failed/);
    assert.deepEqual(statesOf(on), { 'a/index.html': undefined, 'b.html': 'create' });
    assert.equal(error?.failures?.length, 1);
    const skipping = await serverFor(t);
    for (const key of ['b', 'c', 'd/', 'e']) skipping.seed('site', key, 'old');
    const rules = (file: { readonly relative: string }) => ({ skip: file.relative !== 'a.html' });
    const kept = await through(
      putTo(skipping, { bucket: 's3://site/', cleanUrls: 'both', delete: true, complete: true, rules }),
      ['a.html', 'b.html', 'd/index.html', 'e'].map((path) => textFile(path)),
    );
    assert.equal(kept.error, undefined);
    assert.deepEqual(skipping.keys('site'), ['a', 'b', 'd/', 'e']);
  });
});
