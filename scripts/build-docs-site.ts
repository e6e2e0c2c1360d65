// Builds the documentation site from docs/: `npm run docs:site [FOLDER] [-- --base /docs/]`. Without a folder it is dist/docs-site, which Git ignores.
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vitepress';

const ROOT = path.resolve(import.meta.dirname, '..');

const { positionals, values } = parseArgs({ allowPositionals: true, options: { base: { type: 'string' } } });
const outDir = path.resolve(positionals[0] ?? path.join(ROOT, 'dist/docs-site'));
// Its modules load packages of the repository, so it is below it; each build has its own, so that two can run.
const temporary = mkdtempSync(path.join(ROOT, '.building-docs-'));
try {
  await build(path.join(ROOT, 'docs'), {
    outDir,
    ...(values.base === undefined ? {} : { base: values.base }),
    onAfterConfigResolve: (config) => {
      config.tempDir = temporary;
    },
  });
  console.log(`The documentation site is in ${outDir}.`);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
