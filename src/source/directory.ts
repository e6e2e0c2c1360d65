import { lstatSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SourceError, UsageError } from '../errors.js';
import type { SymlinkRule } from '../options/types.js';
import { msg, type Text } from '../report/message.js';
import { type Child, keyName, type ReadChildren, readDirectory, withCleanNames } from './children.js';
import { type CleanUrlsOf, cutEnd, type KeyCuts, keyCuts } from './clean-urls.js';
import {
  type Confirm,
  type FileRef,
  type FileStamp,
  openFileBy,
  type ReadPolicy,
  readError,
  readOnce,
  readWhole,
  stampOf,
  trueSize,
} from './file.js';
import type { Filter } from './filter.js';
import { confirmInside, fanOut, type LinkRule } from './links.js';
import { resolveSource, specialKind } from './named.js';
import type { OwnFiles } from './own-files.js';
import type { Entry, Found, LeftOut, Unusable } from './types.js';

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
  /** Whether each folder that is opened is yielded as `LeftOut`: its marker in the bucket is no stray. */
  readonly folders?: boolean;
  /** Files that the run itself reads or writes: left out of a directory, but put where the source is the file. */
  readonly ownFiles?: OwnFiles | undefined;
  /** The clean URLs of its files; undefined where all keys are names. */
  readonly cleanUrlsOf?: CleanUrlsOf | undefined;
}

/** What the keys of a file lack of its path; of one that the filter does not take, nothing. */
export function cutsIn({ cleanUrlsOf, filter }: Tree, path: string): KeyCuts {
  return keyCuts(path, cleanUrlsOf !== undefined && filter.takes(path) && cleanUrlsOf(path));
}

/** Directory entries between turns of the event loop, so that a long walk notices an abort. */
const ENTRIES_PER_TURN = 512;
/** Files whose stats are read together; after them one stat of their folder proves that they are in it. */
const FILES_PER_BLOCK = 64;

/** A folder whose children are walked. */
interface Frame {
  readonly children: readonly Child[];
  next: number;
  /** What the next children are, as far as they have been looked at; `ready[0]` is the child at `from`. */
  ready: readonly (Found | undefined)[];
  from: number;
  readonly folder: Folder;
  /** Ends in a separator where one is needed. */
  readonly path: string;
  readonly relative: string;
  /** Whether links have led to it before. */
  readonly again: boolean;
}

/** A folder, and what proves that its path still leads to it. */
interface Folder {
  readonly path: string;
  /** Its path without links. */
  readonly real: string;
  /** Whether its path may end in a link. */
  readonly linked: boolean;
  /** How many links are followed on the way to it. */
  readonly links: number;
  /** What it was when it was opened; undefined where links may lead anywhere. */
  id: FileStamp | undefined;
}

/**
 * Walks a source in key order, with the names of one directory per level in memory. Throws `UsageError` where the source itself does not exist, or
 * its links multiply its files; yields anything else that cannot be read as `Unusable`, and continues.
 *
 * Files are looked at with `lstat`, and each entry keeps what identifies its file. Reading compares that, so no link that appears meanwhile leads
 * out of the source.
 * @param read gives the names in each folder
 */
export async function* walkTree(
  tree: Tree,
  signal: AbortSignal,
  read: ReadChildren = readDirectory,
): AsyncGenerator<Found, void> {
  const root = resolveSource(tree.path);
  const rule: LinkRule = { source: tree.path, root: root.real, symlinks: tree.symlinks };
  const confirm: Confirm = (path, opened) => confirmInside(path, opened, rule);
  if (!root.stat.isDirectory()) {
    const name = basename(tree.path);
    if (!tree.filter.takes(name)) return;
    const single = { ...tree, keyPrefix: tree.fileKeyPrefix };
    const { own, folder } = cutsIn(tree, name);
    if (!root.stat.isFile()) {
      const key = cutEnd(name, own);
      yield toUnusable(single, tree.path, key, 'skip', 'NotAFile', `not a regular file (${specialKind(root.stat)})`);
      return;
    }
    const entry = (cut: number): Found => toEntry(single, confirm, tree.path, name, root.stat, false, cut);
    if (folder > 0 && single.keyPrefix !== '') yield entry(folder);
    yield entry(own);
    return;
  }

  const stack: Frame[] = [];
  const fan = fanOut(tree.path);
  let handled = 0;
  const descend = async (folder: Folder, relative: string): Promise<Unusable | undefined> => {
    const { path } = folder;
    try {
      const again = fan.opened(path, folder.links, folder.links > 0 ? statSync(path) : undefined);
      const named = await read(path, rule, relative);
      const children =
        tree.cleanUrlsOf === undefined
          ? named
          : withCleanNames(named, relative, tree.keyPrefix + relative !== '', (file) => cutsIn(tree, file));
      if (!isStill(folder)) confirmFolder(folder, confirm);
      stack.push({ children, next: 0, ready: [], from: 0, folder, path: parentOf(path), relative, again });
      return undefined;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      return unreadable(tree, path, relative, readError(path, error));
    }
  };

  const guarded = tree.symlinks !== 'follow';
  const top = {
    path: tree.path,
    real: root.real,
    linked: true,
    links: 0,
    id: guarded ? stampOf(root.stat) : undefined,
  };
  const problem = await descend(top, '');
  if (problem !== undefined) yield problem;
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const child = frame.children[frame.next];
    if (child === undefined) {
      stack.pop();
      continue;
    }
    if (++handled % ENTRIES_PER_TURN === 0) await nextTurn();
    signal.throwIfAborted();
    if (frame.next >= frame.from + frame.ready.length) {
      const failure = lookAtNext(tree, confirm, frame);
      if (failure !== undefined) {
        stack.pop();
        yield failure;
        continue;
      }
    }
    const unit = frame.ready[frame.next - frame.from];
    frame.next += 1;
    if (child.type !== 'directory') {
      if (unit?.kind === 'entry') fan.file(frame.again);
      if (unit !== undefined) yield unit;
      continue;
    }
    const path = frame.path + child.name;
    const relative = frame.relative + child.name;
    if (!tree.filter.opens(relative)) continue;
    const real = child.real ?? join(frame.folder.real, child.name);
    if (child.real !== undefined && stack.some((above) => above.folder.real === real)) {
      yield toUnusable(tree, path, `${relative}/`, 'skip', 'SymlinkLoop', `symlink loop, leads back to ${real}`);
      continue;
    }
    const linked = child.real !== undefined;
    const links = frame.folder.links + (linked ? 1 : 0);
    try {
      const id = guarded ? folderStamp(path, linked, frame.folder, confirm) : undefined;
      const unreadable = await descend({ path, real, linked, links, id }, `${relative}/`);
      if (unreadable !== undefined) yield unreadable;
      else if (tree.folders === true && !beginsWithPage(stack.at(-1))) yield markerOf(tree, `${relative}/`);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      yield unreadable(tree, path, `${relative}/`, readError(path, error));
    }
  }
}

/** Whether a page has the key of the folder, which is that of its marker. */
function beginsWithPage(frame: Frame | undefined): boolean {
  const first = frame?.children[0];
  return first !== undefined && keyName(first) === '';
}

/** The marker of a folder, which is no stray. */
export function markerOf({ keyPrefix, cleanUrlsOf }: Tree, path: string): LeftOut {
  const key = keyPrefix + path;
  return { kind: 'leftOut', key, below: false, ...(cleanUrlsOf !== undefined && { marker: true }) };
}

/** Looks at the next children of a folder; returns a failure where the folder is not in the source any more. */
function lookAtNext(tree: Tree, confirm: Confirm, frame: Frame): Unusable | undefined {
  const { folder } = frame;
  const children = frame.children.slice(frame.next, frame.next + FILES_PER_BLOCK);
  frame.from = frame.next;
  try {
    for (let tries = 1; tries <= 2; tries++) {
      frame.ready = children.map((child) => foundOf(tree, confirm, frame, child));
      if (isStill(folder)) return undefined;
      confirmFolder(folder, confirm);
    }
    throw movedAway(folder.path);
  } catch (error) {
    return unreadable(tree, folder.path, frame.relative, readError(folder.path, error));
  }
}

function foundOf(tree: Tree, confirm: Confirm, frame: Frame, child: Child): Found | undefined {
  if (child.type === 'directory') return undefined;
  const relative = frame.relative + child.name;
  if (!tree.filter.takes(relative)) {
    // A link may lead to a folder that has what the filter takes, such as `*.html`.
    const hides = tree.folders === true && child.type !== 'file';
    return hides ? { kind: 'leftOut', key: tree.keyPrefix + relative, below: true } : undefined;
  }
  const path = frame.path + child.name;
  const { cut = 0 } = child;
  const below = cutEnd(relative, cut);
  if (child.type === 'unreadable') return unreadable(tree, path, below, child.error);
  if (child.type === 'unusable') return toUnusable(tree, path, below, child.action, child.code, child.reason);
  try {
    const stat = child.linked === true ? statSync(path) : lstatSync(path);
    // A link that leads out by now has no file that the walk has seen in the source.
    if (stat.isSymbolicLink()) throw movedAway(path);
    if (child.linked === true) confirm(path, stat);
    if (tree.ownFiles?.has(child.name, path, stat) === true)
      return tree.folders === true ? { kind: 'leftOut', key: tree.keyPrefix + below, below: false } : undefined;
    return toEntry(tree, confirm, path, relative, stat, child.linked !== true, cut);
  } catch (error) {
    return unreadable(tree, path, below, readError(path, error));
  }
}

function movedAway(path: string): SourceError {
  return new SourceError('SourceChanged', `${path} was replaced while the source was walked`, {
    hint: 'Wait until the program that writes the source has finished, then run again.',
  });
}

/** Whether the path of a folder still leads to what was opened. */
function isStill({ id, path, linked }: Folder): boolean {
  if (id === undefined) return true;
  try {
    const now = linked ? statSync(path) : lstatSync(path);
    return now.dev === id.dev && now.ino === id.ino;
  } catch {
    return false;
  }
}

/** Takes what the path of a folder leads to now, if that may be read. Throws `SourceError` otherwise. */
function confirmFolder(folder: Folder, confirm: Confirm): void {
  const now = statSync(folder.path);
  confirm(folder.path, now);
  folder.id = stampOf(now);
}

/** What identifies a folder, proven to be in its parent. Throws `SourceError` where a link took its place or that of its parent. */
function folderStamp(path: string, linked: boolean, parent: Folder, confirm: Confirm): FileStamp {
  const stat = linked ? statSync(path) : lstatSync(path);
  if (stat.isSymbolicLink()) throw movedAway(path);
  if (linked || !isStill(parent)) confirm(path, stat);
  return stampOf(stat);
}

/** The path before the names in a directory, as `join` makes it; joining every name would be slow. */
function parentOf(directory: string): string {
  return join(directory, 'x').slice(0, -1);
}

function toEntry(
  tree: Tree,
  confirm: Confirm,
  path: string,
  relativePath: string,
  stat: Stats,
  noLink: boolean,
  cut: number,
): Entry {
  if (cut > 0) {
    const plain = toEntry(tree, confirm, path, relativePath, stat, noLink, 0);
    return { ...plain, key: cutEnd(plain.key, cut), plainKey: plain.key };
  }
  const { reads } = tree;
  const key = tree.keyPrefix + relativePath;
  const file: FileRef = { path, seen: stampOf(stat), noLink, confirm };
  const size = trueSize(path, stat);
  if (size === undefined) return { kind: 'entry', key, origin: path, relativePath, ...readOnce(file, reads) };
  return {
    kind: 'entry',
    key,
    origin: path,
    relativePath,
    size,
    open: () => openFileBy(reads, file),
    readWhole: () => readWhole(file, reads),
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
