import { compareKeys, justBelow } from '../key.js';
import type { ListPage } from '../s3/bucket.js';
import { keysAhead } from './keys-ahead.js';
import { type Between, isBound, knownLength } from './list-bound.js';
import type { Range } from './list-ranges.js';
import { middleKey } from './middle-key.js';

export interface CutOptions {
  readonly prefix: string;
  /** Pages that a part should have. */
  readonly stride: number;
  /** Cuts at most. */
  readonly count: number;
  /** A few keys of the last pages of the scan. */
  readonly seen: readonly string[];
  /** Lists the directories in this one, behind a key; undefined where no more such requests shall be made. */
  readonly directories: (directory: string, after: string) => Promise<ListPage | undefined>;
}

/**
 * Where to cut what is left of a range, as ascending bounds: where its keys will be some pages on, else between the directories that
 * follow, else in the middle. None where little seems to be left.
 */
export async function cutPoints(range: Range, options: CutOptions): Promise<string[]> {
  const { prefix, stride, count, seen } = options;
  const { sample } = range;
  const between: Between = { prefix, after: range.after, end: range.end };
  const ahead = keysAhead(sample, seen, stride, count);
  const within = ascending(ahead, between);
  // Where they will be beyond its end, it is short enough.
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

/** Levels of directories that each hold but one. */
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
    // More small ones than one answer names are many pages all the same.
    const last = bounds.at(-1);
    if (last !== undefined && page.continuationToken !== undefined && bounds.length * 2 > step) return [last];
    const only = onlyDirectory(page, directory, after);
    if (only === undefined) return [];
    directory = only;
  }
  return [];
}

/** The directory that holds all that is left, where there is one: some servers do not name the one that a start lies in. */
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

/** How many pages a directory in this one fills, by those that were read last. */
function pagesPerDirectory({ sample, marks }: Range, directory: string): number {
  const nameOf = (key: string): string => key.slice(0, key.indexOf('/', directory.length));
  const inPage = new Set(sample.map(nameOf)).size;
  if (inPage > 1) return 1 / inPage;
  return Math.max(1, marks.length) / Math.max(1, new Set(marks.map(nameOf)).size);
}
