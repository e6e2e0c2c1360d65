import { compareKeys, justBelow, utf16Disagrees } from '../../model/key-order.js';
import type { RemoteState } from '../decide.js';
import { type FetchPage, type ListedObject, type ListedPage, outOfOrder, UnorderedListingError } from './listed.js';

/** Result of a lookup; `unlisted`: only a HEAD shows it. */
export type Lookup = RemoteState | { readonly state: 'unlisted' };

export const UNLISTED: Lookup = { state: 'unlisted' };
const ABSENT: RemoteState = { state: 'absent', proof: 'proven' };

/** A source with at most this many entries is looked up key by key if the listing is long. */
const FEW_ENTRIES = 100;
const PAGES_FOR_FEW = 2;
/** After this part of a page, as a divisor, the next one may be requested. */
const PART_READ = 8;

export interface MergeOptions {
  readonly list: FetchPage;
  /** Prefix of the listing: no page starts outside of it. */
  readonly prefix: string;
  /** How many keys will be looked up, where that is known. */
  readonly entries: number | undefined;
  /** Whether every page is read, so that no key is passed unseen. */
  readonly whole: boolean;
  /** Takes each listed key that lies between the keys looked up. */
  readonly onPassed: (object: ListedObject, next: string | undefined) => void;
}

/** A listing that is merged with ascending keys. */
export interface MergedListing {
  /** Looks up a key without a request; undefined where another page must be read: then {@link look} does so. */
  here(key: string): Lookup | undefined;
  look(key: string): Promise<Lookup>;
  /** Passes what is left: of the page that was read last, and of the whole listing where that is wanted. */
  finish(): Promise<void>;
  /** Whether every key of the listing was looked up or passed. */
  readonly complete: boolean;
  readonly listed: number;
}

/**
 * Looks up ascending keys in a listing, and reads only the pages that the keys need, unless the whole is wanted. Throws `UnorderedListingError` when a
 * page is not in UTF-8 byte order, before it decides about any key by that page.
 */
export function mergeListing({ list, prefix, entries, whole, onPassed }: MergeOptions): MergedListing {
  let page: readonly ListedObject[] = [];
  let position = 0;
  let last: string | undefined;
  let token: string | undefined;
  let begun = false;
  let pages = 0;
  let listed = 0;
  let sought = false;
  /** Keys of this page that were looked up. */
  let hits = 0;
  let ahead: Promise<ListedPage> | undefined;

  async function nextPage(key: string | undefined): Promise<void> {
    const below = whole || key === undefined ? undefined : justBelow(key, prefix);
    // If many keys are in between, the listing restarts just below the wanted key.
    const far = below !== undefined && (last === undefined || compareKeys(below, last) > 0);
    // A page that is requested already is the next one, and likely to have the key.
    const seek = far && ahead === undefined;
    const read = seek ? list({ startAfter: below }) : (ahead ?? list({ continuationToken: token }));
    ahead = undefined;
    const response: ListedPage = await read;
    const start = seek ? below : last;
    const wrong = outOfOrder(response.objects, start);
    if (wrong !== undefined) throw new UnorderedListingError(`the listing shows "${wrong}" out of order`);
    page = response.objects;
    position = 0;
    hits = 0;
    // A start at the very beginning of the prefix leaves nothing out.
    if (seek && below !== prefix) sought = true;
    listed += page.length;
    last = page.at(-1)?.key ?? start;
    token = response.continuationToken;
    begun = true;
    pages += 1;
    if (whole) readAhead();
  }

  /**
   * Requests the next page while this one is in use, once a part of it has been passed and most of that was looked up: then the next will be needed
   * too. A wrong guess costs one request.
   */
  function readAhead(): void {
    if (token === undefined || ahead !== undefined) return;
    if (!whole && (position * PART_READ < page.length || hits * 2 < position)) return;
    ahead = list({ continuationToken: token });
    // Thrown when the page is needed, if ever; avoids an unhandled rejection until then.
    ahead.catch(() => {});
  }

  function here(key: string): Lookup | undefined {
    for (let head = page[position]; head !== undefined; head = page[++position]) {
      const order = compareKeys(head.key, key);
      if (order === 0) {
        position += 1;
        hits += 1;
        readAhead();
        const { size, etag, wholeChecksum } = head;
        return { state: 'present', size, etag, wholeChecksum };
      }
      // A server that lists in UTF-16 order would list this key only later.
      if (order > 0) return utf16Disagrees(head.key, key) ? UNLISTED : ABSENT;
      onPassed(head, key);
    }
    if (begun && token === undefined) return ABSENT;
    const isLong = !whole && entries !== undefined && entries <= FEW_ENTRIES && pages >= PAGES_FOR_FEW;
    return isLong ? UNLISTED : undefined;
  }

  return {
    get complete() {
      return begun && !sought && token === undefined && position >= page.length;
    },
    get listed() {
      return listed;
    },
    here,
    async look(key) {
      for (;;) {
        const found = here(key);
        if (found !== undefined) return found;
        await nextPage(key);
      }
    },
    async finish() {
      for (;;) {
        for (let head = page[position]; head !== undefined; head = page[++position]) onPassed(head, undefined);
        if (!whole || (begun && token === undefined)) return;
        await nextPage(undefined);
      }
    },
  };
}
