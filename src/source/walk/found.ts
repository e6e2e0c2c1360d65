import type { Stats } from 'node:fs';
import { join, sep } from 'node:path';
import { SourceError } from '../../errors.js';
import { msg, type Text } from '../../report/message.js';
import { MOST_IN_BLOCK } from '../../run/blocks.js';
import { cutEnd } from '../clean-urls.js';
import { openFileBy, readOnce, readWhole, stampOf, trueSize } from '../file.js';
import type { Confirm, Entry, FileRef, Found, LeftOut, Unusable } from '../types.js';
import { type KeptUnits, NUMBERS, stampAt } from './record.js';
import type { Tree } from './tree.js';

/** The marker of a folder, which is no stray. */
export function markerOf({ keyPrefix, cleanUrlsOf }: Tree, path: string): LeftOut {
  const key = keyPrefix + path;
  return { kind: 'leftOut', key, below: false, ...(cleanUrlsOf !== undefined && { marker: true }) };
}

/** The path before the names in a directory, as `join` makes it; joining every name would be slow. */
export function parentOf(directory: string): string {
  return join(directory, 'x').slice(0, -1);
}

export function toEntry(
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
  const file: FileRef = { path, seen: stampOf(stat), noLink, confirm, reads };
  const size = trueSize(path, stat);
  if (size !== undefined) return fileEntry(tree, relativePath, size, file);
  return { kind: 'entry', key: tree.keyPrefix + relativePath, origin: path, relativePath, ...readOnce(file, reads) };
}

function fileEntry({ keyPrefix, reads }: Tree, relativePath: string, size: number, file: FileRef): Entry {
  return {
    kind: 'entry',
    key: keyPrefix + relativePath,
    origin: file.path,
    relativePath,
    size,
    file,
    open: () => openFileBy(reads, file),
    readWhole: (lender) => readWhole(file, reads, lender),
  };
}

/** What an earlier walk has found. An abort ends it. */
export async function* keptBlocks(
  tree: Tree,
  confirm: Confirm,
  { units, stamps }: KeptUnits,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[], void> {
  const { reads } = tree;
  const base = parentOf(tree.path);
  let used = 0;
  for (let at = 0; at < units.length; at += MOST_IN_BLOCK) {
    signal.throwIfAborted();
    const block: Found[] = [];
    for (let next = at; next < units.length && next < at + MOST_IN_BLOCK; next++) {
      const unit = units[next] as string | Found;
      if (typeof unit !== 'string') {
        block.push(unit);
        continue;
      }
      const seen = stampAt(stamps, used);
      used += NUMBERS;
      const path = base + (sep === '/' ? unit : unit.replaceAll('/', sep));
      block.push(fileEntry(tree, unit, seen.size, { path, seen, noLink: true, confirm, reads }));
    }
    yield block;
  }
  signal.throwIfAborted();
}

export function unreadable(tree: Tree, path: string, relative: string, error: Error): Unusable {
  return {
    kind: 'unusable',
    action: 'fail',
    key: tree.keyPrefix + relative,
    origin: path,
    reason: error.message,
    error,
  };
}

export function toUnusable(
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
