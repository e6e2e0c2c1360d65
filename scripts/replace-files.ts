import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Has `build` fill a temporary folder beside `folder`, then replaces the files of `folder` by those. What throws leaves `folder` as it was. */
export async function buildInto(folder: string, build: (temporary: string) => Promise<void>): Promise<void> {
  mkdirSync(path.dirname(folder), { recursive: true });
  // On the same disk, so that a file is moved in one step.
  const temporary = mkdtempSync(path.join(path.dirname(folder), '.building-'));
  try {
    await build(temporary);
    replaceFiles(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Moves what was built to `folder`, and removes from there what was not built. A command that runs from `folder` loads modules late, so
 * no file that is in both builds is missing at any moment, and a file comes before those that import it. `changed` is called after each step.
 */
export function replaceFiles(built: string, folder: string, changed: (name: string) => void = () => {}): void {
  const [wanted, present] = [filesIn(built), filesIn(folder)];
  const added = wanted.filter((name) => !present.includes(name));
  const differing = wanted.filter(
    (name) => present.includes(name) && !same(path.join(built, name), path.join(folder, name)),
  );
  // What is added has a new name, as chunks have, so nothing there imports it yet. Entries come last.
  for (const name of [...added.sort(chunksFirst), ...differing.sort(chunksFirst)]) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    renameSync(path.join(built, name), path.join(folder, name));
    changed(name);
  }
  for (const name of present.filter((name) => !wanted.includes(name))) {
    rmSync(path.join(folder, name));
    changed(name);
  }
}

const chunksFirst = (a: string, b: string): number => Number(isChunk(b)) - Number(isChunk(a));

const isChunk = (name: string): boolean => name.split(path.sep)[0] === 'chunks';

const same = (a: string, b: string): boolean => readFileSync(a).equals(readFileSync(b));

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}
