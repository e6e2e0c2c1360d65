import { isUtf8 } from 'node:buffer';
import { SourceError } from '../errors.js';
import type { Unusable } from './entry.js';
import { escapedBytes } from './read-directory.js';
import type { TarMember } from './tar-members.js';
import type { Tree } from './tree.js';

/** A member that can become an object. */
export interface NamedMember {
  readonly kind: 'member';
  /** Without `./` and doubled slashes. */
  readonly relativePath: string;
  readonly origin: string;
}

/** What cannot be put, by type flag. Other types that are no files are skipped as unknown. */
const NO_FILES: Readonly<Record<string, readonly [action: 'skip' | 'fail', what: string]>> = {
  '1': ['skip', 'a hard link'],
  '2': ['skip', 'a symlink'],
  '3': ['skip', 'a device'],
  '4': ['skip', 'a device'],
  '6': ['skip', 'a FIFO'],
  S: ['fail', 'a sparse file, which cannot be read here; make the archive without --sparse'],
  M: ['fail', 'the rest of a file that another volume of the archive begins'],
};

/** Directories, and what only tells of the archive. */
const SILENT = /^[5DV]$/;

const LEAVE_OUT = 'Make the archive anew, or leave it out by exclude.';
const NAMES_BELOW =
  'Make the archive anew from within the directory (tar -C DIR -cf site.tar .), or leave it out by exclude.';

/**
 * What becomes of a member by its type and name: files can be put; links, devices and the like are skipped, names that lead out of the
 * archive or are not UTF-8 fail. Undefined for directories and for what the filter leaves out.
 */
export function judgeMember(member: TarMember, tree: Tree): NamedMember | Unusable | undefined {
  const { type, name: bytes, link } = member;
  const name = escapedBytes(bytes);
  if (SILENT.test(type) || (name.endsWith('/') && member.size === 0)) return undefined;
  const relativePath = plain(name);
  if (!tree.filter.takes(relativePath)) return undefined;
  const origin = `${tree.path}:${name}`;
  const unusable = (action: 'skip' | 'fail', code: string, reason: string, hint = LEAVE_OUT): Unusable => {
    const unit = { kind: 'unusable', action, key: tree.fileKeyPrefix + name, origin, reason } as const;
    return action === 'skip' ? unit : { ...unit, error: new SourceError(code, `${origin}: ${reason}`, { hint }) };
  };
  if (!isUtf8(bytes))
    return unusable('fail', 'InvalidKey', 'name is not valid UTF-8, which S3 keys must be; rename it');
  if (name.startsWith('/')) return unusable('fail', 'RefusedName', 'refused: its name is absolute', NAMES_BELOW);
  if (relativePath.split('/').includes('..'))
    return unusable('fail', 'RefusedName', 'refused: its name holds ".."', NAMES_BELOW);
  if (type === '0' || type === '7') return { kind: 'member', relativePath, origin };
  const [action, what] = NO_FILES[type] ?? (['skip', `of the unknown type "${type}"`] as const);
  const target = link.length > 0 && /^[12]$/.test(type) ? ` to ${escapedBytes(link)}` : '';
  return unusable(action, 'NotAFile', `not a regular file (${what}${target})`);
}

function plain(name: string): string {
  if (!/(?:^|\/)\.?(?:\/|$)/.test(name)) return name;
  return name
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** What the walk of an archive says when it cannot go on. */
export function failedArchive(path: string, error: unknown): Unusable {
  const cause = error instanceof Error ? error : new Error(String(error));
  const failure =
    cause instanceof SourceError && cause.code === 'SourceFailed'
      ? cause
      : new SourceError('SourceFailed', cause.message, {
          cause,
          ...(cause instanceof SourceError && cause.hint !== undefined && { hint: cause.hint }),
        });
  return { kind: 'unusable', action: 'fail', key: '', origin: path, reason: failure.message, error: failure };
}
