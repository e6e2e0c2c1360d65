import { compareKeys, justBelow } from '../key.js';
import type { Listed, ListPageOf } from '../plan/listing.js';

export interface BelowOptions {
  /** Of the listing. */
  readonly prefix: string;
  /** What directories are relative to; the keys begin with it. */
  readonly folder: string;
  /** May anything below the directory be wanted? */
  readonly opens: (directory: string) => boolean;
  /** What wanted paths can begin with, ascending; undefined for anything. */
  readonly heads?: readonly string[] | undefined;
}

/**
 * All objects of a listing that can be wanted, page after page. Where a page ends below a directory from which nothing can be wanted, or between
 * two beginnings of what can, the next one begins behind it.
 */
export async function* listedBelow(list: ListPageOf, options: BelowOptions): AsyncGenerator<Listed, void> {
  const first = nextHead(undefined, options);
  if (first === 'none') return;
  let page = await list(first === undefined ? {} : { startAfter: first });
  for (;;) {
    yield* page.objects;
    const { continuationToken } = page;
    if (continuationToken === undefined) return;
    const last = page.objects.at(-1)?.key;
    const head = last === undefined ? undefined : nextHead(last, options);
    if (head === 'none') return;
    const startAfter = head ?? (last === undefined ? undefined : behindClosed(last, options));
    page = await list(startAfter === undefined ? { continuationToken } : { startAfter });
  }
}

/**
 * Where to go on after this key, so that the next beginning of what can be wanted comes: undefined for right behind it, `none` where there is no
 * more.
 */
function nextHead(last: string | undefined, { prefix, folder, heads }: BelowOptions): string | 'none' | undefined {
  if (heads === undefined) return undefined;
  // The key may lie within one, and then it goes on from there.
  const next = heads.find(
    (head) => last === undefined || last.startsWith(folder + head) || compareKeys(folder + head, last) > 0,
  );
  if (next === undefined) return 'none';
  if (last?.startsWith(folder + next)) return undefined;
  const below = justBelow(folder + next, prefix);
  return below !== undefined && (last === undefined || compareKeys(below, last) > 0) ? below : undefined;
}

/** Where to go on after this key, if it lies below a directory that is not opened. */
function behindClosed(last: string, { prefix, folder, opens }: BelowOptions): string | undefined {
  for (let slash = last.indexOf('/', folder.length); slash >= 0; slash = last.indexOf('/', slash + 1)) {
    if (opens(last.slice(folder.length, slash))) continue;
    // The first key that can stand behind all of a directory has the character after the slash.
    const behind = justBelow(`${last.slice(0, slash)}0`, prefix);
    return behind !== undefined && compareKeys(behind, last) > 0 ? behind : undefined;
  }
  return undefined;
}
