import { type Dirent, realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { maskAddress } from '../report/mask-secrets.js';
import { msg } from '../report/message.js';
import { brokenTarget } from './file.js';

/** Follows the source if it is a link. Throws `UsageError` for a source that does not exist or cannot be read. */
export function resolveSource(path: string): { readonly stat: Stats; readonly real: string } {
  let stat: Stats;
  let real: string;
  try {
    stat = statSync(path);
    // A pipe of the shell, such as /dev/fd/63, has no path.
    real = stat.isDirectory() || stat.isFile() ? realpathSync(path) : path;
  } catch (error) {
    throw missingSource(path, (error as NodeJS.ErrnoException).code ?? 'UnknownError');
  }
  return { stat, real };
}

function missingSource(path: string, code: string): UsageError {
  const target = brokenTarget(path);
  if (code === 'ENOENT' && target !== undefined)
    return new UsageError(
      `The source "${path}" is a broken symlink: its target ${target} does not exist.`,
      'Make the target, or repair the link.',
    );
  if (code === 'ELOOP') return new UsageError(`The source "${path}" is a symlink that leads back to itself (ELOOP).`);
  // A drive of Windows has one letter.
  if (/^[a-z][a-z0-9+.-]+:[/\\]/i.test(path))
    return new UsageError(
      `The source "${maskAddress(path)}" is a URL; a source is a directory or a file of this machine.`,
      'Download it first, or copy from bucket to bucket.',
    );
  const whole = isAbsolute(path) ? path : resolve(workingDirectory(), path);
  const at = whole === path ? '' : `; it was looked for at ${whole}`;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const special = /[*?[{]/.exec(path);
    if (special !== null) {
      const { base, glob } = splitAtGlob(path);
      return new UsageError(
        `"${path}" is a glob, and a source is a directory or a file; nothing has this name${at}.`,
        msg`Give the source ${JSON.stringify(base)} and set {include} to ${JSON.stringify(glob)}.`,
      );
    }
    return new UsageError(`The source "${path}" does not exist${at}.`, msg`Check the path; {relativePaths}.`);
  }
  return new UsageError(`The source "${path}" cannot be read (${code})${at}.`);
}

/** The folders before the first special character of a glob, and the rest. */
export function splitAtGlob(path: string): { readonly base: string; readonly glob: string } {
  const segments = path.split('/');
  const at = Math.max(
    0,
    segments.findIndex((segment) => /[*?[{]/.test(segment)),
  );
  return {
    base: segments.slice(0, at).join('/') || (path.startsWith('/') ? '/' : '.'),
    glob: segments.slice(at).join('/'),
  };
}

/** The working directory. Throws `UsageError` where it was deleted. */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new UsageError(
      `The working directory does not exist any more (${(error as NodeJS.ErrnoException).code}).`,
      'It was deleted or replaced since it was entered: change to it again (cd), or to another one.',
    );
  }
}

/** The kind of a special file, for messages. */
export function specialKind(
  entry: Pick<Dirent, 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice'>,
): string {
  if (entry.isFIFO()) return 'FIFO';
  if (entry.isSocket()) return 'socket';
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'device' : 'unknown kind';
}
