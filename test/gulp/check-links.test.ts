import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { GULPS } from './gulp-versions.js';
import { passed, putTo } from './streams.js';

const SITE = {
  'index.html': '<link rel=stylesheet href=a.css><a href=b.html>b</a>',
  'b.html': '<img src=gone.png>',
  'a.css': '',
};

for (const { name, gulp } of GULPS)
  describe(`checkLinks behind ${name}`, () => {
    for (const [what, options] of [
      ['read: false', { read: false }],
      ['contents', { encoding: false }],
      ['streams of files', { encoding: false, buffer: false }],
    ] as const)
      it(`error in the order of a site uploads no page where a file is missing: ${what}`, async (t) => {
        const server = await serverFor(t);
        const src = gulp.src('**/*.*', { cwd: makeTree(t, SITE), ...options });
        const { error } = await passed(src.pipe(putTo(server, { order: 'site', checkLinks: 'error' })));
        assert.match(error?.message ?? '', /^No page was uploaded, because 1 file .*\n +b\.html → gone\.png/);
        assert.deepEqual(server.keys('site'), ['a.css']);
      });

    it('without an order says that links were not checked', async (t) => {
      const server = await serverFor(t);
      const warnings: string[] = [];
      const put = putTo(server, {
        checkLinks: 'error',
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.code);
        },
      });
      const { error } = await passed(gulp.src('**/*.*', { cwd: makeTree(t, SITE), encoding: false }).pipe(put));
      assert.equal(error, undefined);
      assert.deepEqual(warnings, ['links-not-checked']);
      assert.equal(server.keys('site').length, 3);
    });
  });
