// Writes the pages of docs/ that are made from tables. `--check` compares with what is there instead, and writes nothing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GENERATED_PAGES } from './docs-pages.js';

const ROOT = path.resolve(import.meta.dirname, '..');

const stale = GENERATED_PAGES.filter(({ file, text }) => read(file) !== text());
if (process.argv.includes('--check')) {
  for (const { file } of stale) console.error(`${file} is not what its tables make: run "npm run docs" and commit it.`);
  if (stale.length > 0) process.exit(1);
  console.log(`${GENERATED_PAGES.map(({ file }) => file).join(' and ')} are what their tables make.`);
} else {
  for (const { file, text } of stale) writeFileSync(path.join(ROOT, file), text());
  console.log(stale.length === 0 ? 'Nothing has changed.' : `Written: ${stale.map(({ file }) => file).join(', ')}`);
}

function read(file: string): string | undefined {
  const full = path.join(ROOT, file);
  return existsSync(full) ? readFileSync(full, 'utf8') : undefined;
}
