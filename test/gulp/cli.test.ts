import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { bucketHashes, hashes, PICTURE, siteOf } from './files.js';
import { GULP_5, GULPS } from './gulp-versions.js';
import { below, ESM, putsByteByByte } from './gulpfile.js';
import { makeProject, runGulp } from './project.js';

const COMMON_JS = `const gulp = require('gulp');
const s3Put = require('gulp-s3-parallel-put');
const { s3Put: named } = require('gulp-s3-parallel-put');
const { default: byDefault } = require('gulp-s3-parallel-put');

const options = { endpointUrl: process.env.S3_URL, concurrency: 16 };
const putSome = (put, prefix) => gulp.src('some/**', { read: false }).pipe(put({ bucket: 's3://site', prefix, ...options }));
exports.all = gulp.series(
  function asModule() { return putSome(s3Put, 'module'); },
  function byName() { return putSome(named, 'named').pipe(s3Put.reporter()); },
  function asDefault() { return putSome(byDefault, 'default'); },
);
`;

const SOME = { 'a.txt': 'a', 'b.png': PICTURE, 'folder/c.html': '<p>c</p>' };
/** The large tests do the same with 300 files. */
const FEW = 60;

for (const version of GULPS) {
  test(`${version.name} puts ${FEW} files byte by byte, whether gulp reads them or not`, (t) =>
    putsByteByByte(t, version, FEW));

  test(`${version.name} runs the plugin at any place of any kind of pipeline`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.mjs': ESM, ...below('some', SOME) }, version, ['merge-stream']);
    const tasks = ['middle', 'merged', 'piped', 'last', 'looped', 'kept'];
    const ran = await runGulp(project, server, [...tasks, '--series'], version);
    assert.equal(ran.code, 0, ran.output);
    for (const prefix of ['middle', 'merged-1', 'merged-2', 'piped-1', 'piped-2', 'last', 'looped', 'kept'])
      assert.deepEqual(bucketHashes(server, 'site', `${prefix}/`), hashes(SOME), prefix);
    assert.match(ran.output, /^uploaded middle\/a\.txt \(new, 1 B\)\n[\s\S]*^Uploaded 3 files, [^;\n]*\.\n/m);
  });

  test(`${version.name} can require the plugin in every form`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.cjs': COMMON_JS, ...below('some', SOME) }, version);
    const ran = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', 'all'], version);
    assert.equal(ran.code, 0, ran.output);
    for (const prefix of ['module', 'named', 'default'])
      assert.deepEqual(bucketHashes(server, 'site', `${prefix}/`), hashes(SOME), prefix);
  });

  test(`${version.name} fails with a list of the files that failed, after the others were put`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.mjs': ESM, ...below('dist', siteOf(50)) }, version, ['merge-stream']);
    server.fault({
      verb: 'PutObject',
      occurrences: 'all',
      key: /section-1[0-9]?\//,
      type: 'status',
      status: 403,
      code: 'AccessDenied',
    });
    const ran = await runGulp(project, server, ['readFalse'], version);
    assert.notEqual(ran.code, 0);
    const [, failed, files] = /(\d+) of (\d+) files failed:/.exec(ran.output) ?? [];
    assert.equal(Number(files), 50);
    assert.equal(server.keys('site').length, 50 - Number(failed));
    assert.match(ran.output, /in plugin "gulp-s3-parallel-put"/);
    assert.equal(ran.output.match(/^ {6}\S.*section-1\d?.*AccessDenied/gm)?.length, 10, ran.output);
    assert.match(ran.output, new RegExp(`… and ${Number(failed) - 10} more`));
    assert.equal(ran.output.match(/The credentials lack s3:PutObject/g)?.length, 1, ran.output);
    assert.doesNotMatch(ran.output, /at .*\.js:\d+|Unhandled/i);
  });

  test(`${version.name} fails at once for wrong options, and with one message for an error that every request meets`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.mjs': ESM, ...below('some', SOME) }, version, ['merge-stream']);
    const { code, output } = await runGulp(project, server, ['wrong', 'missing', '--series', '--continue'], version);
    assert.notEqual(code, 0);
    for (const task of ['wrong', 'missing']) assert.match(output, new RegExp(`'${task}' errored after`), output);
    assert.match(output, /mode "sync" is unknown/);
    assert.ok(server.requests.length > 0);
    for (const { bucket } of server.requests) assert.equal(bucket, 'no-such-bucket');
    assert.equal(output.match(/NoSuchBucket/g)?.length, 1, output);
  });
}

test('gulp 5 fails for pictures that it damaged, and puts them undamaged with onCorrupt "heal"', async (t) => {
  const server = await serverFor(t);
  const project = makeProject(t, { 'gulpfile.mjs': ESM, ...below('some', SOME) }, GULP_5, ['merge-stream']);
  const { code, output } = await runGulp(project, server, ['damaged', 'healed', '--series', '--continue']);
  assert.notEqual(code, 0);
  assert.match(output, /'damaged' errored after/);
  assert.match(output, /1 of 3 files failed:\n {6}.*b\.png: gulp has decoded this file[^\n]*\n.*encoding: false/);
  const keys = server.keys('site').filter((key) => !key.startsWith('healed/'));
  assert.deepEqual(keys, ['damaged/a.txt', 'damaged/folder/c.html']);
  assert.match(output, /Finished 'healed' after/, output);
  assert.deepEqual(bucketHashes(server, 'site', 'healed/'), hashes(SOME));
});
