import { UsageError } from '../errors.js';
import { compareKeys } from '../model/key-order.js';
import { msg, option, textIn } from '../report/message.js';
import { compileGlob, type Glob } from './globs/glob.js';

/** Which paths of a source become candidates. Paths are relative to the source, with `/`. */
export interface Filter {
  /** Whether the file is taken. */
  takes(relativePath: string): boolean;
  /** Whether anything below the directory may be taken. If false, the walk need not open it. */
  opens(directory: string): boolean;
  /** What all taken paths begin with: one of these, in ascending order; undefined where there is no such limit. */
  readonly heads?: readonly string[] | undefined;
  /** The entries of `include` and `exclude` that matched nothing so far. To be read after a whole walk. */
  readonly unmatched?: () => UnmatchedEntries;
}

/** Entries of `include` and `exclude` that matched no file and no directory, neither alone nor before a later entry. */
export interface UnmatchedEntries {
  /**
   * In their order. An entry that names a place below a directory that was not opened is not among them: whether that exists was not looked at.
   */
  readonly entries: readonly UnmatchedEntry[];
  /** A directory that `exclude` or `include` leaves out, so that entries which match anywhere were not tried below it; undefined for none. */
  readonly unopened: string | undefined;
}

export interface UnmatchedEntry {
  readonly option: 'include' | 'exclude';
  /** As it was given, with its `!`. */
  readonly pattern: string;
}

export interface FilterOptions {
  /** Globs to take; if there are any, everything else is left out. A leading `!` leaves out, `\!` is a literal one. */
  readonly include?: string | readonly string[] | undefined;
  /** Globs to leave out, after `include`; a leading `!` takes back in, `\!` is a literal one. */
  readonly exclude?: string | readonly string[] | undefined;
  /** Take names that begin with a dot, except version control and desktop junk. */
  readonly hidden: boolean;
  /** Take junk too: in a bucket somebody has put it there on purpose. */
  readonly junk?: true;
}

/** One entry of `include` or `exclude`, ready to match. */
export interface FilterRule extends UnmatchedEntry {
  readonly take: boolean;
  readonly glob: Glob;
}

/**
 * Prepares the rules of `include`, `exclude` and `hidden`. The includes apply in order, then the excludes, and the last
 * rule that matches a file or a directory above it decides. Where none matches, a file is taken if there are no rules or
 * the first rule leaves out.
 *
 * A directory is opened unless it is left out and no later rule can take anything below it.
 * @throws UsageError that names the option and the invalid glob
 */
export function createFilter(options: FilterOptions): Filter {
  const { hidden, junk } = options;
  const entries = filterEntries(options);
  const lost = (path: string): boolean => (junk !== true && isJunk(path)) || (!hidden && isHidden(path));
  if (entries.length === 0) return { takes: (path) => !lost(path), opens: (directory) => !lost(directory) };

  const takenByDefault = entries[0]?.take === false;
  const lastMatch = matchFinder(entries);
  const taken = (index: number): boolean => entries[index]?.take ?? takenByDefault;
  return {
    heads: takenByDefault ? undefined : headsOf(entries),
    takes(path) {
      if (!lost(path)) return taken(lastMatch.ofFile(path));
      lastMatch.seeLost(path);
      return false;
    },
    opens(directory) {
      if (lost(directory)) {
        lastMatch.seeLost(directory, true);
        return false;
      }
      const index = lastMatch.ofDirectory(directory);
      if (taken(index)) return true;
      if (entries.some(({ take, glob }, i) => i > index && take && glob.canMatchBelow(directory))) return true;
      lastMatch.leaveUnopened(directory);
      return false;
    },
    unmatched: lastMatch.unmatched,
  };
}

/**
 * The entries of both options, in the order in which they apply.
 * @throws UsageError that names the option and the invalid glob
 */
export function filterEntries({ include, exclude }: Pick<FilterOptions, 'include' | 'exclude'>): readonly FilterRule[] {
  return [...readEntries('include', include), ...readEntries('exclude', exclude)];
}

/** The heads of the globs that take; undefined where one of them can match anywhere. */
function headsOf(entries: readonly FilterRule[]): readonly string[] | undefined {
  const heads = entries.flatMap(({ take, glob }) => (take ? [glob.head] : []));
  if (heads.includes('')) return undefined;
  const sorted = [...new Set(heads)].sort(compareKeys);
  // A head that begins with another one adds nothing.
  return sorted.filter((head, index) => !sorted.slice(0, index).some((other) => head.startsWith(other)));
}

const REMEMBERED_DIRECTORIES = 4096;

/** Finds the entry that decides about a path. */
export interface MatchFinder {
  /** The index of the last entry that matches the path or a directory above it; -1 for none. */
  ofFile(path: string): number;
  ofDirectory(directory: string): number;
  /** Notes what matches a file that is left out whatever the entries say, or a directory that is not opened for that. */
  seeLost(path: string, directory?: boolean): void;
  /** Notes that nothing below this directory is looked at. */
  leaveUnopened(directory: string): void;
  unmatched(): UnmatchedEntries;
}

/** Finds the entries that decide, and notes which ones matched at all. */
export function matchFinder(entries: readonly FilterRule[]): MatchFinder {
  const known = new Map<string, number>();
  /** The indexes of those that have matched nothing yet. An entry is tried only until it matches, so most walks soon try no more than they must. */
  const waiting = new Set(entries.keys());
  /** Those of them that name a place below a directory that was not opened. */
  const unseen = new Set<number>();
  let unopened: string | undefined;
  const parent = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  /** Notes the entry that decides, and those before it that match: they were not tried yet. */
  const note = (decides: number, path: string, test: 'matchesFile' | 'matchesDirectory'): void => {
    waiting.delete(decides);
    for (const index of waiting) {
      if (index >= decides) return;
      if (entries[index]?.glob[test](path) === true) waiting.delete(index);
    }
  };
  const ofDirectory = (directory: string): number => {
    if (directory === '') return -1;
    const before = known.get(directory);
    if (before !== undefined) return before;
    let index = entries.length - 1;
    const floor = ofDirectory(parent(directory));
    while (index > floor && entries[index]?.glob.matchesDirectory(directory) !== true) index--;
    if (waiting.size > 0 && index >= 0) note(index, directory, 'matchesDirectory');
    if (known.size >= REMEMBERED_DIRECTORIES) known.clear();
    known.set(directory, index);
    return index;
  };
  const ofFile = (path: string): number => {
    let index = entries.length - 1;
    const floor = ofDirectory(parent(path));
    while (index > floor && entries[index]?.glob.matchesFile(path) !== true) index--;
    if (waiting.size > 0 && index >= 0) note(index, path, 'matchesFile');
    return index;
  };
  const leaveUnopened = (directory: string): void => {
    for (const index of waiting) {
      const glob = entries[index]?.glob;
      if (glob !== undefined && glob.head !== '' && glob.canMatchBelow(directory)) unseen.add(index);
    }
  };
  return {
    ofFile,
    ofDirectory,
    seeLost(path, directory) {
      if (waiting.size === 0) return;
      if (directory !== true) ofFile(path);
      else {
        ofDirectory(path);
        leaveUnopened(path);
      }
    },
    leaveUnopened(directory) {
      unopened ??= directory;
      leaveUnopened(directory);
    },
    unmatched: () => ({
      entries: [...waiting].flatMap((index) => {
        const entry = entries[index];
        return entry === undefined || unseen.has(index) ? [] : [{ option: entry.option, pattern: entry.pattern }];
      }),
      unopened,
    }),
  };
}

function readEntries(name: 'include' | 'exclude', globs: string | readonly string[] | undefined): FilterRule[] {
  const patterns = typeof globs === 'string' ? [globs] : (globs ?? []);
  return patterns.map((pattern) => {
    // `!(` opens an extended glob.
    const flipped = typeof pattern === 'string' && /^!(?!\()/.test(pattern);
    try {
      const glob = compileGlob(flipped ? pattern.slice(1) : pattern);
      return { option: name, pattern, take: (name === 'include') !== flipped, glob };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(msg`${option(name)}: ${textIn(error, 'message')}`, textIn(error, 'hint'));
    }
  });
}

const JUNK = /(?:^|\/)(?:\.git|\.svn|\.hg|\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)(?:\/|$)/;
const HIDDEN = /(?:^|\/)\./;

/** Whether the file or directory, or a directory above it, belongs to version control or the desktop (`.git`, `.DS_Store`, `._*` …). */
export function isJunk(relativePath: string): boolean {
  return JUNK.test(relativePath);
}

/** Whether its base name, or that of a directory above it, begins with a dot. */
export function isHidden(relativePath: string): boolean {
  return HIDDEN.test(relativePath);
}
