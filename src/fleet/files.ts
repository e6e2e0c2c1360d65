import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { SourceError } from '../errors.js';
import { stampOf } from '../source/file.js';
import { isMissing } from '../source/listed-files.js';
import type { FileRef, FileStamp } from '../source/types.js';
import { SOURCE_DIFFERS } from '../transfer/multipart/types.js';
import type { BatchFile, PutJob, RootStamp } from './job.js';

/** The stamp of a directory that exists. */
export function stampRoot(root: string): RootStamp {
  const { ino, ctimeMs } = statSync(root);
  return { inode: ino, changedMs: Math.trunc(ctimeMs) };
}

/** Whether the directory is the very one that the coordinator has seen: then inode numbers mean something, too. */
export function isSameRoot(root: string, seen: RootStamp): boolean {
  try {
    const here = stampRoot(root);
    return here.inode === seen.inode && here.changedMs === seen.changedMs;
  } catch {
    // Each of its files fails with the reason.
    return false;
  }
}

const SAME_PATH = 'All workers need the source at the same path: on a shared file system, or as a copy with its times.';

/** Why this machine cannot do a batch at all; undefined where it can. */
export function missingRoot({ root, rootStamp, files }: PutJob): SourceError | undefined {
  let stat: Stats;
  try {
    stat = statSync(root);
    if (stat.isDirectory()) accessSync(root, constants.X_OK);
  } catch (error) {
    const { code = 'UnknownError' } = error as NodeJS.ErrnoException;
    return new SourceError(code, `it cannot read the directory ${root} (${code})`, { hint: SAME_PATH });
  }
  if (!stat.isDirectory()) return new SourceError('ENOTDIR', `${root} is no directory there`, { hint: SAME_PATH });
  // The mount point of a file system that is not mounted is a directory, too.
  if (stat.ino === rootStamp.inode || files.some(([path]) => exists(join(root, path)))) return undefined;
  return new SourceError('SourceMissing', `its directory ${root} has none of the ${files.length} files of the batch`, {
    hint: `${SAME_PATH} Is it mounted there?`,
  });
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // That file fails by its key, with the reason.
    return true;
  }
}

/**
 * Why a file of this machine is not the one of the batch; undefined where it is. Size and time must be equal, and the inode too where both machines see one
 * file system.
 */
export function differenceOf({ path: at, seen }: FileRef, file: BatchFile, sameRoot: boolean): SourceError | undefined {
  const [, size, modifiedMs, inode] = file;
  if (seen === undefined) return differs(at, 'it is no plain file');
  if (seen.size !== size) return differs(at, `its size is ${seen.size} bytes, and was ${size}`);
  if (!isSameTime(Math.trunc(seen.mtimeMs), modifiedMs))
    return differs(at, `it was last written at ${time(seen.mtimeMs)}, and not at ${time(modifiedMs)}`);
  if (sameRoot && seen.ino !== inode) return differs(at, 'it was replaced by another file of the same size and time');
  return undefined;
}

/** What a file is now; undefined where it is gone. */
export function stampFile(root: string, path: string): FileStamp | undefined {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  return stat === undefined ? undefined : stampOf(stat);
}

/** The file of a batch of one. @throws SourceError where it is another one on this machine, or cannot be read */
export function onlyFile({ root, rootStamp, files: [file] }: PutJob): { readonly path: string; readonly size: number } {
  if (file === undefined) throw new TypeError('a batch without a file');
  const path = join(root, file[0]);
  const error = differenceOf({ path, seen: readStamp(path) }, file, isSameRoot(root, rootStamp));
  if (error !== undefined) throw error;
  return { path, size: file[1] };
}

function readStamp(path: string): FileStamp {
  try {
    return stampOf(statSync(path));
  } catch (error) {
    const { code = 'UnknownError' } = error as NodeJS.ErrnoException;
    const why = isMissing(code) ? 'does not exist' : 'cannot be read';
    throw new SourceError(code, `${path} ${why} on this worker (${code})`);
  }
}

/** The error of a file that the run has found, and that this machine does not have. */
export function goneFile(at: string, code: string): SourceError {
  return new SourceError(code, `${at} does not exist on this worker (${code}), but the run has found it`, {
    hint: UNCHANGED,
  });
}

const UNCHANGED =
  'Do not change the source during a run, and copy it to the workers with its times. Run again for what failed.';

function differs(at: string, why: string): SourceError {
  return new SourceError(SOURCE_DIFFERS, `${at} is not the file that the run has found: ${why}`, {
    hint: UNCHANGED,
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
