import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { SourceError, UsageError } from '../../errors.js';
import type { SymlinkRule } from '../../options/types.js';
import { msg, type Text } from '../../report/message.js';
import { REASONS } from '../../report/reasons.js';
import { readError, targetOf } from '../file.js';
import type { FileStamp } from '../types.js';

/** Which directory is read, and how far links may lead. */
export interface LinkRule {
  /** The source as the user wrote it. */
  readonly source: string;
  /** Real path of the source. */
  readonly root: string;
  readonly symlinks: SymlinkRule;
}

/** What a link leads to. */
export type Linked =
  | { readonly type: 'file'; readonly stat: Stats }
  /** `real`: its path without links. */
  | { readonly type: 'directory'; readonly real: string; readonly stat: Stats }
  | { readonly type: 'other'; readonly stat: Stats }
  | { readonly type: 'skip'; readonly reason: Text }
  | { readonly type: 'fail'; readonly code: string; readonly reason: Text };

/** Follows a link as far as the rule allows. */
export function followLink(link: string, { root, symlinks }: LinkRule): Linked {
  if (symlinks === 'skip') return { type: 'skip', reason: REASONS.symlink };
  try {
    const real = realpathSync(link);
    if (symlinks === 'inside' && !isInside(real, root)) {
      return {
        type: 'fail',
        code: 'SymlinkOutside',
        reason: msg`symlink leads out of the source, to ${real}; set {symlinks: 'follow'} or {symlinks: 'skip'}`,
      };
    }
    const stat = statSync(real);
    if (stat.isDirectory()) return { type: 'directory', real, stat };
    return { type: stat.isFile() ? 'file' : 'other', stat };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'UnknownError';
    return {
      type: 'fail',
      code: 'SymlinkBroken',
      reason: msg`symlink is broken, its target is ${targetOf(link)} (${code}); fix it or set {symlinks: 'skip'}`,
    };
  }
}

function isInside(real: string, root: string): boolean {
  return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
}

/**
 * Proves that what was opened at a path may be read, where it is not what the walk saw there: another file took its place, or a file or folder of
 * its path has become a link meanwhile.
 * @throws SourceError if the path leads out of the source now, or changes again
 */
export function confirmInside(path: string, opened: FileStamp, { source, root, symlinks }: LinkRule): void {
  if (symlinks === 'follow') return;
  let real: string;
  let now: Stats;
  try {
    real = realpathSync(path);
    now = lstatSync(real);
  } catch (error) {
    throw readError(path, error);
  }
  if (!(symlinks === 'skip' ? real === join(root, relative(source, path)) : isInside(real, root))) {
    throw new SourceError(
      'SymlinkOutside',
      symlinks === 'skip'
        ? msg`${path} has become a symlink since it was found, to ${real}, and {symlinks: 'skip'} is set`
        : msg`${path} leads out of the source since a symlink took the place of a file or folder, to ${real}`,
      { hint: msg`Run again once nothing changes the source; {symlinks: 'follow'} allows links that lead out of it.` },
    );
  }
  if (now.dev !== opened.dev || now.ino !== opened.ino)
    throw new SourceError('SourceChanged', `${path} was replaced while it was opened`, {
      hint: 'Wait until the program that writes it has finished, then run again.',
    });
}

/** Most links that are followed on the way to one file. */
const MOST_LINKS = 8;
/** A source may have this many times more files, or folders, than it really has, through links to its folders. */
const MOST_TIMES = 10;
/** Fewer files or folders are always walked. */
const FEW = 100;

/** Counts what links to folders multiply. */
export interface FanOut {
  /**
   * Notes that a folder was opened; returns whether a link leads to it again. Throws `UsageError` for one below too many links, and where links
   * multiply the folders too often: a walk through folders without files would not end either.
   */
  opened(path: string, links: number, id: { readonly dev: number; readonly ino: number } | undefined): boolean;
  /** Counts one file, in a folder that was opened before or not. Throws `UsageError` where links multiply the files too often. */
  file(again: boolean): void;
}

/**
 * Ends a walk in which links to folders with links multiply the files: 15 folders, each with two links to the next, are 32,768 ways to the last.
 * @param source as the user wrote it
 */
export function fanOut(source: string): FanOut {
  const linked = new Set<string>();
  const files = { all: 0, real: 0 };
  const folders = { all: 0, real: 0 };
  let first: string | undefined;
  const ended = (what: string): UsageError =>
    new UsageError(
      msg`The symlinks in the source "${source}" multiply its files: ${what}.`,
      msg`Leave the links out by {exclude}, or set {symlinks: 'skip'}.`,
    );
  const count = (counts: { all: number; real: number }, what: string, again: boolean): void => {
    counts.all += 1;
    if (!again) counts.real += 1;
    if (again && counts.all > FEW && counts.all > MOST_TIMES * counts.real)
      throw ended(
        `they give more than ${MOST_TIMES} times as many${what} as there are; the first folder that is reached again is ${first}`,
      );
  };
  return {
    opened(path, links, id) {
      if (links > MOST_LINKS)
        throw ended(`more than ${MOST_LINKS} links to folders are followed on the way to ${path}`);
      const name = links === 0 || id === undefined ? undefined : `${id.dev}:${id.ino}`;
      const again = name !== undefined && linked.has(name);
      if (again) first ??= path;
      else if (name !== undefined) linked.add(name);
      count(folders, ' folders', again);
      return again;
    },
    file: (again) => count(files, '', again),
  };
}
