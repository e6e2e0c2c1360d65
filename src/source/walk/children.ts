import { isUtf8 } from 'node:buffer';
import type { Dirent, Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Encoding } from '../../model/encodings.js';
import { compareKeys } from '../../model/key-order.js';
import type { Text } from '../../report/message.js';
import { whenDescriptorFree } from '../../run/descriptors.js';
import { cutEnd, type KeyCuts } from '../clean-urls.js';
import { specialKind } from '../named.js';
import { followLink, type LinkRule } from './links.js';

/**
 * Gives the names of a directory in key order. Throws the system's error.
 * @param relative the directory's path below the source: empty, or ends in `/`
 */
export type ReadChildren = (path: string, rule: LinkRule, relative: string) => Promise<readonly Child[]>;

/**
 * One name in a directory, with links followed as far as the rule allows. `cut`: how many characters its key lacks at the end, by clean URLs. Of a file
 * that is a compressed copy of another: its `encoding`; of one that is replaced by such a copy: the `copy`. `stat`: of a file that is no link, where it was
 * read to find out what the name is.
 */
export type Child =
  | {
      readonly type: 'file';
      readonly name: string;
      readonly linked?: true;
      readonly stat?: Stats;
      readonly cut?: number;
      readonly encoding?: Encoding;
      readonly copy?: { readonly name: string; readonly linked?: true; readonly encoding: Encoding };
    }
  /** `real`: its path without links, where a link led to it. */
  | { readonly type: 'directory'; readonly name: string; readonly real?: string }
  | {
      readonly type: 'unusable';
      readonly name: string;
      readonly action: 'skip' | 'fail';
      readonly code: string;
      readonly reason: Text;
      readonly cut?: number;
    }
  | { readonly type: 'unreadable'; readonly name: string; readonly error: Error; readonly cut?: number };

/** Reads one directory in key order, which sorts a directory as `name/`. Throws the system's error. */
export async function readDirectory(path: string, rule: LinkRule): Promise<Child[]> {
  const entries = await whenDescriptorFree(() => readdir(path, { withFileTypes: true }));
  const children = entries.map((entry) => childOf(entry.name, entry, path, rule));
  // Node decodes a name that is not UTF-8 with replacement characters, which a valid name can have, too: only the bytes show which it is.
  if (entries.some(({ name }) => name.includes('\uFFFD')))
    replaceUndecodable(children, await whenDescriptorFree(() => readdir(path, { encoding: 'buffer' })));
  return children.sort(inKeyOrder);
}

function inKeyOrder(one: Child, other: Child): number {
  return compareKeys(keyName(one), keyName(other));
}

/** The end of its key; empty for the page of a folder under the key of that folder. */
export function keyName(child: Child): string {
  return child.type === 'directory' ? `${child.name}/` : cutEnd(child.name, child.cut ?? 0);
}

/**
 * Children with the keys that clean URLs give them, in the order of these: an index page that has the key of its folder, too, is there twice.
 * @param above the directory's path below the source: empty, or ends in `/`
 * @param hasKey whether the directory has a key, which the bucket itself has not
 */
export function withCleanNames(
  children: readonly Child[],
  above: string,
  hasKey: boolean,
  cutsOf: (path: string) => KeyCuts,
): readonly Child[] {
  const renamed = children.flatMap((child): readonly Child[] => {
    if (child.type === 'directory') return [child];
    const { own, folder } = cutsOf(above + child.name);
    if (own > 0) return [{ ...child, cut: own }];
    return folder > 0 && hasKey && child.type === 'file' ? [{ ...child, cut: folder }, child] : [child];
  });
  return renamed.sort(inKeyOrder);
}

/** A child of a folder that may have been another one when it was looked at. */
export function withoutStat(child: Child): Child {
  if (child.type !== 'file' || child.stat === undefined) return child;
  const { stat: _, ...rest } = child;
  return rest;
}

/** The kind of something, as a directory or a stat names it. */
type Kind = Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'> & Parameters<typeof specialKind>[0];

/** What a name in a directory is. */
export function childOf(name: string, entry: Kind, path: string, rule: LinkRule): Child {
  if (entry.isFile()) return { type: 'file', name };
  if (entry.isDirectory()) return { type: 'directory', name };
  if (entry.isSymbolicLink()) return linkedChild(name, path, rule);
  return {
    type: 'unusable',
    name,
    action: 'skip',
    code: 'NotAFile',
    reason: `not a regular file (${specialKind(entry)})`,
  };
}

function linkedChild(name: string, path: string, rule: LinkRule): Child {
  const linked = followLink(join(path, name), rule);
  switch (linked.type) {
    case 'file':
      return { type: 'file', name, linked: true };
    case 'directory':
      return { type: 'directory', name, real: linked.real };
    case 'fail':
      return { type: 'unusable', name, action: 'fail', code: linked.code, reason: linked.reason };
    case 'skip':
      return { type: 'unusable', name, action: 'skip', code: 'Symlink', reason: linked.reason };
    case 'other': {
      const reason = `symlink to something that is not a regular file (${specialKind(linked.stat)})`;
      return { type: 'unusable', name, action: 'skip', code: 'NotAFile', reason };
    }
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
