import { compareKeys, justBelow, utf16Disagrees } from '../key.js';
import type { RemoteState } from './decision.js';
import { type Listed, type ListedPage, type ListPageOf, outOfOrder, UnorderedListingError } from './listing.js';

/** A source this small asks key by key when the listing proves long. */
const FEW_ENTRIES = 100;
const PAGES_FOR_FEW = 2;

/** What a lookup answers; `ask`: only a HEAD can tell. */
export type Lookup = RemoteState | { readonly state: 'ask' };

const ASK: Lookup = { state: 'ask' };
const ABSENT: RemoteState = { state: 'absent', proof: 'proven' };

/**
 * Looks keys up, in ascending order, in a listing that is read only as far and only where the keys need it. Throws `UnorderedListingError`
 * when a page is not in UTF-8 byte order, before any key is decided by that page.
 * @param prefix of the listing: no page starts outside of it
 * @param entries how many keys will be looked up, where that is known
 */
export function mergeListing(
  list: ListPageOf,
  prefix: string,
  entries: number | undefined,
): (key: string) => Promise<Lookup> {
  let page: readonly Listed[] = [];
  let position = 0;
  let last: string | undefined;
  let token: string | undefined;
  let begun = false;
  let pages = 0;
  /** Keys of this page that were asked for. */
  let hits = 0;
  let ahead: Promise<ListedPage> | undefined;

  async function nextPage(key: string): Promise<void> {
    const below = justBelow(key, prefix);
    // Where the listing would have to run on for a while, it starts again just below the key that is wanted.
    const far = below !== undefined && (last === undefined || compareKeys(below, last) > 0);
    // What was asked for already is the next page, and likely to hold the key.
    const seek = far && ahead === undefined;
    const read = seek ? list({ startAfter: below }) : (ahead ?? list({ continuationToken: token }));
    ahead = undefined;
    const answer: ListedPage = await read;
    const start = seek ? below : last;
    const wrong = outOfOrder(answer.objects, start);
    if (wrong !== undefined) throw new UnorderedListingError(`the listing shows "${wrong}" out of order`);
    page = answer.objects;
    position = 0;
    hits = 0;
    last = page.at(-1)?.key ?? start;
    token = answer.continuationToken;
    begun = true;
    pages += 1;
  }

  /**
   * Asks for the next page while this one is worked on, once half of it has been passed and most of that was asked for: then the next will be
   * wanted too. A wrong guess costs one request.
   */
  function readAhead(): void {
    if (token === undefined || ahead !== undefined || position * 2 < page.length || hits * 2 < position) return;
    ahead = list({ continuationToken: token });
    // It is told when the page is wanted, if ever.
    ahead.catch(() => {});
  }

  return async (key) => {
    for (;;) {
      for (let head = page[position]; head !== undefined; head = page[++position]) {
        const order = compareKeys(head.key, key);
        if (order === 0) {
          hits += 1;
          readAhead();
          const { size, etag, wholeChecksum } = head;
          return { state: 'present', size, etag, wholeChecksum };
        }
        // A server that lists in UTF-16 order would show this key only later.
        if (order > 0) return utf16Disagrees(head.key, key) ? ASK : ABSENT;
      }
      if (begun && token === undefined) return ABSENT;
      if (entries !== undefined && entries <= FEW_ENTRIES && pages >= PAGES_FOR_FEW) return ASK;
      await nextPage(key);
    }
  };
}
