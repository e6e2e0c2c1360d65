// Runs the tests of the folders given: `tsx test/run.ts unit engine`. Words that begin with -- go to node.
// `node --test` finds .ts files and takes globs only from Node 21 on.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const words = process.argv.slice(2);
const files = words
  .filter((word) => !word.startsWith('--'))
  .flatMap((folder) => {
    const names = readdirSync(path.join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' });
    const found = names.filter((name) => name.endsWith('.test.ts')).sort();
    if (found.length === 0) throw new Error(`test/${folder} holds no tests`);
    return found.map((name) => path.join(import.meta.dirname, folder, name));
  });
const options = words.filter((word) => word.startsWith('--'));
const { status, error } = spawnSync(process.execPath, ['--import', 'tsx', '--test', ...options, ...files], {
  stdio: 'inherit',
});
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
