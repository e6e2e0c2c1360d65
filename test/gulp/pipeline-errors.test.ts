import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { GULPS } from './gulp-versions.js';
import { makeProject, runGulp } from './project.js';

const GULPFILE = `const gulp = require('gulp');
const { Transform } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const s3Put = require('gulp-s3-parallel-put');

const options = (more) => ({ bucket: 's3://site', endpointUrl: process.env.S3_URL, ...more });
const src = () => gulp.src('dist/**', { read: false, dot: true });
const bad = { key: (file, path) => (path.startsWith('1') ? 'a//b' + path : path) };

exports.reported = () => src().pipe(s3Put(options(bad))).pipe(s3Put.reporter());
exports.written = () => gulp.src('dist/**', { encoding: false }).pipe(s3Put(options(bad))).pipe(gulp.dest('out'));
exports.through = () => src().pipe(s3Put(options(bad))).pipe(s3Put.reporter()).pipe(gulp.dest('out-through'));
const thru = () => new Transform({ objectMode: true, transform: (file, encoding, next) => next(null, file) });
exports.far = () => src().pipe(s3Put(options(bad))).pipe(thru()).pipe(thru()).pipe(s3Put.reporter());
exports.farther = () => gulp.src('dist/**', { encoding: false }).pipe(s3Put(options(bad))).pipe(gulp.dest('out-farther')).pipe(thru()).pipe(thru());
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

const FAILING = ['reported', 'written', 'through', 'far', 'awaited'];
/** Those that fail before or beside the put, some while the files are still being found. */
const EARLY: readonly (readonly [task: string, told: RegExp])[] = [
  ['before', /boom/],
  ['nowhere', /NoSuchBucket/],
  ['missing', /File not found/],
];

for (const version of GULPS) {
  test(`${version.name}: a task whose last stage is behind the put fails with the put`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
    const tasks = [...FAILING, ...EARLY.map(([task]) => task)];
    const options = ['--gulpfile', 'gulpfile.cjs', '--series', '--continue'];
    const ran = await runGulp(project, server, [...options, ...tasks], version);
    assert.equal(ran.code, 1, ran.output);
    assert.doesNotMatch(ran.output, /did not complete/);
    // gulp may write of a task when the next one has started already, so what belongs to which is told by names and numbers.
    for (const task of tasks) assert.match(ran.output, new RegExp(`'${task}' errored after`), ran.output);
    const failed = ran.output.match(/11 of \d+ files failed/g) ?? [];
    assert.ok(failed.length >= FAILING.length, ran.output);
    for (const [task, expected] of EARLY) assert.match(ran.output, expected, `${task}: ${ran.output}`);
  });

  test(`${version.name}: a task that fails is the end of the process, with its exit code`, async (t) => {
    const server = await serverFor(t);
    for (const [task, files, expected] of [
      ['farther', FILES, /11 of \d+ files failed/],
      ['nowhere', { 'dist/a.txt': 'a' }, /NoSuchBucket/],
    ] as const) {
      const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...files }, version);
      const { code, output } = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', task], version);
      assert.equal(code, 1, output);
      assert.match(output, expected);
      assert.doesNotMatch(output, /did not complete/);
    }
  });

  test(`${version.name}: a task that has failed can be run again, and one by pipeline with the reporter at its end comes to it`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
    const options = ['--gulpfile', 'gulpfile.cjs', '--series'];
    const ran = await runGulp(project, server, [...options, 'again', 'piped'], version);
    assert.equal(ran.code, 0, ran.output);
    assert.equal(server.keys('site').length, 100);
    assert.match(ran.output, /0 created, 0 updated, 100 unchanged/);
  });
}
