import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { bucketHashes, hashes, PICTURE } from '../gulp/files.js';
import { emptyProject, GULPFILES, type Packed, PLUGIN, packBoth, ROOT, run } from '../gulp/npm-packages.js';
import { environment, node } from '../gulp/project.js';
import { serverFor } from '../support/engine.js';
import { addFiles } from '../support/tree.js';

// What npm would publish, packed, checked, installed in an empty project and used there. `npm test` has built it.

let temporary = '';
let project = '';
let packed: Packed;

/** The versions that this repository locks, so that the installation rarely needs the registry. The packages themselves come from the tarballs. */
function lockfile(): string {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly link?: boolean }>>;
  };
  const locked = Object.entries(packages).filter(([place, { link }]) => place.startsWith('node_modules/') && !link);
  return JSON.stringify({ name: 'consumer', lockfileVersion: 3, packages: Object.fromEntries(locked) });
}

before(async () => {
  temporary = realpathSync(mkdtempSync(join(tmpdir(), 's3pp-gulp-package-')));
  project = join(temporary, 'consumer');
  packed = await packBoth(temporary);
  emptyProject(project, packed);
  writeFileSync(join(project, 'package-lock.json'), lockfile());
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const installed = await run('npm', args, project);
  assert.equal(installed.code, 0, installed.output);
});

after(() => {
  if (temporary !== '') rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
});

test('the package of the plugin holds what was built and the papers, and nothing else', () => {
  assert.deepEqual(packed.files, ['LICENSE', 'README.md', 'dist/index.d.ts', 'dist/index.js', 'package.json']);
});

test('publint and attw have nothing to say of the plugin', async () => {
  const { messages, pkg } = await publint({ pkgDir: join(project, 'node_modules', PLUGIN), pack: false, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code),
    [],
  );
  const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const profile = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-emoji'];
  const { code, output } = await node(temporary, [attw, packed.plugin, ...profile]);
  assert.equal(code, 0, output);
});

for (const [gulpfile, text] of Object.entries(GULPFILES)) {
  test(`the installed plugin works in a ${gulpfile}`, async (t) => {
    const server = await serverFor(t);
    const files = { 'index.html': '<h1>site</h1>', 'a.png': PICTURE, '.well-known/x': 'x' };
    const dist = Object.entries(files).map(([name, bytes]) => [`dist/${name}`, bytes] as const);
    addFiles(project, { [gulpfile]: text, ...Object.fromEntries(dist) });
    const gulp = join(project, 'node_modules/gulp/bin/gulp.js');
    const { code, output } = await node(project, [gulp, '--gulpfile', gulpfile], environment(server));
    assert.equal(code, 0, output);
    assert.match(output, /Uploaded 3 files, [^;\n]*\.\n/);
    assert.deepEqual(bucketHashes(server, 'site', gulpfile.endsWith('mjs') ? 'esm/' : 'common/'), hashes(files));
  });
}

const SAMPLE = `import plugin, { type FileFailure, type FileState, type S3File, s3Put, type S3PutError, type S3PutOptions } from '${PLUGIN}';

const options: S3PutOptions = {
  bucket: 's3://site/docs',
  mode: 'add',
  cacheControl: 'no-cache',
  key: (file, path) => (file.extname === '.html' ? path.toLowerCase() : undefined),
  headers: (file) => (file.isBuffer() ? { 'x-amz-meta-bytes': String(file.contents.length) } : undefined),
  rules: ({ basename }) => (basename === 'sw.js' ? { cacheControl: 'no-cache', gzip: true } : undefined),
  onCorrupt: 'heal',
};
const stream = s3Put(options);
stream.pipe(plugin.reporter({ states: ['create', 'update'], write: (line) => line.length }));
stream.on('data', (file: S3File) => {
  const state: FileState['state'] = file.s3?.state;
  return state satisfies 'create' | 'update' | 'metadata' | 'skip' | 'unknown' | 'delete' | undefined;
});
stream.on('error', (error: S3PutError) => error.failures.map(({ fileName, key }: FileFailure) => fileName + key + error.plugin));
s3Put.default.s3Put({ bucket: 'site', rules: [{ match: '*.map', skip: true }] });
// @ts-expect-error: the stream is the source
s3Put({ bucket: 'site', source: 'dist' });
// @ts-expect-error: an unknown state
s3Put.reporter({ states: ['deleted'] });
`;

for (const [resolution, compilerOptions] of [
  ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
] as const) {
  test(`a TypeScript project with moduleResolution ${resolution} compiles against the plugin`, async () => {
    const folder = join(project, resolution);
    mkdirSync(folder);
    const strict = { target: 'es2023', lib: ['es2023'], strict: true, exactOptionalPropertyTypes: true, noEmit: true };
    const types = { types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')], skipLibCheck: false };
    const config = { compilerOptions: { ...strict, ...types, ...compilerOptions }, files: ['sample.ts'] };
    addFiles(folder, {
      'package.json': '{"type": "module"}',
      'sample.ts': SAMPLE,
      'tsconfig.json': JSON.stringify(config),
    });
    const { code, output } = await node(project, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    assert.deepEqual({ code, output }, { code: 0, output: '' });
  });
}
