import type { RemoteState } from '../decide.js';
import { type FetchPage, type ListedObject, outOfOrder } from './listed.js';
import { type Lookup, UNLISTED } from './merge.js';

/** Limit on keys in an index; keys beyond it are looked up one by one. */
const INDEX_KEYS = 1_000_000;

/** A listing that was read as a whole, for keys in any order. */
export interface IndexedListing {
  /** Looks up a key, which then is no stray. */
  look(key: string): Lookup;
  /** The keys that nobody has looked up. */
  unmet(): Iterable<ListedObject>;
  /** Whether it has every key. */
  readonly complete: boolean;
  readonly listed: number;
}

/** Reads a whole listing into an index. Keeps one short string per key. */
export async function indexListing(list: FetchPage, most: number = INDEX_KEYS): Promise<IndexedListing> {
  const index = new Map<string, string>();
  const met = new Set<string>();
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

  const complete = token === undefined;
  const absent: RemoteState = { state: 'absent', proof: ordered ? 'proven' : 'unproven' };
  return {
    complete,
    listed: index.size,
    look(key) {
      const found = index.get(key);
      if (found === undefined) return complete ? absent : UNLISTED;
      met.add(key);
      return parse(found);
    },
    *unmet() {
      for (const [key, record] of index) if (!met.has(key)) yield { key, ...parse(record) };
    },
  };
}

/** Size, whether the checksum is one of the whole object, and the ETag, which may be any text. */
function recordOf({ size, etag, wholeChecksum }: ListedObject): string {
  return `${size} ${wholeChecksum === true ? 1 : 0} ${etag ?? ''}`;
}

function parse(record: string): Extract<RemoteState, { readonly state: 'present' }> {
  const [size = '', whole = ''] = record.split(' ', 2);
  const etag = record.slice(size.length + whole.length + 2);
  return { state: 'present', size: Number(size), etag: etag === '' ? undefined : etag, wholeChecksum: whole === '1' };
}
