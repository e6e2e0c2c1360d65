import type { ListedObject } from './listed.js';

/** A key that the source does not have. */
export type Stray = Pick<ListedObject, 'key' | 'size' | 'etag'>;

/** The keys of a listing that the source does not have. */
export interface Strays {
  /** How many there are, as far as the listing was read. */
  readonly count: number;
  /** Whether the whole listing was read, and its order could be trusted, so that these are all strays and nothing else. */
  readonly complete: boolean;
  /** Whether listing is denied. */
  readonly denied: boolean;
  /** How many keys were listed. */
  readonly listed: number;
  /** The strays themselves, where they are kept. */
  readonly keys: readonly Stray[];
}

export interface StrayOptions {
  /** Keep the strays themselves, not only their number. */
  readonly keep: boolean;
  /** Whether the name of a key shows that it is none: filters leave it out. */
  readonly isLeftOut: (key: string) => boolean;
}

/** Collects the listed keys that no lookup has met. */
export interface StrayFinder {
  /** Takes such a key. */
  add(object: ListedObject): void;
  /** This key, and all keys below it as a folder, count as present. */
  cover(key: string): void;
  /** Forgets all strays, because the listing is read anew; what is covered stays covered. */
  restart(): void;
  /** Those found so far, without those that are covered by now. */
  found(): Pick<Strays, 'count' | 'keys'>;
}

export function strayFinder({ keep, isLeftOut }: StrayOptions): StrayFinder {
  let strays: Stray[] = [];
  let count = 0;
  const covered = new Set<string>();

  /** Whether the key, or a folder above it, is covered. An empty text covers every key. */
  function isCovered(key: string): boolean {
    if (covered.size === 0) return false;
    if (covered.has('') || covered.has(key)) return true;
    for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1))
      if (covered.has(key.slice(0, slash + 1))) return true;
    return false;
  }

  return {
    add({ key, size, etag }) {
      if (isLeftOut(key) || isCovered(key)) return;
      count += 1;
      if (keep) strays.push({ key, size, etag });
    },
    cover(key) {
      covered.add(key);
      // Below a key with a slash at its end is everything that begins with it.
      if (key !== '' && !key.endsWith('/')) covered.add(`${key}/`);
    },
    restart() {
      strays = [];
      count = 0;
    },
    found() {
      if (!keep) return { count, keys: [] };
      // A folder that could not be read to its end is covered only after some of its keys were passed.
      strays = strays.filter(({ key }) => !isCovered(key));
      return { count: strays.length, keys: strays };
    },
  };
}
