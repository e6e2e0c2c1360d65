import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Builds into a temporary folder, then replaces the files of `folder` with the result. If `build` throws, `folder` does not change. */
export async function buildInto(folder: string, build: (temporary: string) => Promise<void>): Promise<void> {
  mkdirSync(path.dirname(folder), { recursive: true });
  // In the same parent folder, so that a rename moves each file in one step.
  const temporary = mkdtempSync(path.join(path.dirname(folder), '.building-'));
  try {
    await build(temporary);
    replaceFiles(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Moves the files of `built` to `folder`, and removes the other files there. A command that runs from `folder` may load modules at any moment,
 * so a file of both builds is never missing, and a file is moved before those that import it.
 * @param onChange called after each file was moved or removed
 */
export function replaceFiles(built: string, folder: string, onChange: (name: string) => void = () => {}): void {
  const [builtNames, present] = [filesIn(built), filesIn(folder)];
  const added = builtNames.filter((name) => !present.includes(name));
  const changed = builtNames.filter(
    (name) => present.includes(name) && !equal(path.join(built, name), path.join(folder, name)),
  );
  // Added files, such as chunks, have new names, so no present file imports them yet. Entry files are moved last.
  for (const name of [...added.sort(chunksFirst), ...changed.sort(chunksFirst)]) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    renameSync(path.join(built, name), path.join(folder, name));
    onChange(name);
  }
  for (const name of present.filter((name) => !builtNames.includes(name))) {
    rmSync(path.join(folder, name));
    onChange(name);
  }
}

const chunksFirst = (a: string, b: string): number => Number(isChunk(b)) - Number(isChunk(a));

const isChunk = (name: string): boolean => name.split(path.sep)[0] === 'chunks';

const equal = (a: string, b: string): boolean => readFileSync(a).equals(readFileSync(b));

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}
