// Builds what npm publishes: types by tsc, code by esbuild in a few files, because loading a hundred small ones takes longer than a small run.
// What is imported when it is needed stays apart.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { buildInto } from './replace-files.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = path.join(ROOT, 'dist/lib');

const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
await buildInto(OUT, async (outdir) => {
  const args = [tsc, '-p', path.join(ROOT, 'tsconfig.build.json'), '--outDir', outdir];
  const types = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (types.status !== 0) throw new Error('The types are wrong.');
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
});
