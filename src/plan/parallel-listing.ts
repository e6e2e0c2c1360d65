import { compareKeys } from '../key.js';
import { type ListFrom, MARKS, type Range, rangeBehind, seenWith } from './list-ranges.js';
import { type ListedPage, type ListPageOf, outOfOrder } from './listing.js';
import { type ListOf, type RangeScan, scanRanges } from './scan-ranges.js';

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
export function parallelListing(list: ListOf, options: ParallelListingOptions): ListPageOf {
  const { prefix, signal, width = 8, sequentialPages = 20, mostPages = 64 } = options;
  let inSequence: Sequence | undefined;
  let parallel: { readonly token: string; readonly scan: () => RangeScan } | undefined;
  let running: RangeScan | undefined;
  let possible = width > 1;

  /** A page of the server's own listing. */
  async function plain(from: ListFrom): Promise<ListedPage> {
    const token = from.continuationToken;
    const before = token !== undefined && token === inSequence?.token ? inSequence : begun(from);
    inSequence = undefined;
    const { startAfter, behind } = from;
    const page = await list({ prefix, startAfter, continuationToken: token }, signal);
    const { continuationToken } = page;
    const objects =
      behind === undefined ? page.objects : page.objects.filter(({ key }) => compareKeys(key, behind) > 0);
    const after = read(before, { objects, continuationToken });
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

function begun({ startAfter, continuationToken }: ListFrom): Sequence {
  return { token: continuationToken, range: rangeBehind(startAfter ?? '', undefined, 0), ordered: true };
}

function read({ range, ordered }: Sequence, { objects, continuationToken }: ListedPage): Sequence {
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
const OWN = '\0';

/** A token of ours tells how the listing is gone on with in sequence, should it come to that. */
const tokenFor = (next: ListFrom): string => OWN + JSON.stringify(next);

function fromToken(token: string | undefined): ListFrom | undefined {
  return token?.startsWith(OWN) === true ? (JSON.parse(token.slice(OWN.length)) as ListFrom) : undefined;
}
