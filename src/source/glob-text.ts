import { UsageError } from '../errors.js';

/** One part of a glob between slashes. */
export interface GlobSegment {
  /** As written; a name equal to it matches, so that `[id].html` finds the file of that name. */
  readonly raw: string;
  /** The same with everything escaped that picomatch would read otherwise than a shell. */
  readonly source: string;
}

/** A glob taken apart at its slashes. */
export interface GlobText {
  readonly segments: readonly GlobSegment[];
  /** Begins with `/`. */
  readonly rooted: boolean;
  /** Ends in `/`. */
  readonly directoryOnly: boolean;
  /** Has a slash inside braces, brackets or an extended glob, so that its segments say less than the whole. */
  readonly nested: boolean;
}

/**
 * Takes a glob apart. What picomatch would take for a regular expression is made literal: parentheses that no `?*+@!`
 * precedes, `|` outside of them, and quotes.
 * @throws UsageError for one that is empty, unclosed, negated, relative with `.` or `..`, or escapes what needs no escape
 */
export function readGlob(pattern: string): GlobText {
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

export function invalidGlob(pattern: unknown, why: string, hint?: string): UsageError {
  return new UsageError(`The glob ${JSON.stringify(pattern)} cannot match: ${why}.`, hint);
}

function split(pattern: string, start: number, end: number): { segments: GlobSegment[]; nested: boolean } {
  const segments: GlobSegment[] = [];
  /** What is open: `{`, `@` for an extended glob, `(` for a literal parenthesis. */
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
