import { compareKeys } from '../../model/key-order.js';

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
export class UnorderedListingError extends Error {
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
