import { compareKeys } from '../../model/key-order.js';
import type { ListPage, ListRequest } from '../../s3/bucket.js';
import { endlessListing } from '../../s3/errors.js';
import type { Guide, Landmarks } from './landmarks.js';
import { type FetchPage, type ListedPage, outOfOrder } from './listed.js';
import { listingProgress, type Progress } from './progress.js';
import {
  cutPoints,
  cutRange,
  type ListFrom,
  MARKS,
  type Range,
  type ReadPage,
  rangeBehind,
  seenWith,
  splitRange,
  takePage,
} from './ranges.js';

export interface ParallelListingOptions {
  /** Prefix of all keys listed. */
  readonly prefix: string;
  /** Name of the bucket, for errors. */
  readonly bucket: string;
  readonly signal: AbortSignal;
  /** Most requests in flight while it lists in parallel. Default 8. */
  readonly width?: number | undefined;
  /** Pages that a scan reads in sequence before it lists in parallel. Default 20. */
  readonly sequentialPages?: number | undefined;
  /** Most pages held ahead of the consumer. Default 64. */
  readonly mostPages?: number | undefined;
  /** Keys of what the listing is compared with. Where it has mostly the same keys, it is read in parallel from its second page on. */
  readonly landmarks?: Landmarks | undefined;
}

/**
 * A listing, page by page and in key order, that reads long listings in parallel: a listing that does not end within a few pages is cut
 * into ranges, and these are read ahead. It lists exactly what pages in sequence would.
 *
 * A call without a token starts a scan and cancels the one before. Where the server refuses a request, or lists out of order, the scan
 * continues in sequence after the pages returned so far, and so does every later scan; only an error of those requests is thrown, or
 * `S3RequestError` with the code `EndlessListing` where the listing goes round.
 */
export function parallelListing(list: SendList, options: ParallelListingOptions): FetchPage {
  const { prefix, bucket, signal, width = 8, sequentialPages = 20, mostPages = 64, landmarks } = options;
  let inSequence: Sequence | undefined;
  let parallel: { readonly token: string; readonly scan: () => RangeScan } | undefined;
  let running: RangeScan | undefined;
  let possible = width > 1;

  /** A page of the server's own listing, in sequence. */
  async function sequentialPage(from: ListFrom): Promise<ListedPage> {
    const token = from.continuationToken;
    const before = token !== undefined && token === inSequence?.token ? inSequence : startSequence(from);
    inSequence = undefined;
    const { startAfter, skipThrough } = from;
    const page = await list({ prefix, startAfter, continuationToken: token }, signal);
    const { continuationToken } = page;
    const fresh = before.progress(page);
    if (typeof fresh === 'string') throw endlessListing({ verb: 'ListObjectsV2', bucket }, fresh);
    const objects = skipThrough === undefined ? fresh : fresh.filter(({ key }) => compareKeys(key, skipThrough) > 0);
    const after = addPage(before, { objects, continuationToken });
    inSequence = after;
    if (!possible || !after.ordered || continuationToken === undefined) return { objects, continuationToken };
    const guide = landmarks?.guide(objects, before.range.after);
    if (guide === undefined && after.range.read < sequentialPages) return { objects, continuationToken };
    const ownToken = tokenFor({ continuationToken });
    let started: RangeScan | undefined;
    const scan = (): RangeScan => {
      started ??= scanRanges(
        list,
        { ...after.range, from: { continuationToken }, cutAt: guide === undefined ? 0 : sequentialPages },
        { prefix, width, mostPages, signal, guide },
      );
      return started;
    };
    parallel = { token: ownToken, scan };
    return { objects, continuationToken: ownToken };
  }

  return async ({ startAfter, continuationToken }) => {
    const from = fromToken(continuationToken) ?? { startAfter, continuationToken };
    if (parallel === undefined || parallel.token !== continuationToken) {
      running?.stop();
      parallel = undefined;
      running = undefined;
      return sequentialPage(from);
    }
    const { scan } = parallel;
    const mine = scan();
    running = mine;
    const page = await mine.next();
    signal.throwIfAborted();
    if (page === undefined) {
      if (running === mine) {
        possible = false;
        parallel = undefined;
      }
      // If `running` is another scan, this one was cancelled and did not fail.
      return sequentialPage(from);
    }
    const { objects, next } = page;
    const token = next === undefined ? undefined : tokenFor(next);
    if (token === undefined) mine.stop();
    if (running === mine) parallel = token === undefined ? undefined : { token, scan };
    return { objects, continuationToken: token };
  };
}

/** What the pages read in sequence have shown. */
interface Sequence {
  /** The server's token of the next page. */
  readonly token: string | undefined;
  readonly range: Range;
  readonly ordered: boolean;
  readonly progress: Progress;
}

function startSequence({ startAfter, continuationToken }: ListFrom): Sequence {
  return {
    token: continuationToken,
    range: rangeBehind(startAfter ?? '', undefined, 0),
    ordered: true,
    progress: listingProgress(),
  };
}

function addPage({ range, ordered, progress }: Sequence, { objects, continuationToken }: ListedPage): Sequence {
  const after = objects.at(-1)?.key ?? range.after;
  const sample = objects.length > 0 ? objects.map(({ key }) => key) : range.sample;
  return {
    token: continuationToken,
    progress,
    range: {
      ...range,
      start: after,
      after,
      read: range.read + 1,
      sample,
      seen: seenWith(range.seen, sample),
      marks: [...range.marks.slice(1 - MARKS), after],
    },
    ordered: ordered && outOfOrder(objects, range.after === '' ? undefined : range.after) === undefined,
  };
}

/** First character of our own tokens. No server's token has it, because XML cannot. */
const OWN_TOKEN = '\0';

/** Our token says how to continue the listing in sequence, in case that is needed. */
const tokenFor = (next: ListFrom): string => OWN_TOKEN + JSON.stringify(next);

function fromToken(token: string | undefined): ListFrom | undefined {
  return token?.startsWith(OWN_TOKEN) === true ? (JSON.parse(token.slice(OWN_TOKEN.length)) as ListFrom) : undefined;
}

/** One request for a page; it must end when the signal is aborted. */
export type SendList = (request: ListRequest, signal: AbortSignal) => Promise<ListPage>;

export interface ScanOptions {
  readonly prefix: string;
  /** Most requests in flight. */
  readonly width: number;
  /** Most pages held, besides one that the consumer waits for. */
  readonly mostPages: number;
  readonly signal: AbortSignal;
  /** Where to cut from the start on; undefined where only the listing itself shows that. */
  readonly guide?: Guide | undefined;
}

/** Reads ranges in parallel and returns their pages in key order. */
export interface RangeScan {
  /** The next page; undefined once the scan failed or was stopped. All pages returned before are right. */
  next(): Promise<ReadPage | undefined>;
  /** Aborts the requests in flight. */
  stop(): void;
}

/** Fewest pages that are worth a range of their own. */
const LEAST_STRIDE = 4;
/** Most servers return at most 1,000 keys per page; of larger pages fewer are held. */
const KEYS_PER_PAGE = 1_000;

/**
 * Requests that a guided scan has in flight at first. One more each time that the consumer has to wait: with more than it needs, a server on a small
 * machine would only return the next page later.
 */
const FIRST_WIDTH = 2;

/** @param first the rest of the listing, as one range */
function scanRanges(list: SendList, first: Range, options: ScanOptions): RangeScan {
  const { prefix, guide, signal } = options;
  const mostPages = guide === undefined ? options.mostPages : Math.min(options.mostPages, 2 * options.width);
  let width = guide === undefined ? options.width : Math.min(options.width, FIRST_WIDTH);
  /** The rest of the listing that the guide has not cut yet, where it can. */
  let uncut = guide === undefined ? undefined : first;
  const stride = Math.max(LEAST_STRIDE, Math.floor(mostPages / width));
  const controller = new AbortController();
  const ranges: Range[] = [first];
  let inFlight = 0;
  let held = 0;
  let heldKeys = 0;
  let cutting = false;
  /** These limit wasted requests: each range and each listing of directories wastes one at most. */
  let pages = first.read;
  let parts = 1;
  /** Ranges without keys, which come from wrong guesses; each reduces the ranges that may be cut by one. */
  let empty = 0;
  let looks = 0;
  let looked: { readonly directory: string; readonly after: string; readonly page: ListPage } | undefined;
  let { seen } = first;
  let last = first.after;
  let wake: (() => void) | undefined;

  const stop = (): void => {
    signal.removeEventListener('abort', stop);
    controller.abort(new DOMException('The scan is over.', 'AbortError'));
    wake?.();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });

  /** Drops the result of a request once the scan is over; any failure ends the scan. */
  async function request<T>(work: () => Promise<T>, take: (value: T) => void): Promise<void> {
    inFlight += 1;
    try {
      const value = await work();
      if (!controller.signal.aborted) take(value);
    } catch {
      stop();
    }
    inFlight -= 1;
    wake?.();
    pump();
  }

  const roomFor = (): boolean => held + inFlight < mostPages && heldKeys < mostPages * KEYS_PER_PAGE;

  function read(range: Range): void {
    range.reading = true;
    const work = () => list({ prefix, ...range.from }, controller.signal);
    void request(work, (response) => {
      range.reading = false;
      const page = takePage(range, response);
      if (page === undefined) return stop();
      if (range.end !== undefined && !range.done) guide?.overflow();
      pages += 1;
      if (range.read === 1 && range.done && page.objects.length === 0) empty += 1;
      if (page.objects.length === 0) return;
      held += 1;
      heldKeys += page.objects.length;
      seen = seenWith(seen, range.sample);
    });
  }

  /** Cuts the next piece from the rest of the listing. */
  function cutByGuide(range: Range): void {
    const bound = guide?.next(range.after, prefix);
    uncut = undefined;
    if (bound === undefined || (range.end !== undefined && compareKeys(bound, range.end) >= 0)) return;
    uncut = splitRange(range, bound);
    ranges.splice(ranges.indexOf(range) + 1, 0, uncut);
  }

  /** Whether the range lies behind all landmarks, so that nobody may need more of it than its first page. */
  const isBeyond = (range: Range): boolean =>
    guide !== undefined && range.end === undefined && range !== uncut && range.read > 0 && range.read < range.cutAt;

  function cut(range: Range, count: number): void {
    cutting = true;
    const work = () => cutPoints(range, { prefix, stride, count, seen, directories });
    void request(work, (bounds) => {
      cutting = false;
      // The range may have been read further meanwhile.
      const left = range.done ? [] : bounds.filter((bound) => compareKeys(bound, range.after) > 0);
      const added = cutRange(range, left, stride);
      parts += added.length;
      ranges.splice(ranges.indexOf(range) + 1, 0, ...added);
    });
  }

  async function directories(directory: string, after: string): Promise<ListPage | undefined> {
    // One response names many directories, which serve for several calls.
    const lastKnown = looked?.page.continuationToken === undefined ? undefined : looked.page.prefixes.at(-1);
    const known = lastKnown === undefined || compareKeys(after, lastKnown) < 0;
    if (looked?.directory === directory && known && compareKeys(looked.after, after) <= 0) return looked.page;
    if (looks >= width + pages / stride) return undefined;
    looks += 1;
    const startAfter = after.startsWith(directory) ? after : undefined;
    const page = await list({ prefix: directory, delimiter: '/', startAfter }, controller.signal);
    looked = { directory, after, page };
    return page;
  }

  /** Starts requests within the limits, for the nearest range first, and cuts a range where too few are left to read. */
  function pump(): void {
    for (const range of ranges) {
      if (controller.signal.aborted || inFlight >= width) return;
      if (range.done || range.reading) continue;
      const awaited = range === ranges[0] && range.pages.length === 0;
      if (!awaited && (!roomFor() || isBeyond(range))) continue;
      if (range === uncut) cutByGuide(range);
      read(range);
    }
    const open = ranges.reduce((count, range) => count + (range.done ? 0 : 1), 0);
    const most = Math.min(width - open, 2 * width + Math.floor(pages / LEAST_STRIDE) - parts - empty);
    if (cutting || most <= 0 || !roomFor() || controller.signal.aborted) return;
    const long = ranges.find((range) => !range.done && range.sample.length > 0 && range.read >= range.cutAt);
    if (long !== undefined) cut(long, most);
  }

  /** Drops ranges whose pages were all returned. False where ranges do not abut, which would hide keys. */
  function dropFinished(): boolean {
    for (let front = ranges[0]; front?.done === true && front.pages.length === 0; front = ranges[0]) {
      ranges.shift();
      if (ranges[0]?.start !== front.end) return false;
    }
    return true;
  }

  async function next(): Promise<ReadPage | undefined> {
    for (;;) {
      if (!dropFinished()) stop();
      if (controller.signal.aborted) return undefined;
      const front = ranges[0];
      if (front === undefined) return { objects: [], next: undefined };
      const page = front.pages.shift();
      if (page !== undefined) {
        held -= 1;
        heldKeys -= page.objects.length;
        if (compareKeys(page.objects[0]?.key ?? '', last) <= 0 || !dropFinished()) {
          stop();
          return undefined;
        }
        last = page.objects.at(-1)?.key ?? last;
        pump();
        return ranges.length === 0 ? { ...page, next: undefined } : page;
      }
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (width < options.width) width += 1;
      pump();
      await woken;
    }
  }

  return { next, stop };
}
