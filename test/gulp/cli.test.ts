import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { bucketHashes, hashes, PICTURE, siteOf } from './files.js';
import { GULP_5, GULPS } from './gulps.js';
import { makeProject, runGulp } from './run.js';

const OPTIONS = `{ endpointUrl: process.env.S3_URL, concurrency: 16 }`;

const ESM = `import gulp from 'gulp';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import mergeStream from 'merge-stream';
import s3Put, { s3Put as named } from 'gulp-s3-parallel-put';

const options = ${OPTIONS};
const dist = (more) => gulp.src('dist/**', { dot: true, ...more });
const put = (prefix, more) => s3Put({ bucket: 's3://site', prefix, ...options, ...more });
const pass = () => new Transform({ objectMode: true, transform: (file, _encoding, next) => next(null, file) });

export const readFalse = () => dist({ read: false }).pipe(put('read-false'));
export const buffered = () => dist({ encoding: false, removeBOM: false }).pipe(put('buffered'));
export const streaming = () => dist({ encoding: false, removeBOM: false, buffer: false }).pipe(put('streaming'));

const some = (more) => gulp.src('some/**', { read: false, ...more });
export const middle = () => some().pipe(put('middle')).pipe(named.reporter({ states: ['create'] })).pipe(pass());
export const merged = () => mergeStream(some().pipe(put('merged-1')), some().pipe(put('merged-2')));
export const piped = () => pipeline(some(), put('piped-1'), put('piped-2', { prefix: 'piped-2' }), pass());
export const last = () => pipeline(some(), put('last'));
export async function looped() {
  const states = [];
  for await (const file of some().pipe(put('looped'))) if (file.stat.isFile()) states.push(file.s3.state);
  if (states.join() !== 'create,create,create') throw new Error(states.join());
}
export const kept = () => gulp.src('some/**', { encoding: false, buffer: false }).pipe(put('kept')).pipe(gulp.dest('out'));

export const damaged = () => gulp.src('some/**').pipe(put('damaged'));
export const healed = () => gulp.src('some/**').pipe(put('healed', { onCorrupt: 'heal' }));
export const wrong = () => some().pipe(put('wrong', { mode: 'sync' }));
export const missing = () => some().pipe(s3Put({ bucket: 'no-such-bucket', ...options }));
`;

const COMMON = `const gulp = require('gulp');
const s3Put = require('gulp-s3-parallel-put');
const { s3Put: named } = require('gulp-s3-parallel-put');
const { default: byDefault } = require('gulp-s3-parallel-put');

const options = ${OPTIONS};
const some = (put, prefix) => gulp.src('some/**', { read: false }).pipe(put({ bucket: 's3://site', prefix, ...options }));
exports.all = gulp.series(
  function called() { return some(s3Put, 'called'); },
  function byName() { return some(named, 'named').pipe(s3Put.reporter()); },
  function asDefault() { return some(byDefault, 'default'); },
);
`;

const SOME = { 'a.txt': 'a', 'b.png': PICTURE, 'folder/c.html': '<p>c</p>' };
const below = (folder: string, files: Record<string, Buffer | string>): Record<string, Buffer | string> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));

for (const version of GULPS) {
  test(`${version.name} puts 300 files byte by byte, whether they are read by it or not`, async (t) => {
    const server = await serverFor(t);
    const site = { ...siteOf(299), 'big.bin': randomBytes(20 * 2 ** 20) };
    const junk = { '.DS_Store': 'x', 'folder/Thumbs.db': 'x', '.git/config': 'x' };
    const project = makeProject(t, { 'gulpfile.mjs': ESM, ...below('dist', { ...site, ...junk }) }, version, [
      'merge-stream',
    ]);
    const ran = await runGulp(project, server, ['readFalse', 'buffered', 'streaming', '--series'], version);
    assert.equal(ran.code, 0, ran.output);
    const expected = hashes(site);
    for (const prefix of ['read-false/', 'buffered/', 'streaming/'])
      assert.deepEqual(bucketHashes(server, 'site', prefix), expected, prefix);
    assert.equal(server.keys('site').length, 900);
    assert.equal(server.object('site', 'read-false/wasm/module.wasm')?.headers['content-type'], 'application/wasm');
    assert.ok((server.object('site', 'buffered/big.bin')?.partSizes ?? []).length > 1, 'a buffer goes up in parts too');
  });

  test(`${version.name} has it as any stage, in every kind of pipeline`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.mjs': ESM, ...below('some', SOME) }, version, ['merge-stream']);
    const tasks = ['middle', 'merged', 'piped', 'last', 'looped', 'kept'];
    const ran = await runGulp(project, server, [...tasks, '--series'], version);
    assert.equal(ran.code, 0, ran.output);
    for (const place of ['middle', 'merged-1', 'merged-2', 'piped-1', 'piped-2', 'last', 'looped', 'kept'])
      assert.deepEqual(bucketHashes(server, 'site', `${place}/`), hashes(SOME), place);
    assert.match(ran.output, /\[create] middle\/a\.txt \(new\)\n[\s\S]*\n3 created, 0 updated, 0 unchanged; /);
  });

  test(`${version.name} is required in every form`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.cjs': COMMON, ...below('some', SOME) }, version);
    const ran = await runGulp(project, server, ['--gulpfile', 'gulpfile.cjs', 'all'], version);
    assert.equal(ran.code, 0, ran.output);
    for (const place of ['called', 'named', 'default'])
      assert.deepEqual(bucketHashes(server, 'site', `${place}/`), hashes(SOME), place);
  });

  test(`${version.name} fails with the list of what failed, after the others were put`, async (t) => {
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

  test(`${version.name} fails at once for wrong options, and with one message for what every request meets`, async (t) => {
    const server = await serverFor(t);
    const project = makeProject(t, { 'gulpfile.mjs': ESM, ...below('some', SOME) }, version, ['merge-stream']);
    const wrong = await runGulp(project, server, ['wrong'], version);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.output, /mode "sync" is unknown/);
    assert.equal(server.requests.length, 0);
    const missing = await runGulp(project, server, ['missing'], version);
    assert.notEqual(missing.code, 0);
    assert.equal(missing.output.match(/NoSuchBucket/g)?.length, 1, missing.output);
  });
}

test('gulp 5 is told of pictures that it has damaged, and heals them where that is asked', async (t) => {
  const server = await serverFor(t);
  const project = makeProject(t, { 'gulpfile.mjs': ESM, ...below('some', SOME) }, GULP_5, ['merge-stream']);
  const damaged = await runGulp(project, server, ['damaged']);
  assert.notEqual(damaged.code, 0);
  assert.match(
    damaged.output,
    /1 of 3 files failed:\n {6}.*b\.png: gulp has decoded this file[^\n]*\n.*encoding: false/,
  );
  assert.deepEqual(server.keys('site'), ['damaged/a.txt', 'damaged/folder/c.html']);
  const healed = await runGulp(project, server, ['healed']);
  assert.equal(healed.code, 0, healed.output);
  assert.deepEqual(bucketHashes(server, 'site', 'healed/'), hashes(SOME));
});
