import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT: string = resolve(import.meta.dirname, '../..');
export const PLUGIN = 'gulp-s3-parallel-put';
export const ENGINE = 's3-parallel-put';
const WINDOWS = process.platform === 'win32';

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs npm or npx to its end. An exit code other than 0 is a result, not an error. */
export function run(program: 'npm' | 'npx', args: readonly string[], cwd: string): Promise<Ran> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  // The test runner must not affect the programs that a test starts.
  delete env.NODE_OPTIONS;
  delete env.NODE_TEST_CONTEXT;
  // Nor may packages installed on this machine.
  delete env.NODE_PATH;
  return new Promise((resolve, reject) => {
    const options = { cwd, env, shell: WINDOWS, timeout: 600_000, maxBuffer: 2 ** 26 };
    execFile(WINDOWS ? `${program}.cmd` : program, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, output: stdout + stderr });
      else
        reject(new Error(`${program} ${args.join(' ')} did not end by itself\n${stdout}${stderr}`, { cause: error }));
    });
  });
}

async function packed(folder: string, into: string): Promise<{ readonly path: string; readonly files: string[] }> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into];
  const { code, output } = await run('npm', args, folder);
  if (code !== 0) throw new Error(output);
  const [{ filename, files }] = JSON.parse(output.slice(output.indexOf('['))) as [
    { filename: string; files: { path: string }[] },
  ];
  return { path: join(into, filename), files: files.map(({ path }) => path).sort() };
}

export interface Packed {
  readonly engine: string;
  readonly plugin: string;
  /** Paths in the plugin's package. */
  readonly files: readonly string[];
}

/** Packs both packages as npm would publish them. Needs `npm run build`. */
export async function packBoth(into: string): Promise<Packed> {
  const [engine, plugin] = await Promise.all([packed(ROOT, into), packed(join(ROOT, 'gulp-plugin'), into)]);
  return { engine: engine.path, plugin: plugin.path, files: plugin.files };
}

/** Creates an empty project that depends on gulp and on both tarballs. `more` is added to its package.json. */
export function emptyProject(folder: string, { engine, plugin }: Packed, more: object = {}): void {
  mkdirSync(folder);
  // The tarballs are copied into the project, so that package.json has no path with a space or a drive letter.
  copyFileSync(engine, join(folder, 'engine.tgz'));
  copyFileSync(plugin, join(folder, 'plugin.tgz'));
  const dependencies = { gulp: '^5.0.1', [PLUGIN]: 'file:plugin.tgz', [ENGINE]: 'file:engine.tgz' };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, dependencies, ...more }),
  );
}

export const GULPFILES: Readonly<Record<string, string>> = {
  'gulpfile.mjs': `import gulp from 'gulp';
import s3Put from '${PLUGIN}';
export default () => gulp.src('dist/**', { read: false, dot: true })
  .pipe(s3Put({ bucket: 's3://site/esm', endpointUrl: process.env.S3_URL }))
  .pipe(s3Put.reporter());
`,
  'gulpfile.cjs': `const gulp = require('gulp');
const s3Put = require('${PLUGIN}');
exports.default = () => gulp.src('dist/**', { read: false, dot: true })
  .pipe(s3Put({ bucket: 's3://site/common', endpointUrl: process.env.S3_URL }))
  .pipe(s3Put.reporter());
`,
};
