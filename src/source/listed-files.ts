import { lstatSync } from 'node:fs';
import { isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SourceError, UsageError } from '../errors.js';
import { keyProblem } from '../model/key.js';
import { compareKeys } from '../model/key-order.js';
import { given, msg, type Text } from '../report/message.js';
import { readError } from './file.js';
import { resolveSource, workingDirectory } from './named.js';
import type { Found } from './types.js';
import { type Child, childOf, type ReadChildren } from './walk/children.js';
import { walkTree } from './walk/directory.js';
import type { LinkRule } from './walk/links.js';
import type { Tree } from './walk/tree.js';

/**
 * Walks the files of a directory that a list names, in key order. It is the walk of the directory, but for the names in each folder, which come
 * from the list: nothing else is looked at. A path that leads to no file fails by itself.
 * @param paths as {@link listedPaths} returns them
 * @param folders what becomes of a path that is a directory: `fail` where it was a file when the list was made
 * @throws UsageError where the source is no directory, or a path is one that is refused
 */
export function walkListed(
  tree: Tree,
  paths: readonly string[],
  signal: AbortSignal,
  folders: ListedFolders = 'refuse',
): AsyncIterable<Found> {
  if (!resolveSource(tree.path).stat.isDirectory())
    throw new UsageError(
      msg`The source "${tree.path}" is no directory, and {filesFrom} lists paths in one.`,
      msg`Name the directory that the paths begin at, or leave {filesFrom} out.`,
    );
  return walkTree(tree, signal, { read: readListed(paths, tree, signal, folders) });
}

/** What becomes of listed paths that are directories. */
export type ListedFolders = 'refuse' | 'fail';

/**
 * The paths of a list, relative to the source and with `/`, in key order, each once. `./` and empty segments are left out, and of absolute paths in
 * the source the path of the source. A `\` is a separator, unless it belongs to the name of a file.
 * @param source as the user wrote it
 * @throws UsageError for a path out of the source
 */
export function listedPaths(source: string, written: readonly string[]): readonly string[] {
  const normal = normalizer(source);
  const paths = written.map((path) => (isNormal(path) ? path : normal(path))).sort(compareKeys);
  let kept = 0;
  for (const path of paths) if (kept === 0 || path !== paths[kept - 1]) paths[kept++] = path;
  paths.length = kept;
  return paths;
}

/** The paths of most lists are as they have to be. */
function isNormal(path: string): boolean {
  return keyProblem(path) === undefined && !path.includes('\\') && !isAbsolute(path);
}

function normalizer(source: string): (path: string) => string {
  const { real } = resolveSource(source);
  const roots = [resolve(workingDirectory(), source), real];
  return (written) => {
    const separated = written.includes('\\') && !isQuoted(written) && !isName(join(source, written));
    const path = separated ? written.replaceAll('\\', '/') : written;
    const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
    if (segments.includes('..'))
      throw new UsageError(msg`{filesFrom} lists "${written}", which has the segment "..".`, RELATIVE);
    const found = isAbsolute(path) ? belowOne(roots, path) : segments.join('/');
    if (found === undefined)
      throw new UsageError(msg`{filesFrom} lists "${written}", which is not in the source "${source}".`, RELATIVE);
    if (found === '') throw directoryError(written);
    return found;
  };
}

const RELATIVE = 'The paths in a list are relative to the source, and in it.';

/** As git writes a name with quotes, backslashes or characters beyond ASCII. */
function isQuoted(path: string): boolean {
  return /^".*"$/s.test(path);
}

/** Whether something has this name, with its backslashes. On Windows they are separators anyway. */
function isName(path: string): boolean {
  if (sep === '\\') return false;
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The path relative to the first of the folders that it is in. */
function belowOne(roots: readonly string[], path: string): string | undefined {
  for (const root of roots) {
    const below = relative(root, path);
    if (below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below)) return below.split(sep).join('/');
  }
  return undefined;
}

function directoryError(path: string): UsageError {
  const folder = path.replace(/\/+$/, '');
  const all = folder === '' || folder === '.' ? '**' : `${folder}/**`;
  return new UsageError(
    msg`{filesFrom} lists "${path}", which is a directory: a list names files.`,
    msg`List the files in it, as "find . -type f" does; or leave {filesFrom} out, and choose by ${given('include', all)}.`,
  );
}

/** Names that are looked at between turns of the event loop, so that a long list notices an abort. */
const NAMES_PER_TURN = 512;

/** Reads a folder as the list has it: what is in it beside that is not looked at. */
function readListed(
  paths: readonly string[],
  { path: source, filter }: Tree,
  signal: AbortSignal,
  folders: ListedFolders,
): ReadChildren {
  /** What is listed below a folder that is no folder, or that may not be entered: each path by itself, as the list names it. */
  function withoutFolder(folder: Child, from: number, end: number, above: string, parent: string): Child[] {
    const below = paths.slice(from, end).filter((path) => filter.takes(path));
    return below.map((path) => {
      const name = path.slice(above.length);
      if (folder.type === 'unusable') return { ...folder, name };
      if (folder.type === 'unreadable' && !isMissing(codeOf(folder.error))) return { ...folder, name };
      const code = folder.type === 'unreadable' ? codeOf(folder.error) : 'ENOTDIR';
      return { type: 'unreadable', name, error: missingError(join(parent, name), code, path, source) };
    });
  }

  return async (folder, rule, above) => {
    const children: Child[] = [];
    const looked = { folder, rule, source, keepsStat: paths.length <= MOST_STATS };
    let count = 0;
    for (let at = firstFrom(paths, above, 0); at < paths.length; ) {
      const path = paths[at] ?? '';
      if (!path.startsWith(above)) break;
      if (++count % NAMES_PER_TURN === 0) await nextTurn(undefined, { signal });
      const slash = path.indexOf('/', above.length);
      if (slash < 0) {
        at += 1;
        if (!filter.takes(path)) continue;
        const child = lookAt(path, above, looked);
        if (child.type === 'directory' && folders === 'refuse') throw directoryError(path);
        children.push(child.type === 'directory' ? noFile(child.name, join(folder, child.name)) : child);
        continue;
      }
      const directory = path.slice(0, slash);
      // "0" follows "/" in the order of characters.
      const end = firstFrom(paths, `${directory}0`, at + 1);
      if (filter.opens(directory)) {
        const child = lookAt(directory, above, looked);
        if (child.type === 'directory') children.push(child);
        else for (const one of withoutFolder(child, at, end, above, folder)) children.push(one);
      }
      at = end;
    }
    return children;
  };
}

function noFile(name: string, at: string): Child {
  const error = new SourceError('EISDIR', `${at} is a directory by now, and was a file`);
  return { type: 'unreadable', name, error };
}

/** A list with more names keeps none of their stats, which take ten times as much memory as the names. */
const MOST_STATS = 10_000;

interface LookedFolder {
  readonly folder: string;
  readonly rule: LinkRule;
  readonly source: string;
  readonly keepsStat: boolean;
}

/** What a listed name is. */
function lookAt(path: string, above: string, { folder, rule, source, keepsStat }: LookedFolder): Child {
  const name = path.slice(above.length);
  const at = join(folder, name);
  try {
    const stat = lstatSync(at);
    const child = childOf(name, stat, folder, rule);
    return child.type === 'file' && child.linked === undefined && keepsStat ? { ...child, stat } : child;
  } catch (error) {
    const code = codeOf(error);
    return {
      type: 'unreadable',
      name,
      error: isMissing(code) ? missingError(at, code, path, source) : readError(at, error),
    };
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** Whether the system says by this code that there is no such file: its folder may be a file by now. */
export function isMissing(code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function missingError(at: string, code: string, path: string, source: string): SourceError {
  return new SourceError(code, `${at} does not exist (${code}), but the list names it`, { hint: hintOf(path, source) });
}

/** The likely reason why a listed path does not exist. */
function hintOf(path: string, source: string): Text {
  if (isQuoted(path))
    return 'git writes such names in quotes: let it write them as they are, by git diff -z --name-only.';
  const written = normalize(source).split(sep).join('/').replace(/\/$/, '');
  const own = [written, written.slice(written.lastIndexOf('/') + 1)].find((name) => path.startsWith(`${name}/`));
  if (own !== undefined)
    return msg`The paths in the list are relative to the source: write "${path.slice(own.length + 1)}".`;
  return 'The paths in the list are relative to the source. Leave out what was deleted: git diff has --diff-filter=d for that.';
}

/** Index of the first path that does not come before a key, from `low` on. */
function firstFrom(paths: readonly string[], key: string, low: number): number {
  let from = low;
  let to = paths.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compareKeys(paths[middle] ?? '', key) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
