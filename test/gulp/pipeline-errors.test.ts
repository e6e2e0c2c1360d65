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
exports.saved = () => gulp.src('dist/**', { encoding: false }).pipe(s3Put(options(bad))).pipe(gulp.dest('out'));
exports.reportedAndSaved = () => src().pipe(s3Put(options(bad))).pipe(s3Put.reporter()).pipe(gulp.dest('out-reported'));
const pass = () => new Transform({ objectMode: true, transform: (file, encoding, next) => next(null, file) });
exports.twoStages = () => src().pipe(s3Put(options(bad))).pipe(pass()).pipe(pass()).pipe(s3Put.reporter());
exports.threeStages = () => gulp.src('dist/**', { encoding: false }).pipe(s3Put(options(bad))).pipe(gulp.dest('out-three')).pipe(pass()).pipe(pass());
exports.awaited = async () => {
  for await (const file of src().pipe(s3Put(options(bad))).pipe(pass()).pipe(pass())) file.seen = true;
};
const fails = () => new Transform({ objectMode: true, transform: (file, encoding, next) => next(file.basename === '50.txt' ? new Error('boom') : null, file) });
exports.failsBefore = () => src().pipe(pass()).pipe(fails()).pipe(s3Put(options())).pipe(pass()).pipe(s3Put.reporter());
exports.missing = () => gulp.src(['dist/**', 'nope.txt'], { read: false }).pipe(s3Put(options())).pipe(s3Put.reporter());
exports.noBucket = () => src().pipe(s3Put(options({ bucket: 's3://nowhere' }))).pipe(s3Put.reporter());
exports.piped = () => pipeline(src(), s3Put(options()), s3Put.reporter());
const put = () => src().pipe(s3Put(options(bad)));
exports.calledBack = (done) => { put(); done(); };
exports.calledBackReported = (done) => { put().pipe(s3Put.reporter()); done(); };
exports.notAwaited = async () => { put().pipe(pass()); };
exports.notAwaitedBucket = async () => { src().pipe(s3Put(options({ bucket: 's3://nowhere' }))); };
exports.notReturned = () => { put(); };
exports.listenedTo = async () => { put().on('error', (error) => console.log('seen: ' + error.failures.length)); };
exports.inPipeline = async () => { require('node:stream').pipeline(src(), s3Put(options(bad)), (error) => console.log('seen: ' + error.failures.length)); };
exports.runTwice = (done) => {
  let fails = true;
  const put = () => src().pipe(s3Put(options(fails ? bad : {}))).pipe(s3Put.reporter({ write() {} }));
  gulp.series(put)((error) => {
    fails = false;
    if (error) gulp.series(put)(done);
    else done(new Error('the first run did not fail'));
  });
};
`;

const FILES = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`dist/${index}.txt`, `${index}`]));

const FAILING = ['reported', 'saved', 'reportedAndSaved', 'twoStages', 'awaited'];
/** Tasks that fail before the put or for another reason, some while gulp.src still looks for files. */
const EARLY: readonly (readonly [task: string, message: RegExp])[] = [
  ['failsBefore', /boom/],
  ['noBucket', /NoSuchBucket/],
  ['missing', /File not found/],
];

for (const version of GULPS) {
  test(`${version.name}: a task whose last stage comes after the put fails with the put`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
    const tasks = [...FAILING, ...EARLY.map(([task]) => task)];
    const options = ['--gulpfile', 'gulpfile.cjs', '--series', '--continue'];
    const ran = await runGulp(project, server, [...options, ...tasks], version);
    assert.equal(ran.code, 1, ran.output);
    assert.doesNotMatch(ran.output, /did not complete/);
    // gulp may print the result of a task after the next one has started, so the checks go by names and numbers, not by order.
    for (const task of tasks) assert.match(ran.output, new RegExp(`'${task}' errored after`), ran.output);
    const failed = ran.output.match(/11 of \d+ files failed/g) ?? [];
    assert.ok(failed.length >= FAILING.length, ran.output);
    for (const [task, expected] of EARLY) assert.match(ran.output, expected, `${task}: ${ran.output}`);
  });

  test(`${version.name}: a task that fails ends the process with exit code 1`, async (t) => {
    const server = await serverFor(t);
    for (const [task, files, expected] of [
      ['threeStages', FILES, /11 of \d+ files failed/],
      ['noBucket', { 'dist/a.txt': 'a' }, /NoSuchBucket/],
    ] as const) {
      const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...files }, version);
      const { code, output } = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', task], version);
      assert.equal(code, 1, output);
      assert.match(output, expected);
      assert.doesNotMatch(output, /did not complete/);
    }
  });

  const UNSEEN: readonly (readonly [task: string, message: RegExp])[] = [
    ['calledBack', /11 of 100 files failed/],
    ['calledBackReported', /11 of 100 files failed/],
    ['notAwaited', /\d+ of \d+ files failed|the process ended after \d+ files were taken/],
    ['notAwaitedBucket', /NoSuchBucket/],
  ];
  for (const [task, message] of UNSEEN)
    test(`${version.name}: a failure that no task waits for is shown once and sets the exit code (${task})`, async (t) => {
      const server = await serverFor(t);
      const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
      const { code, output } = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', task], version);
      assert.equal(code, 1, output);
      assert.match(output, new RegExp(`Finished '${task}' after`));
      assert.equal(output.match(new RegExp(message, 'g'))?.length, 1, output);
      assert.match(output, /No task waits for this stream: return it/);
      assert.doesNotMatch(output, /^ {4}at |node:|Unhandled/m);
    });

  test(`${version.name}: a task that does not return its stream fails with it while it runs`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
    const { code, output } = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', 'notReturned'], version);
    assert.equal(code, 1, output);
    assert.match(output, /'notReturned' errored after/);
    assert.equal(output.match(/11 of 100 files failed/g)?.length, 1, output);
  });

  for (const task of ['listenedTo', 'inPipeline'])
    test(`${version.name}: a failure that a listener gets is its own affair (${task})`, async (t) => {
      const server = await serverFor(t);
      const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
      const { code, output } = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', task], version);
      assert.equal(code, 0, output);
      assert.match(output, /^seen: 11$/m);
      assert.doesNotMatch(output, /files failed/);
    });

  test(`${version.name}: a failed task can run again, and a pipeline with the reporter as its last stage ends`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.cjs': GULPFILE, ...FILES }, version);
    const options = ['--gulpfile', 'gulpfile.cjs', '--series'];
    const ran = await runGulp(project, server, [...options, 'runTwice', 'piped'], version);
    assert.equal(ran.code, 0, ran.output);
    assert.equal(server.keys('site').length, 100);
    assert.match(ran.output, /Nothing to upload; 100 unchanged\./);
  });
}
