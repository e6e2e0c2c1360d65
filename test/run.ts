// Runs the tests of the folders given: `tsx test/run.ts unit engine`. Words that begin with -- go to node.
// `node --test` starts a process for each file, and loading the sources takes it longer than most files do, so files share processes where
// their tests allow it: those of a group run one after the other, as those of one file do.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** How many files share a process. Those of the other folders hold much memory, so they stay alone. */
const FILES_TOGETHER: Readonly<Record<string, number>> = { unit: 12, 'fake-s3': 15, engine: 14, faces: 5, gulp: 2 };
/** Hooks and settings outside of tests hold for a whole process, so whoever has them is alone. */
const ALONE = ['hash.test.ts', 'config-file.test.ts', 'copy-files.test.ts', 'garbage.test.ts'];
// A test that hangs ends the run; how fast a machine is must not.
const HANGS = '--test-timeout=600000';

const words = process.argv.slice(2);
const temporary = mkdtempSync(path.join(tmpdir(), 's3pp-tests-'));

function filesOf(folder: string): string[] {
  const names = readdirSync(path.join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' });
  const found = names.filter((name) => name.endsWith('.test.ts')).sort();
  if (found.length === 0) throw new Error(`test/${folder} holds no tests`);
  return found.map((name) => path.join(import.meta.dirname, folder, name));
}

/** A file for each process: one of the tests, or one that imports several. */
function processesOf(folder: string): string[] {
  const files = filesOf(folder);
  const alone = files.filter((file) => ALONE.includes(path.basename(file)));
  const together = files.filter((file) => !alone.includes(file));
  const count = Math.ceil(together.length / (FILES_TOGETHER[folder] ?? 1));
  if (count === together.length) return files;
  const groups = Array.from({ length: count }, (_, index) => {
    // Neighbours are alike, and so alike in length; they are dealt out.
    const members = together.filter((_file, at) => at % count === index);
    const group = path.join(temporary, `${folder}-${index + 1}.test.mjs`);
    writeFileSync(group, members.map((file) => `import '${pathToFileURL(file)}';\n`).join(''));
    return group;
  });
  return [...groups, ...alone];
}

try {
  const programs = words.filter((word) => !word.startsWith('--')).flatMap(processesOf);
  const options = [HANGS, ...words.filter((word) => word.startsWith('--'))];
  const { status, error } = spawnSync(process.execPath, ['--import', 'tsx', '--test', ...options, ...programs], {
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
