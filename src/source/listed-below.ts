import { compareKeys, justBelow } from '../key.js';
import type { Listed, ListPageOf } from '../plan/listing.js';

export interface BelowOptions {
  /** Of the listing. */
  readonly prefix: string;
  /** What directories are relative to; the keys begin with it. */
  readonly folder: string;
  /** May anything below the directory be wanted? */
  readonly opens: (directory: string) => boolean;
}

/**
 * All objects of a listing, page after page. Where a page ends below a directory from which nothing can be wanted, the next one begins behind
 * it.
 */
export async function* listedBelow(list: ListPageOf, options: BelowOptions): AsyncGenerator<Listed, void> {
  let page = await list({});
  for (;;) {
    yield* page.objects;
    const { continuationToken } = page;
    if (continuationToken === undefined) return;
    const last = page.objects.at(-1)?.key;
    const startAfter = last === undefined ? undefined : behindClosed(last, options);
    page = await list(startAfter === undefined ? { continuationToken } : { startAfter });
  }
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
