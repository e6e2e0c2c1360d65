import { S3RequestError } from '../../errors.js';
import { compareKeys } from '../../model/key-order.js';
import type { Blocks } from '../../run/blocks.js';
import type { LeftOut, Unusable } from '../../source/types.js';
import { type IndexedListing, indexListing } from './indexed.js';
import { type FetchPage, type ListedObject, UnorderedListingError } from './listed.js';
import { type Lookup, type MergedListing, mergeListing, UNLISTED } from './merge.js';
import { type StrayOptions, type Strays, strayFinder } from './strays.js';

export interface LookupOptions {
  readonly list: FetchPage;
  /** Prefix of the listing. Keys outside of it, which `absoluteKey` can give, each need a HEAD. */
  readonly prefix: string;
  /** Whether keys should come in UTF-8 byte order. Keys from another bucket may not, if its server lists in another order; this is noticed. */
  readonly ordered: boolean;
  readonly entries: number | undefined;
  readonly warn: (code: string, message: string) => void;
  /** Takes each listed key that is passed without being looked up, as far as the listing is read; some more than once. */
  readonly onListed?: ((key: string) => void) | undefined;
  /** Which keys that nobody looks up are kept. Absent where strays do not matter. */
  readonly strays?: StrayOptions & {
    /** Whether the whole listing is read, so that the strays are complete. */
    readonly whole: boolean;
    /** Whether folders may have pages: an object `dir/` with bytes is one, and not the marker of a folder. */
    readonly pagesOfFolders?: boolean;
    /** Whether the server is known to list in UTF-8 byte order; asked after the first page. */
    readonly isOrdered: () => boolean;
  };
}

/** What is remote: a listing that is looked up key by key, with the fewest requests. */
export interface RemoteKeys {
  /** Looks up what is remote; at once where the listing was read that far. No key is looked up twice. */
  look(key: string): Lookup | Promise<Lookup>;
  /** A folder that the source has: its marker is no stray, but a page with its key is one, unless that is looked up, too. */
  folder(key: string): Promise<void>;
  /** The key of something that is not put, and all keys below it, count as present. */
  cover(key: string): void;
  /**
   * What the source does not have; reads the rest of the listing where the whole is wanted. Called once, when all keys were looked up. Undefined where
   * strays do not matter.
   */
  strays(): Promise<Strays | undefined>;
}

/**
 * Looks up what is remote: it merges the listing with keys in order, indexes it for others, and leaves a key to a HEAD (`unlisted`) where listing is
 * denied or too long.
 */
export function remoteLookup(options: LookupOptions): RemoteKeys {
  const { list, prefix, ordered, warn, onListed, strays } = options;
  const whole = strays?.whole === true;
  const finder = strays === undefined ? undefined : strayFinder(strays);
  const marked = folderMarkers(strays?.pagesOfFolders === true);
  const pages = folderPages();
  /** Keys that were looked up in a listing whose order may turn out to be wrong: in the index they are no strays. */
  const met = new Set<string>();
  let merged: MergedListing | undefined = ordered
    ? inOrder(mergeListing({ ...options, whole, onPassed: passed }))
    : undefined;
  let index: IndexedListing | undefined;
  let denied = false;
  let metAll = true;

  function passed(object: ListedObject, next: string | undefined): void {
    // The marker of a folder belongs to the folder. A server that lists more than it was asked for must not lose it.
    if (!object.key.startsWith(prefix) || marked.isMarker(object, next)) return;
    onListed?.(object.key);
    finder?.add(object);
  }

  /** Remembers keys until a page has shown that the server lists in order. */
  function remember(key: string): void {
    if (!whole || merged === undefined) return;
    if (merged.listed > 0 && strays?.isOrdered() === true) {
      met.clear();
      metAll = false;
    } else if (metAll) met.add(key);
  }

  async function lookNow(key: string): Promise<Lookup> {
    if (denied) return UNLISTED;
    if (merged !== undefined) {
      const found = await merged.look(key);
      remember(key);
      return found;
    }
    index ??= await indexListing(list);
    if (finder !== undefined) marked.see(key);
    return index.look(key);
  }

  /** Does what reads pages, and continues with the index, or without a listing, where that has to be. */
  async function reading<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof UnorderedListingError) {
        merged = undefined;
        finder?.restart();
        const found = await reading(work);
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
      denied = true;
      return work();
    }
  }

  return {
    look(key) {
      if (!key.startsWith(prefix)) return UNLISTED;
      pages.look(key);
      // Most keys are on the page that was read last, and need no promise.
      const found = denied ? UNLISTED : merged?.here(key);
      if (found === undefined) return reading(() => lookNow(key));
      if (!denied) remember(key);
      return found;
    },
    async folder(key) {
      if (!key.startsWith(prefix)) return;
      const found = await reading(() => lookNow(key));
      if (found.state === 'present' && found.size > 0) pages.add({ ...found, key });
    },
    cover: (key) => finder?.cover(key),
    async strays() {
      if (finder === undefined) return undefined;
      await reading(async () => {
        if (denied) return;
        if (merged !== undefined) return merged.finish();
        if (whole) index ??= await indexListing(list);
        // Keys that were looked up before the index was made are not known there.
        if (ordered && !(whole && metAll)) return;
        for (const key of met) marked.see(key);
        for (const object of index?.unmet() ?? []) if (!met.has(object.key)) passed(object, undefined);
      });
      for (const page of pages.unmet()) finder.add(page);
      const listing = merged ?? index;
      const known = merged !== undefined || !ordered || (whole && metAll);
      return {
        ...finder.found(),
        complete: !denied && listing?.complete === true && known,
        denied,
        listed: listing?.listed ?? 0,
      };
    },
  };
}

/**
 * Knows which listed keys are markers of folders that the source has: `dir/`, where a key of the source begins with that.
 * @param empty whether only an object without bytes is a marker
 */
function folderMarkers(empty: boolean): {
  /** Takes a key of the source that comes in no order. */
  see(key: string): void;
  /** @param next the key of the source that follows in key order, where they come in order */
  isMarker(listed: Pick<ListedObject, 'key' | 'size'>, next: string | undefined): boolean;
} {
  const folders = new Set<string>();
  return {
    see(key) {
      for (let slash = key.lastIndexOf('/'); slash >= 0; slash = slash === 0 ? -1 : key.lastIndexOf('/', slash - 1)) {
        const folder = key.slice(0, slash + 1);
        if (folders.has(folder)) return;
        folders.add(folder);
      }
    },
    isMarker: ({ key, size }, next) =>
      key.endsWith('/') && !(empty && size > 0) && (next?.startsWith(key) === true || folders.has(key)),
  };
}

/** Objects with bytes that have the keys of folders of the source. Those that the source has a page for are no strays, whichever comes first. */
function folderPages(): {
  look(key: string): void;
  add(page: ListedObject): void;
  unmet(): Iterable<ListedObject>;
} {
  const remote = new Map<string, ListedObject>();
  const own = new Set<string>();
  return {
    look(key) {
      if (key.endsWith('/')) own.add(key);
    },
    add: (page) => void remote.set(page.key, page),
    unmet: () => [...remote.values()].filter(({ key }) => !own.has(key)),
  };
}

/** A lookup of ascending keys. Throws `UnorderedListingError` for a key out of order. */
function inOrder(listing: MergedListing): MergedListing {
  let last: string | undefined;
  return {
    get complete() {
      return listing.complete;
    },
    get listed() {
      return listing.listed;
    },
    finish: () => listing.finish(),
    here(key) {
      if (last !== undefined && compareKeys(key, last) <= 0) return undefined;
      const found = listing.here(key);
      if (found !== undefined) last = key;
      return found;
    },
    async look(key) {
      if (last !== undefined && compareKeys(key, last) <= 0)
        throw new UnorderedListingError(`the source gives "${key}" out of order`);
      last = key;
      return listing.look(key);
    },
  };
}

const UNREAD: Lookup = { state: 'unread' };

/** An entry and what is known about its key, or something that cannot become an object. */
export type Planned<E> = Unusable | { readonly kind: 'planned'; readonly entry: E; readonly remote: Lookup };

/** What a source yields of one kind of entry. */
type Unit<E> = E | Unusable | LeftOut;

/** The part of an entry that matters here. */
interface Looked {
  readonly kind: 'entry';
  readonly key: string;
  readonly release?: (() => void) | undefined;
  readonly settled?: (() => void) | undefined;
}

/**
 * Joins what a source has with what is remote, block by block. A block is passed on in pieces where a page of the listing must be awaited within it, so that
 * work on the units before it can begin.
 * @param remote undefined where nothing is looked up (mode `stupid`)
 * @param compared whether what is remote matters for the entries; otherwise only strays do
 */
export async function* withRemoteState<E extends Looked>(
  found: Blocks<Unit<E>>,
  remote: RemoteKeys | undefined,
  compared = true,
): AsyncGenerator<readonly Planned<E>[], void> {
  for await (const block of found) {
    if (remote === undefined) yield allUnread(block);
    else yield* lookedUp(block, remote, compared);
  }
}

function allUnread<E extends Looked>(block: readonly Unit<E>[]): readonly Planned<E>[] {
  const planned: Planned<E>[] = [];
  for (const unit of block) {
    if (unit.kind === 'entry') planned.push({ kind: 'planned', entry: unit, remote: UNREAD });
    else if (unit.kind === 'unusable') planned.push(unit);
  }
  return planned;
}

async function* lookedUp<E extends Looked>(
  block: readonly Unit<E>[],
  remote: RemoteKeys,
  compared: boolean,
): AsyncGenerator<readonly Planned<E>[], void> {
  let planned: Planned<E>[] = [];
  let at = 0;
  try {
    for (; at < block.length; at++) {
      const unit = block[at] as Unit<E>;
      const looked = lookUnit(unit, remote);
      let known: Lookup | undefined;
      if (looked instanceof Promise) {
        // It is awaited only once the units before it have begun.
        looked.catch(() => {});
        if (planned.length > 0) yield planned;
        planned = [];
        known = await looked;
      } else known = looked;
      if (unit.kind === 'unusable') planned.push(unit);
      else if (unit.kind === 'entry')
        planned.push({ kind: 'planned', entry: unit, remote: compared && known !== undefined ? known : UNREAD });
    }
    if (planned.length > 0) yield planned;
  } finally {
    // Where the run stops in between.
    for (const unit of block.slice(at)) dropUnit(unit);
  }
}

/** Looks up what is known of a unit: nothing of what has no key of its own. */
function lookUnit<E extends Looked>(
  unit: Unit<E>,
  remote: RemoteKeys,
): Lookup | undefined | Promise<Lookup | undefined> {
  if (unit.kind === 'entry') return remote.look(unit.key);
  if (unit.kind === 'leftOut' && !unit.below)
    return unit.marker === true ? remote.folder(unit.key).then(() => undefined) : remote.look(unit.key);
  remote.cover(unit.key);
  return undefined;
}

/** Lets go of something that is not attempted: its bytes are released, and who waits for its outcome gets none. */
export function dropUnit(unit: Unit<Looked>): void {
  if (unit.kind === 'entry') unit.release?.();
  if (unit.kind !== 'leftOut') unit.settled?.();
}

/** {@link dropUnit}, of a plan. */
export function dropPlanned(unit: Planned<Looked>): void {
  dropUnit(unit.kind === 'planned' ? unit.entry : unit);
}
