import picomatch from 'picomatch';
import { UsageError } from '../errors.js';

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
}

/**
 * Prepares a glob: `*` and `?` stay within a segment, `**` as a whole segment does not; `[a-z]`, `[!a]`, `{a,b}`, `{1..9}`
 * and extended globs such as `@(a|b)`; case matters, a leading dot does not. Without a slash it matches the base name at
 * any depth, with one the path; a leading `/` anchors at the source, a trailing one matches directories only, and `\`
 * takes the next character literally.
 * @throws UsageError that names the invalid glob
 */
export function compileGlob(pattern: string): Glob {
  const { segments: written, rooted, directoryOnly, nested } = readGlob(pattern);
  let segments = written.filter(({ raw }, index) => raw !== '**' || written[index - 1]?.raw !== '**');
  let onlyDirectories = directoryOnly;
  let anchored = rooted || nested || segments.length > 1;
  if (segments.length > 1 && segments.at(-1)?.raw === '**') {
    // `a/**` is everything below the directory `a`, not a file of that name; `a/**/` the directories below it.
    if (directoryOnly) segments = [...segments.slice(0, -1), ...DEEP];
    else segments = segments.slice(0, -1);
    onlyDirectories = true;
  }
  if (segments.length === 2 && segments[0]?.raw === '**' && !nested) {
    segments = segments.slice(1);
    anchored = false;
  }
  const matches = segmentsMatcher(segments, pattern);
  const tests = (path: string): boolean => matches(anchored ? path : path.slice(path.lastIndexOf('/') + 1));
  const below = anchored && !nested ? belowMatcher(segments, pattern) : () => true;
  return {
    matchesFile: onlyDirectories ? () => false : tests,
    matchesDirectory: tests,
    canMatchBelow: below,
    head: headOf(written, anchored && !nested),
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

const DEEP: readonly GlobSegment[] = [
  { raw: '**', source: '**' },
  { raw: '*', source: '*' },
];

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

/** Compares a directory with the glob's first segments, and checks whether a segment is left for paths below it. */
function belowMatcher(segments: readonly GlobSegment[], pattern: string): (directory: string) => boolean {
  const deep = segments.findIndex(({ raw }) => raw.includes('**') || raw.includes('!('));
  const known = (deep < 0 ? segments : segments.slice(0, deep)).map((segment) => segmentsMatcher([segment], pattern));
  return (directory) => {
    const names = directory === '' ? [] : directory.split('/');
    if (deep < 0 && names.length >= segments.length) return false;
    return names.every((name, index) => known[index]?.(name) ?? true);
  };
}

const OPTIONS = {
  dot: true,
  nonegate: true,
  posix: true,
  regex: false,
  windows: false,
  debug: true,
  expandRange,
} as const;
/** Any character except a slash; in UTF-16 it may have two units. */
const ONE_CHARACTER = '(?:[\\ud800-\\udbff][\\udc00-\\udfff]|[^/])';

function segmentsMatcher(segments: readonly GlobSegment[], pattern: string): (text: string) => boolean {
  const raw = segments.map((segment) => segment.raw).join('/');
  let regex: RegExp;
  try {
    const source = picomatch.makeRe(segments.map((segment) => segment.source).join('/'), OPTIONS).source;
    regex = new RegExp(source.replace(/\[\^\/\](?!\*)/g, ONE_CHARACTER), 's');
  } catch (error) {
    throw invalidGlob(pattern, error instanceof Error ? error.message : String(error));
  }
  return (text) => text === raw || regex.test(text);
}

/** `{1..12}` as an alternation; picomatch alone would turn it into the character class `[1-12]`. */
function expandRange(from: string, to: string, ...rest: readonly unknown[]): string {
  const step = typeof rest[0] === 'string' ? Math.abs(Number(rest[0])) : 1;
  const numbers = /^-?\d+$/.test(from) && /^-?\d+$/.test(to);
  const [first, last] = numbers ? [Number(from), Number(to)] : [from.codePointAt(0), to.codePointAt(0)];
  if (first === undefined || last === undefined || (!numbers && [...from, ...to].length !== 2) || !(step >= 1)) {
    throw new Error(`{${from}..${to}} is not a range`);
  }
  const count = Math.floor(Math.abs(last - first) / step) + 1;
  if (count > 10_000) throw new Error(`{${from}..${to}} has more than 10,000 members`);
  const width = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0;
  const members = Array.from({ length: count }, (_, index) => {
    const value = first + Math.sign(last - first) * index * step;
    return numbers ? String(value).padStart(width, '0') : String.fromCodePoint(value);
  });
  return `(?:${members.map((member) => member.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|')})`;
}

/** One part of a glob between slashes. */
export interface GlobSegment {
  /** As written. A name equal to it matches, so that `[id].html` matches the file of that name. */
  readonly raw: string;
  /** The same, with everything escaped that picomatch would interpret differently from a shell. */
  readonly source: string;
}

/** A glob, split at its slashes. */
export interface GlobText {
  readonly segments: readonly GlobSegment[];
  /** Begins with `/`. */
  readonly rooted: boolean;
  /** Ends in `/`. */
  readonly directoryOnly: boolean;
  /** Has a slash inside braces, brackets or an extended glob, so that its segments alone do not define it. */
  readonly nested: boolean;
}

/**
 * Splits a glob. Makes literal what picomatch would take for a regular expression: parentheses without one of `?*+@!`
 * before them, `|` outside of them, and quotes.
 * @throws UsageError for one that is empty, unclosed, negated, relative with `.` or `..`, or escapes what needs no escape
 */
function readGlob(pattern: string): GlobText {
  if (typeof pattern !== 'string' || pattern.trim() === '') throw invalidGlob(pattern, 'it is empty');
  if (/^!(?!\()/.test(pattern))
    throw invalidGlob(pattern, 'it is negated twice or where that means nothing', 'Escape a leading "!" as "\\!".');
  const start = /^(?:\.?\/+)+/.exec(pattern)?.[0].length ?? 0;
  const end = pattern.length - (/[^\\](\/+)$/.exec(pattern)?.[1]?.length ?? 0);
  if (start >= end) throw invalidGlob(pattern, 'it names nothing', 'Write "**" for everything.');
  const { segments, nested } = split(pattern, start, end);
  const dots = segments.find(({ raw }) => raw === '.' || raw === '..');
  if (dots !== undefined) {
    throw invalidGlob(pattern, `it holds the segment "${dots.raw}"`, 'Globs match the path relative to the source.');
  }
  return { segments, rooted: start > 0, directoryOnly: end < pattern.length, nested };
}

function invalidGlob(pattern: unknown, why: string, hint?: string): UsageError {
  return new UsageError(`The glob ${JSON.stringify(pattern)} cannot match: ${why}.`, hint);
}

function split(pattern: string, start: number, end: number): { segments: GlobSegment[]; nested: boolean } {
  const segments: GlobSegment[] = [];
  /** Open brackets: `{`, `@` for an extended glob, `(` for a literal parenthesis. */
  const open: string[] = [];
  let nested = false;
  let source = '';
  let from = start;
  const close = (at: number): void => {
    // Repeated slashes count as one.
    if (at > from) segments.push({ raw: pattern.slice(from, at), source });
    source = '';
    from = at + 1;
  };
  for (let i = start; i < end; i++) {
    const character = pattern.charAt(i);
    if (character === '\\') {
      source += character + escaped(pattern, ++i);
    } else if (character === '/') {
      if (open.every((opened) => opened === '(')) close(i);
      else {
        nested = true;
        source += character;
      }
    } else if (character === '[') {
      const last = classEnd(pattern, i, end);
      const text = pattern.slice(i, last + 1);
      if (text.includes('/')) nested = true;
      source += text;
      i = last;
    } else if (character === '(') {
      const extended = /[?*+@!]$/.test(source) && !/\\.$/s.test(source);
      open.push(extended ? '@' : '(');
      source += extended ? character : '\\(';
    } else if (character === ')') {
      const opened = open.findLast((entry) => entry !== '{');
      if (opened !== undefined) open.splice(open.lastIndexOf(opened));
      source += opened === '@' ? character : '\\)';
    } else if (character === '{') {
      open.push(character);
      source += character;
    } else if (character === '}') {
      const at = open.lastIndexOf('{');
      if (at >= 0) open.splice(at);
      source += at >= 0 ? character : '\\}';
    } else source += character === '"' || (character === '|' && !open.includes('@')) ? `\\${character}` : character;
  }
  close(end);
  const unclosed = open.find((opened) => opened !== '(');
  if (unclosed !== undefined) {
    throw invalidGlob(pattern, `"${unclosed === '@' ? '(' : '{'}" is not closed`, 'Escape a literal one with "\\".');
  }
  return { segments, nested };
}

function escaped(pattern: string, at: number): string {
  const character = pattern.charAt(at);
  if (character === '' || /[A-Za-z0-9/]/.test(character)) {
    throw invalidGlob(pattern, '"\\" escapes nothing there', 'Globs separate directories with "/" on every system.');
  }
  return character;
}

/** Index of the `]` that closes the class opened at `at`. */
function classEnd(pattern: string, at: number, end: number): number {
  // A "]" directly after the opening belongs to the class.
  const match = /^\[[!^]?\]?(?:\\.|\[:[a-z]+:\]|[^\]\\])*\]/s.exec(pattern.slice(at, end));
  if (match === null) throw invalidGlob(pattern, '"[" is not closed', 'Escape a literal one with "\\".');
  return at + match[0].length - 1;
}
