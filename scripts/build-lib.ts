// Builds what npm publishes: types in one file, code by esbuild in a few files, because loading a hundred small ones takes longer than a small run.
// What is imported when it is needed stays apart.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { manPage } from './man-page.js';
import { buildInto } from './replace-files.js';
import { rollUpTypes } from './roll-up-types.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = path.join(ROOT, 'dist/lib');

await buildInto(OUT, async (outdir) => {
  await rollUpTypes('tsconfig.build.json', outdir);
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/index.ts', 'src/cli/main.ts'],
    outbase: 'src',
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    charset: 'utf8',
    logLevel: 'warning',
  });
  await mkdir(path.join(outdir, 'man'), { recursive: true });
  await writeFile(path.join(outdir, 'man/s3-parallel-put.1'), manPage());
});
