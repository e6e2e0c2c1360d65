import type { RemoteState } from './decision.js';
import { type Listed, type ListPageOf, outOfOrder } from './listing.js';
import type { Lookup } from './merge-listing.js';

/** Keys held at most; a longer listing is asked key by key beyond them. */
export const INDEX_KEYS = 1_000_000;

/** Reads a whole listing into an index, for keys that come in any order. One short string is kept per key. */
export async function indexListing(list: ListPageOf, most: number = INDEX_KEYS): Promise<(key: string) => Lookup> {
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
    return whole ? absent : { state: 'ask' };
  };
}

/** Size, whether the checksum is one of the whole object, and the ETag, which may hold anything. */
function recordOf({ size, etag, wholeChecksum }: Listed): string {
  return `${size} ${wholeChecksum === true ? 1 : 0} ${etag ?? ''}`;
}

function parse(record: string): RemoteState {
  const [size = '', whole = ''] = record.split(' ', 2);
  const etag = record.slice(size.length + whole.length + 2);
  return { state: 'present', size: Number(size), etag: etag === '' ? undefined : etag, wholeChecksum: whole === '1' };
}
