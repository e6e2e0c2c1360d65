import { S3RequestError } from '../../errors.js';
import { compareKeys, justBelow, utf16Disagrees } from '../../model/key-order.js';
import type { Unusable } from '../../source/types.js';
import type { RemoteState } from '../decide.js';

export interface LookupOptions {
  readonly list: FetchPage;
  /** Prefix of the listing. Keys outside of it, which `absoluteKey` can give, each need a HEAD. */
  readonly prefix: string;
  /** Whether keys should come in UTF-8 byte order. Keys from another bucket may not, if its server lists in another order; this is noticed. */
  readonly ordered: boolean;
  readonly entries: number | undefined;
  readonly warn: (code: string, message: string) => void;
}

/**
 * Looks up what is remote, key by key, with the fewest requests: it merges the listing with keys in order, indexes it for others, and leaves a key
 * to a HEAD (`unlisted`) where listing is denied or too long. No key is looked up twice.
 */
export function remoteLookup({
  list,
  prefix,
  ordered,
  entries,
  warn,
}: LookupOptions): (key: string) => Promise<Lookup> {
  let look: LookUp | undefined = ordered ? inOrder(mergeListing(list, prefix, entries)) : undefined;

  return async function next(key): Promise<Lookup> {
    if (!key.startsWith(prefix)) return { state: 'unlisted' };
    try {
      look ??= await indexListing(list);
      return await look(key);
    } catch (error) {
      if (error instanceof UnorderedListingError) {
        look = undefined;
        const found = await next(key);
        // Only now: a listing that goes round is out of order too, and is an error.
        warn(
          'unordered-listing',
          'This server does not list keys in UTF-8 byte order; the whole listing is read before anything is compared.',
        );
        return found;
      }
      if (!(error instanceof S3RequestError) || error.code !== 'AccessDenied') throw error;
      warn(
        'list-denied',
        `Listing "${error.bucket}" is denied (s3:ListBucket), so each key needs a HEAD request instead.`,
      );
      look = () => ({ state: 'unlisted' });
      return next(key);
    }
  };
}

/** A lookup of ascending keys. Throws `UnorderedListingError` for a key out of order. */
function inOrder(look: LookUp): LookUp {
  let last: string | undefined;
  return (key) => {
    if (last !== undefined && compareKeys(key, last) <= 0)
      throw new UnorderedListingError(`the source gives "${key}" out of order`);
    last = key;
    return look(key);
  };
}

type LookUp = (key: string) => Lookup | Promise<Lookup>;

/** A source with at most this many entries is looked up key by key if the listing is long. */
const FEW_ENTRIES = 100;
const PAGES_FOR_FEW = 2;

/** Result of a lookup; `unlisted`: only a HEAD shows it. */
export type Lookup = RemoteState | { readonly state: 'unlisted' };

const UNLISTED: Lookup = { state: 'unlisted' };
const ABSENT: RemoteState = { state: 'absent', proof: 'proven' };

/**
 * Looks up ascending keys in a listing, and reads only the pages that the keys need. Throws `UnorderedListingError` when a page is not in UTF-8
 * byte order, before it decides about any key by that page.
 * @param prefix of the listing: no page starts outside of it
 * @param entries how many keys will be looked up, where that is known
 */
function mergeListing(list: FetchPage, prefix: string, entries: number | undefined): (key: string) => Promise<Lookup> {
  let page: readonly ListedObject[] = [];
  let position = 0;
  let last: string | undefined;
  let token: string | undefined;
  let begun = false;
  let pages = 0;
  /** Keys of this page that were looked up. */
  let hits = 0;
  let ahead: Promise<ListedPage> | undefined;

  async function nextPage(key: string): Promise<void> {
    const below = justBelow(key, prefix);
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
    last = page.at(-1)?.key ?? start;
    token = response.continuationToken;
    begun = true;
    pages += 1;
  }

  /**
   * Requests the next page while this one is in use, once half of it has been passed and most of that was looked up: then the next will be needed
   * too. A wrong guess costs one request.
   */
  function readAhead(): void {
    if (token === undefined || ahead !== undefined || position * 2 < page.length || hits * 2 < position) return;
    ahead = list({ continuationToken: token });
    // Thrown when the page is needed, if ever; avoids an unhandled rejection until then.
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
        // A server that lists in UTF-16 order would list this key only later.
        if (order > 0) return utf16Disagrees(head.key, key) ? UNLISTED : ABSENT;
      }
      if (begun && token === undefined) return ABSENT;
      if (entries !== undefined && entries <= FEW_ENTRIES && pages >= PAGES_FOR_FEW) return UNLISTED;
      await nextPage(key);
    }
  };
}

/** Limit on keys in an index; keys beyond it are looked up one by one. */
const INDEX_KEYS = 1_000_000;

/** Reads a whole listing into an index, for keys in any order. Keeps one short string per key. */
async function indexListing(list: FetchPage, most: number = INDEX_KEYS): Promise<(key: string) => Lookup> {
  const index = new Map<string, string>();
  let token: string | undefined;
  let last: string | undefined;
  let ordered = true;
  do {
    const page = await list({ continuationToken: token });
    ordered &&= outOfOrder(page.objects, last) === undefined;
    last = page.objects.at(-1)?.key ?? last;
    for (const object of page.objects) index.set(object.key, recordOf(object));
    token = page.continuationToken;
  } while (token !== undefined && index.size < most);

  const whole = token === undefined;
  const absent: RemoteState = { state: 'absent', proof: ordered ? 'proven' : 'unproven' };
  return (key) => {
    const found = index.get(key);
    if (found !== undefined) return parse(found);
    return whole ? absent : { state: 'unlisted' };
  };
}

/** Size, whether the checksum is one of the whole object, and the ETag, which may be any text. */
function recordOf({ size, etag, wholeChecksum }: ListedObject): string {
  return `${size} ${wholeChecksum === true ? 1 : 0} ${etag ?? ''}`;
}

function parse(record: string): RemoteState {
  const [size = '', whole = ''] = record.split(' ', 2);
  const etag = record.slice(size.length + whole.length + 2);
  return { state: 'present', size: Number(size), etag: etag === '' ? undefined : etag, wholeChecksum: whole === '1' };
}

/** One key as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string | undefined;
  /** Whether its checksum is one of the whole object; only a HEAD shows the value. */
  readonly wholeChecksum?: boolean | undefined;
  /** In ms since 1970. */
  readonly modified?: number | undefined;
  readonly storageClass?: string | undefined;
}

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** Undefined on the last page. */
  readonly continuationToken: string | undefined;
}

/** Requests one page: from a start, or from a token on. */
export type FetchPage = (from: {
  readonly startAfter?: string | undefined;
  readonly continuationToken?: string | undefined;
}) => Promise<ListedPage>;

/** The listing is not in UTF-8 byte order, so a merge would take present keys for absent. */
class UnorderedListingError extends Error {
  override readonly name = 'UnorderedListingError';
}

/** The first key of a page that is not greater than the key before it (`last`: the last key of the page before), or undefined. */
export function outOfOrder(objects: readonly ListedObject[], last: string | undefined): string | undefined {
  let before = last;
  for (const { key } of objects) {
    if (before !== undefined && compareKeys(key, before) <= 0) return key;
    before = key;
  }
  return undefined;
}

/** An entry and what is known about its key, or something that cannot become an object. */
export type Planned<E> = Unusable | { readonly kind: 'planned'; readonly entry: E; readonly remote: Lookup };

/**
 * Joins what a source has with what is remote.
 * @param look looks up one key after the other; undefined where nothing is looked up (mode `stupid`)
 */
export async function* withRemoteState<E extends { readonly kind: 'entry'; readonly key: string }>(
  found: AsyncIterable<E | Unusable>,
  look: ((key: string) => Promise<Lookup>) | undefined,
): AsyncGenerator<Planned<E>, void> {
  for await (const unit of found) {
    if (unit.kind === 'unusable') yield unit;
    else
      yield { kind: 'planned', entry: unit, remote: look === undefined ? { state: 'unread' } : await look(unit.key) };
  }
}
