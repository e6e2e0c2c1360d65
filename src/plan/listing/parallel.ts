import { compareKeys } from '../../model/key-order.js';
import type { ListPage, ListRequest } from '../../s3/bucket.js';
import { type FetchPage, type ListedPage, outOfOrder } from './lookup.js';
import {
  cutPoints,
  cutRange,
  type ListFrom,
  MARKS,
  type Range,
  type ReadPage,
  rangeBehind,
  seenWith,
  takePage,
} from './ranges.js';

export interface ParallelListingOptions {
  /** Of all keys listed. */
  readonly prefix: string;
  readonly signal: AbortSignal;
  /** Requests in flight at most, once it lists in parallel. Default 8. */
  readonly width?: number | undefined;
  /** Pages of a scan that are read one after the other before it lists in parallel. Default 20. */
  readonly sequentialPages?: number | undefined;
  /** Pages held ahead of the consumer. Default 64. */
  readonly mostPages?: number | undefined;
}

/**
 * A listing, page by page and in key order, that reads long listings in parallel: those that a few pages in sequence do not end are cut
 * into ranges, and these are read ahead. It lists exactly what the pages in sequence would.
 *
 * A call without a token begins a scan, and whichever was under way is given up. Where the server refuses something, or lists out of order,
 * the scan goes on in sequence from what was handed out, and so does every later one; only what is refused then is thrown.
 */
export function parallelListing(list: SendList, options: ParallelListingOptions): FetchPage {
  const { prefix, signal, width = 8, sequentialPages = 20, mostPages = 64 } = options;
  let inSequence: Sequence | undefined;
  let parallel: { readonly token: string; readonly scan: () => RangeScan } | undefined;
  let running: RangeScan | undefined;
  let possible = width > 1;

  /** A page of the server's own listing. */
  async function plain(from: ListFrom): Promise<ListedPage> {
    const token = from.continuationToken;
    const before = token !== undefined && token === inSequence?.token ? inSequence : startSequence(from);
    inSequence = undefined;
    const { startAfter, behind } = from;
    const page = await list({ prefix, startAfter, continuationToken: token }, signal);
    const { continuationToken } = page;
    const objects =
      behind === undefined ? page.objects : page.objects.filter(({ key }) => compareKeys(key, behind) > 0);
    const after = addPage(before, { objects, continuationToken });
    inSequence = after;
    if (!possible || !after.ordered || continuationToken === undefined || after.range.read < sequentialPages)
      return { objects, continuationToken };
    const own = tokenFor({ continuationToken });
    let started: RangeScan | undefined;
    const scan = (): RangeScan => {
      started ??= scanRanges(
        list,
        { ...after.range, from: { continuationToken } },
        { prefix, width, mostPages, signal },
      );
      return started;
    };
    parallel = { token: own, scan };
    return { objects, continuationToken: own };
  }

  return async ({ startAfter, continuationToken }) => {
    const from = fromToken(continuationToken) ?? { startAfter, continuationToken };
    if (parallel === undefined || parallel.token !== continuationToken) {
      running?.stop();
      parallel = undefined;
      running = undefined;
      return plain(from);
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
      // Or it was given up for another scan, which does not say that it failed.
      return plain(from);
    }
    const { objects, next } = page;
    const token = next === undefined ? undefined : tokenFor(next);
    if (token === undefined) mine.stop();
    if (running === mine) parallel = token === undefined ? undefined : { token, scan };
    return { objects, continuationToken: token };
  };
}

/** What pages read one after the other have shown. */
interface Sequence {
  /** Of the next page. */
  readonly token: string | undefined;
  readonly range: Range;
  readonly ordered: boolean;
}

function startSequence({ startAfter, continuationToken }: ListFrom): Sequence {
  return { token: continuationToken, range: rangeBehind(startAfter ?? '', undefined, 0), ordered: true };
}

function addPage({ range, ordered }: Sequence, { objects, continuationToken }: ListedPage): Sequence {
  const after = objects.at(-1)?.key ?? range.after;
  const sample = objects.length > 0 ? objects.map(({ key }) => key) : range.sample;
  return {
    token: continuationToken,
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

/** No server's token can hold it, as XML cannot. */
const OWN_TOKEN = '\0';

/** A token of ours tells how the listing is gone on with in sequence, should it come to that. */
const tokenFor = (next: ListFrom): string => OWN_TOKEN + JSON.stringify(next);

function fromToken(token: string | undefined): ListFrom | undefined {
  return token?.startsWith(OWN_TOKEN) === true ? (JSON.parse(token.slice(OWN_TOKEN.length)) as ListFrom) : undefined;
}

/** One request for a page; it must end when the signal is aborted. */
export type SendList = (request: ListRequest, signal: AbortSignal) => Promise<ListPage>;

export interface ScanOptions {
  readonly prefix: string;
  /** Requests in flight at most. */
  readonly width: number;
  /** Pages held at most, besides one that is waited for. */
  readonly mostPages: number;
  readonly signal: AbortSignal;
}

/** Reads ranges side by side and hands their pages out in the order of their keys. */
export interface RangeScan {
  /** The next page; undefined once the scan failed or was stopped. A scan that failed has handed out nothing wrong. */
  next(): Promise<ReadPage | undefined>;
  /** Ends the requests in flight. */
  stop(): void;
}

/** Pages worth a range of their own. */
const LEAST_STRIDE = 4;
/** A page has at most 1,000 keys on most servers; where it has more, fewer are held. */
const KEYS_PER_PAGE = 1_000;

/** @param first all that is left of the listing, as one range */
export function scanRanges(list: SendList, first: Range, options: ScanOptions): RangeScan {
  const { prefix, width, mostPages, signal } = options;
  const stride = Math.max(LEAST_STRIDE, Math.floor(mostPages / width));
  const controller = new AbortController();
  const ranges: Range[] = [first];
  let inFlight = 0;
  let held = 0;
  let heldKeys = 0;
  let cutting = false;
  /** What bounds the requests in vain: each range costs one at most, and so does each look for directories. */
  let pages = first.read;
  let parts = 1;
  /** Ranges that held nothing, as those of bad guesses do; each is one range less that may be cut. */
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

  /** Nothing of a request is told once the scan is over; any failure ends it. */
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
    void request(work, (answer) => {
      range.reading = false;
      const page = takePage(range, answer);
      if (page === undefined) return stop();
      pages += 1;
      if (range.read === 1 && range.done && page.objects.length === 0) empty += 1;
      if (page.objects.length === 0) return;
      held += 1;
      heldKeys += page.objects.length;
      seen = seenWith(seen, range.sample);
    });
  }

  function cut(range: Range, count: number): void {
    cutting = true;
    const work = () => cutPoints(range, { prefix, stride, count, seen, directories });
    void request(work, (bounds) => {
      cutting = false;
      // Meanwhile it was read on.
      const left = range.done ? [] : bounds.filter((bound) => compareKeys(bound, range.after) > 0);
      const added = cutRange(range, left, stride);
      parts += added.length;
      ranges.splice(ranges.indexOf(range) + 1, 0, ...added);
    });
  }

  async function directories(directory: string, after: string): Promise<ListPage | undefined> {
    // One answer names many, which are passed one by one.
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

  /** Starts what may be started, the nearest range first, and cuts one where too few are left to be read. */
  function pump(): void {
    for (const range of ranges) {
      if (controller.signal.aborted || inFlight >= width) return;
      if (range.done || range.reading) continue;
      if (roomFor() || (range === ranges[0] && range.pages.length === 0)) read(range);
    }
    const open = ranges.reduce((count, range) => count + (range.done ? 0 : 1), 0);
    const most = Math.min(width - open, 2 * width + Math.floor(pages / LEAST_STRIDE) - parts - empty);
    if (cutting || most <= 0 || !roomFor() || controller.signal.aborted) return;
    const long = ranges.find((range) => !range.done && range.sample.length > 0 && range.read >= range.cutAt);
    if (long !== undefined) cut(long, most);
  }

  /** Passes by what was handed out wholly. False where ranges do not abut, which would hide keys. */
  function passBy(): boolean {
    for (let front = ranges[0]; front?.done === true && front.pages.length === 0; front = ranges[0]) {
      ranges.shift();
      if (ranges[0]?.start !== front.end) return false;
    }
    return true;
  }

  async function next(): Promise<ReadPage | undefined> {
    for (;;) {
      if (!passBy()) stop();
      if (controller.signal.aborted) return undefined;
      const front = ranges[0];
      if (front === undefined) return { objects: [], next: undefined };
      const page = front.pages.shift();
      if (page !== undefined) {
        held -= 1;
        heldKeys -= page.objects.length;
        if (compareKeys(page.objects[0]?.key ?? '', last) <= 0 || !passBy()) {
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
      pump();
      await woken;
    }
  }

  return { next, stop };
}
