import { isUtf8 } from 'node:buffer';
import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SourceError, UsageError } from '../errors.js';
import { compareKeys } from '../model/key-order.js';
import type { SymlinkRule } from '../options/types.js';
import { msg, type Text } from '../report/message.js';
import { REASONS } from '../report/reasons.js';
import { openFileBy, type ReadPolicy, readError, readWhole } from './file.js';
import type { Filter } from './filter.js';
import type { Found, Unusable } from './types.js';

/** One directory or file given as a source. */
export interface Tree {
  /** As the user wrote it; origins begin with it. */
  readonly path: string;
  /** Put before the path below a directory to make the key. */
  readonly keyPrefix: string;
  /** Put before the base name where the source is a single file. */
  readonly fileKeyPrefix: string;
  readonly filter: Filter;
  readonly symlinks: SymlinkRule;
  readonly reads: ReadPolicy;
}

/** Directory entries between turns of the event loop, so that a long walk notices an abort. */
const ENTRIES_PER_TURN = 512;

interface Frame {
  readonly children: readonly Child[];
  next: number;
  /** Ends in a separator where one is needed. */
  readonly path: string;
  readonly relative: string;
  readonly real: string;
}

/**
 * Walks a source in key order, with the names of one directory per level in memory. Throws `UsageError` where the source itself does not exist;
 * yields anything else that cannot be read as `Unusable`, and continues.
 */
export async function* walkTree(tree: Tree, signal: AbortSignal): AsyncGenerator<Found, void> {
  const root = resolveSource(tree.path);
  if (!root.stat.isDirectory()) {
    const name = basename(tree.path);
    if (!tree.filter.takes(name)) return;
    const single = { ...tree, keyPrefix: tree.fileKeyPrefix };
    if (root.stat.isFile()) yield toEntry(single, tree.path, name, root.stat.size);
    else
      yield toUnusable(single, tree.path, name, 'skip', 'NotAFile', `not a regular file (${specialKind(root.stat)})`);
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
      return unreadable(tree, path, relative, readError(path, error));
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
        yield toUnusable(tree, path, `${relative}/`, 'skip', 'SymlinkLoop', `symlink loop, leads back to ${real}`);
        continue;
      }
      const unreadable = await descend(path, `${relative}/`, real);
      if (unreadable !== undefined) yield unreadable;
    } else if (tree.filter.takes(relative)) {
      yield child.type === 'file'
        ? fileEntry(tree, path, relative)
        : toUnusable(tree, path, relative, child.action, child.code, child.reason);
    }
  }
}

/** The path before the names in a directory, as `join` makes it; joining every name would be slow. */
function parentOf(directory: string): string {
  return join(directory, 'x').slice(0, -1);
}

/** Follows the source if it is a link. Throws `UsageError` for a source that does not exist or cannot be read. */
export function resolveSource(path: string): { readonly stat: Stats; readonly real: string } {
  try {
    return { stat: statSync(path), real: realpathSync(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && isLink(path)) throw new UsageError(`The source "${path}" is a broken symlink.`);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError(
        `The source "${path}" does not exist.`,
        msg`Check the path; it is relative to {workingDirectory}.`,
      );
    }
    throw new UsageError(`The source "${path}" cannot be read (${code}).`);
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function fileEntry(tree: Tree, path: string, relative: string): Found {
  try {
    return toEntry(tree, path, relative, statSync(path).size);
  } catch (error) {
    return unreadable(tree, path, relative, readError(path, error));
  }
}

function toEntry(tree: Tree, path: string, relativePath: string, size: number): Found {
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

function unreadable(tree: Tree, path: string, relative: string, error: Error): Unusable {
  return {
    kind: 'unusable',
    action: 'fail',
    key: tree.keyPrefix + relative,
    origin: path,
    reason: error.message,
    error,
  };
}

function toUnusable(
  tree: Tree,
  path: string,
  relative: string,
  action: 'skip' | 'fail',
  code: string,
  reason: Text,
): Unusable {
  const unit = {
    kind: 'unusable',
    action,
    key: tree.keyPrefix + relative,
    origin: path,
    reason: String(reason),
  } as const;
  return action === 'skip' ? unit : { ...unit, error: new SourceError(code, msg`${path}: ${reason}`) };
}

/** One name in a directory, with links followed as far as the rule allows. */
export type Child =
  | { readonly type: 'file'; readonly name: string }
  /** `real`: its path without links, where a link led to it. */
  | { readonly type: 'directory'; readonly name: string; readonly real?: string }
  | {
      readonly type: 'unusable';
      readonly name: string;
      readonly action: 'skip' | 'fail';
      readonly code: string;
      readonly reason: Text;
    };

/** Which directory to read, and how far links may lead. */
export interface DirectoryRead {
  readonly path: string;
  /** Real path of the source. */
  readonly root: string;
  readonly symlinks: SymlinkRule;
}

type Dirent = import('node:fs').Dirent;

/** Reads one directory in key order, which sorts a directory as `name/`. Throws the system's error. */
async function readDirectory(from: DirectoryRead): Promise<Child[]> {
  const entries = await readdir(from.path, { withFileTypes: true });
  const children = entries.map((entry) => childOf(entry, from));
  // Node decodes a name that is not UTF-8 with replacement characters, which a valid name can have, too: only the bytes show which it is.
  if (entries.some(({ name }) => name.includes('\uFFFD')))
    replaceUndecodable(children, await readdir(from.path, { encoding: 'buffer' }));
  return children.sort((a, b) => compareKeys(sortName(a), sortName(b)));
}

function sortName(child: Child): string {
  return child.type === 'directory' ? `${child.name}/` : child.name;
}

function childOf(entry: Dirent, from: DirectoryRead): Child {
  const { name } = entry;
  if (entry.isFile()) return { type: 'file', name };
  if (entry.isDirectory()) return { type: 'directory', name };
  if (entry.isSymbolicLink()) return linkedChild(name, from);
  return {
    type: 'unusable',
    name,
    action: 'skip',
    code: 'NotAFile',
    reason: `not a regular file (${specialKind(entry)})`,
  };
}

/** The kind of a special file, for messages. */
function specialKind(entry: Pick<Dirent, 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice'>): string {
  if (entry.isFIFO()) return 'FIFO';
  if (entry.isSocket()) return 'socket';
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'device' : 'unknown kind';
}

function linkedChild(name: string, { path, root, symlinks }: DirectoryRead): Child {
  const link = join(path, name);
  if (symlinks === 'skip') return { type: 'unusable', name, action: 'skip', code: 'Symlink', reason: REASONS.symlink };
  const fail = (code: string, reason: Text): Child => ({ type: 'unusable', name, action: 'fail', code, reason });
  try {
    const real = realpathSync(link);
    if (symlinks === 'inside' && real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      return fail(
        'SymlinkOutside',
        msg`symlink leads out of the source, to ${real}; set {symlinks: 'follow'} or {symlinks: 'skip'}`,
      );
    }
    const stat = statSync(real);
    if (stat.isFile()) return { type: 'file', name };
    if (stat.isDirectory()) return { type: 'directory', name, real };
    return {
      type: 'unusable',
      name,
      action: 'skip',
      code: 'NotAFile',
      reason: `symlink to something that is not a regular file (${specialKind(stat)})`,
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'UnknownError';
    return fail(
      'SymlinkBroken',
      msg`symlink is broken, its target is ${targetOf(link)} (${code}); fix it or set {symlinks: 'skip'}`,
    );
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return 'unreadable';
  }
}

/** Replaces each name that is not UTF-8, which decoding has changed, by one with its bytes escaped. */
function replaceUndecodable(children: Child[], names: readonly Buffer[]): void {
  for (const bytes of names) {
    if (isUtf8(bytes)) continue;
    const decoded = bytes.toString('utf8');
    const index = children.findIndex(
      (child) => child.name === decoded && !(child.type === 'unusable' && child.code === 'InvalidKey'),
    );
    const unusable: Child = {
      type: 'unusable',
      name: escapedBytes(bytes),
      action: 'fail',
      code: 'InvalidKey',
      reason: 'name is not valid UTF-8, which S3 keys must be; rename it',
    };
    if (index === -1) children.push(unusable);
    else children[index] = unusable;
  }
}

/** Text of a name; where it is not UTF-8, each byte beyond printable ASCII is escaped as `\xNN`. */
export function escapedBytes(bytes: Buffer): string {
  return isUtf8(bytes)
    ? bytes.toString('utf8')
    : [...bytes]
        .map((byte) =>
          byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
        )
        .join('');
}
