import { compareKeys, justBelow } from '../../model/key-order.js';
import type { ListPage } from '../../s3/bucket.js';
import { type ListedObject, type ListedPage, outOfOrder } from './listed.js';
import { type Between, isBound, knownLength, middleKey, predictKeys } from './predict-keys.js';

/** How a page is requested. */
export interface ListFrom {
  readonly startAfter?: string | undefined;
  readonly continuationToken?: string | undefined;
  /** Keys of that page up to this one were returned before. */
  readonly skipThrough?: string | undefined;
}

/** Objects that were read, and how to continue the listing after them; undefined at its end. */
export interface ReadPage {
  readonly objects: readonly ListedObject[];
  readonly next: ListFrom | undefined;
}

/** A part of a listing: the keys above `start` up to `end`, read page by page. */
export interface Range {
  readonly start: string;
  /** Undefined for the end of the listing. */
  end: string | undefined;
  /** How its next page is requested. */
  from: ListFrom;
  /** Keys up to this one were read. */
  after: string;
  /** Whether all of it was read. */
  done: boolean;
  reading: boolean;
  /** Pages that were read and not returned yet. */
  readonly pages: ReadPage[];
  /** How many pages were read. */
  read: number;
  /** How many of the last pages were empty. */
  empty: number;
  /** How many pages must be read before the range may be cut. */
  cutAt: number;
  /** Keys of the last page read. */
  sample: readonly string[];
  /** The last keys of the last pages. */
  marks: readonly string[];
  /** A few keys of the pages before the range, if it is the first of a scan. */
  readonly seen: readonly string[];
}

/** Marks kept per range. */
export const MARKS = 8;
/** How many keys of one page, and of all pages, are kept. */
const SEEN_OF_PAGE = 8;
const SEEN = 256;

/** Adds a few keys of one page to those of the last pages of a scan. */
export function seenWith(seen: readonly string[], page: readonly string[]): readonly string[] {
  const step = Math.ceil(page.length / SEEN_OF_PAGE);
  const few = page.filter((_, index) => (index + 1) % step === 0);
  return [...seen.slice(Math.max(0, seen.length + few.length - SEEN)), ...few];
}

/** The range after a text. */
export function rangeBehind(start: string, end: string | undefined, cutAt: number): Range {
  const from = { startAfter: start };
  return {
    start,
    end,
    from,
    after: start,
    done: false,
    reading: false,
    pages: [],
    read: 0,
    empty: 0,
    cutAt,
    sample: [],
    marks: [],
    seen: [],
  };
}

/** More empty pages in a row than this are left to a listing in sequence, which also ends one that goes on without end. */
const MOST_EMPTY = 50;

/**
 * Adds a page to a range, up to the range's end. Returns the part of the page that is kept, or undefined where it is out of order or the range does
 * not advance.
 */
export function takePage(range: Range, { objects, continuationToken }: ListedPage): ReadPage | undefined {
  if (outOfOrder(objects, range.after) !== undefined) return undefined;
  range.empty = objects.length > 0 ? 0 : range.empty + 1;
  if (range.empty > MOST_EMPTY) return undefined;
  const { end } = range;
  let count = objects.length;
  if (end !== undefined) while (count > 0 && compareKeys(objects[count - 1]?.key ?? '', end) > 0) count -= 1;
  const requested = range.from;
  // No page has more of a range whose end is a key of its own.
  const ended = end !== undefined && objects[count - 1]?.key === end;
  range.done = ended || count < objects.length || continuationToken === undefined;
  range.from = { continuationToken };
  range.read += 1;
  const kept = count < objects.length ? objects.slice(0, count) : objects;
  // Nothing proves yet that the server respects the start after this range's end, so this page would be read again.
  const again = { ...requested, skipThrough: kept.at(-1)?.key };
  const page = { objects: kept, next: !range.done ? range.from : end === undefined ? undefined : again };
  if (count === 0) return page;
  range.after = kept.at(-1)?.key ?? range.after;
  range.sample = kept.map(({ key }) => key);
  range.marks = [...range.marks.slice(1 - MARKS), range.after];
  range.pages.push(page);
  return page;
}

/** Cuts the unread rest of a range after a text: the range keeps the first part; returns the other. */
export function splitRange(range: Range, bound: string): Range {
  const { end, cutAt } = range;
  range.end = bound;
  return rangeBehind(bound, end, cutAt);
}

/** Cuts a range after these texts, which ascend within its unread rest: the range keeps the first part; returns the others. */
export function cutRange(range: Range, bounds: readonly string[], stride: number): Range[] {
  const { end } = range;
  range.end = bounds[0] ?? end;
  range.cutAt = range.read + stride;
  return bounds.map((bound, index) => {
    // The last part may have any length; the others are as long as predicted.
    const last = index === bounds.length - 1;
    return rangeBehind(bound, last ? end : bounds[index + 1], last ? 1 : Math.ceil(stride / 2));
  });
}

export interface CutOptions {
  readonly prefix: string;
  /** Pages that a part should have. */
  readonly stride: number;
  /** Most cuts. */
  readonly count: number;
  /** A few keys of the last pages of the scan. */
  readonly seen: readonly string[];
  /** Lists the directories in this one, after a key; undefined where no more such requests are allowed. */
  readonly directories: (directory: string, after: string) => Promise<ListPage | undefined>;
}

/**
 * Where to cut the unread rest of a range, as ascending bounds: where its keys will be some pages later, else between the directories that
 * follow, else in the middle. Empty where little seems to be left.
 */
export async function cutPoints(range: Range, options: CutOptions): Promise<string[]> {
  const { prefix, stride, count, seen } = options;
  const { sample } = range;
  const between: Between = { prefix, after: range.after, end: range.end };
  const ahead = predictKeys(sample, seen, stride, count);
  const within = ascending(ahead, between);
  // If the next predicted key is beyond the end, the range is short enough.
  const [next] = ahead;
  const short = next !== undefined && range.end !== undefined && compareKeys(next, range.end) >= 0;
  if (within.length > 0 || short) return within;
  const found = await betweenDirectories(range, between, options);
  if (found.length > 0) return found;
  const middle = middleKey(between);
  return middle === undefined ? [] : [middle];
}

function ascending(texts: readonly string[], between: Between): string[] {
  let after = between.after;
  return texts.filter((text) => {
    if (!isBound(text, { ...between, after }) || !isBound(text, between)) return false;
    after = text;
    return true;
  });
}

/** Most levels of directories with only one directory each. */
const DEEPEST = 8;

async function betweenDirectories(range: Range, between: Between, options: CutOptions): Promise<string[]> {
  const { prefix, stride, count, directories } = options;
  const { after } = between;
  const known = after.lastIndexOf('/', knownLength(between) - 1) + 1;
  let directory = known > prefix.length ? after.slice(0, known) : prefix;
  for (let level = 0; level < DEEPEST; level++) {
    const page = await directories(directory, after);
    if (page === undefined) return [];
    const bounds = ascending(
      page.prefixes.flatMap((one) => justBelow(one, prefix) ?? []),
      between,
    );
    const step = Math.max(1, Math.round(stride / pagesPerDirectory(range, directory)));
    const chosen = bounds.filter((_, index) => (index + 1) % step === 0).slice(0, count);
    if (chosen.length > 0) return chosen;
    // More small directories than one response names are many pages, too.
    const last = bounds.at(-1);
    if (last !== undefined && page.continuationToken !== undefined && bounds.length * 2 > step) return [last];
    const only = onlyDirectory(page, directory, after);
    if (only === undefined) return [];
    directory = only;
  }
  return [];
}

/** The only directory that is left, where there is just one: some servers do not name the directory that a start-after value is in. */
function onlyDirectory(
  { prefixes, objects, continuationToken }: ListPage,
  directory: string,
  after: string,
): string | undefined {
  if (continuationToken !== undefined || objects.length > 0) return undefined;
  const own = after.startsWith(directory) ? after.slice(0, after.indexOf('/', directory.length) + 1) : '';
  const all = new Set(own.length > directory.length ? [own, ...prefixes] : prefixes);
  const [only] = all;
  return all.size === 1 && only !== undefined && only.length > directory.length ? only : undefined;
}

/** How many pages a directory in this one fills, estimated from the last pages. */
function pagesPerDirectory({ sample, marks }: Range, directory: string): number {
  const nameOf = (key: string): string => key.slice(0, key.indexOf('/', directory.length));
  const inPage = new Set(sample.map(nameOf)).size;
  if (inPage > 1) return 1 / inPage;
  return Math.max(1, marks.length) / Math.max(1, new Set(marks.map(nameOf)).size);
}
