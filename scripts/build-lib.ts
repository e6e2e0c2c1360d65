// Builds what npm publishes: types in one file, code by esbuild in a few files, because loading a hundred small ones takes longer than a small run.
// What a put on the command line needs from its start is one of them. What is imported when it is needed stays apart.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { buildInLayers, type Layers } from './layers.js';
import { manPage } from './man-page.js';
import { buildInto } from './replace-files.js';
import { rollUpTypes } from './roll-up-types.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = path.join(ROOT, 'dist/lib');

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  charset: 'utf8',
  logLevel: 'warning',
} satisfies BuildOptions;

/** Help and the version come without what a run needs. */
const LAYERS: Layers = {
  first: 'src/cli/main.ts',
  layers: [
    { name: 'info', from: ['src/cli/cli.ts', 'src/cli/help/help.ts'] },
    { name: 'put', from: ['src/cli/run-command.ts'] },
  ],
};

await buildInto(OUT, async (outdir) => {
  await rollUpTypes('tsconfig.build.json', outdir);
  const { files } = await buildInLayers(LAYERS, {
    ...COMMON,
    entryPoints: ['src/index.ts', 'src/cli/main.ts'],
    outbase: 'src',
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
  });
  // What threads load is one file, beside the code that looks for it: a thread needs little of the rest.
  await build({
    ...COMMON,
    entryPoints: ['src/transfer/threads/s3-parallel-put-thread.ts'],
    outfile: path.join(outdir, 'chunks/s3-parallel-put-thread.js'),
  });
  for (const [name, text] of files) {
    const file = path.join(outdir, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  await mkdir(path.join(outdir, 'man'), { recursive: true });
  await writeFile(path.join(outdir, 'man/s3-parallel-put.1'), manPage());
});
