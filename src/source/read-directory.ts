import { isUtf8 } from 'node:buffer';
import { readlinkSync, realpathSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { compareKeys } from '../key.js';
import type { SymlinkRule } from '../put-options.js';

/** One name in a directory, with links followed as far as the rule allows. */
export type Child =
  | { readonly type: 'file'; readonly name: string }
  /** `real`: the path without links, where it was reached by one. */
  | { readonly type: 'directory'; readonly name: string; readonly real?: string }
  | {
      readonly type: 'odd';
      readonly name: string;
      readonly action: 'skip' | 'fail';
      readonly code: string;
      readonly reason: string;
    };

/** Where a directory lies, and how far links may lead. */
export interface Place {
  readonly path: string;
  /** Real path of the source. */
  readonly root: string;
  readonly symlinks: SymlinkRule;
}

type Dirent = import('node:fs').Dirent;

/** Reads one directory in key order, which sorts a directory as `name/`. Throws the system's error when it cannot be read. */
export async function readDirectory(place: Place): Promise<Child[]> {
  const entries = await readdir(place.path, { withFileTypes: true });
  const children = entries.map((entry) => childOf(entry, place));
  // A name that is not UTF-8 comes back with replacement characters, as does a name that really holds one: only the bytes tell.
  if (entries.some(({ name }) => name.includes('\uFFFD')))
    replaceUndecodable(children, await readdir(place.path, { encoding: 'buffer' }));
  return children.sort((a, b) => compareKeys(sortName(a), sortName(b)));
}

function sortName(child: Child): string {
  return child.type === 'directory' ? `${child.name}/` : child.name;
}

function childOf(entry: Dirent, place: Place): Child {
  const { name } = entry;
  if (entry.isFile()) return { type: 'file', name };
  if (entry.isDirectory()) return { type: 'directory', name };
  if (entry.isSymbolicLink()) return linkedChild(name, place);
  return { type: 'odd', name, action: 'skip', code: 'NotAFile', reason: `not a regular file (${specialKind(entry)})` };
}

/** What kind of special file this is. */
export function specialKind(
  entry: Pick<Dirent, 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice'>,
): string {
  if (entry.isFIFO()) return 'FIFO';
  if (entry.isSocket()) return 'socket';
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'device' : 'unknown kind';
}

function linkedChild(name: string, { path, root, symlinks }: Place): Child {
  const link = join(path, name);
  if (symlinks === 'skip')
    return { type: 'odd', name, action: 'skip', code: 'Symlink', reason: 'symlink (symlinks: skip)' };
  const fail = (code: string, reason: string): Child => ({ type: 'odd', name, action: 'fail', code, reason });
  try {
    const real = realpathSync(link);
    if (symlinks === 'inside' && real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      return fail('SymlinkOutside', `symlink leads out of the source, to ${real}; set symlinks to "follow" or "skip"`);
    }
    const stat = statSync(real);
    if (stat.isFile()) return { type: 'file', name };
    if (stat.isDirectory()) return { type: 'directory', name, real };
    return {
      type: 'odd',
      name,
      action: 'skip',
      code: 'NotAFile',
      reason: `symlink to something that is not a regular file (${specialKind(stat)})`,
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'UnknownError';
    return fail(
      'SymlinkBroken',
      `symlink is broken, its target is ${targetOf(link)} (${code}); mend it or set symlinks to "skip"`,
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

/** Puts each name that is not UTF-8, with its bytes escaped, in the place of what decoding made of it. */
function replaceUndecodable(children: Child[], names: readonly Buffer[]): void {
  for (const bytes of names) {
    if (isUtf8(bytes)) continue;
    const decoded = bytes.toString('utf8');
    const index = children.findIndex(
      (child) => child.name === decoded && !(child.type === 'odd' && child.code === 'InvalidKey'),
    );
    const odd: Child = {
      type: 'odd',
      name: escapedBytes(bytes),
      action: 'fail',
      code: 'InvalidKey',
      reason: 'name is not valid UTF-8, which S3 keys must be; rename it',
    };
    if (index === -1) children.push(odd);
    else children[index] = odd;
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
