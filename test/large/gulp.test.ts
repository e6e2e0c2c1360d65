import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bucketHashes, hashes, PICTURE } from '../gulp/files.js';
import { GULPS } from '../gulp/gulp-versions.js';
import { putsByteByByte } from '../gulp/gulpfile.js';
import { ENGINE, emptyProject, GULPFILES, packBoth, run } from '../gulp/npm-packages.js';
import { environment, makeProject, node } from '../gulp/project.js';
import { serverFor } from '../support/engine.js';
import { serverInProcess } from '../support/server-process.js';
import { addFiles } from '../support/tree.js';

const MB = 1e6;

const PROGRAM = `
const gulp = require('gulp');
const s3Put = require('gulp-s3-parallel-put');
const more = JSON.parse(process.argv[2]);
let files = 0;
gulp.src('dist/**', more)
  .pipe(s3Put({ bucket: 's3://site', endpointUrl: process.env.S3_URL, mode: 'stupid' }))
  .on('data', (file) => { if (file.s3?.state !== undefined) files += 1; })
  .on('end', () => console.log('held', files, process.resourceUsage().maxRSS * 1024));
`;

for (const version of GULPS) {
  test(`${version.name} puts 10,000 files in at most 200 MB of memory`, async (t) => {
    const server = await serverInProcess(t);
    const files = Array.from(
      { length: 10_000 },
      (_, i) => [`dist/s${i % 100}/f${i}.html`, `${'x'.repeat(i)}`] as const,
    );
    const project = makeProject(t, { 'program.cjs': PROGRAM, ...Object.fromEntries(files) }, version);
    const args = ['program.cjs', JSON.stringify({ read: false })];
    const { code, output } = await node(project, args, environment(server));
    assert.equal(code, 0, output);
    const [, put, bytes] = /held (\d+) (\d+)/.exec(output) ?? [];
    assert.equal(Number(put), 10_000);
    t.diagnostic(`${Math.round(Number(bytes) / MB)} MB`);
    assert.ok(Number(bytes) <= 200 * MB, `${bytes} bytes`);
  });
}

for (const version of GULPS)
  test(`${version.name} puts 300 files byte by byte, whether they are read by it or not`, (t) =>
    putsByteByByte(t, version, 300));

// gulp 5 alone, before a slow stage that does nothing, holds 760 MB of them.
test('gulp 5 hands over contents of 3 GB as there is room for them', async (t) => {
  const server = await serverInProcess(t);
  const project = makeProject(t, { 'program.cjs': PROGRAM, 'dist/': '' });
  for (let i = 0; i < 300; i += 1) {
    addFiles(project, { [`dist/f${i}.bin`]: `${i}` });
    truncateSync(join(project, `dist/f${i}.bin`), 10 * 2 ** 20);
  }
  const { code, output } = await node(project, ['program.cjs', '{"encoding":false}'], environment(server));
  assert.equal(code, 0, output);
  const [, put, bytes] = /held (\d+) (\d+)/.exec(output) ?? [];
  assert.equal(Number(put), 300);
  t.diagnostic(`${Math.round(Number(bytes) / MB)} MB`);
  assert.ok(Number(bytes) <= 1_500 * MB, `${bytes} bytes`);
});

test('both packages are installed by pnpm, and work in gulpfiles of both kinds', async (t) => {
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), 's3pp-gulp-pnpm-')));
  t.after(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }));
  const project = join(temporary, 'consumer');
  emptyProject(project, await packBoth(temporary), { pnpm: { overrides: { [ENGINE]: 'file:engine.tgz' } } });
  const installed = await run('npx', ['-y', 'pnpm@9', 'install', '--prefer-offline', '--ignore-scripts'], project);
  assert.equal(installed.code, 0, installed.output);
  const files = { 'index.html': '<h1>site</h1>', 'a.png': PICTURE };
  addFiles(project, { 'dist/index.html': files['index.html'], 'dist/a.png': files['a.png'] });
  for (const [gulpfile, text] of Object.entries(GULPFILES)) {
    const server = await serverFor(t);
    addFiles(project, { [gulpfile]: text });
    const gulp = join(project, 'node_modules/gulp/bin/gulp.js');
    const { code, output } = await node(project, [gulp, '--gulpfile', gulpfile], environment(server));
    assert.equal(code, 0, output);
    assert.deepEqual(bucketHashes(server, 'site', gulpfile.endsWith('mjs') ? 'esm/' : 'common/'), hashes(files));
  }
});
