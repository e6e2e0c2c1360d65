import { lstatSync, statSync } from 'node:fs';
import { isSame } from '../file.js';
import type { FileStamp, Found } from '../types.js';

/** Files that are kept. A tree with more is walked again, so that memory does not grow with it. */
const MOST_KEPT = 200_000;
/** Numbers of a stamp: device, inode, times of change and of the last write, and size. */
export const NUMBERS = 5;

/** What a walk has found: of a plain file its path relative to the source, with the next stamp of `stamps`. */
export interface KeptUnits {
  readonly units: readonly (string | Found)[];
  readonly stamps: Float64Array;
}

/** The stamp at an index of kept ones. Not by destructuring a part of them: that takes as long as all else for a file. */
export function stampAt(stamps: Float64Array, at: number): FileStamp {
  return {
    dev: stamps[at] as number,
    ino: stamps[at + 1] as number,
    ctimeMs: stamps[at + 2] as number,
    mtimeMs: stamps[at + 3] as number,
    size: stamps[at + 4] as number,
  };
}

/**
 * What one walk of a directory has found. A put walks its source twice, for the totals and to send it; the second time the record replaces names and
 * stats. A file costs its name and 40 bytes; whether it is still the same is proven when it is read.
 */
export interface WalkRecord {
  /** What was found, once a walk has come to its end. Undefined before, for a tree with too many files, and where names in a folder have changed since. */
  kept(): KeptUnits | undefined;
  /** Begins a walk that is recorded, unless one is recorded already. */
  begin(): WalkRecorder | undefined;
}

export interface WalkRecorder {
  /** A folder whose names were read. @param linked whether its path may end in a link */
  folder(linked: boolean, path: string, stamp: FileStamp): void;
  add(found: Found): void;
  /** The walk has come to its end. */
  end(): void;
}

/** @param most files that are kept */
export function walkRecord(most: number = MOST_KEPT): WalkRecord {
  let whole: Kept | undefined;
  let tooMany = false;

  return {
    kept() {
      if (whole?.folders.every(isUnchanged) === false) whole = undefined;
      return whole;
    },
    begin() {
      if (whole !== undefined || tooMany) return undefined;
      let units: (string | Found)[] = [];
      let folders: KeptFolder[] = [];
      let stamps = new Float64Array(NUMBERS * 1024);
      let used = 0;

      function keepStamp({ dev, ino, ctimeMs, mtimeMs, size }: FileStamp): void {
        if (used + NUMBERS > stamps.length) {
          const larger = new Float64Array(stamps.length * 2);
          larger.set(stamps);
          stamps = larger;
        }
        stamps[used] = dev;
        stamps[used + 1] = ino;
        stamps[used + 2] = ctimeMs;
        stamps[used + 3] = mtimeMs;
        stamps[used + 4] = size;
        used += NUMBERS;
      }

      return {
        folder(linked, path, stamp) {
          if (!tooMany) folders.push({ linked, path, stamp });
        },
        add(found) {
          if (tooMany) return;
          if (units.length + folders.length >= most) {
            tooMany = true;
            units = [];
            folders = [];
            stamps = new Float64Array(0);
            return;
          }
          const stamp = stampOfPlain(found);
          if (found.kind !== 'entry' || stamp === undefined) {
            units.push(found);
            return;
          }
          units.push(found.relativePath);
          keepStamp(stamp);
        },
        end() {
          if (!tooMany) whole = { units, folders, stamps };
        },
      };
    },
  };
}

interface KeptFolder {
  readonly linked: boolean;
  readonly path: string;
  readonly stamp: FileStamp;
}

interface Kept extends KeptUnits {
  readonly folders: readonly KeptFolder[];
}

/** Whether a folder has the same names as when they were read: each name that comes or goes changes its time. */
function isUnchanged({ linked, path, stamp }: KeptFolder): boolean {
  try {
    return isSame(stamp, linked ? statSync(path) : lstatSync(path));
  } catch {
    return false;
  }
}

/** What identifies the file of an entry that is made of its path and this alone; undefined for anything else. */
function stampOfPlain(found: Found): FileStamp | undefined {
  if (found.kind !== 'entry' || found.file?.noLink !== true) return undefined;
  if (found.plainKey !== undefined || found.encoding !== undefined || found.plain !== undefined) return undefined;
  return found.file.seen?.size === found.size ? found.file.seen : undefined;
}
