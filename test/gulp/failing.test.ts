import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { GULPS } from './gulps.js';
import { makeProject, runGulp } from './run.js';

const GULPFILE = `const gulp = require('gulp');
const { Transform } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const s3Put = require('gulp-s3-parallel-put');

const options = (more) => ({ bucket: 's3://site', endpointUrl: process.env.S3_URL, ...more });
const src = () => gulp.src('dist/**', { read: false, dot: true });
const bad = { key: (file, path) => (path.startsWith('1') ? 'a//b' + path : path) };

exports.reported = () => src().pipe(s3Put(options(bad))).pipe(s3Put.reporter());
exports.written = () => gulp.src('dist/**', { encoding: false }).pipe(s3Put(options(bad))).pipe(gulp.dest('out'));
exports.through = () => src().pipe(s3Put(options(bad))).pipe(s3Put.reporter()).pipe(gulp.dest('out'));
const thru = () => new Transform({ objectMode: true, transform: (file, encoding, next) => next(null, file) });
exports.far = () => src().pipe(s3Put(options(bad))).pipe(thru()).pipe(thru()).pipe(s3Put.reporter());
exports.farther = () => gulp.src('dist/**', { encoding: false }).pipe(s3Put(options(bad))).pipe(gulp.dest('out')).pipe(thru()).pipe(thru());
exports.awaited = async () => {
  for await (const file of src().pipe(s3Put(options(bad))).pipe(thru()).pipe(thru())) file.seen = true;
};
const fails = () => new Transform({ objectMode: true, transform: (file, encoding, next) => next(file.basename === '50.txt' ? new Error('boom') : null, file) });
exports.before = () => src().pipe(thru()).pipe(fails()).pipe(s3Put(options())).pipe(thru()).pipe(s3Put.reporter());
exports.missing = () => gulp.src(['dist/**', 'nope.txt'], { read: false }).pipe(s3Put(options())).pipe(s3Put.reporter());
exports.nowhere = () => src().pipe(s3Put(options({ bucket: 's3://nowhere' }))).pipe(s3Put.reporter());
exports.piped = () => pipeline(src(), s3Put(options()), s3Put.reporter());
exports.again = (done) => {
  let fails = true;
  const put = () => src().pipe(s3Put(options(fails ? bad : {}))).pipe(s3Put.reporter({ write() {} }));
  gulp.series(put)((error) => {
    fails = false;
    if (error) gulp.series(put)(done);
    else done(new Error('it has not failed'));
  });
};
`;

const FILES = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`dist/${index}.txt`, `${index}`]));

for (const version of GULPS) {
  test(`${version.name}: a task whose last stage is behind the put fails with the put`, async (t) => {
    const server = await serverFor(t);
    for (const task of ['reported', 'written', 'through', 'far', 'farther', 'awaited']) {
      const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
      const { code, output } = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', task], version);
      assert.equal(code, 1, output);
      assert.match(output, /11 of \d+ files failed/, `${task}: ${output}`);
      assert.doesNotMatch(output, /did not complete/);
    }
    const broken = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
    const before = await runGulp(broken, server, ['--gulpfile', 'gulpfile.cjs', 'before'], version);
    assert.equal(before.code, 1, before.output);
    assert.match(before.output, /boom/);
    assert.doesNotMatch(before.output, /did not complete/);
    // While the files are still being found, too.
    for (const [task, told] of [
      ['nowhere', /NoSuchBucket/],
      ['missing', /File not found/],
    ] as const) {
      const early = await runGulp(broken, server, ['--gulpfile', 'gulpfile.cjs', task], version);
      assert.equal(early.code, 1, early.output);
      assert.match(early.output, told);
      assert.match(early.output, /errored after/, early.output);
    }
    const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, 'dist/a.txt': 'a' }, version);
    const { code, output } = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', 'nowhere'], version);
    assert.equal(code, 1, output);
    assert.match(output, /NoSuchBucket/);
  });

  test(`${version.name}: a task that has failed can be run again, and one by pipeline with the reporter at its end comes to it`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
    const again = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', 'again'], version);
    assert.equal(again.code, 0, again.output);
    assert.equal(server.keys('site').length, 100);
    const piped = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', 'piped'], version);
    assert.equal(piped.code, 0, piped.output);
    assert.match(piped.output, /0 created, 0 updated, 100 unchanged/);
  });
}
