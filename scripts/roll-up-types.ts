import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const ROOT = path.resolve(import.meta.dirname, '..');

/**
 * Writes `index.d.ts` into `outdir`: the declarations that a package exports, and those that these name, in one file. What is marked `@internal` is
 * left out.
 * @param project path of the tsconfig.json that emits declarations, among them one of `index.ts`
 */
export async function rollUpTypes(project: string, outdir: string): Promise<void> {
  // Within the repository, so that the types of other packages are found from there.
  const emitted = mkdtempSync(path.join(outdir, '.types-'));
  try {
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', path.join(ROOT, project), '--outDir', emitted, '--stripInternal'];
    const types = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (types.status !== 0) throw new Error('The types are wrong.');
    const bundle = await rollup({
      input: path.join(emitted, 'index.d.ts'),
      plugins: [dts()],
      external: (name) => !/^[./]/.test(name) && !path.isAbsolute(name),
      // A declaration that cannot be found is a warning only.
      onwarn: ({ message }) => {
        throw new Error(`The types cannot be rolled up: ${message}`);
      },
    });
    await bundle.write({ file: path.join(outdir, 'index.d.ts'), format: 'es' });
    await bundle.close();
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}
