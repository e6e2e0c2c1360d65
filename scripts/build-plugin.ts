// Builds what npm publishes of the Gulp plugin: types by tsc, code by esbuild in one file. The library is built before, as its types are needed.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = path.join(ROOT, 'gulp-plugin/dist');

rmSync(OUT, { recursive: true, force: true });
const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const types = spawnSync(process.execPath, [tsc, '-p', path.join(ROOT, 'gulp-plugin/tsconfig.json')], {
  stdio: 'inherit',
});
if (types.status !== 0) process.exit(types.status ?? 1);
await build({
  absWorkingDir: path.join(ROOT, 'gulp-plugin'),
  entryPoints: ['src/index.ts'],
  outfile: path.join(OUT, 'index.js'),
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  charset: 'utf8',
  logLevel: 'warning',
  tsconfigRaw: {},
});
