import { UsageError } from '../../errors.js';
import type { Piece } from './machine.js';

/** One part of a glob between slashes. */
export interface GlobSegment {
  /** As written. A name equal to it matches, so that `[id].html` matches the file of that name. */
  readonly raw: string;
  readonly pieces: readonly Piece[];
}

/** A glob, split at its slashes. */
export interface GlobText {
  readonly segments: readonly GlobSegment[];
  /** Begins with `/`. */
  readonly rooted: boolean;
  /** Ends in `/`. */
  readonly directoryOnly: boolean;
}

/** A glob as it was read. */
export interface ReadGlob {
  /** One for each alternative of those braces that hold a slash or `**`; mostly one. A path matches if it matches any of them. */
  readonly variants: readonly GlobText[];
  /** Has a slash inside braces, brackets or an extended glob, so that its segments alone do not define it. */
  readonly nested: boolean;
}

/** Longest glob, in UTF-16 units. */
const MOST_CHARACTERS = 65_536;
/** Most variants of one glob. */
const MOST_VARIANTS = 1_000;
/** Most units of all variants together. */
const MOST_EXPANDED = 1_000_000;
/** Most members of a range such as `{1..100}`. */
const MOST_MEMBERS = 10_000;
/** How deep braces and extended globs may stand inside one another. */
const MOST_LEVELS = 32;

/** The error for a glob that cannot be used. */
export function invalidGlob(pattern: unknown, why: string, hint?: string): UsageError {
  return new UsageError(`The glob ${JSON.stringify(pattern)} cannot match: ${why}.`, hint);
}

/**
 * Reads a glob.
 * @throws UsageError for one that is empty, too long, unclosed, negated, relative with `.` or `..`, or escapes what needs no escape
 */
export function readGlob(pattern: string): ReadGlob {
  if (typeof pattern !== 'string' || pattern.trim() === '') throw invalidGlob(pattern, 'it is empty');
  if (pattern.length > MOST_CHARACTERS)
    throw invalidGlob(pattern, `its length is ${pattern.length}; at most ${MOST_CHARACTERS} characters are taken`);
  if (/^!(?!\()/.test(pattern))
    throw invalidGlob(pattern, 'it is negated twice or where that means nothing', 'Escape a leading "!" as "\\!".');
  const nothing = (): UsageError => invalidGlob(pattern, 'it names nothing', 'Write "**" for everything.');
  const variants: GlobText[] = [];
  const texts = [pattern];
  let nested = false;
  let expanded = 0;
  for (let text = texts.shift(); text !== undefined; text = texts.shift()) {
    const { start, end } = bounds(text);
    if (start >= end) {
      if (text === pattern) throw nothing();
      continue;
    }
    const read = new GlobReader(pattern, text, start, end).read();
    nested ||= read.nested;
    if (read.alternatives === undefined) {
      variants.push({ segments: read.segments, rooted: start > 0, directoryOnly: end < text.length });
      continue;
    }
    texts.push(...read.alternatives);
    expanded += read.alternatives.reduce((sum, one) => sum + one.length, 0);
    if (variants.length + texts.length > MOST_VARIANTS || expanded > MOST_EXPANDED)
      throw invalidGlob(
        pattern,
        `its braces with "/" or "**" expand to more than ${MOST_VARIANTS} globs`,
        'Give several globs, one for each case.',
      );
  }
  if (variants.length === 0) throw nothing();
  for (const { raw } of variants.flatMap(({ segments }) => segments))
    if (raw === '.' || raw === '..')
      throw invalidGlob(pattern, `it holds the segment "${raw}"`, 'Globs match the path relative to the source.');
  return { variants, nested };
}

/** Where a glob begins and ends without its outer slashes. */
function bounds(text: string): { readonly start: number; readonly end: number } {
  let start = text.startsWith('./') ? 2 : 0;
  while (text[start] === '/' || (text.startsWith('./', start) && text[start - 1] === '/'))
    start += text[start] === '/' ? 1 : 2;
  let end = text.length;
  while (end > start && text[end - 1] === '/') end--;
  let escapes = end;
  while (text[escapes - 1] === '\\') escapes--;
  // The slash after an escape is escaped, which is an error.
  if ((end - escapes) % 2 === 1 && end < text.length) end++;
  return { start, end };
}

/** What a group of alternatives ends with, and what separates them; undefined outside of groups. */
type Group = '{' | '(' | undefined;

interface Read {
  readonly segments: readonly GlobSegment[];
  readonly nested: boolean;
  /** The texts of the glob with each alternative of its first braces that hold a slash or `**`. */
  readonly alternatives: readonly string[] | undefined;
}

/** Reads the text of one glob from its start to its end, once. */
class GlobReader {
  readonly #pattern: string;
  readonly #text: string;
  readonly #end: number;
  readonly #start: number;
  #at: number;
  #nested = false;
  #levels = 0;
  /** How many extended globs are open, and whether one of them excludes. */
  #extended = 0;
  #excluding = false;
  #alternatives: readonly string[] | undefined;

  /** @param pattern what errors name */
  constructor(pattern: string, text: string, start: number, end: number) {
    this.#pattern = pattern;
    this.#text = text;
    this.#start = start;
    this.#at = start;
    this.#end = end;
  }

  read(): Read {
    const segments: GlobSegment[] = [];
    let from = this.#start;
    while (this.#at < this.#end) {
      const pieces = this.#sequence(undefined);
      // Repeated slashes count as one.
      if (this.#at > from) segments.push({ raw: this.#text.slice(from, this.#at), pieces });
      from = ++this.#at;
    }
    return { segments, nested: this.#nested, alternatives: this.#alternatives };
  }

  /** Reads up to what ends the sequence: a slash outside of groups, or what separates or closes the group. */
  #sequence(group: Group): Piece[] {
    const pieces: Piece[] = [];
    let literals = 0;
    for (; this.#at < this.#end; this.#at++) {
      const character = this.#text.charAt(this.#at);
      const extended = '?*+@!'.includes(character) && this.#text[this.#at + 1] === '(' && this.#at + 1 < this.#end;
      if (extended) pieces.push(this.#extendedGlob(character));
      else if (character === '\\') pieces.push(literal(this.#escaped()));
      else if (character === '/') {
        if (group === undefined) return pieces;
        this.#nested = true;
        pieces.push(literal(character));
      } else if (character === '[') pieces.push(this.#class());
      else if (character === '{') pieces.push(...this.#braces());
      else if (character === '(') {
        literals += 1;
        pieces.push(literal(character));
      } else if (character === ')' && group === '(' && literals === 0) return pieces;
      else if (character === ')') {
        literals = Math.max(0, literals - 1);
        pieces.push(literal(character));
      } else if (group === '{' && (character === '}' || character === ',')) return pieces;
      else if (group === '(' && character === '|' && literals === 0) return pieces;
      else if (character === '*') addStar(pieces);
      else pieces.push(character === '?' ? { is: 'one' } : literal(this.#character()));
    }
    return pieces;
  }

  /** The alternatives of a group up to what closes it, and where each of them begins and ends. */
  #group(group: '{' | '(', opened: number): { readonly of: Piece[][]; readonly parts: string[] } {
    const of: Piece[][] = [];
    const parts: string[] = [];
    if (++this.#levels > MOST_LEVELS)
      throw invalidGlob(this.#pattern, `braces and parentheses stand in one another more than ${MOST_LEVELS} deep`);
    this.#at = opened;
    do {
      const from = ++this.#at;
      of.push(this.#sequence(group));
      parts.push(this.#text.slice(from, this.#at));
      if (this.#at >= this.#end)
        throw invalidGlob(this.#pattern, `"${group}" is not closed`, 'Escape a literal one with "\\".');
    } while (this.#text[this.#at] === (group === '{' ? ',' : '|'));
    this.#levels -= 1;
    return { of, parts };
  }

  #extendedGlob(kind: string): Piece {
    const negative = kind === '!';
    if (negative && this.#excluding)
      throw invalidGlob(this.#pattern, '"!(" stands inside of another "!("', 'Give two globs, one that takes back in.');
    this.#extended += 1;
    this.#excluding ||= negative;
    const from = this.#at;
    const { of } = this.#group('(', this.#at + 1);
    this.#extended -= 1;
    if (negative) this.#excluding = false;
    const alternatives = of.map(deepStars);
    if (negative) return { is: 'not', of: alternatives, deep: this.#text.slice(from, this.#at).includes('/') };
    const min = kind === '?' || kind === '*' ? 0 : 1;
    return { is: 'choice', of: alternatives, min, many: kind === '*' || kind === '+' };
  }

  /** Braces: alternatives, a range, or neither, and then they are literal. */
  #braces(): readonly Piece[] {
    const opened = this.#at;
    const { of, parts } = this.#group('{', opened);
    const [only = ''] = parts;
    if (parts.length === 1) {
      const range = /^([^.]*)\.\.(.*)$/s.exec(only);
      if (range === null) return [literal('{'), ...(of[0] ?? []), literal('}')];
      return [{ is: 'choice', of: rangeMembers(this.#pattern, only), min: 1, many: false }];
    }
    const across = /\/|\*\*/.test(this.#text.slice(opened, this.#at));
    if (across && this.#extended === 0 && this.#levels === 0 && this.#alternatives === undefined) {
      const [before, after] = [this.#text.slice(0, opened), this.#text.slice(this.#at + 1)];
      if (parts.length > MOST_VARIANTS)
        throw invalidGlob(this.#pattern, `braces have more than ${MOST_VARIANTS} alternatives with "/" or "**"`);
      this.#alternatives = parts.map((part) => before + part + after);
    }
    return [{ is: 'choice', of, min: 1, many: false }];
  }

  /** The character at the place, which may be two units long. */
  #character(): string {
    const codePoint = this.#text.codePointAt(this.#at) ?? 0;
    if (codePoint > 0xffff) this.#at += 1;
    return String.fromCodePoint(codePoint);
  }

  #escaped(): string {
    this.#at += 1;
    const character = this.#at < this.#end ? this.#character() : '';
    if (character === '' || /[A-Za-z0-9/]/.test(character)) {
      throw invalidGlob(
        this.#pattern,
        '"\\" escapes nothing there',
        'Globs separate directories with "/" on every system.',
      );
    }
    return character;
  }

  /** A class such as `[a-z]`, `[!a]` or `[[:digit:]_]`. */
  #class(): Piece {
    const opened = this.#at++;
    const negated = this.#text[this.#at] === '!' || this.#text[this.#at] === '^';
    if (negated) this.#at += 1;
    const tests: ((codePoint: number) => boolean)[] = [];
    const first = this.#at;
    for (; this.#text[this.#at] !== ']' || this.#at === first; this.#at++) {
      if (this.#at >= this.#end)
        throw invalidGlob(this.#pattern, '"[" is not closed', 'Escape a literal one with "\\".');
      const named = /^\[:([a-z]*):\]/.exec(this.#text.slice(this.#at, this.#at + 16));
      if (named === null) {
        tests.push(this.#members());
        continue;
      }
      const has = POSIX_CLASSES.get(named[1] ?? '');
      if (has === undefined)
        throw invalidGlob(
          this.#pattern,
          `there is no class ${named[0]}`,
          `There are ${[...POSIX_CLASSES.keys()].join(', ')}.`,
        );
      tests.push((codePoint) => has.some(([from, to]) => codePoint >= from && codePoint <= to));
      this.#at += named[0].length - 1;
    }
    if (this.#at >= this.#end) throw invalidGlob(this.#pattern, '"[" is not closed', 'Escape a literal one with "\\".');
    if (this.#text.slice(opened, this.#at).includes('/')) this.#nested = true;
    return { is: 'class', has: (codePoint) => tests.some((test) => test(codePoint)) !== negated };
  }

  /** One character of a class, or a range of them. */
  #members(): (codePoint: number) => boolean {
    const from = this.#member();
    const dash = this.#text[this.#at + 1] === '-' && this.#text[this.#at + 2] !== ']' && this.#at + 2 < this.#end;
    if (!dash) return (codePoint) => codePoint === from;
    this.#at += 2;
    const to = this.#member();
    if (to < from)
      throw invalidGlob(
        this.#pattern,
        `the range ${String.fromCodePoint(from)}-${String.fromCodePoint(to)} of its class is out of order`,
      );
    return (codePoint) => codePoint >= from && codePoint <= to;
  }

  #member(): number {
    if (this.#text[this.#at] === '\\') this.#at += 1;
    return this.#character().codePointAt(0) ?? 0;
  }
}

function literal(character: string): Piece {
  return { is: 'text', character };
}

/** Adds a star, unless the piece before it is one. */
function addStar(pieces: Piece[]): void {
  const last = pieces.at(-1);
  if (last?.is === 'star') pieces[pieces.length - 1] = { is: 'star', deep: true };
  else pieces.push({ is: 'star', deep: false });
}

/** In an extended glob, `**` as a whole alternative is any path. */
function deepStars(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.length === 1 ? pieces : shallow(pieces);
}

/** Stars that stand beside other characters do not cross slashes. */
export function shallow(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece) => (piece.is === 'star' && piece.deep ? { is: 'star', deep: false } : piece));
}

/** The members of `{1..12}`, `{a..e}` or `{0..9..3}`. */
function rangeMembers(pattern: string, range: string): Piece[][] {
  const [from = '', to = '', by = '1', ...rest] = range.split('..');
  const step = Math.abs(Number(by));
  const numbers = /^-?\d{1,15}$/.test(from) && /^-?\d{1,15}$/.test(to);
  const [first, last] = numbers ? [Number(from), Number(to)] : [from.codePointAt(0), to.codePointAt(0)];
  const letters = !numbers && [...from].length === 1 && [...to].length === 1;
  if (first === undefined || last === undefined || !(numbers || letters) || !(step >= 1) || rest.length > 0)
    throw invalidGlob(
      pattern,
      `{${range}} is not a range`,
      'Write "{1..9}" or "{a..e}"; escape literal braces with "\\".',
    );
  const count = Math.floor(Math.abs(last - first) / step) + 1;
  if (count > MOST_MEMBERS) throw invalidGlob(pattern, `{${range}} has more than 10,000 members`);
  const width = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0;
  return Array.from({ length: count }, (_, index) => {
    const value = first + Math.sign(last - first) * index * step;
    const member = numbers ? String(value).padStart(width, '0') : String.fromCodePoint(value);
    return [...member].map(literal);
  });
}

/**
 * The classes that have a name, as ranges of code points.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap09.html#tag_09_03_05
 */
const POSIX_CLASSES: ReadonlyMap<string, readonly (readonly [from: number, to: number])[]> = new Map(
  Object.entries({
    alnum: 'AZaz09',
    alpha: 'AZaz',
    ascii: '\0\x7f',
    blank: '  \t\t',
    cntrl: '\0\x1f\x7f\x7f',
    digit: '09',
    graph: '!~',
    lower: 'az',
    print: ' ~',
    punct: '!/:@[`{~',
    space: '  \t\r',
    upper: 'AZ',
    word: 'AZaz09__',
    xdigit: 'AFaf09',
  }).map(([name, ends]) => [
    name,
    (ends.match(/../gs) ?? []).map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)] as const),
  ]),
);
