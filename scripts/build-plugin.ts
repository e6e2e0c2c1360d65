// Builds what npm publishes of the Gulp plugin: types by tsc, code by esbuild in one file. The library is built before, as its types are needed.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { buildInto } from './replace-files.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = path.join(ROOT, 'gulp-plugin/dist');

const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
await buildInto(OUT, async (outDir) => {
  const args = [tsc, '-p', path.join(ROOT, 'gulp-plugin/tsconfig.json'), '--outDir', outDir];
  const types = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (types.status !== 0) throw new Error('The types are wrong.');
  await build({
    absWorkingDir: path.join(ROOT, 'gulp-plugin'),
    entryPoints: ['src/index.ts'],
    outfile: path.join(outDir, 'index.js'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    charset: 'utf8',
    logLevel: 'warning',
    tsconfigRaw: {},
  });
});
