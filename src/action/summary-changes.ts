import { formatBytes, number } from '../report/format.js';
import { COPIED_BY_SERVER, REASONS } from '../report/reasons.js';
import { bytesOf, fenced, fitting, oneLine } from './markdown.js';
import {
  type Change,
  type ChangeColumn,
  type ChangeGroup,
  COLUMNS,
  type Column,
  comparePaths,
  type KindCounts,
  LISTED,
} from './outcome-summary.js';

/**
 * Files by kind as a Markdown table, without the columns that are all zero, and with the kinds that were left as they are in one row; undefined if
 * nothing was changed and nothing failed, because the heading then says it all. Kinds and columns are constants, so nothing in it needs escapes.
 */
export function kindsTable(kinds: readonly KindCounts[]): string | undefined {
  const columns = COLUMNS.filter((column) => countOf(kinds, column) > 0);
  const busy = kinds.filter((kind) => !isQuiet(kind));
  if (busy.length === 0) return undefined;
  const quiet = kinds.filter(isQuiet);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rowOfKinds = (some: readonly KindCounts[]): string => {
    const [first = '', ...rest] = some.map(({ kind }) => kind.title);
    const title = [first, ...rest.map((name) => name.toLowerCase())].join(', ');
    const counts = columns.map((column) => countOf(some, column));
    return row([`**${title}**`, ...counts.map((count) => (count === 0 ? '–' : number(count)))]);
  };
  return [
    row(['', ...columns]),
    row([':---', ...columns.map(() => '---:')]),
    ...busy.map((kind) => rowOfKinds([kind])),
    ...(quiet.length > 0 ? [rowOfKinds(quiet)] : []),
  ].join('\n');
}

/** Columns of what was left as it is. */
const QUIET: readonly Column[] = ['unchanged', 'skipped'];

function isQuiet({ counts }: KindCounts): boolean {
  return COLUMNS.every((column) => counts[column] === 0 || QUIET.includes(column));
}

function countOf(kinds: readonly KindCounts[], column: Column): number {
  return kinds.reduce((sum, { counts }) => sum + counts[column], 0);
}

export interface DiffOptions {
  /** The greatest length of the text. */
  readonly bytes: number;
  /** The text for `count` changes that are left out; Markdown. */
  readonly moreText: (count: number) => string;
}

/** A line of the diff. */
interface Line {
  readonly text: string;
  /** How many changes it stands for: none for a folder, several for a count. */
  readonly changes: number;
}

/** `+` is green, `!` orange and `-` red where GitHub shows a diff. */
const SIGNS: Readonly<Record<ChangeColumn, string>> = {
  new: '+',
  changed: '!',
  'not compared': '!',
  headers: '!',
  deleted: '-',
};
const INDENT = '  ';
/** The widest name that moves the columns behind it. */
const WIDEST_NAME = 56;
const LONGEST_HEADER = 100;
const LONGEST_NOTE = 400;
/** Reasons that the sign says already. */
const PLAIN_REASONS: ReadonlySet<string> = new Set([
  REASONS.new,
  REASONS.contentDiffers,
  REASONS.sizeDiffers,
  REASONS.forced,
  REASONS.stray,
  REASONS.belowPrefix,
]);

/** A list of changes as Markdown. */
export interface Diff {
  readonly text: string;
  /** Its number of lines. */
  readonly lines: number;
  /** How many changes did not fit, which the text says. */
  readonly left: number;
}

/**
 * Changes as a fenced diff with aligned columns, grouped by the first folder of their paths: name, size, cache header, type, and what is unusual, such
 * as headers that change, with the old and the new value. Groups of many files are
 * folded to their first ones and a count. As many whole lines as fit, and the number of the others.
 */
export function diffOf(groups: readonly ChangeGroup[], { bytes, moreText }: DiffOptions): Diff {
  const lines = diffLines(groups);
  const total = countIn(lines);
  const whole = fencedLines(lines);
  if (bytesOf(whole) <= bytes) return { text: whole, lines: lines.length, left: 0 };
  const room = bytes - bytesOf(fencedLines([])) - bytesOf(moreText(total)) - 2;
  const texts = lines.map(({ text }) => text);
  const shown = lines.slice(0, fitting(texts, room).length);
  // A folder without its files says nothing.
  while (shown.at(-1)?.changes === 0) shown.pop();
  const left = total - countIn(shown);
  const text = [...(shown.length > 0 ? [fencedLines(shown)] : []), ...(left > 0 ? [moreText(left)] : [])].join('\n\n');
  return { text, lines: shown.length, left };
}

function fencedLines(lines: readonly Line[]): string {
  const texts = lines.map(({ text }) => text);
  return fenced('diff', texts);
}

/** Whether some changes are only counted. */
export function isFolded(groups: readonly ChangeGroup[]): boolean {
  return groups.some((group) => listed(group).length < group.count);
}

function countIn(lines: readonly Line[]): number {
  return lines.reduce((sum, { changes }) => sum + changes, 0);
}

/** The changes of a group that have a line. */
function listed({ count, first }: ChangeGroup): readonly Change[] {
  return count === first.length ? first : first.slice(0, LISTED);
}

/** The cells of a line; empty ones are blank. */
interface Row {
  /** An object is sent, with a size and headers. */
  readonly isSent: boolean;
  readonly sign: string;
  readonly name: string;
  readonly size: string;
  readonly cache: string;
  readonly type: string;
  readonly note: string;
}

function diffLines(groups: readonly ChangeGroup[]): readonly Line[] {
  const folders = byFolder(groups).map(([folder, all]) => {
    const changes = all.flatMap(listed).sort((one, other) => comparePaths(one.path, other.path));
    return { folder, all, rows: changes.map((change) => rowOf(change, folder)) };
  });
  const align = alignment(folders.flatMap(({ rows }) => rows));
  return folders.flatMap(({ folder, all, rows }) => [
    ...(folder === '' ? [] : [{ text: folderLine(folder), changes: 0 }]),
    ...rows.map((row) => ({ text: align(row), changes: 1 })),
    ...all.flatMap(restLine),
  ]);
}

/** Groups of one folder are beside each other. */
function byFolder(groups: readonly ChangeGroup[]): readonly (readonly [string, readonly ChangeGroup[]])[] {
  const folders: (readonly [string, ChangeGroup[]])[] = [];
  for (const group of groups) {
    const last = folders.at(-1);
    if (last?.[0] === group.folder) last[1].push(group);
    else folders.push([group.folder, [group]]);
  }
  return folders;
}

function indentIn(folder: string): string {
  return folder === '' ? '' : INDENT;
}

/** A folder has no sign. A fence ends at backticks that follow up to three spaces, so the first character after spaces is none. */
function folderLine(folder: string): string {
  const name = oneLine(folder).replace(/(?<=^ *)[`~]/, (mark) => `\\x${mark.charCodeAt(0).toString(16)}`);
  return `${INDENT}${name}`;
}

/** The line for what a group does not list, for example `+   … 23 more pages`. */
function restLine(group: ChangeGroup): readonly Line[] {
  const { folder, column, kind, count } = group;
  const shown = listed(group).length;
  if (shown === count) return [];
  const left = count - shown;
  const what = `${number(left)}${shown > 0 ? ' more' : ''} ${left === 1 ? kind.one : kind.many}`;
  const why = column === 'headers' ? ' with new headers' : '';
  return [{ text: `${SIGNS[column]} ${indentIn(folder)}… ${what}${why}`, changes: left }];
}

function rowOf(change: Change, folder: string): Row {
  const { path, column, bytes, replacedBytes, way, contentType, contentEncoding, cacheControl = '', headers } = change;
  const isSent = column !== 'deleted' && column !== 'headers';
  const [before, after] = [formatBytes(replacedBytes ?? bytes), formatBytes(bytes)];
  const size = before === after ? after : `${before} → ${after}`;
  const notes = [reasonText(change), way === COPIED_BY_SERVER ? '' : (way ?? ''), headers];
  return {
    isSent,
    sign: SIGNS[column],
    name: `${indentIn(folder)}${oneLine(path.slice(folder.length))}`,
    size: isSent ? size : '',
    cache: oneLine(cacheControl, LONGEST_HEADER),
    type: oneLine([contentType, contentEncoding].filter(isText).join(', '), LONGEST_HEADER),
    note: oneLine(notes.filter(isText).join(', '), LONGEST_NOTE),
  };
}

/** Why the object was changed, where the sign or the headers do not say it. */
function reasonText({ column, reason, headers }: Change): string {
  const isPlain = PLAIN_REASONS.has(reason) || (column === 'headers' && headers !== undefined);
  return isPlain ? '' : reason;
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** Writes rows as lines with their columns below each other; a column that is blank in all rows takes no room. */
function alignment(rows: readonly Row[]): (row: Row) => string {
  const widest = (cell: (row: Row) => string): number =>
    rows.reduce((most, row) => Math.max(most, widthOf(cell(row))), 0);
  const name = Math.min(
    WIDEST_NAME,
    widest((row) => row.name),
  );
  const [size, cache, type] = [widest((row) => row.size), widest((row) => row.cache), widest((row) => row.type)];
  return (row) => {
    const note = row.note === '' ? '' : `(${row.note})`;
    const cells = [
      padded(row.name, name),
      ...(size === 0 ? [] : [`${' '.repeat(size - widthOf(row.size))}${row.size}`]),
      // A header that is not sent is what a person looks for, so it is not blank.
      ...(cache === 0 ? [] : [padded(row.cache || (row.isSent ? '–' : ''), cache)]),
      ...(type === 0 ? [] : [padded(row.type, type)]),
      note,
    ];
    return `${row.sign} ${cells.join('  ')}`.trimEnd();
  };
}

function padded(text: string, width: number): string {
  return `${text}${' '.repeat(Math.max(0, width - widthOf(text)))}`;
}

/** Characters, of which an emoji is one. */
function widthOf(text: string): number {
  let width = 0;
  for (const _ of text) width += 1;
  return width;
}
