import { compareKeys } from '../key.js';

/** One key as a listing shows it. */
export interface Listed {
  readonly key: string;
  readonly size: number;
  readonly etag: string | undefined;
  /** Its checksum is one of the whole object; the value is told by HEAD only. */
  readonly wholeChecksum?: boolean | undefined;
  /** In ms since 1970. */
  readonly modified?: number | undefined;
  readonly storageClass?: string | undefined;
}

export interface ListedPage {
  readonly objects: readonly Listed[];
  /** Undefined on the last page. */
  readonly continuationToken: string | undefined;
}

/** Asks for one page: from a start, or on from a token. */
export type ListPageOf = (from: {
  readonly startAfter?: string | undefined;
  readonly continuationToken?: string | undefined;
}) => Promise<ListedPage>;

/** The listing is not in UTF-8 byte order, so a merge would call present keys absent. */
export class UnorderedListingError extends Error {
  override readonly name = 'UnorderedListingError';
}

/** The first key of a page that is not greater than the one before it (`last`: of the page before), or undefined. */
export function outOfOrder(objects: readonly Listed[], last: string | undefined): string | undefined {
  let before = last;
  for (const { key } of objects) {
    if (before !== undefined && compareKeys(key, before) <= 0) return key;
    before = key;
  }
  return undefined;
}
