import { type Machine, type Piece, patternMachine } from './machine.js';
import { type GlobSegment, type GlobText, invalidGlob, readGlob, shallow } from './text.js';

/** One glob, ready to match. Paths are relative to the source, with `/`. */
export interface Glob {
  /** Whether it matches the file itself (not a directory above it). */
  matchesFile(relativePath: string): boolean;
  /** Whether it matches the directory itself, or everything below it. */
  matchesDirectory(relativePath: string): boolean;
  /** What all paths begin with that it can match, or that are below a match; empty where it can match anywhere. */
  readonly head: string;
  /** Whether it could match anything strictly below a directory that it does not match. True when in doubt. */
  canMatchBelow(directory: string): boolean;
  /** How much work all matches together took; see {@link Machine}. */
  readonly steps: number;
}

/**
 * Prepares a glob: `*` and `?` stay within a segment, `**` as a whole segment does not; `[a-z]`, `[!a]`, `[[:digit:]]`, `{a,b}`, `{1..9}` and
 * the extended globs `?(a|b)`, `*(a|b)`, `+(a|b)`, `@(a|b)` and `!(a|b)`, as in Bash; case matters, a leading dot does not. Without a slash it
 * matches the base name at any depth, with one the path; a leading `/` anchors at the source, a trailing one matches directories only, and `\`
 * takes the next character literally.
 *
 * Matching takes time in proportion to the length of the path, whatever the glob (with `!(a)` at most to its square).
 * @throws UsageError that names the invalid glob
 */
export function compileGlob(pattern: string): Glob {
  const { variants, nested } = readGlob(pattern);
  const globs = variants.map((variant) => compileVariant(variant, nested, pattern));
  const [only] = globs;
  if (only !== undefined && globs.length === 1) return only;
  return {
    matchesFile: (path) => globs.some((glob) => glob.matchesFile(path)),
    matchesDirectory: (path) => globs.some((glob) => glob.matchesDirectory(path)),
    canMatchBelow: (directory) => globs.some((glob) => glob.canMatchBelow(directory)),
    // The folders before the braces are in each variant; most globs with braces in a folder's name can match anywhere.
    head: commonHead(globs.map(({ head }) => head)),
    get steps() {
      return globs.reduce((sum, { steps }) => sum + steps, 0);
    },
  };
}

function compileVariant(variant: GlobText, nested: boolean, pattern: string): Glob {
  const { segments: written, rooted, directoryOnly } = variant;
  let segments = written.filter(({ raw }, index) => raw !== '**' || written[index - 1]?.raw !== '**');
  let onlyDirectories = directoryOnly;
  let anchored = rooted || nested || segments.length > 1;
  if (segments.length > 1 && segments.at(-1)?.raw === '**') {
    // `a/**` is everything below the directory `a`, not a file of that name; `a/**/` the directories below it.
    if (directoryOnly) segments = [...segments, ANY_NAME];
    else segments = segments.slice(0, -1);
    onlyDirectories = true;
  }
  if (segments.length === 2 && segments[0]?.raw === '**' && !nested) {
    segments = segments.slice(1);
    anchored = false;
  }
  const matcher = segmentsMatcher(segments, pattern);
  const tests = (path: string): boolean => matcher.matches(anchored ? path : path.slice(path.lastIndexOf('/') + 1));
  return {
    matchesFile: onlyDirectories ? () => false : tests,
    matchesDirectory: tests,
    canMatchBelow: anchored && !nested ? belowMatcher(segments, pattern) : () => true,
    head: headOf(written, anchored && !nested),
    get steps() {
      return matcher.steps;
    },
  };
}

/** The folders before the first special character, where the glob is anchored at the source. */
function headOf(written: readonly GlobSegment[], anchored: boolean): string {
  if (!anchored) return '';
  let head = '';
  for (const { raw } of written.slice(0, -1)) {
    if (/[*?[\](){}!@+|\\]/.test(raw)) break;
    head += `${raw}/`;
  }
  return head;
}

/** The folders that all heads begin with. */
function commonHead(heads: readonly string[]): string {
  const [first = '', ...others] = heads;
  let head = first;
  while (!others.every((other) => other.startsWith(head)))
    head = head.slice(0, head.lastIndexOf('/', head.length - 2) + 1);
  return head;
}

const ANY_NAME: GlobSegment = { raw: '*', pieces: [{ is: 'star', deep: false }] };

/**
 * Prepares a glob as {@link compileGlob} does. The function returns true for a file that the glob matches, and for everything
 * below a directory that it matches.
 * @throws UsageError that names the invalid glob
 */
export function globMatcher(pattern: string): (relativePath: string) => boolean {
  const glob = compileGlob(pattern);
  return (path) => {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (glob.matchesDirectory(path.slice(0, slash))) return true;
    }
    return glob.matchesFile(path);
  };
}

/**
 * Prepares globs that match keys by what follows the prefix; a key outside of it is matched as a whole.
 * @throws UsageError that names the invalid glob
 */
export function keyMatcher(globs: readonly string[], prefix: string): (key: string) => boolean {
  const matchers = globs.map((glob) => globMatcher(glob));
  return (key) => {
    const path = key.startsWith(prefix) ? key.slice(prefix.length) : key;
    // A glob with the prefix in front means the same keys: what is protected twice loses nothing.
    return matchers.some((matches) => matches(path) || matches(key));
  };
}

/** Compares a directory with the glob's first segments, and checks whether a segment is left for paths below it. */
function belowMatcher(segments: readonly GlobSegment[], pattern: string): (directory: string) => boolean {
  const deep = segments.findIndex(({ raw }) => raw.includes('**') || raw.includes('!('));
  const known = (deep < 0 ? segments : segments.slice(0, deep)).map((segment) => segmentsMatcher([segment], pattern));
  return (directory) => {
    const names = directory === '' ? [] : directory.split('/');
    if (deep < 0 && names.length >= segments.length) return false;
    return names.every((name, index) => known[index]?.matches(name) ?? true);
  };
}

function segmentsMatcher(segments: readonly GlobSegment[], pattern: string): Machine {
  const raw = segments.map((segment) => segment.raw).join('/');
  const machine = machineOf(segments, pattern);
  return {
    matches: (text) => text === raw || machine.matches(text),
    get steps() {
      return machine.steps;
    },
  };
}

function machineOf(segments: readonly GlobSegment[], pattern: string): Machine {
  try {
    return patternMachine(piecesOf(segments));
  } catch (error) {
    throw invalidGlob(pattern, error instanceof Error ? error.message : String(error));
  }
}

const SLASH: Piece = { is: 'text', character: '/' };
/** One or more characters of a segment. */
const NAME: readonly Piece[] = [{ is: 'one' }, { is: 'star', deep: false }];
/** Any number of folders, with their slashes. */
const FOLDERS: Piece = { is: 'choice', of: [[...NAME, SLASH]], min: 0, many: true };

function piecesOf(segments: readonly GlobSegment[]): readonly Piece[] {
  return segments.flatMap(({ raw, pieces }, index): readonly Piece[] => {
    const last = index === segments.length - 1;
    if (raw === '**') return last ? [{ is: 'one' }, { is: 'star', deep: true }] : [FOLDERS];
    const own = shallow(pieces);
    return last ? own : [...own, SLASH];
  });
}
