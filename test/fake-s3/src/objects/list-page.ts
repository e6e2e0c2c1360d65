import { type Compare, firstIndex } from '../store/key-order.js';

export interface PageRequest {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  /** The page starts behind this key, or behind all keys with this prefix. */
  readonly after: Position | undefined;
  readonly limit: number;
}

/** `again`: the listing begins again, for the how manieth time. */
export type Position = { readonly key: string } | { readonly prefix: string } | { readonly again: number };

export interface KeyPage {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** Where the next page starts; undefined on the last. */
  readonly next: Position | undefined;
}

/** One page of a listing, out of keys in order. Keys that share the part up to the delimiter count as one entry. */
export function pageOf(sorted: readonly string[], compare: Compare, request: PageRequest): KeyPage {
  const { prefix, delimiter, after, limit } = request;
  const keys: string[] = [];
  const prefixes: string[] = [];
  let next: Position | undefined;
  let at = startOf(sorted, compare, request);
  if (limit === 0) return { keys, prefixes, next };
  while (at < sorted.length) {
    const key = sorted[at] as string;
    if (!key.startsWith(prefix)) break;
    if (keys.length + prefixes.length === limit) return { keys, prefixes, next };
    const common = commonPrefix(key, prefix, delimiter);
    if (common === undefined) {
      keys.push(key);
      next = { key };
      at += 1;
    } else {
      prefixes.push(common);
      next = { prefix: common };
      at = endOf(sorted, at, common);
    }
  }
  return { keys, prefixes, next: undefined };

  function startOf(all: readonly string[], order: Compare, { prefix: wanted }: PageRequest): number {
    const first = firstIndex(all, 0, (key) => order(key, wanted) >= 0);
    if (after === undefined || 'again' in after) return first;
    if ('key' in after) return firstIndex(all, first, (key) => order(key, after.key) > 0);
    return endOf(
      all,
      firstIndex(all, first, (key) => order(key, after.prefix) >= 0),
      after.prefix,
    );
  }
}

/** The common prefix that a listing shows in place of a key; undefined if it shows the key itself. */
export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** Keys with one prefix are adjacent in either order. */
function endOf(sorted: readonly string[], from: number, prefix: string): number {
  return firstIndex(sorted, from, (key) => !key.startsWith(prefix));
}
