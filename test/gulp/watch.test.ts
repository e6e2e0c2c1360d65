import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { siteOf } from './files.js';
import { GULP_5, GULPS } from './gulp-versions.js';
import { environment, makeProject, node } from './project.js';

/** What a process holds after some runs of the tasks. */
interface Held {
  readonly listeners: number;
  readonly resources: number;
  readonly descriptors: number;
  readonly heap: number;
}

// As gulp.watch does: runs the same functions again and again, in one process. One run in five fails.
const PROGRAM = `
const { readdirSync, existsSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const gulp = require('gulp');
const s3Put = require('gulp-s3-parallel-put');

gulp.on('error', () => {});
const put = (more) => s3Put({ bucket: 's3://site', endpointUrl: process.env.S3_URL, mode: 'stupid', concurrency: 8, ...more });
const src = (more) => gulp.src('dist/**', more);
const deploy = gulp.series(
  function unread() { return src({ read: false }).pipe(put()); },
  function buffered() { return src({ encoding: false }).pipe(put()).pipe(s3Put.reporter({ write() {} })); },
  function streaming() { return src({ encoding: false, buffer: false }).pipe(put()); },
  function changed() { return src({ buffer: false }).pipe(put({ onCorrupt: 'heal' })); },
);
const failing = () => src({ read: false }).pipe(put({ key: (file, path) => (path.endsWith('.png') ? 'a//b' : path) }));

const run = (task) => new Promise((resolve) => gulp.series(task)((error) => resolve(error)));
const collectGarbage = async () => {
  for (let i = 0; i < 5; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    global.gc();
  }
};
const held = () => ({
  listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  resources: process.getActiveResourcesInfo().length,
  descriptors: existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0,
  heap: process.memoryUsage().heapUsed,
});
process.on('unhandledRejection', (error) => { console.log('unhandled', error); process.exitCode = 3; });
process.on('warning', (warning) => console.log('warning', warning.name, warning.message));
(async () => {
  const all = [];
  for (let count = 1; count <= 16; count += 1) {
    const error = await run(count % 5 === 0 ? failing : deploy);
    if ((error !== undefined && error !== null) !== (count % 5 === 0)) throw error ?? new Error('no error');
    if (count === 6 || count === 16) { await collectGarbage(); all.push(held()); }
  }
  const kept = readdirSync(tmpdir()).filter((name) => name.startsWith('gulp-s3-')).map((name) => readdirSync(tmpdir() + '/' + name).length);
  console.log('held ' + JSON.stringify({ all, kept }));
})();
`;

const NEVER_ENDED = `
const { Transform } = require('node:stream');
const File = require('vinyl');
const s3Put = require('gulp-s3-parallel-put');
let alive = 0;
const registry = new FinalizationRegistry(() => { alive -= 1; });
const file = () => new File({ base: '/b', path: '/b/x', contents: Buffer.from('x') });
(async () => {
  for (let run = 0; run < 20; run += 1) {
    const put = s3Put({ bucket: 's3://site', endpointUrl: process.env.S3_URL, mode: 'stupid' });
    alive += 1;
    registry.register(put);
    put.resume();
    if (run % 2 === 0) put.write(file());
    else {
      const fails = new Transform({ objectMode: true, transform: (given, encoding, next) => next(new Error('boom')) });
      fails.on('error', () => {}).pipe(put);
      fails.write(file());
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Idle connections close after some seconds. The SDK keeps an error of the first run, and with it the first client.
  while (alive > 2) {
    global.gc();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  console.log('collected');
})();
`;

test('a stream that never ends is garbage collected, with all that it holds', async (t) => {
  const server = await serverFor(t);
  const [version] = GULPS;
  assert.ok(version !== undefined);
  const project = makeProject(t, { 'program.cjs': NEVER_ENDED }, version, ['vinyl']);
  const { code, output } = await node(project, ['--expose-gc', 'program.cjs'], environment(server));
  assert.equal(code, 0, output);
  // If something is not collected, the program runs until the time limit of the tests.
  assert.match(output, /^collected$/m);
});

for (const version of GULPS) {
  // gulp 5 covers what both versions share; what a stream of gulp 4 leaves behind shows with few files too.
  const count = version === GULP_5 ? 30 : 12;
  test(`a task of ${version.name} runs 16 times in one process, and the process holds no more than before`, async (t) => {
    const server = await serverFor(t);
    const files = Object.entries(siteOf(count)).map(([name, bytes]) => [`dist/${name}`, bytes] as const);
    const project = makeProject(t, { 'program.cjs': PROGRAM, ...Object.fromEntries(files) }, version);
    const temporary = makeTree(t, {});
    const env = { ...environment(server), TMPDIR: temporary, TEMP: temporary, TMP: temporary };
    const { code, output } = await node(
      project,
      ['--expose-gc', '--disable-warning=ExperimentalWarning', 'program.cjs'],
      env,
    );
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /MaxListeners|unhandled/);
    const { all, kept } = JSON.parse(/^held (.*)$/m.exec(output)?.[1] ?? '{}') as {
      readonly all: readonly Held[];
      readonly kept: readonly number[];
    };
    const [early, late] = all;
    assert.ok(early !== undefined && late !== undefined, output);
    assert.equal(late.listeners, early.listeners);
    assert.ok(late.resources <= early.resources + 1, JSON.stringify(all));
    assert.ok(late.descriptors <= early.descriptors + 2, JSON.stringify(all));
    assert.ok(late.heap < early.heap + 4e6, JSON.stringify(all));
    assert.ok(
      kept.every((files) => files < count),
      `${kept} temporary files`,
    );
    assert.ok(existsSync(temporary));
    const { output: left } = await node(temporary, [
      '-p',
      'fs.readdirSync(".").filter((name) => name.startsWith("gulp-s3-")).length',
    ]);
    assert.equal(left.trim(), '0', 'the temporary folder is removed when the process exits');
  });
}
