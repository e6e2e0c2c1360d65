import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { siteOf } from '../gulp/files.js';
import { GULPS } from '../gulp/gulp-versions.js';
import { environment, makeProject, node } from '../gulp/project.js';
import { onServer } from '../support/target.js';
import { serversUnderTest } from './endpoints.js';

const GULPFILE = `const gulp = require('gulp');
const s3Put = require('gulp-s3-parallel-put');

const put = (prefix, more) => s3Put({ bucket: process.env.BUCKET, prefix, endpointUrl: process.env.S3_URL, ...more });
const dist = (more) => gulp.src('dist/**', { dot: true, encoding: false, removeBOM: false, ...more });

exports.all = gulp.series(
  function unread() { return dist({ read: false }).pipe(put('unread')).pipe(s3Put.reporter({ states: [] })); },
  function buffered() { return dist().pipe(put('buffered')); },
  function streaming() { return dist({ buffer: false }).pipe(put('streaming')); },
  function again() { return dist({ read: false }).pipe(put('unread')).pipe(s3Put.reporter({ states: [] })); },
);
exports.failing = () => dist({ read: false }).pipe(put('failing', { key: (file, path) => (path === 'empty.txt' ? 'a//b' : path) }));
`;

const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex');

for (const { name, ...endpoint } of serversUnderTest()) {
  for (const version of GULPS) {
    test(`${version.name} puts a site as it is, and puts nothing twice, on ${name}`, async (t) => {
      const target = await onServer(name, endpoint)(t);
      const site = { ...siteOf(60), 'big.bin': Buffer.alloc(20 * 2 ** 20, 'x') };
      const dist = Object.entries(site).map(([file, bytes]) => [`dist/${file}`, bytes] as const);
      const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...Object.fromEntries(dist) }, version);
      const run = (task: string) =>
        node(project, [version.cli, '--gulpfile', 'gulpfile.cjs', task], {
          ...environment(endpoint),
          BUCKET: `s3://${target.bucket}`,
        });
      const all = await run('all');
      assert.equal(all.code, 0, all.output);
      assert.match(all.output, /Uploaded 61 files, [^;\n]*\.\n[\s\S]*Nothing to upload; 61 unchanged\./);
      for (const prefix of ['unread', 'buffered', 'streaming'])
        for (const [file, bytes] of Object.entries(site))
          assert.equal(md5((await target.object(`${prefix}/${file}`))?.body ?? '?'), md5(bytes), `${prefix}/${file}`);
      assert.equal((await target.keys()).length, 183);
      const failing = await run('failing');
      assert.notEqual(failing.code, 0);
      assert.match(failing.output, /1 of 61 files failed:\n.*empty\.txt/);
      assert.equal((await target.keys()).length, 243);
    });
  }
}
