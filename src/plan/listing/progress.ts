import { compareKeys } from '../../model/key-order.js';

/**
 * Empty pages in a row that a listing may have: S3 sends some where many versions or delete markers are skipped.
 * @internal
 */
export const MOST_EMPTY_PAGES = 1_000;

/** A page of a listing, or what counts of it. */
interface Page<T extends { readonly key: string }> {
  readonly objects: readonly T[];
  /** Undefined on the last page. */
  readonly continuationToken: string | undefined;
}

/** Takes the pages of one listing in sequence. Returns the objects that are new, or why the listing cannot be right. */
export type Progress = <T extends { readonly key: string }>(page: Page<T>) => readonly T[] | string;

/**
 * Notices a listing that goes round, which would be followed without end and give objects twice. Each page has a token of its own, so only the keys
 * show it: in whatever order a server lists, it lists a key once. The first key of each page is kept, and the keys of the last page. A server that
 * begins a page with some of the last keys of the one before is not blamed, as long as the page has others.
 */
export function listingProgress(): Progress {
  const firstKeys = new Set<string>();
  let before: readonly { readonly key: string }[] = [];
  let ascending = true;
  let empty = 0;

  return ({ objects, continuationToken }) => {
    const [first] = objects;
    if (first === undefined) {
      empty += 1;
      const endless = continuationToken !== undefined && empty > MOST_EMPTY_PAGES;
      return endless ? `${MOST_EMPTY_PAGES.toLocaleString('en')} pages in a row are empty` : [];
    }
    empty = 0;
    const last = before.at(-1)?.key;
    let fresh = objects;
    if (!isAscending(objects, last)) {
      ascending = false;
      const known = new Set(before.map(({ key }) => key));
      fresh = objects.filter(({ key }) => !known.has(key));
      const twice = repeatedKey(objects) ?? (fresh.length === 0 ? first.key : undefined);
      if (twice !== undefined) return `"${twice}" is listed twice`;
    }
    const round = ascending ? undefined : fresh.find(({ key }) => firstKeys.has(key));
    firstKeys.add(first.key);
    before = objects;
    return round === undefined ? fresh : `"${round.key}" is listed twice`;
  };
}

function isAscending(objects: readonly { readonly key: string }[], last: string | undefined): boolean {
  let before = last;
  return objects.every(({ key }) => {
    const ascends = before === undefined || compareKeys(key, before) > 0;
    before = key;
    return ascends;
  });
}

function repeatedKey(objects: readonly { readonly key: string }[]): string | undefined {
  const keys = new Set<string>();
  for (const { key } of objects) {
    if (keys.has(key)) return key;
    keys.add(key);
  }
  return undefined;
}
