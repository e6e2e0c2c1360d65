import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { SourceError, UsageError } from '../errors.js';
import { SOURCE_DIFFERS } from '../transfer/multipart/types.js';
import type { BatchFile, PutJob, RootStamp } from './job.js';

/** The stamp of a directory that exists. */
export function stampRoot(root: string): RootStamp {
  const { ino, ctimeMs } = statSync(root);
  return { inode: ino, changedMs: Math.trunc(ctimeMs) };
}

/**
 * Whether the directory is the very one that the coordinator has seen: then inode numbers mean something, too.
 * @throws UsageError where there is none at this path
 */
export function isSameRoot(root: string, seen: RootStamp): boolean {
  let here: RootStamp;
  try {
    here = stampRoot(root);
  } catch (error) {
    const { code = 'UnknownError' } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `The directory ${root} of the run cannot be read on this worker (${code}).`,
      'All workers need the source at the same path: on a shared file system, or as a copy with its times.',
    );
  }
  return here.inode === seen.inode && here.changedMs === seen.changedMs;
}

/** What a batch says of a file; undefined where it is gone. */
export function stampFile(
  root: string,
  path: string,
): { readonly modifiedMs: number; readonly inode: number } | undefined {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  return stat === undefined ? undefined : { modifiedMs: Math.trunc(stat.mtimeMs), inode: stat.ino };
}

/**
 * Why a file of this machine is not the one of the batch; undefined where it is. Size and time must be equal, and the inode too where both machines see one
 * file system.
 */
export function differenceOf(root: string, file: BatchFile, sameRoot: boolean): SourceError | undefined {
  const [path, size, modifiedMs, inode] = file;
  const at = join(root, path);
  let stat: Stats | undefined;
  try {
    stat = statSync(at, { throwIfNoEntry: false });
  } catch (error) {
    const { code = 'UnknownError' } = error as NodeJS.ErrnoException;
    return new SourceError(code, `${at} cannot be read on this worker (${code})`);
  }
  if (stat === undefined)
    return new SourceError('ENOENT', `${at} does not exist on this worker`, {
      hint: 'All workers need the source at the same path. A file that was deleted during the run fails too.',
    });
  if (stat.size !== size) return differs(at, `its size is ${stat.size} bytes, and was ${size}`);
  if (!isSameTime(Math.trunc(stat.mtimeMs), modifiedMs))
    return differs(at, `it was last written at ${time(stat.mtimeMs)}, and not at ${time(modifiedMs)}`);
  if (sameRoot && stat.ino !== inode) return differs(at, 'it was replaced by another file of the same size and time');
  return undefined;
}

/** The file of a batch of one. @throws SourceError where it is another one on this machine */
export function onlyFile({ root, rootStamp, files: [file] }: PutJob): { readonly path: string; readonly size: number } {
  if (file === undefined) throw new TypeError('a batch without a file');
  const error = differenceOf(root, file, isSameRoot(root, rootStamp));
  if (error !== undefined) throw error;
  return { path: join(root, file[0]), size: file[1] };
}

function differs(at: string, why: string): SourceError {
  return new SourceError(SOURCE_DIFFERS, `${at} is not the file that the run has found: ${why}`, {
    hint: 'Do not change the source during a run, and copy it to the workers with its times. Run again for what failed.',
  });
}

/** Some archives and file systems keep whole seconds. */
function isSameTime(one: number, other: number): boolean {
  const seconds = one % 1_000 === 0 || other % 1_000 === 0;
  return one === other || (seconds && Math.floor(one / 1_000) === Math.floor(other / 1_000));
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
