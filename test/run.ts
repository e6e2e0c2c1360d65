// Runs the tests of groups, which are folders of test/: `tsx test/run.ts unit engine`. Arguments that begin with -- go to node.
// `node --test` starts a process for each file, and loading the sources takes it longer than most files need, so files share
// processes where their tests allow it. The files of a process run one after the other, as the tests of one file do.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * In how many processes the files of a group run; those of other groups use much memory, and each has its own. Unit tests have as
 * many as a small machine has cores: each process loads the sources anew.
 */
const PROCESSES: Readonly<Record<string, number>> = {
  unit: 2,
  parts: 2,
  'fake-s3': 2,
  engine: 4,
  faces: 3,
  gulp: 3,
  fleet: 4,
};
/** Files that measure the memory of their process, which therefore have their own. */
const ALONE: readonly string[] = ['hash.test.ts', 'garbage.test.ts'];
/** Ends a test that hangs. It is long, so that a slow machine fails no test. */
const TIMEOUT = '--test-timeout=600000';
/** It lists the failed tests once more at the end, where a reader of thousands of lines finds them. */
const REPORTER = '--test-reporter=spec';

function testFiles(group: string): string[] {
  const names = readdirSync(path.join(import.meta.dirname, group), { recursive: true, encoding: 'utf8' });
  const found = names.filter((name) => name.endsWith('.test.ts')).sort();
  if (found.length === 0) throw new Error(`test/${group} holds no tests`);
  return found.map((name) => path.join(import.meta.dirname, group, name));
}

/** The programs that run a group, one for each process: test files, or programs written to `folder` that import several. */
function programs(group: string, folder: string): string[] {
  const files = testFiles(group);
  const count = PROCESSES[group];
  if (count === undefined) return files;
  const alone = files.filter((file) => ALONE.includes(path.basename(file)));
  const shared = files.filter((file) => !alone.includes(file));
  const together = Array.from({ length: count }, (_, index) => {
    const program = path.join(folder, `${group}-${index + 1}.test.mjs`);
    // Neighbours are alike, also in how long they take, so each process gets every `count`-th file.
    const members = shared.filter((_file, at) => at % count === index);
    writeFileSync(program, members.map((file) => `import '${pathToFileURL(file)}';\n`).join(''));
    return program;
  });
  return [...together, ...alone];
}

const args = process.argv.slice(2);
const groups = args.filter((arg) => !arg.startsWith('--'));
const temporary = mkdtempSync(path.join(tmpdir(), 's3pp-tests-'));
try {
  const options = [TIMEOUT, REPORTER, ...args.filter((arg) => arg.startsWith('--'))];
  const files = groups.flatMap((group) => programs(group, temporary));
  // TEST_RUNS is also for properties that name no number of runs.
  const RUNS = pathToFileURL(path.join(import.meta.dirname, 'support/runs.ts')).href;
  const imports = ['tsx', ...(process.env.TEST_RUNS === undefined ? [] : [RUNS])].flatMap((one) => ['--import', one]);
  const { status, error } = spawnSync(process.execPath, [...imports, '--test', ...options, ...files], {
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
