import type { RemoteState } from './decision.js';
import { type ListPageOf, outOfOrder } from './listing.js';
import type { Lookup } from './merge-listing.js';

/** Keys held at most; a longer listing is asked key by key beyond them. */
export const INDEX_KEYS = 1_000_000;

/**
 * Reads a whole listing into an index, for keys that come in any order. One short string is kept per key.
 * @param covers whether the listing is about this key at all
 */
export async function indexListing(
  list: ListPageOf,
  covers: (key: string) => boolean,
  most: number = INDEX_KEYS,
): Promise<(key: string) => Lookup> {
  const index = new Map<string, string>();
  let token: string | undefined;
  let last: string | undefined;
  let ordered = true;
  do {
    const page = await list({ continuationToken: token });
    ordered &&= outOfOrder(page.objects, last) === undefined;
    last = page.objects.at(-1)?.key ?? last;
    for (const { key, size, etag } of page.objects) index.set(key, `${size} ${etag ?? ''}`);
    token = page.continuationToken;
  } while (token !== undefined && index.size < most);

  const whole = token === undefined;
  const absent: RemoteState = { state: 'absent', proof: ordered ? 'proven' : 'unproven' };
  return (key) => {
    const found = index.get(key);
    if (found !== undefined) return parse(found);
    return whole && covers(key) ? absent : { state: 'ask' };
  };
}

function parse(record: string): RemoteState {
  const space = record.indexOf(' ');
  const etag = record.slice(space + 1);
  return { state: 'present', size: Number(record.slice(0, space)), etag: etag === '' ? undefined : etag };
}
