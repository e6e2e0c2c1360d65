import { compareKeys } from '../key.js';
import { type Listed, type ListedPage, outOfOrder } from './listing.js';

/** How a page is asked for. */
export interface ListFrom {
  readonly startAfter?: string | undefined;
  readonly continuationToken?: string | undefined;
  /** Keys of that page up to this one were handed out before. */
  readonly behind?: string | undefined;
}

/** Objects that were read, and how the listing is gone on with behind them; undefined at its end. */
export interface ReadPage {
  readonly objects: readonly Listed[];
  readonly next: ListFrom | undefined;
}

/** A part of a listing: the keys above `start` up to `end`, read page by page. */
export interface Range {
  readonly start: string;
  /** Undefined: up to the end of the listing. */
  end: string | undefined;
  /** How its next page is asked for. */
  from: ListFrom;
  /** Keys up to here were read. */
  after: string;
  /** Nothing of it is left to be read. */
  done: boolean;
  reading: boolean;
  /** Read and not handed out. */
  readonly pages: ReadPage[];
  /** How many were read. */
  read: number;
  /** It is not cut before so many were. */
  cutAt: number;
  /** Keys of the last page read. */
  sample: readonly string[];
  /** The last keys of the last pages. */
  marks: readonly string[];
  /** Where it is the first of a scan: a few keys of the pages before it. */
  readonly seen: readonly string[];
}

/** Marks kept of a range. */
export const MARKS = 8;
/** Keys of a page, and of all pages, that are remembered. */
const SEEN_OF_PAGE = 8;
const SEEN = 256;

/** A few keys of the last pages of a scan, with a few of one page more. */
export function seenWith(seen: readonly string[], page: readonly string[]): readonly string[] {
  const step = Math.ceil(page.length / SEEN_OF_PAGE);
  const few = page.filter((_, index) => (index + 1) % step === 0);
  return [...seen.slice(Math.max(0, seen.length + few.length - SEEN)), ...few];
}

/** The range behind a text. */
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
    cutAt,
    sample: [],
    marks: [],
    seen: [],
  };
}

/** Takes a page that was read for a range, up to the range's end. Undefined where it is not in order, else what of it was kept. */
export function takePage(range: Range, { objects, continuationToken }: ListedPage): ReadPage | undefined {
  if (outOfOrder(objects, range.after) !== undefined) return undefined;
  const { end } = range;
  let count = objects.length;
  if (end !== undefined) while (count > 0 && compareKeys(objects[count - 1]?.key ?? '', end) > 0) count -= 1;
  const asked = range.from;
  range.done = count < objects.length || continuationToken === undefined;
  range.from = { continuationToken };
  range.read += 1;
  const kept = count < objects.length ? objects.slice(0, count) : objects;
  // Behind the end of a range nothing has proved yet that the server heeds a start, so this page would be read again.
  const again = { ...asked, behind: kept.at(-1)?.key };
  const page = { objects: kept, next: !range.done ? range.from : end === undefined ? undefined : again };
  if (count === 0) return page;
  range.after = kept.at(-1)?.key ?? range.after;
  range.sample = kept.map(({ key }) => key);
  range.marks = [...range.marks.slice(1 - MARKS), range.after];
  range.pages.push(page);
  return page;
}

/** Cuts a range behind these texts, which ascend within what is left of it: it keeps the first part, the others are returned. */
export function cutRange(range: Range, bounds: readonly string[], stride: number): Range[] {
  const { end } = range;
  range.end = bounds[0] ?? end;
  range.cutAt = range.read + stride;
  return bounds.map((bound, index) => {
    // The last part may be of any length, the others are as long as was guessed.
    const last = index === bounds.length - 1;
    return rangeBehind(bound, last ? end : bounds[index + 1], last ? 1 : Math.ceil(stride / 2));
  });
}
