import { renderOptionNames } from '../options/names.js';
import { headerChangeText } from '../report/format.js';
import { LONGEST_CODE, shorten, textIn } from '../report/message.js';
import { statusOf } from '../report/status.js';
import type { Outcome } from '../report/types.js';
import { FILE_KINDS, type FileKind, kindOf } from './file-kinds.js';

/**
 * What happened to a file, in the order of a table's columns. `not compared`: sent without a look at what the bucket has, as the mode `stupid` does;
 * `headers`: the same content with other headers, which were set without an upload.
 * What may have been stored is in none of them; the report lists it.
 */
export const COLUMNS = [
  'new',
  'changed',
  'not compared',
  'headers',
  'deleted',
  'unchanged',
  'skipped',
  'failed',
] as const;
export type Column = (typeof COLUMNS)[number];
/** What changed the bucket, or in a dry run would. */
export type ChangeColumn = Extract<Column, 'new' | 'changed' | 'not compared' | 'headers' | 'deleted'>;

/** How many files of one kind are in each column. */
export interface KindCounts {
  readonly kind: FileKind;
  readonly counts: Readonly<Record<Column, number>>;
}

/** An object that was changed, or in a dry run would be. */
export interface Change
  extends Pick<
    Outcome,
    'reason' | 'bytes' | 'way' | 'contentType' | 'cacheControl' | 'contentEncoding' | 'replacedBytes'
  > {
  /** The key below the run's prefix. */
  readonly path: string;
  readonly column: ChangeColumn;
  /** The headers that differ, each with the old and the new value. */
  readonly headers?: string;
}

/** Changes of one column to files of one kind in one folder. */
export interface ChangeGroup {
  /** The first folder of the paths, with its slash; empty for what is in none, and for what stands in the list with its whole path. */
  readonly folder: string;
  readonly kind: FileKind;
  readonly column: ChangeColumn;
  readonly count: number;
  /** The first of them by path. */
  readonly first: readonly Change[];
}

/** An object that was put or copied, with its size. */
export interface MeasuredObject {
  readonly key: string;
  readonly bytes: number;
}

/** All objects that failed with one code. */
export interface FailureClass {
  /** Error code, or the error's name if it has no code. */
  readonly code: string;
  readonly count: number;
  /** Keys of the first of them. */
  readonly examples: readonly string[];
  /** The message of the first of them. */
  readonly message: string;
  /** The fix, if it is known. */
  readonly hint: string | undefined;
}

/** The part of a run's outcomes that summary and annotations show. */
export interface OutcomeSummary {
  /** The kinds that the run met, in the order of their table. */
  readonly kinds: readonly KindCounts[];
  /** Sorted by folder, and in each folder by kind and column; what is in no folder comes last. */
  readonly changes: readonly ChangeGroup[];
  readonly largest: readonly MeasuredObject[];
  /** The most frequent first. */
  readonly failures: readonly FailureClass[];
}

export interface OutcomeCollector {
  add(outcome: Outcome): void;
  summary(): OutcomeSummary;
}

/** How many changes a group keeps; more are only counted. */
export const LISTED = 10;
/** Limits for changes in folders, because each folder of a tree may make groups of its own. */
const CHANGES = 5_000;
const GROUPS = 2_000;
/** A list of more folders than this is no overview. */
const MANY_FOLDERS = 40;
const FEW_CHANGES = 3;
const RANKED = 10;
const EXAMPLES = 3;
/** A list of changes shows no more of the headers of one object. */
const LONGEST_HEADERS = 400;
/** A limit, because servers choose their codes and may send any number of them. */
const CLASSES = 100;
const OTHERS = 'Other errors';

const CHANGED: ReadonlySet<Column> = new Set<ChangeColumn>(['new', 'changed', 'not compared', 'headers', 'deleted']);

/** The column of an outcome; undefined for what may have been stored. */
function columnOf(outcome: Outcome): Column | undefined {
  const status = statusOf(outcome);
  // A key that the source does not have, and that stays, is one of what is left alone.
  return status === 'unknown' ? undefined : status === 'stray' ? 'skipped' : status;
}

/**
 * Collects the summary of all outcomes; its memory does not grow with their number.
 *
 * @param prefix the prefix of the run, which says nothing about a file because all keys have it
 */
export function summarizeOutcomes(prefix = ''): OutcomeCollector {
  const kinds = new Map<FileKind, Record<Column, number>>();
  const changes = groupsOfChanges(prefix);
  const largest = largestObjects();
  const failures = new Map<string, { -readonly [Name in keyof FailureClass]: FailureClass[Name] }>();

  function fail({ key, origin, reason, error }: Outcome): void {
    // An archive that cannot be read has no key.
    const example = key === '' ? origin : key;
    const own = shorten(codeOf(error) ?? error?.name ?? 'Error', LONGEST_CODE);
    const code = failures.has(own) || failures.size < CLASSES ? own : OTHERS;
    const known = failures.get(code);
    if (known === undefined) {
      const message = textOf(error, 'message') ?? reason;
      failures.set(code, { code, count: 1, examples: [example], message, hint: textOf(error, 'hint') });
      return;
    }
    known.count += 1;
    if (known.examples.length < EXAMPLES) known.examples = [...known.examples, example];
  }

  function count(kind: FileKind, column: Column): void {
    const counts = kinds.get(kind) ?? noCounts();
    counts[column] += 1;
    kinds.set(kind, counts);
  }

  return {
    add(outcome) {
      const column = columnOf(outcome);
      // The report lists what is unknown.
      if (column === undefined) return;
      const kind = kindOf(outcome.key);
      count(kind, column);
      // The error that ended the run is shown once, as that.
      if (column === 'failed' && outcome.shared !== true) fail(outcome);
      if (!isChange(column)) return;
      changes.add(outcome, kind, column);
      if (column !== 'deleted' && column !== 'headers') largest.take({ key: outcome.key, bytes: outcome.bytes });
    },
    summary: () => ({
      kinds: FILE_KINDS.flatMap((kind) => {
        const counts = kinds.get(kind);
        return counts === undefined ? [] : [{ kind, counts: { ...counts } }];
      }),
      changes: changes.sorted(),
      largest: largest.ranked(),
      failures: [...failures.values()].sort((one, other) => other.count - one.count).map((each) => ({ ...each })),
    }),
  };
}

function isChange(column: Column): column is ChangeColumn {
  return CHANGED.has(column);
}

function noCounts(): Record<Column, number> {
  return { new: 0, changed: 0, 'not compared': 0, headers: 0, deleted: 0, unchanged: 0, skipped: 0, failed: 0 };
}

interface ChangeGroups {
  add(outcome: Outcome, kind: FileKind, column: ChangeColumn): void;
  sorted(): readonly ChangeGroup[];
}

const { compare } = new Intl.Collator('en', { numeric: true });

/** The order of paths for people: `page-2` before `page-10`. Only equal paths are 0, although a collation ignores some characters. */
export function comparePaths(one: string, other: string): number {
  return compare(one, other) || (one === other ? 0 : one < other ? -1 : 1);
}

/**
 * Changes by folder, kind and column: of each group all are counted, and the first few by path are kept. Changes in folders beyond the limit join
 * those that are in no folder.
 */
function groupsOfChanges(prefix: string): ChangeGroups {
  const below = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const groups = new Map<string, Omit<ChangeGroup, 'count' | 'first'> & { count: number; readonly first: Change[] }>();
  let kept = 0;
  return {
    add(outcome, kind, column) {
      const { key } = outcome;
      // Keys of a copy may be outside of the prefix.
      const path = key.startsWith(below) ? key.slice(below.length) : key;
      const idIn = (one: string): string => `${column}/${kind.title}/${one}`;
      const own = path.slice(0, path.indexOf('/') + 1);
      const folder = groups.size < GROUPS || groups.has(idIn(own)) ? own : '';
      const group = groups.get(idIn(folder)) ?? { folder, kind, column, count: 0, first: [] };
      groups.set(idIn(folder), group);
      group.count += 1;
      const last = group.first.at(-1);
      // One more than is listed, because a single change takes no more room than its count.
      const isFull = group.first.length > LISTED || (kept >= CHANGES && folder !== '');
      if (isFull && (last === undefined || comparePaths(path, last.path) >= 0)) return;
      const place = group.first.findIndex((other) => comparePaths(path, other.path) < 0);
      group.first.splice(place < 0 ? group.first.length : place, 0, changeOf(outcome, path, column));
      if (isFull) group.first.pop();
      else if (folder !== '') kept += 1;
    },
    sorted: () =>
      withoutSmallFolders([...groups.values()])
        .sort((one, other) => compareFolders(one.folder, other.folder) || rankOf(one) - rankOf(other))
        .map((group) => ({ ...group, first: [...group.first] })),
  };
}

/** The groups, where there are many folders without those of few changes: these changes join those that are in no folder, so that they can be folded. */
function withoutSmallFolders(groups: readonly ChangeGroup[]): ChangeGroup[] {
  const counts = new Map<string, number>();
  for (const { folder, count } of groups) counts.set(folder, (counts.get(folder) ?? 0) + count);
  if (counts.size <= MANY_FOLDERS) return [...groups];
  const isLarge = ({ folder }: ChangeGroup): boolean => folder !== '' && (counts.get(folder) ?? 0) > FEW_CHANGES;
  const merged = new Map<number, ChangeGroup>();
  for (const group of groups) {
    if (isLarge(group)) continue;
    const { count, first } = merged.get(rankOf(group)) ?? { count: 0, first: [] };
    const all = [...first, ...group.first].sort((one, other) => comparePaths(one.path, other.path));
    merged.set(rankOf(group), {
      ...group,
      folder: '',
      count: count + group.count,
      first: all.slice(0, LISTED + 1),
    });
  }
  return [...groups.filter(isLarge), ...merged.values()];
}

function changeOf(outcome: Outcome, path: string, column: ChangeColumn): Change {
  const { reason, bytes, way, contentType, cacheControl, contentEncoding, replacedBytes, headerChanges } = outcome;
  const headers =
    headerChanges === undefined ? '' : shorten(headerChanges.map(headerChangeText).join('; '), LONGEST_HEADERS);
  return {
    path,
    column,
    reason,
    bytes,
    ...(way !== undefined && { way }),
    ...(contentType !== undefined && { contentType }),
    ...(cacheControl !== undefined && { cacheControl }),
    ...(contentEncoding !== undefined && { contentEncoding }),
    ...(replacedBytes !== undefined && { replacedBytes }),
    ...(headers !== '' && { headers }),
  };
}

/** Folders before what is in none, as people know it from lists of files. */
function compareFolders(one: string, other: string): number {
  if (one === other) return 0;
  if (one === '' || other === '') return one === '' ? 1 : -1;
  return comparePaths(one, other);
}

function rankOf({ column, kind }: ChangeGroup): number {
  return COLUMNS.indexOf(column) + FILE_KINDS.indexOf(kind) * COLUMNS.length;
}

/** The few largest objects, in falling order; of equal ones the earlier. */
function largestObjects(): { take(object: MeasuredObject): void; ranked(): readonly MeasuredObject[] } {
  const best: MeasuredObject[] = [];
  return {
    take(object) {
      const last = best.at(-1);
      if (best.length === RANKED && last !== undefined && object.bytes <= last.bytes) return;
      const rank = best.findIndex(({ bytes }) => object.bytes > bytes);
      best.splice(rank < 0 ? best.length : rank, 0, object);
      if (best.length > RANKED) best.pop();
    },
    ranked: () => [...best],
  };
}

function codeOf(error: Error | undefined): string | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' && code !== '' ? code : undefined;
}

/** A text of an error as the step's users know the options; undefined where it says nothing. */
function textOf(error: Error | undefined, field: 'message' | 'hint'): string | undefined {
  const text = textIn(error, field) ?? '';
  return text === '' ? undefined : renderOptionNames(text, 'action');
}
