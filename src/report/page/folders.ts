import type { Status } from '../status.js';

/** How many objects with one status lie in a folder itself, and their bytes. */
export interface Tally {
  count: number;
  bytes: number;
}

/** A folder of the destination: what lies in it, and in folders that were folded into it. */
export interface Folder {
  readonly own: ReadonlyMap<Status, Tally>;
  readonly children: ReadonlyMap<string, Folder>;
}

interface GrowingFolder extends Folder {
  readonly own: Map<Status, Tally>;
  readonly children: Map<string, GrowingFolder>;
}

/** More folders than this are no picture; what lies in others counts in the folder above. */
const MOST_FOLDERS = 2_000;
/** Deeper folders have no room in it. */
const MOST_LEVELS = 8;

/** Counts objects by folder, each of any number of objects. */
export interface FolderTree {
  readonly root: Folder;
  add(path: string, status: Status, bytes: number): void;
}

export function folderTree(): FolderTree {
  const root = emptyFolder();
  let folders = 0;
  return {
    root,
    add(path, status, bytes) {
      let folder = root;
      const names = folderNames(path);
      for (const name of names) {
        let child = folder.children.get(name);
        if (child === undefined) {
          if (folders >= MOST_FOLDERS) break;
          folders += 1;
          child = emptyFolder();
          folder.children.set(name, child);
        }
        folder = child;
      }
      const tally = folder.own.get(status);
      if (tally === undefined) folder.own.set(status, { count: 1, bytes });
      else {
        tally.count += 1;
        tally.bytes += bytes;
      }
    },
  };
}

/** The folders of a path that a tree may have, from the top. */
export function folderNames(path: string): readonly string[] {
  return path.split('/', MOST_LEVELS + 1).slice(0, Math.min(MOST_LEVELS, path.split('/').length - 1));
}

function emptyFolder(): GrowingFolder {
  return { own: new Map(), children: new Map() };
}
