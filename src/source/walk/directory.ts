import { lstatSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SourceError, UsageError } from '../../errors.js';
import { MOST_IN_BLOCK, unitsOf } from '../../run/blocks.js';
import { cutEnd } from '../clean-urls.js';
import { readError, stampOf } from '../file.js';
import { resolveSource, specialKind } from '../named.js';
import { withCopies } from '../precompressed.js';
import type { Confirm, FileStamp, Found, Unusable } from '../types.js';
import { type Child, keyName, type ReadChildren, readDirectory, withCleanNames, withoutStat } from './children.js';
import { keptBlocks, markerOf, parentOf, toEntry, toUnusable, unreadable } from './found.js';
import { confirmInside, fanOut, type LinkRule } from './links.js';
import type { WalkRecord } from './record.js';
import { cutsIn, type Tree } from './tree.js';

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

export interface WalkOptions {
  /** Gives the names in each folder. Default: all. */
  readonly read?: ReadChildren;
  /** Replaces the walk where it has one, and else takes what the walk finds. */
  readonly record?: WalkRecord | undefined;
}

/** {@link walkBlocks}, unit by unit. */
export function walkTree(tree: Tree, signal: AbortSignal, options?: WalkOptions): AsyncIterable<Found> {
  return unitsOf(walkBlocks(tree, signal, options));
}

/**
 * Walks a source in key order, with the names of one directory per level in memory. Throws `UsageError` where the source itself does not exist, or
 * its links multiply its files; yields anything else that cannot be read as `Unusable`, and continues.
 *
 * Files are looked at with `lstat`, and each entry keeps what identifies its file. Reading compares that, so no link that appears meanwhile leads
 * out of the source.
 */
export async function* walkBlocks(
  tree: Tree,
  signal: AbortSignal,
  { read = readDirectory, record }: WalkOptions = {},
): AsyncGenerator<readonly Found[], void> {
  const root = resolveSource(tree.path);
  const rule: LinkRule = { source: tree.path, root: root.real, symlinks: tree.symlinks };
  const confirm: Confirm = (path, opened) => confirmInside(path, opened, rule);
  // Where links may lead anywhere, nothing shows that folders are still the same.
  const guarded = tree.symlinks !== 'follow';
  const kept = guarded ? record?.kept() : undefined;
  if (kept !== undefined) {
    yield* keptBlocks(tree, confirm, kept, signal);
    return;
  }
  if (!root.stat.isDirectory()) {
    const name = basename(tree.path);
    if (!tree.filter.takes(name)) return;
    const single = { ...tree, keyPrefix: tree.fileKeyPrefix };
    const { own, folder } = cutsIn(tree, name);
    if (!root.stat.isFile()) {
      const key = cutEnd(name, own);
      const reason = `not a regular file (${specialKind(root.stat)})`;
      yield [toUnusable(single, tree.path, key, 'skip', 'NotAFile', reason)];
      return;
    }
    const entry = (cut: number): Found => toEntry(single, confirm, tree.path, name, root.stat, false, cut);
    yield folder > 0 && single.keyPrefix !== '' ? [entry(folder), entry(own)] : [entry(own)];
    return;
  }

  const recorder = guarded ? record?.begin() : undefined;
  const stack: Frame[] = [];
  const fan = fanOut(tree.path);
  let handled = 0;
  const descend = async (folder: Folder, relative: string): Promise<Unusable | undefined> => {
    const { path } = folder;
    try {
      const again = fan.opened(path, folder.links, folder.links > 0 ? statSync(path) : undefined);
      const all = await read(path, rule, relative);
      const named =
        tree.precompressed === undefined ? all : withCopies(all, relative, tree.precompressed, tree.filter.takes);
      const children =
        tree.cleanUrlsOf === undefined
          ? named
          : withCleanNames(named, relative, tree.keyPrefix + relative !== '', (file) => cutsIn(tree, file));
      const still = isStill(folder);
      if (!still) confirmFolder(folder, confirm);
      if (folder.id !== undefined) recorder?.folder(folder.linked, path, folder.id);
      stack.push({
        children: still ? children : children.map(withoutStat),
        next: 0,
        ready: [],
        from: 0,
        folder,
        path: parentOf(path),
        relative,
        again,
      });
      return undefined;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      return unreadable(tree, path, relative, readError(path, error));
    }
  };

  const top = {
    path: tree.path,
    real: root.real,
    linked: true,
    links: 0,
    id: guarded ? stampOf(root.stat) : undefined,
  };
  const problem = await descend(top, '');
  let block: Found[] = [];
  const found = (unit: Found): void => {
    block.push(unit);
    recorder?.add(unit);
  };
  if (problem !== undefined) found(problem);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const child = frame.children[frame.next];
    if (child === undefined) {
      stack.pop();
      continue;
    }
    if (block.length >= MOST_IN_BLOCK) {
      yield block;
      block = [];
    }
    if (++handled % ENTRIES_PER_TURN === 0) await nextTurn();
    signal.throwIfAborted();
    if (frame.next >= frame.from + frame.ready.length) {
      const failure = lookAtNext(tree, confirm, frame);
      if (failure !== undefined) {
        stack.pop();
        found(failure);
        continue;
      }
    }
    const unit = frame.ready[frame.next - frame.from];
    frame.next += 1;
    if (child.type !== 'directory') {
      if (unit?.kind === 'entry') fan.file(frame.again);
      if (unit !== undefined) found(unit);
      continue;
    }
    const path = frame.path + child.name;
    const relative = frame.relative + child.name;
    if (!tree.filter.opens(relative)) continue;
    const real = child.real ?? join(frame.folder.real, child.name);
    if (child.real !== undefined && stack.some((above) => above.folder.real === real)) {
      found(toUnusable(tree, path, `${relative}/`, 'skip', 'SymlinkLoop', `symlink loop, leads back to ${real}`));
      continue;
    }
    const linked = child.real !== undefined;
    const links = frame.folder.links + (linked ? 1 : 0);
    try {
      const id = guarded ? folderStamp(path, linked, frame.folder, confirm) : undefined;
      const unreadable = await descend({ path, real, linked, links, id }, `${relative}/`);
      if (unreadable !== undefined) found(unreadable);
      else if (tree.folders === true && !beginsWithPage(stack.at(-1))) found(markerOf(tree, `${relative}/`));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      found(unreadable(tree, path, `${relative}/`, readError(path, error)));
    }
  }
  recorder?.end();
  if (block.length > 0) yield block;
}

/** Whether a page has the key of the folder, which is that of its marker. */
function beginsWithPage(frame: Frame | undefined): boolean {
  const first = frame?.children[0];
  return first !== undefined && keyName(first) === '';
}

/** Looks at the next children of a folder; returns a failure where the folder is not in the source any more. */
function lookAtNext(tree: Tree, confirm: Confirm, frame: Frame): Unusable | undefined {
  const { folder } = frame;
  let children = frame.children.slice(frame.next, frame.next + FILES_PER_BLOCK);
  frame.from = frame.next;
  try {
    for (let tries = 1; tries <= 2; tries++) {
      frame.ready = children.map((child) => foundOf(tree, confirm, frame, child));
      if (isStill(folder)) return undefined;
      confirmFolder(folder, confirm);
      children = children.map(withoutStat);
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
  const entryAt = (file: Pick<typeof child, 'name' | 'linked' | 'stat'>): Found | undefined => {
    const at = frame.path + file.name;
    try {
      const stat = file.stat ?? (file.linked === true ? statSync(at) : lstatSync(at));
      // A link that leads out by now has no file that the walk has seen in the source.
      if (stat.isSymbolicLink()) throw movedAway(at);
      if (file.linked === true) confirm(at, stat);
      if (tree.ownFiles?.has(file.name, at, stat) === true)
        return tree.folders === true ? { kind: 'leftOut', key: tree.keyPrefix + below, below: false } : undefined;
      return toEntry(tree, confirm, at, relative, stat, file.linked !== true, cut);
    } catch (error) {
      return unreadable(tree, at, below, readError(at, error));
    }
  };
  const own = entryAt(child);
  const { copy, encoding } = child;
  if (own?.kind !== 'entry' || (copy === undefined && encoding === undefined)) return own;
  if (copy === undefined) return encoding === undefined ? own : { ...own, encoding };
  const copied = entryAt(copy);
  return copied?.kind === 'entry' ? { ...copied, encoding: copy.encoding, plain: own } : (copied ?? own);
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
