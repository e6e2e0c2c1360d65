import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Packages of CommonJS call it for modules of Node. */
const REQUIRE = "import { createRequire as from } from 'node:module';\nconst require = from(import.meta.url);";
const built = new Map<string, string>();

/**
 * Builds a program, with the packages that it uses, once for this process: a loader of TypeScript would start anew in every process
 * or thread that runs it. @param file of the program, from the root of the checkout @returns the path of what was built
 */
export function builtProgram(file: string): string {
  const before = built.get(file);
  if (before !== undefined) return before;
  const outdir = mkdtempSync(path.join(tmpdir(), 's3pp-program-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: { program: file },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
  const program = path.join(outdir, 'program.mjs');
  built.set(file, program);
  return program;
}
