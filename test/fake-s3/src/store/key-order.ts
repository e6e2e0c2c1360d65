export type Compare = (a: string, b: string) => number;

/** Order of UTF-16 code units: JavaScript's own, and that of some other servers. */
export const compareUtf16: Compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Order of UTF-8 bytes: S3's. It differs where a surrogate pair meets U+E000 to U+FFFF. */
export const compareUtf8: Compare = (a, b) => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
};

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** The first index from `from` on for which `isAfter` is true; it must be true for all later ones. */
export function firstIndex(keys: readonly string[], from: number, isAfter: (key: string) => boolean): number {
  let low = from;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(keys[middle] as string)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Sorted keys: a listing after a write merges the new keys in, instead of sorting all again. */
export class SortedKeys {
  #sorted: string[] = [];
  readonly #added: Set<string> = new Set();
  readonly #removed: Set<string> = new Set();
  #compare: Compare = compareUtf8;

  add(key: string): void {
    if (!this.#removed.delete(key)) this.#added.add(key);
  }

  /** The first keys need no sorting if they come in order. */
  addAll(keys: readonly string[]): void {
    const isFirst = this.#sorted.length === 0 && this.#added.size === 0;
    if (isFirst && keys.every((key, i) => i === 0 || this.#compare(keys[i - 1] as string, key) < 0)) {
      this.#sorted = [...keys];
    } else for (const key of keys) this.add(key);
  }

  remove(key: string): void {
    if (!this.#added.delete(key)) this.#removed.add(key);
  }

  inOrder(compare: Compare): readonly string[] {
    if (compare !== this.#compare) {
      this.#compare = compare;
      for (const key of this.#sorted) if (!this.#removed.has(key)) this.#added.add(key);
      this.#removed.clear();
      this.#sorted = [];
    }
    if (this.#added.size > 0 || this.#removed.size > 0) this.#merge(compare);
    return this.#sorted;
  }

  /** Finds the positions of new keys, which are few compared with the sorted ones. */
  #merge(compare: Compare): void {
    const added = [...this.#added].sort(compare);
    const before = this.#sorted;
    const merged: string[] = [];
    let from = 0;
    const copyTo = (end: number): void => {
      for (; from < end; from++) {
        const key = before[from] as string;
        if (this.#removed.size === 0 || !this.#removed.has(key)) merged.push(key);
      }
    };
    for (const key of added) {
      copyTo(firstIndex(before, from, (other) => compare(other, key) > 0));
      merged.push(key);
    }
    copyTo(before.length);
    this.#sorted = merged;
    this.#added.clear();
    this.#removed.clear();
  }
}
