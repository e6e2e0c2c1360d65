// The files with properties, which the other suites try fewer times.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

process.env.TEST_RUNS ??= '10';
await import('../support/runs.js');

for (const group of ['unit', 'parts', 'fake-s3', 'engine', 'faces']) {
  const folder = path.resolve(import.meta.dirname, '..', group);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(folder, name);
    if (name.endsWith('.test.ts') && readFileSync(file, 'utf8').includes('fc.assert(')) await import(file);
  }
}
