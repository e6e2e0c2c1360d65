import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { GULPS } from './gulp-versions.js';
import { passed, putTo } from './streams.js';

const LOCATION = 'x-amz-website-redirect-location';
const REDIRECTS = [{ from: '/old', to: '/index.html' }];

for (const { name, gulp } of GULPS)
  describe(`redirects behind ${name}`, () => {
    for (const order of ['none', 'site'] as const)
      it(`order ${order}: are put beside the files, pass nothing on, and stay`, async (t) => {
        const server = await serverFor(t);
        server.seed('site', 'gone', 'x');
        const cwd = makeTree(t, { 'dist/index.html': '1' });
        const deploy = () =>
          passed(
            gulp
              .src('dist/**', { cwd, encoding: false })
              .pipe(putTo(server, { bucket: 's3://site/', redirects: REDIRECTS, order, delete: true, complete: true })),
          );
        const first = await deploy();
        assert.equal(first.error, undefined);
        assert.deepEqual(server.keys('site'), ['index.html', 'old']);
        assert.equal(server.object('site', 'old')?.headers[LOCATION], '/index.html');
        server.clearRequests();
        const second = await deploy();
        assert.equal(second.error, undefined);
        // gulp 4 passes the folder on, too.
        assert.deepEqual(
          second.files.map(({ relative }) => relative).filter((relative) => relative !== ''),
          ['index.html'],
        );
        assert.equal(server.count('PutObject') + server.count('CopyObject') + server.count('DeleteObjects'), 0);
      });
  });
