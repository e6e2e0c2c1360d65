import { existsSync, lstatSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../errors.js';
import { archiveKind } from '../model/archive-name.js';
import type { SourceInput } from '../options/types.js';
import { resolveSource, workingDirectory } from './named.js';

/** A file of a source. */
export interface LocatedFile {
  readonly source: string;
  /** Relative to the source, with `/`. */
  readonly path: string;
  /** The source is the file itself. */
  readonly single: boolean;
}

/**
 * Finds the source that has a file: by its path from the working directory, else by that in the source.
 * @param as whether the file gets a key of its own, so that an archive is not unpacked
 * @throws UsageError where no source has it, and for a directory or an archive
 */
export function locateFile(file: string, sources: readonly SourceInput[], as: boolean): LocatedFile {
  const paths = sources.filter((one) => typeof one === 'string');
  const fromHere = resolve(workingDirectory(), file);
  const found =
    paths.map((source) => within(source, fromHere)).find((one) => one !== undefined) ??
    paths.map((source) => within(source, resolve(source, file))).find((one) => one !== undefined);
  const names = paths.map((source) => `"${source}"`).join(', ');
  if (found === undefined && existsSync(fromHere))
    throw new UsageError(
      `"${file}" is not in the source ${names}.`,
      'Name a file that is in the source, or the source that has it.',
    );
  if (found === undefined)
    throw new UsageError(
      `There is no file "${file}" in the source ${names}.`,
      'Write its path from the working directory, or from the source.',
    );
  if (!found.single && isDirectory(join(found.source, found.path)))
    throw new UsageError(`"${file}" is a directory; this explains one file.`, 'Name a file in it.');
  if (found.single && !as && archiveKind(found.source) !== undefined)
    throw new UsageError(
      `"${file}" is an archive, which a put unpacks; this explains a file of a directory.`,
      'Unpack it, and name the file and the directory.',
    );
  return found;
}

/** Where something that exists is in a source. */
function within(source: string, whole: string): LocatedFile | undefined {
  const { stat, real } = resolveSource(source);
  if (!isThere(whole)) return undefined;
  for (const root of [resolve(workingDirectory(), source), real]) {
    const below = relative(root, whole);
    if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) continue;
    if (stat.isDirectory()) return { source, path: below.split(sep).join('/'), single: false };
    if (below === '') return { source, path: basename(source), single: true };
  }
  return undefined;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // The walk says what is wrong with it.
    return false;
  }
}

function isThere(path: string): boolean {
  try {
    // A link whose target does not exist is there, too.
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
