import { realpathSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { msg, type Text } from '../report/message.js';

/** The files that a run itself reads or writes, such as its config file and its log: they are no part of what it uploads. */
export interface OwnFiles {
  /**
   * Whether a file of a source is one of them, also through a link.
   * @param name its base name
   * @param stat of what a link leads to
   */
  has(name: string, path: string, stat: Stats): boolean;
  /** Those that a source had so far, as paths of the source. */
  readonly found: ReadonlySet<string>;
}

/** More are not remembered: links can lead to one file any number of times. */
const MOST_REMEMBERED = 100;

/**
 * Recognizes the own files of a run. Undefined without any, so that a walk need not ask.
 * @param paths relative to the working directory; a file need not exist yet
 * @param expected the same for those that may lie in a source: `found` never has them
 */
export function ownFiles(paths: readonly string[], expected: readonly string[] = []): OwnFiles | undefined {
  if (paths.length + expected.length === 0) return undefined;
  const own = (path: string, silent: boolean) => ({ path, name: basename(path), inode: inodeOf(path), silent });
  const all = [...expected.map((path) => own(path, true)), ...paths.map((path) => own(path, false))];
  const found = new Set<string>();
  return {
    found,
    has(name, path, stat) {
      // A link has another name; an editor or a log that replaces the file gives it another inode.
      const met = all.find((one) => (one.inode === stat.ino || one.name === name) && isFile(one.path, path, stat));
      if (met === undefined) return false;
      if (!met.silent && found.size < MOST_REMEMBERED) found.add(path);
      return true;
    },
  };
}

/** The most paths in a message. */
const MOST_NAMED = 20;

/** The warning about own files that a source had; undefined without any. */
export function ownFilesWarning(own: OwnFiles | undefined): readonly [code: string, message: Text] | undefined {
  if (own === undefined || own.found.size === 0) return undefined;
  const names = [...own.found].sort();
  const more = names.length - MOST_NAMED;
  const list = `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const them = names.length === 1 ? 'it' : 'them';
  return [
    'own-files',
    msg`Left out, because this run itself reads or writes ${them}: ${list}. Leave ${them} out by {exclude} to end this warning.`,
  ];
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

/** Whether a path of the source leads to an own file. Another hard link to it is a file of the source. */
function isFile(own: string, path: string, stat: Stats): boolean {
  try {
    const now = statSync(own);
    if (now.ino !== stat.ino || now.dev !== stat.dev) return false;
    return now.nlink === 1 || realpathSync.native(path) === realpathSync.native(own);
  } catch {
    return false;
  }
}
