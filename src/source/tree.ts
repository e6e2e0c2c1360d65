import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SourceError, UsageError } from '../errors.js';
import type { SymlinkRule } from '../put-options.js';
import { openFileBy, readError, readWhole } from './content.js';
import type { Found, Unusable } from './entry.js';
import type { Filter } from './filter.js';
import { type Child, readDirectory, specialKind } from './read-directory.js';
import type { ReadPolicy } from './read-policy.js';

/** One directory or file given as source. */
export interface Tree {
  /** As the user wrote it: origins begin with it. */
  readonly path: string;
  /** Prepended to the path below a directory to make the key. */
  readonly keyPrefix: string;
  /** Prepended to the base name where the source is a single file. */
  readonly fileKeyPrefix: string;
  readonly filter: Filter;
  readonly symlinks: SymlinkRule;
  readonly reads: ReadPolicy;
}

/** Directory entries handled before the event loop gets a turn, so that an abort is seen during a long walk. */
const ENTRIES_PER_TURN = 512;

interface Frame {
  readonly children: readonly Child[];
  next: number;
  /** With a separator at its end, where one has to be. */
  readonly path: string;
  readonly relative: string;
  readonly real: string;
}

/**
 * Walks a source in key order, one directory of names in memory per level. Throws `UsageError` where the source itself does not exist;
 * everything else that cannot be read is an `Unusable` and the walk goes on.
 */
export async function* walkTree(tree: Tree, signal: AbortSignal): AsyncGenerator<Found, void> {
  const root = resolveSource(tree.path);
  if (!root.stat.isDirectory()) {
    const name = basename(tree.path);
    if (!tree.filter.takes(name)) return;
    const single = { ...tree, keyPrefix: tree.fileKeyPrefix };
    if (root.stat.isFile()) yield entryOf(single, tree.path, name, root.stat.size);
    else yield unusable(single, tree.path, name, 'skip', 'NotAFile', `not a regular file (${specialKind(root.stat)})`);
    return;
  }

  const stack: Frame[] = [];
  let handled = 0;
  const descend = async (path: string, relative: string, real: string): Promise<Unusable | undefined> => {
    try {
      const children = await readDirectory({ path, root: root.real, symlinks: tree.symlinks });
      stack.push({ children, next: 0, path: parentOf(path), relative, real });
      return undefined;
    } catch (error) {
      return failed(tree, path, relative, readError(path, error));
    }
  };

  const problem = await descend(tree.path, '', root.real);
  if (problem !== undefined) yield problem;
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const child = frame.children[frame.next++];
    if (child === undefined) {
      stack.pop();
      continue;
    }
    if (++handled % ENTRIES_PER_TURN === 0) await nextTurn();
    signal.throwIfAborted();
    const path = frame.path + child.name;
    const relative = frame.relative + child.name;
    if (child.type === 'directory') {
      if (!tree.filter.opens(relative)) continue;
      const real = child.real ?? join(frame.real, child.name);
      if (child.real !== undefined && stack.some((above) => above.real === real)) {
        yield unusable(tree, path, `${relative}/`, 'skip', 'SymlinkLoop', `symlink loop, leads back to ${real}`);
        continue;
      }
      const unreadable = await descend(path, `${relative}/`, real);
      if (unreadable !== undefined) yield unreadable;
    } else if (tree.filter.takes(relative)) {
      yield child.type === 'file'
        ? sized(tree, path, relative)
        : unusable(tree, path, relative, child.action, child.code, child.reason);
    }
  }
}

/** What stands before the names in a directory, as `join` gives it; joining every name is dear. */
function parentOf(directory: string): string {
  return join(directory, 'x').slice(0, -1);
}

/** Follows the source where it is itself a link; everything about it that is not there is the user's to mend. */
export function resolveSource(path: string): { readonly stat: Stats; readonly real: string } {
  try {
    return { stat: statSync(path), real: realpathSync(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && isLink(path)) throw new UsageError(`The source "${path}" is a broken symlink.`);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError(
        `The source "${path}" does not exist.`,
        'Check the path; it is relative to the working directory.',
      );
    }
    throw new UsageError(`The source "${path}" cannot be read (${code}).`);
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function sized(tree: Tree, path: string, relative: string): Found {
  try {
    return entryOf(tree, path, relative, statSync(path).size);
  } catch (error) {
    return failed(tree, path, relative, readError(path, error));
  }
}

function entryOf(tree: Tree, path: string, relativePath: string, size: number): Found {
  return {
    kind: 'entry',
    key: tree.keyPrefix + relativePath,
    origin: path,
    relativePath,
    size,
    open: () => openFileBy(tree.reads, path),
    readWhole: () => readWhole(path, tree.reads),
  };
}

function failed(tree: Tree, path: string, relative: string, error: Error): Unusable {
  return {
    kind: 'unusable',
    action: 'fail',
    key: tree.keyPrefix + relative,
    origin: path,
    reason: error.message,
    error,
  };
}

function unusable(
  tree: Tree,
  path: string,
  relative: string,
  action: 'skip' | 'fail',
  code: string,
  reason: string,
): Unusable {
  const unit = { kind: 'unusable', action, key: tree.keyPrefix + relative, origin: path, reason } as const;
  return action === 'skip' ? unit : { ...unit, error: new SourceError(code, `${path}: ${reason}`) };
}
