// Builds what npm publishes of the Gulp plugin: types in one file, code by esbuild in one file. The library is built before, as its types are needed.
import path from 'node:path';
import { build } from 'esbuild';
import { buildInto } from './replace-files.js';
import { rollUpTypes } from './roll-up-types.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = path.join(ROOT, 'gulp-plugin/dist');

await buildInto(OUT, async (outDir) => {
  await rollUpTypes('gulp-plugin/tsconfig.json', outDir);
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
