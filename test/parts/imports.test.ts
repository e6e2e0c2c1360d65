import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { build, type Metafile } from 'esbuild';
import { undeclaredPackages } from '../gulp/project.js';

// Node looks for a package in every folder above the file that imports it, so what is not declared may be found on one machine and
// be missing on the next.

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS: readonly string[] = ['src', 'gulp-plugin/src', 'test', 'examples', 'bench', 'scripts'];
/** What is put into buckets, and programs that the benchmark runs beside packages of its own. */
const NOT_OURS = /^(examples[\\/]site|examples[\\/]gulp[\\/]dist|bench[\\/]scripts)[\\/]/;

const nameOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** The packages that the package.json nearest to a file declares, and the package itself. */
function declaredFor(file: string): readonly string[] {
  let folder = path.dirname(file);
  while (!existsSync(path.join(ROOT, folder, 'package.json'))) folder = path.dirname(folder);
  const { name, dependencies, devDependencies } = JSON.parse(
    readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'),
  ) as Readonly<Record<'dependencies' | 'devDependencies', Record<string, string> | undefined>> & {
    readonly name?: string;
  };
  return [name ?? '', ...Object.keys({ ...dependencies, ...devDependencies })];
}

/** `file imports package`, for each package that is not declared for the file. */
function undeclared({ inputs }: Pick<Metafile, 'inputs'>): string[] {
  return Object.entries(inputs).flatMap(([file, { imports }]) => {
    const names = imports.filter(({ external }) => external === true).map((found) => nameOf(found.path));
    const packages = names.filter((name) => !/^(node:|\.)/.test(name) && !builtinModules.includes(name));
    const declared = packages.length === 0 ? [] : declaredFor(file);
    return packages.filter((name) => !declared.includes(name)).map((name) => `${file} imports ${name}`);
  });
}

test('every package that a file imports is declared by the package.json nearest to it', async () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.m?[jt]s$/.test(name) && !name.endsWith('.d.ts'))
      .map((name) => path.join(folder, name)),
  ).filter((file) => !NOT_OURS.test(file));
  // Each file is an entry, so nothing need be put together.
  const external = ['./*', '../*', 's3-parallel-put'];
  const options = { bundle: true, packages: 'external', metafile: true, write: false, outdir: 'out' } as const;
  const modules = { platform: 'node', format: 'esm', logLevel: 'silent' } as const;
  const { metafile } = await build({ absWorkingDir: ROOT, entryPoints: files, external, ...options, ...modules });
  assert.deepEqual(undeclared(metafile), []);
  const known = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path: to }) => to));
  for (const name of ['fast-check', 'gulp', 'gulp-s3-parallel-put']) assert.ok(known.includes(name), name);
});

test('an import that nothing declares is found', () => {
  const imports = ['vinyl', 'fast-check', '@aws-sdk/client-s3/dist', 'node:fs', 'fs', '@scope/other/file.js'].map(
    (name) => ({ path: name, kind: 'import-statement', external: true }) as const,
  );
  const inputs = { 'test/unit/x.ts': { bytes: 1, imports }, 'gulp-plugin/src/x.ts': { bytes: 1, imports } };
  assert.deepEqual(undeclared({ inputs }), [
    'test/unit/x.ts imports vinyl',
    'test/unit/x.ts imports @scope/other',
    'gulp-plugin/src/x.ts imports fast-check',
    'gulp-plugin/src/x.ts imports @aws-sdk/client-s3',
    'gulp-plugin/src/x.ts imports @scope/other',
  ]);
});

test('what a program of a temporary project loads without having it is found', () => {
  const program = "const x = require('vinyl');\nimport a from \"@a/b/c\";\nimport './own.js';\nawait import('gulp');\n";
  const files = { 'gulpfile.mjs': `${program}export { z } from 'z';\nimport fs from 'node:fs';`, 'dist/x.js': program };
  assert.deepEqual(undeclaredPackages(files, { gulp: '*' }), ['@a/b', 'vinyl', 'z']);
});
