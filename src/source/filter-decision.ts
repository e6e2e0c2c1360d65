import { resolve, sep } from 'node:path';
import { type NamedRule, nameOf, type Rules } from '../encode/rules.js';
import { type FilterOptions, type FilterRule, filterEntries, isHidden, isJunk, matchFinder } from './filter.js';

/** What took or left out one path. */
export type FilterDecision = { readonly taken: boolean } & (
  | {
      /** The last entry that matches the path, or a directory above it. */
      readonly by: 'include' | 'exclude';
      /** As it was given, with its `!`. */
      readonly pattern: string;
      /** The directory that it matches, where it is not the path itself. */
      readonly directory?: string;
    }
  /** No entry matches: `include` leaves out what it does not name, and without it everything is taken. */
  | { readonly by: 'nothing'; readonly filters: boolean }
  /** Version control and desktop files are never taken. */
  | { readonly by: 'junk' }
  /** The option `hidden` is false. */
  | { readonly by: 'hidden' }
);

/**
 * Returns what says why `createFilter` with the same options takes a path or not.
 * @throws UsageError that names the option and the invalid glob
 */
export function filterDecisions(options: FilterOptions): (path: string) => FilterDecision {
  const entries = filterEntries(options);
  const { ofFile } = matchFinder(entries);
  const takenByDefault = entries[0]?.take !== true;
  return (path) => {
    if (options.junk !== true && isJunk(path)) return { taken: false, by: 'junk' };
    if (!options.hidden && isHidden(path)) return { taken: false, by: 'hidden' };
    const entry = entries[ofFile(path)];
    if (entry === undefined) return { taken: takenByDefault, by: 'nothing', filters: entries.length > 0 };
    const { take, option, pattern, glob } = entry;
    const directory = glob.matchesFile(path)
      ? undefined
      : directoriesOf(path).find((above) => glob.matchesDirectory(above));
    return { taken: take, by: option, pattern, ...(directory !== undefined && { directory }) };
  };
}

/** The directories above a path, the highest first. */
function directoriesOf(path: string): readonly string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** What `aws s3` does with a path: everything is taken unless a filter says otherwise, and the last one that matches decides. */
export interface AwsDecision {
  readonly taken: boolean;
  /** The last filter that matches, as its pattern there; absent where none does. */
  readonly by?: 'include' | 'exclude';
  readonly pattern?: string;
}

/**
 * Returns what the AWS CLI would do with the same filters in the same order. Its patterns are those of Python's `fnmatch`, for the whole path: `*`
 * crosses `/`, and there are neither braces nor directories.
 * @param root the absolute path of the source, with `/`: patterns are relative to it, unless they begin with `/`
 * @see https://docs.aws.amazon.com/cli/latest/reference/s3/#use-of-exclude-and-include-filters
 */
export function awsDecisions(
  options: Pick<FilterOptions, 'include' | 'exclude'>,
  root: string,
): (relativePath: string) => AwsDecision {
  const below = root.endsWith('/') ? root : `${root}/`;
  const filters = filterEntries(options).map((entry) => {
    const pattern = awsPattern(entry);
    const by = entry.take ? ('include' as const) : ('exclude' as const);
    return { by, pattern, matches: fnmatch(pattern.startsWith('/') ? pattern : below + pattern) };
  });
  return (path) => {
    const characters = [...below, ...path];
    const last = filters.findLast(({ matches }) => matches(characters));
    if (last === undefined) return { taken: true };
    const { by, pattern } = last;
    return { taken: by === 'include', by, pattern };
  };
}

/** The pattern without the `!` that turns it around here. */
function awsPattern({ pattern, option, take }: FilterRule): string {
  return take === (option === 'include') ? pattern : pattern.slice(1);
}

/** Whether one character is matched, or `*`. */
type Piece = '*' | ((character: string) => boolean);

/** Python's `fnmatch` with case. @see https://docs.python.org/3/library/fnmatch.html */
function fnmatch(pattern: string): (path: readonly string[]) => boolean {
  const pieces = piecesOf([...pattern]);
  return (path) => {
    let at = 0;
    let piece = 0;
    // Where to go on when the shortest match of the last `*` was too short.
    let star = -1;
    let from = 0;
    while (at < path.length) {
      const test = pieces[piece];
      if (test === '*') {
        star = piece++;
        from = at;
      } else if (test?.(path[at] ?? '') === true) {
        piece++;
        at++;
      } else if (star >= 0) {
        piece = star + 1;
        at = ++from;
      } else return false;
    }
    while (pieces[piece] === '*') piece++;
    return piece === pieces.length;
  };
}

function piecesOf(pattern: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    const end = character === '[' ? endOfSet(pattern, at) : -1;
    if (character === '*') pieces.push('*');
    else if (character === '?') pieces.push(() => true);
    else if (end < 0) pieces.push((one) => one === character);
    else {
      pieces.push(setOf(pattern.slice(at + 1, end)));
      at = end;
    }
  }
  return pieces;
}

/** The index of the `]` that ends a set; -1 where none does, so that `[` is a character. A `]` that stands first is in the set. */
function endOfSet(pattern: readonly string[], open: number): number {
  const first = open + (pattern[open + 1] === '!' ? 2 : 1);
  return pattern.indexOf(']', pattern[first] === ']' ? first + 1 : first);
}

function setOf(inside: readonly string[]): (character: string) => boolean {
  const negated = inside[0] === '!';
  const members = negated ? inside.slice(1) : inside;
  const ranges: (readonly [from: string, to: string])[] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? '';
    const to = members[at + 1] === '-' ? members[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  const code = (one: string): number => one.codePointAt(0) ?? 0;
  return (one) => negated !== ranges.some(([from, to]) => code(from) <= code(one) && code(one) <= code(to));
}

/** What filters and rules do with one name, and what the AWS CLI would do. */
export interface ExplainedName {
  readonly name: string;
  readonly filter: FilterDecision;
  /** The rule that leaves it out although filters take it. */
  readonly rule?: NamedRule;
  readonly aws: AwsDecision;
}

/**
 * Returns what explains names, which need not exist.
 * @param root the source, which filters are relative to
 */
export function nameExplainer(
  { options, rules }: { readonly options: FilterOptions; readonly rules: Rules },
  root: string,
): (name: string) => ExplainedName {
  const decide = filterDecisions(options);
  const decideAsAws = awsDecisions(options, resolve(root).split(sep).join('/'));
  return (name) => {
    const rule = rules.resultFor(name).skip
      ? rules.matching(name).findLast(({ skip }) => skip !== undefined)
      : undefined;
    return { name, filter: decide(name), ...(rule !== undefined && { rule: nameOf(rule) }), aws: decideAsAws(name) };
  };
}
