import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { serverFor } from '../support/engine.js';
import { bucketHashes, hashes, siteOf } from './files.js';
import type { GulpVersion } from './gulp-versions.js';
import { makeProject, runGulp } from './project.js';

/** A gulpfile with the plugin at every place of a pipeline. */
export const ESM = `import gulp from 'gulp';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import mergeStream from 'merge-stream';
import s3Put, { s3Put as named } from 'gulp-s3-parallel-put';

const options = { endpointUrl: process.env.S3_URL, concurrency: 16 };
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

/** The same files in a folder. */
export const below = (folder: string, files: Record<string, Buffer | string>): Record<string, Buffer | string> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));

/** Runs tasks that put `count` files, one of them large, below three prefixes, and compares the objects with the files. */
export async function putsByteByByte(t: TestContext, version: GulpVersion, count: number): Promise<void> {
  const server = await serverFor(t);
  const site = { ...siteOf(count - 1), 'big.bin': randomBytes(20 * 2 ** 20) };
  const junk = { '.DS_Store': 'x', 'folder/Thumbs.db': 'x', '.git/config': 'x' };
  const files = { 'gulpfile.mjs': ESM, ...below('dist', { ...site, ...junk }) };
  const project = makeProject(t, files, version, ['merge-stream']);
  const ran = await runGulp(project, server, ['readFalse', 'buffered', 'streaming', '--series'], version);
  assert.equal(ran.code, 0, ran.output);
  const expected = hashes(site);
  for (const prefix of ['read-false/', 'buffered/', 'streaming/'])
    assert.deepEqual(bucketHashes(server, 'site', prefix), expected, prefix);
  assert.equal(server.keys('site').length, 3 * count);
  assert.equal(server.object('site', 'read-false/wasm/module.wasm')?.headers['content-type'], 'application/wasm');
  assert.ok(
    (server.object('site', 'buffered/big.bin')?.partSizes ?? []).length > 1,
    'a buffer is uploaded in parts too',
  );
}
